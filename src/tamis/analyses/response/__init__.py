"""What may be said when, can it still matter, what would be published, and on what ground."""
