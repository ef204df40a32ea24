"""Reading an input file in any form, line by line and exactly."""
