"""The workspace: the whole state of the stand-in, and the functions that set it up."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from bot.sandbox.blocks.mrkdwn import Reader
from bot.sandbox.blocks.structure import numbered
from bot.sandbox.blocks.validation.manifest import checked_manifest
from bot.sandbox.errors import AppBug
from bot.sandbox.shared_state import Clock, Json, SharedState, T, utc_now
from bot.sandbox.workspace.channels import Channel, Channels, Kind
from bot.sandbox.workspace.failures import Failures
from bot.sandbox.workspace.files import Files
from bot.sandbox.workspace.manifest import Manifest
from bot.sandbox.workspace.message_checks import MessageContent
from bot.sandbox.workspace.messages import Message, Messages, pings_of
from bot.sandbox.workspace.rates import Rates
from bot.sandbox.workspace.read_markers import ReadMarkers
from bot.sandbox.workspace.request_log import RequestLog
from bot.sandbox.workspace.response_urls import ResponseUrls
from bot.sandbox.workspace.socket_tickets import SocketTickets
from bot.sandbox.workspace.triggers import Triggers
from bot.sandbox.workspace.user_groups import UserGroup, UserGroups
from bot.sandbox.workspace.users import TEAM_ID, User, Users
from bot.sandbox.workspace.views import Views

Scheduler = Callable[[float, Callable[[], None]], None]


class Workspace:
    """One Slack workspace with one app installed.

    Args:
        clock: returns the current time (aware, UTC). The signatures of requests carry this time, too.
        manifest: the app's manifest. Without one, every scope, command and event is allowed.
        strict: raise `AppBug` when the app answers an interaction with something that Slack does not accept.
        enforce_rates: answer 429 above one message per second in a channel and above a method's tier.
        find_timeout: wall-clock seconds to wait for a button or field to appear.
        wait_limit: wall-clock seconds that `wait_until` waits by default.

    Raises:
        ValueError: the manifest breaks Slack's schema; the text lists the problems.

    `signing_secret` signs the requests to the app. `apps.connections.open` requires `app_token`; all other methods
    that require a token accept only `bot_token`. The app has `ack_limit` wall-clock seconds to acknowledge a request.
    `scheduler` runs a function after so many seconds, to retry events. Without a scheduler nothing is retried.
    With `knows_repeats` a post with a known `client_msg_id` is answered with the first message; otherwise the id is
    ignored. Which of both Slack does is unconfirmed (slack-2026.md §5).
    """

    team_id = TEAM_ID
    team_domain = "sandbox"
    #: The organization of the workspace, if it belongs to one.
    enterprise_id = ""
    app_id = "A0SANDBOX"
    bot_id = "B0SANDBOX"
    bot_user_id = "U0BOT"
    signing_secret = "sandbox-signing-secret"
    bot_token = "xoxb-sandbox"
    app_token = "xapp-sandbox"

    def __init__(
        self,
        clock: Clock = utc_now,
        manifest: Json | None = None,
        *,
        strict: bool = True,
        enforce_rates: bool = False,
        find_timeout: float = 2.0,
        wait_limit: float = 5.0,
    ) -> None:
        self.strict, self.enforce_rates = strict, enforce_rates
        self.find_timeout, self.wait_limit, self.ack_limit = find_timeout, wait_limit, 3.0
        self.scheduler: Scheduler | None = None
        self.knows_repeats = False
        self.manifest = Manifest(checked_manifest(manifest))
        self.state = SharedState(clock)
        self.users, self.groups = Users(self.state), UserGroups(self.state)
        self.channels = Channels(self.state)
        self.reader = Reader(self.name_of, now=self.state.now)
        self.messages, self.files = Messages(self.state), Files(self.state)
        self.read_markers = ReadMarkers(self.state)
        self.views, self.triggers = Views(self.state, self.reader), Triggers(self.state)
        self.socket_tickets = SocketTickets()
        self.response_urls, self.log = ResponseUrls(self.state), RequestLog(self.state)
        self.rates, self.failures = Rates(self.state), Failures(self.state)
        self.app_bugs: list[str] = []
        self.base_url = "http://stand-in.invalid"
        bot_name = self.manifest.bot_name
        self.add_user(self.bot_user_id, name=bot_name, real_name=bot_name, is_bot=True, bot_id=self.bot_id)

    def add_user(self, user_id: str, *, name: str, **details: Any) -> User:
        """Add a person, or replace the one with the same id; `details` are the other fields of `User`."""
        return self.users.add(User(user_id, name, **details))

    def change_user(self, user_id: str, **changes: Any) -> User:
        """Replace fields of a person, such as `deleted=True`."""
        return self.users.change(user_id, **changes)

    def add_group(self, group_id: str, users: Iterable[str], handle: str = "") -> UserGroup:
        """Add a user group, or replace the one with the same id."""
        return self.groups.add(UserGroup(group_id, handle or group_id.lower(), tuple(users)))

    def add_channel(
        self,
        channel_id: str,
        name: str,
        members: Iterable[str] = (),
        *,
        with_bot: bool = True,
        private: bool = False,
        shared: bool = False,
        archived: bool = False,
    ) -> Channel:
        """Add a channel, or replace the one with the same id. The bot is a member unless `with_bot` is false."""
        kind: Kind = "private" if private else "public"
        everyone = frozenset(members) | ({self.bot_user_id} if with_bot else set())
        return self.channels.add(Channel(channel_id, name, kind, everyone, archived, shared))

    def move_channel(self, channel_id: str, new_id: str) -> Channel:
        """Give a channel and its messages another id. Nobody finds them by the old one any more."""
        with self.state.change():
            for message in self.messages.all():
                if message.channel == channel_id:
                    self.messages.remove(message)
                    self.messages.change(message, channel=new_id)
            return self.channels.rename_id(channel_id, new_id)

    def name_of(self, any_id: str) -> str:
        """Return how an id in a text is shown: `@name`, `@group`, `#channel`, or the id itself if it is unknown."""
        channel_id = any_id.partition("|")[0]
        if channel := self.channels.find(channel_id):
            return f"#{channel.name}"
        if user := self.users.find(channel_id):
            return f"@{user.shown}"
        group = self.groups.find(channel_id)
        return f"@{group.handle}" if group else channel_id

    def history(self, channel: str) -> list[Message]:
        """Return the messages of a channel, including thread replies but no ephemeral messages, oldest first."""
        return self.messages.of_channel(channel)

    def thread(self, channel: str, ts: str) -> list[Message]:
        """Return the first message of a thread and its replies, oldest first."""
        return self.messages.of_thread(channel, ts)

    def direct(self, user_id: str) -> Channel:
        """Return the direct conversation of this person and the bot. It is opened if there is none."""
        return self.channels.open_direct(user_id, self.bot_user_id)

    def pings(self, message: Message) -> set[str]:
        """Return whom a message notifies: ids of people and groups, `@here`, `@channel`, `@everyone`."""
        return pings_of(message)

    def wait_until(self, condition: Callable[[], T], timeout: float | None = None) -> T:
        """Wait until `condition` returns a true value, and return that value.

        Args:
            timeout: wall-clock seconds; `wait_limit` if None.

        Raises:
            TimeoutError: the condition stayed false.
        """
        return self.state.wait_until(condition, self.wait_limit if timeout is None else timeout)

    def post(self, channel: str, user: str, draft: MessageContent, **details: Any) -> Message:
        """Post a message; `details` are other fields of `Message`."""
        message = Message(channel, self.state.new_ts(), user, "", reader=self.reader, **details)
        if user == self.bot_user_id:
            message = replace(message, bot_id=self.bot_id)
        return self.messages.add(self.redrafted(message, draft))

    def redrafted(self, message: Message, draft: MessageContent) -> Message:
        """Return a copy of the message with the content of `draft`."""
        attachments = (a | {"blocks": self._numbered(a["blocks"])} if "blocks" in a else a for a in draft.attachments)
        return replace(
            message,
            text=draft.text,
            blocks=self._numbered(draft.blocks),
            attachments=tuple(attachments),
            metadata=draft.metadata,
            link_names=draft.link_names,
        )

    def app_bug(self, what: str) -> None:
        """Record that the app answered something that Slack does not accept.

        Raises:
            AppBug: the workspace is strict.
        """
        with self.state.change():
            self.app_bugs.append(what)
        if self.strict:
            raise AppBug(what)

    def _numbered(self, blocks: Iterable[Json]) -> tuple[Json, ...]:
        return numbered(blocks, lambda: secrets.token_hex(3))
