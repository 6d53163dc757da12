"""The maintenance statistics report (T08, process.md §4) as Word, PDF and Excel files."""
