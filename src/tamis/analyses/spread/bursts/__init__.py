"""When an object was posted in bursts: Kleinberg's states, and surprising minutes."""
