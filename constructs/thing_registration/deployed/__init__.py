"""What is deployed: stacks, their registration tasks, and the states of their fleets."""
