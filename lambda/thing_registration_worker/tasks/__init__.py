"""Registration tasks: which are ours, the slot, their reports, and what they did."""
