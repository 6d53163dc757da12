"""Messages and views about one case."""
