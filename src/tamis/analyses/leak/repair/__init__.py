"""The repair search: which listed damage, or which small edit, keeps a signature from holding."""
