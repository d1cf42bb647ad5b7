"""What two incidents share, beside what chance would give where that can be said."""
