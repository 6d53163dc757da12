"""The environment of processes that tests start. Only this module reads the environment of the tests."""

import os


def inherited() -> dict[str, str]:
    """The environment of the tests themselves."""
    return dict(os.environ)


def clean_environment() -> dict[str, str]:
    """The environment of the tests without any variable that the bot reads."""
    own = ("FAULT_", "SLACK_", "DATABASE_URL", "PORT", "HOST")
    return {name: value for name, value in os.environ.items() if not name.startswith(own)}
