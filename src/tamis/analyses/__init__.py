"""THINK: tables become evidence and tables."""
