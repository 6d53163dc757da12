"""The environment of the processes that tests start: the one reader of the tests' own."""

import os


def inherited() -> dict[str, str]:
    """The environment of the tests themselves."""
    return dict(os.environ)


def clean_environment() -> dict[str, str]:
    """The same without anything that the bot would read."""
    own = ("FAULT_", "SLACK_", "DATABASE_URL", "PORT", "HOST")
    return {name: value for name, value in os.environ.items() if not name.startswith(own)}
