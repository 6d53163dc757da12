"""The sandbox page: one person's Slack in a browser, drawn from what the stand-in holds."""
