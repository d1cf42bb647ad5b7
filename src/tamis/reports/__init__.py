"""OUT: findings become pages and files."""
