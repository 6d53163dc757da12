"""Checks of what `faultdesk doctor` asks Slack: the access, the events, the workspace, and our views."""
