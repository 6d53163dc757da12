"""Bare Bolt listeners on the same server, for comparison.

One only acknowledges a press, one also writes a row. A third takes a form, writes a row and then posts a message.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from slack_bolt import Ack, App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlmodel import Field, SQLModel

from bot.clock import Clock
from bot.health import Health
from bot.runtime.http_server import Server
from bot.runtime.web import OperatorPages, Web
from bot.slack.app import RequestGateway
from bot.slack.delivery.request_priority import RequestPriority
from storage import migrations
from storage.database import Database
from tests.support.team import DESK


class Press(SQLModel, table=True):
    """One press, as the listener that writes stores it."""

    __tablename__ = "bench_presses"
    id: int | None = Field(default=None, primary_key=True)
    person: str


def main(kind: str, database_url: str, port: int, secret: str, slack: str = "", token: str = "") -> None:
    """Serve until the process is killed. `kind` is `ack`, `insert` or `floor`, which posts to `slack` with `token`."""
    database = Database(database_url)
    migrations.upgrade(database.engine)
    SQLModel.metadata.tables["bench_presses"].create(database.engine, checkfirst=True)
    app = App(
        client=WebClient(),
        authorize=lambda: AuthorizeResult(enterprise_id=None, team_id=None, bot_token="xoxb-1"),
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        ignoring_self_events_enabled=False,
        listener_executor=ThreadPoolExecutor(32),
    )

    def acknowledge(ack: Ack) -> None:
        ack()

    def insert(ack: Ack, body: dict[str, dict[str, str]]) -> None:
        with database.write() as session:
            session.add(Press(person=body["user"]["id"]))
        ack()

    client, posting = WebClient(token, slack or WebClient.BASE_URL, retry_handlers=[]), ThreadPoolExecutor(8)

    def post(person: str) -> None:
        with suppress(SlackApiError):  # Slack takes one message a second in a channel; the call was made all the same
            client.chat_postMessage(channel=DESK, text=f"Reported by {person}")

    def insert_and_post(ack: Ack, body: dict[str, dict[str, str]]) -> None:
        insert(ack, body)
        posting.submit(post, body["user"]["id"])

    if kind == "floor":
        app.view("report")(insert_and_post)
    app.action("acknowledge")(insert if kind == "insert" else acknowledge)
    health = Health(Clock().ticks)
    gateway = RequestGateway(app, secret, Clock(), health)
    Server(Web(gateway, OperatorPages(health), RequestPriority()), "127.0.0.1", port, 32).run()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), *sys.argv[4:])
