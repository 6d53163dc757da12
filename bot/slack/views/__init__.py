"""Builds the messages and modals of the bot: pure functions from read models and a translator to Slack's blocks."""
