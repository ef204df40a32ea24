"""What `make` runs: the app and the examples on a local AWS, with the real CDK command line."""
