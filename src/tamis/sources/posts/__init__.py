"""Readers of platform exports, one file each."""
