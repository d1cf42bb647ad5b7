"""The sections of a report: each asks its figures and gives its markup."""
