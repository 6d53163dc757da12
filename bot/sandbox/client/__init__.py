"""The Slack client of a person: it shows messages and views, takes input, and sends requests to the app."""
