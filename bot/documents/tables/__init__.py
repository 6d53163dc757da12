"""Excel and CSV tables, written and read."""
