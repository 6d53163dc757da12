"""Charts of the statistics (process.md §5) as PNG files."""
