"""The HTTP server of the stand-in: Slack's Web API, response URLs, Socket Mode and the control endpoints."""
