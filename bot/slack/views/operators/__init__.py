"""Messages for the admins, who operate the bot."""
