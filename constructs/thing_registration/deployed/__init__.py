"""What is deployed: stacks, their registration tasks, and the inventories of these."""
