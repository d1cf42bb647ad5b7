"""Calls to act in one place, and what followed elsewhere."""
