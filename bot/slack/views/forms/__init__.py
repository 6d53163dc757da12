"""Modals with the fields of a step."""
