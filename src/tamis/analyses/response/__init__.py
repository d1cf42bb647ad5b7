"""When silence runs, how the posts fell to it, and whether it could still matter."""
