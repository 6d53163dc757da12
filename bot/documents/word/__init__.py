"""Word files, filled in from templates."""
