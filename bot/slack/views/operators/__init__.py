"""Messages for those who operate the bot."""
