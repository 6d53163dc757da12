"""The state of the stand-in workspace."""
