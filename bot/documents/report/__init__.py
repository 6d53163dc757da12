"""The statistics report (T08) as Word and Excel files."""
