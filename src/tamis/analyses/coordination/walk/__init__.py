"""The compiled walk over windows of time; imports numba, so import it only where it runs."""
