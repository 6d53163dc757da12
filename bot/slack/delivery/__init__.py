"""Sends the messages of the outbox to Slack and records the results."""
