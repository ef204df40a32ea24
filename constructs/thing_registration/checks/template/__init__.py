"""Reading a provisioning template."""
