"""What is done to devices that have left the fleet."""
