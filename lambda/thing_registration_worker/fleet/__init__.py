"""Templates, lines, keys: what a file declares, and how it is compared with the state."""
