"""What the documents of one case say, before they become files."""
