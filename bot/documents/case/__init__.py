"""The content of a case's documents, independent of the file format."""
