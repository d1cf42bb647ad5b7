"""DuckDB and Spark: the only openers of an engine."""
