"""Who acted together."""
