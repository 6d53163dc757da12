"""The sandbox page: one person's Slack client in a browser, drawn from the state of the stand-in workspace."""
