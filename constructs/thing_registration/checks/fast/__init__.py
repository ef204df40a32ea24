"""Reading many lines at the speed of their parser."""
