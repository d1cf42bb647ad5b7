"""Groups of accounts whose pairs no null model explains; imports numba where it runs."""
