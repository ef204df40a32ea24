"""The rules for templates and input files. Nothing here imports aws_cdk."""
