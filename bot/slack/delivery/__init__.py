"""Sends the messages of the outbox to Slack."""
