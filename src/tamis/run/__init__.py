"""The only joiner of stages."""
