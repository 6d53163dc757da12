"""The bot against the stand-in workspace, with a guided tour."""
