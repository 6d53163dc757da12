"""Slack's Web API as the stand-in answers it."""
