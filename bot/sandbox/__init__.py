"""A stand-in Slack workspace: it serves Slack's API to an app over real HTTP, and refuses what Slack would refuse."""

from bot.sandbox.api.server import StandIn
from bot.sandbox.client.person import Person
from bot.sandbox.errors import (
    AppBug,
    NoSuchButton,
    NoSuchCommand,
    NoSuchField,
    NotConnected,
    NotOffered,
    NotThere,
    NoView,
    SandboxError,
)
from bot.sandbox.workspace.deliveries import Answer, Delivery, Submission
from bot.sandbox.workspace.messages import Message
from bot.sandbox.workspace.views import View
from bot.sandbox.workspace.workspace import Workspace

__all__ = [
    "Answer",
    "AppBug",
    "Delivery",
    "Message",
    "NoSuchButton",
    "NoSuchCommand",
    "NoSuchField",
    "NoView",
    "NotConnected",
    "NotOffered",
    "NotThere",
    "Person",
    "SandboxError",
    "StandIn",
    "Submission",
    "View",
    "Workspace",
]
