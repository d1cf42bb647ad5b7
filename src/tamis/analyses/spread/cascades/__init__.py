"""Trees of who passed a post on after whom, and who was there first."""
