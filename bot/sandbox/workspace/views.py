"""Views: each person's stack of at most three modals, and their App Home (slack-platform.md §1.5)."""

from dataclasses import dataclass, field, replace
from typing import Any

from bot.sandbox.blocks import plain_text
from bot.sandbox.blocks.mrkdwn import Reader
from bot.sandbox.blocks.structure import State, numbered, state_of
from bot.sandbox.errors import NoView, SlackError
from bot.sandbox.shared_state import Json, SharedState
from bot.sandbox.workspace.messages import Button, controls_of

MAX_DEPTH = 3


@dataclass(frozen=True)
class View:
    """One modal or App Home at one moment."""

    id: str
    user: str
    type: str
    body: Json
    blocks: tuple[Json, ...]
    state: State
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    #: The options that the app offered for external selects, by block_id.
    offered: dict[str, list[Json]] = field(default_factory=dict, compare=False, repr=False)
    reader: Reader = field(default=Reader(str), compare=False, repr=False)

    @property
    def callback_id(self) -> str:
        """The app's name for this view."""
        return str(self.body.get("callback_id", ""))

    @property
    def title(self) -> str:
        """The title of a modal."""
        return plain_text.read_text(self.body.get("title"), self.reader)

    @property
    def private_metadata(self) -> str:
        """The data that the app stored in the view."""
        return str(self.body.get("private_metadata", ""))

    @property
    def external_id(self) -> str:
        """The app's own unique id for the view."""
        return str(self.body.get("external_id") or "")

    @property
    def controls(self) -> tuple[Button, ...]:
        """Everything in the view that a person can use."""
        return controls_of(self.blocks, self.reader)

    @property
    def buttons(self) -> dict[str, str]:
        """The value of each button, by action_id."""
        return {c.action_id: c.value for c in self.controls if c.element["type"] == "button"}

    @property
    def fields(self) -> dict[str, Json]:
        """The elements of the input blocks, by block_id."""
        return {b["block_id"]: b["element"] for b in self.blocks if b["type"] == "input"}

    def known_options(self, block_id: str) -> list[Json]:
        """Return the options that the app offered for a field of this block, and those that the field holds."""
        held = [item for one in self.state[block_id].values() for value in one.values() for item in _listed(value)]
        return [*self.offered.get(block_id, ()), *(item for item in held if isinstance(item, dict) and "value" in item)]

    @property
    def plain(self) -> str:
        """All readable text, including what the fields hold, with dates in UTC."""
        return self.read(self.reader)

    def read(self, reader: Reader) -> str:
        """Return all readable text as this reader sees it."""
        body = plain_text.read_blocks(self.blocks, reader, self.state)
        return "\n".join(part for part in (self.title, body) if part)

    def to_payload(self, team_id: str, app_id: str, bot_id: str) -> Json:
        """Return the full `view` object of the Web API and of interaction payloads."""
        return {
            "id": self.id,
            "team_id": team_id,
            "type": self.type,
            "blocks": list(self.blocks),
            "private_metadata": self.private_metadata,
            "callback_id": self.callback_id,
            "state": {"values": self.state},
            "hash": self.hash,
            "title": self.body.get("title") or {"type": "plain_text", "text": "View Title", "emoji": True},
            "clear_on_close": bool(self.body.get("clear_on_close")),
            "notify_on_close": bool(self.body.get("notify_on_close")),
            "close": self.body.get("close"),
            "submit": self.body.get("submit"),
            "previous_view_id": self.previous_view_id,
            "root_view_id": self.root_view_id,
            "app_id": app_id,
            "external_id": self.external_id,
            "app_installed_team_id": team_id,
            "bot_id": bot_id,
        }


