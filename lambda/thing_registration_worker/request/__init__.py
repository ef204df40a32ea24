"""What CloudFormation asks for, and the beginning of the input file that it names."""
