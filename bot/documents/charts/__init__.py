"""Charts of the statistics as PNG files."""
