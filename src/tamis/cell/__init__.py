"""Hostile bytes are parsed in here, and nowhere else."""
