"""Could chance explain it: null models for pairs of accounts; imports numba where it runs."""
