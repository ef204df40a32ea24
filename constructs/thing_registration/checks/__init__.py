"""Checks of a provisioning template and its input file, without AWS and without CDK."""
