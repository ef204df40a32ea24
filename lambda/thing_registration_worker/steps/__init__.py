"""The steps of the workflow, one a file; each takes a Step and returns its Outcome."""
