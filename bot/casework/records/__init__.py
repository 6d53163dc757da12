"""What is kept and proven: fault records, export orders, verification."""
