"""The state of a fleet: its head, its tables, and how both are stored."""
