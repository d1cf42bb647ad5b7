"""What is in the dump."""
