"""Influence between groups: a multivariate Hawkes process with a background that may vary."""
