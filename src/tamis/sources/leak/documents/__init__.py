"""Readers of single documents."""
