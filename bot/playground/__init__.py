"""The bot running against the stand-in Slack workspace, with a guided tour of the process."""
