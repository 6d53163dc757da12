"""Tables of earlier customers, products and faults, brought into the database."""