class Views:
    """The modals and the App Home of each person."""

    def __init__(self, state: SharedState, reader: Reader) -> None:
        self._state = state
        self._reader = reader
        self._views: dict[str, View] = {}
        self._stacks: dict[str, list[str]] = {}
        self._homes: dict[str, str] = {}

    def stack(self, user: str) -> tuple[View, ...]:
        """Return this person's open modals, from the bottom of the stack to the top."""
        with self._state.locked():
            return tuple(self._views[view_id] for view_id in self._stacks.get(user, ()))

    def home(self, user: str) -> View | None:
        """Return this person's App Home, or None if the app never published one."""
        return self._views.get(self._homes.get(user, ""))

    def homes(self) -> dict[str, Json]:
        """Return every App Home as the app published it, by user id."""
        return {user: self._views[view_id].body for user, view_id in self._homes.items()}

    def find(self, view_id: str) -> View | None:
        """Return the open modal or App Home with this id, or None."""
        return self._views.get(view_id)

    def by_external_id(self, external_id: str) -> View | None:
        """Return the open modal or App Home with this external_id, or None."""
        return next((v for v in self._views.values() if external_id and v.external_id == external_id), None)

    def open(self, user: str, body: Json) -> View:
        """Open a modal as the root of a new stack. This person's other modals are closed.

        Raises:
            SlackError: `duplicate_external_id`.
        """
        with self._state.change():
            view = self._new(user, body)
            self.close(user, everything=True)
            self._stacks[user] = [view.id]
            return self._keep(view)

    def push(self, user: str, body: Json) -> View:
        """Open a modal on top of this person's open modals.

        Raises:
            SlackError: `not_found` if no modal is open, `push_limit_reached` if three are open, or
                `duplicate_external_id`.
        """
        with self._state.change():
            stack = self.stack(user)
            if not stack:
                raise SlackError("not_found")
            if len(stack) >= MAX_DEPTH:
                raise SlackError("push_limit_reached")
            new = self._new(user, body)
            view = replace(new, root_view_id=stack[0].id, previous_view_id=stack[-1].id)
            self._stacks[user].append(view.id)
            return self._keep(view)

    def update(self, view: View, body: Json) -> View:
        """Replace the content of a view and clear its errors.

        An entered value is kept if its element keeps its block_id, action_id and type.

        Raises:
            SlackError: `duplicate_external_id`.
        """
        with self._state.change():
            blocks = self._prepared(body, except_view=view.id)
            state = state_of(blocks, view.state)
            changed = replace(view, body=body, blocks=blocks, state=state, hash=self._new_hash(), errors={})
            return self._keep(changed)

    def publish(self, user: str, body: Json) -> View:
        """Publish this person's App Home. It replaces an earlier one.

        Raises:
            SlackError: `duplicate_external_id`.
        """
        with self._state.change():
            if home := self.home(user):
                return self.update(home, body)
            view = self._new(user, body)
            self._homes[user] = view.id
            return self._keep(view)

    def change(self, view: View, **changes: Any) -> View:
        """Replace fields of a view other than its content, such as `errors`."""
        with self._state.change():
            return self._keep(replace(self._views.get(view.id, view), **changes))

    def enter(self, view_id: str, block_id: str, action_id: str, held: Json) -> View:
        """Set what a person entered into one field, and clear the error of its block.

        The hash stays the same, because only changes by the app change it.

        Raises:
            NoView: the view is no longer open.
        """
        with self._state.change():
            view = self.find(view_id)
            if view is None:
                raise NoView(f"the view {view_id} is gone")
            state = {**view.state, block_id: {**view.state[block_id], action_id: held}}
            errors = {place: text for place, text in view.errors.items() if place != block_id}
            return self._keep(replace(view, state=state, errors=errors))

    def offer(self, view_id: str, block_id: str, options: list[Json]) -> None:
        """Remember the options that the app offered for a field, as long as the view is open."""
        with self._state.change():
            if view := self.find(view_id):
                before = view.offered.get(block_id, [])
                self._keep(replace(view, offered=view.offered | {block_id: [*before, *options]}))

    def open_ones(self) -> list[View]:
        """Return every open modal, those of one person from the bottom of the stack to the top."""
        return [self._views[view_id] for stack in self._stacks.values() for view_id in stack]

    def put_back(self, view: View) -> None:
        """Put a saved modal on top of its person's stack, unchanged."""
        with self._state.change():
            self._stacks.setdefault(view.user, []).append(view.id)
            self._keep(replace(view, reader=self._reader))

    def close(self, user: str, everything: bool = False) -> None:
        """Close this person's top modal, or all of them."""
        with self._state.change():
            stack = self._stacks.setdefault(user, [])
            while stack:
                del self._views[stack.pop()]
                if not everything:
                    break

    def _new(self, user: str, body: Json) -> View:
        new_id = self._state.new_id("V")
        blocks = self._prepared(body, except_view=new_id)
        state = state_of(blocks)
        return View(new_id, user, body["type"], body, blocks, state, self._new_hash(), new_id, reader=self._reader)

    def _prepared(self, body: Json, except_view: str) -> tuple[Json, ...]:
        taken = self.by_external_id(str(body.get("external_id") or ""))
        if taken and taken.id != except_view:
            raise SlackError("duplicate_external_id")
        return numbered(body["blocks"], lambda: self._state.new_id("b"))

    def _new_hash(self) -> str:
        return f"{self._state.now().timestamp():.0f}.{self._state.new_id('h')}"

    def _keep(self, view: View) -> View:
        self._views[view.id] = view
        return view


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
