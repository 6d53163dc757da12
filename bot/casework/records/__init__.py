"""Fault records, export orders and verification of what is stored."""
