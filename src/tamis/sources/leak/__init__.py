"""Readers of the leaked corpus."""
