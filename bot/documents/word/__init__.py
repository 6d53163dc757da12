"""Word files made from templates, and their conversion to PDF."""
