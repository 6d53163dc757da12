"""What is written from the tables and the records, for people outside Slack."""
