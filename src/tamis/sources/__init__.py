"""IN: bytes become records."""
