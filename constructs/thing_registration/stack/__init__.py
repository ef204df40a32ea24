"""What the stack gets: the checked arguments, the workflow, its permissions."""
