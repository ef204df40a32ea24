"""What a deployment would do to a fleet, found out without changing anything."""
