"""Requests to the bot's HTTP endpoint that a test composes itself, including those that Slack would never send."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import urllib3

from tests.support.team import Team

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@dataclass(frozen=True)
class Reply:
    """The response of the bot."""

    status: int
    text: str
    content_type: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


def health_of(team: Team) -> Reply:
    """Let the bot check its database now, and return what it then says of its health."""
    team.playground.bot.database_check.check()
    return send(team, "", method="GET", path="/health")


def send(
    team: Team,
    body: str | bytes,
    content_type: str = FORM,
    *,
    headers: dict[str, str] | None = None,
    at: float | None = None,
    method: str = "POST",
    path: str = "/slack/events",
) -> Reply:
    """Send one request, signed correctly unless `headers` say otherwise. `at` is the time of the signature in Unix
    seconds.
    """
    raw = body.encode() if isinstance(body, str) else body
    timestamp = str(int(team.now.timestamp() if at is None else at))
    signed = signature_of(team.workspace.signing_secret, timestamp, raw)
    given = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signed, "Content-Type": content_type}
    given = {name: value for name, value in {**given, **(headers or {})}.items() if value != GONE}
    url = team.playground.bot_url.removesuffix("/slack/events") + path
    with urllib3.PoolManager() as pool:
        answer = pool.request(method, url, body=raw if method == "POST" else None, headers=given, retries=False)
    return Reply(answer.status, answer.data.decode(), answer.headers.get("Content-Type", ""))


#: As the value of a header: leave the header out.
GONE = "\0"


def signature_of(secret: str, timestamp: str, raw: bytes) -> str:
    """The value that Slack puts into `X-Slack-Signature`."""
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + raw, hashlib.sha256)
    return f"v0={digest.hexdigest()}"


def payload(content: Any) -> str:
    """The form body of an interaction."""
    return urlencode({"payload": json.dumps(content)})


def command(team: Team, text: str, user: str = "U0CHEN", **changed: str) -> str:
    """The form body of the command `/fault`."""
    form = {
        "token": "t",
        "team_id": "T0SANDBOX",
        "team_domain": "sandbox",
        "channel_id": "C0DESK",
        "channel_name": "service-desk",
        "user_id": user,
        "user_name": "chen.jing",
        "command": "/fault",
        "text": text,
        "api_app_id": "A0SANDBOX",
        "is_enterprise_install": "false",
        "response_url": f"{team.workspace.base_url}/response/none",
        "trigger_id": "1.2.3",
    }
    return urlencode({**form, **changed})
