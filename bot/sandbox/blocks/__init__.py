"""Block Kit: the structure of blocks, their readable text, and Slack's validation (slack-platform.md §2 and §3)."""
