"""Block Kit: what blocks are made of, how they read, and what Slack refuses."""
