"""What a person's Slack client does: it shows, takes input, and sends requests to the app."""
