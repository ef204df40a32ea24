"""What is asked of AWS IoT's registry before and after a task."""
