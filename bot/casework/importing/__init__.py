"""Imports earlier customers, products and faults from tables."""
