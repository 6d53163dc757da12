"""What people see: pure functions from read models and a translator to Slack's blocks."""
