"""What is kept in the bucket between requests: the claim, the inventory, the last run."""
