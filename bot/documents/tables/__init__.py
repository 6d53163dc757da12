"""Excel and CSV tables: the product fault record table (T05), and reading the tables that people import."""
