"""`python -m tools.mutants`: break one line at a time, and see which breaks no test notices."""
