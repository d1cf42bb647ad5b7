"""Readers of keys, polls, decoys, claims and calendars."""
