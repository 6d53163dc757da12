"""One person's Slack screen: what the person sees, and the search for controls and fields on it."""

from collections.abc import Callable

from bot.sandbox.blocks.mrkdwn import Reader
from bot.sandbox.blocks.structure import VALUE_FORMS
from bot.sandbox.errors import NoSuchButton, NoSuchField, NoView
from bot.sandbox.shared_state import Json, T
from bot.sandbox.workspace.messages import Button, Message
from bot.sandbox.workspace.views import View
from bot.sandbox.workspace.workspace import Workspace

Place = Message | View


class Screen:
    """What one person sees.

    A message or view may still be on its way from the app, so the search for a control or field waits up to
    `find_timeout` wall-clock seconds (see `Workspace`).
    """

    def __init__(self, workspace: Workspace, user_id: str) -> None:
        self.workspace = workspace
        self.id = user_id

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id})"

    @property
    def reader(self) -> Reader:
        """How texts read for this person: with names, and in the person's time zone and language."""
        user = self.workspace.users.known(self.id)
        return Reader(self.workspace.name_of, user.zone, user.locale, self.workspace.state.now)

    @property
    def views(self) -> tuple[View, ...]:
        """The open modals, the top one last."""
        return self.workspace.views.stack(self.id)

    @property
    def view(self) -> View | None:
        """The topmost open modal, or None."""
        stack = self.views
        return stack[-1] if stack else None

    @property
    def home(self) -> View | None:
        """The App Home as last published to this person, or None."""
        return self.workspace.views.home(self.id)

    @property
    def offered(self) -> set[str]:
        """The action_ids that this person can use now: in the open modal, else in messages and the App Home."""
        return {control.action_id for place in self._places() for control in place.controls}

    def read(self, place: Place) -> str:
        """Return a message or view as this person reads it: names resolved, dates in the person's time zone."""
        return place.read(self.reader)

    def inbox(self) -> list[Message]:
        """Return the bot's direct messages to this person, oldest first."""
        direct = self.workspace.channels.direct(self.id, self.workspace.bot_user_id)
        found = self.workspace.history(direct.id) if direct else []
        return [message for message in found if message.user == self.workspace.bot_user_id]

    def ephemerals(self, channel: str | None = None) -> list[Message]:
        """Return the messages that only this person sees, in one channel or in all, oldest first."""
        return self.workspace.messages.ephemeral(self.id, channel)

    def sees(self) -> list[Message]:
        """Return all messages that this person sees, oldest first."""
        mine = {channel.id for channel in self.workspace.channels.of_member(self.id)}
        return self.workspace.messages.visible(self.id, mine)

    def opened(self, callback_id: str | None = None, timeout: float = 5) -> View:
        """Wait until this person's topmost modal is one with this callback_id (None: any), and return it.

        Raises:
            NoView: no such modal opened within `timeout` wall-clock seconds.
        """

        def on_top() -> View | None:
            view = self.view
            return view if view and callback_id in (None, view.callback_id) else None

        return self._wait_for(on_top, lambda: NoView(f"no modal {callback_id or ''}; {self._stack()}"), timeout)

    def find_control(self, action_id: str, only: Place | None, **wanted: str | None) -> tuple[Place, Button]:
        """Return the control with this action_id, and the message or view that holds it.

        Args:
            only: search this message or view only.
            wanted: the `value` or `label` that the control must have.

        Raises:
            NoSuchButton: this person sees no such control.
        """

        def meant(control: Button) -> bool:
            fits = all(getattr(control, name) == value for name, value in wanted.items() if value is not None)
            return control.action_id == action_id and fits

        def look() -> tuple[Place, Button] | None:
            places = [only] if only else self._places()
            return next(((place, c) for place in places for c in place.controls if meant(c)), None)

        def nothing() -> NoSuchButton:
            offered = {c.action_id for c in only.controls} if only else self.offered
            return NoSuchButton(f"{self.id} sees no {action_id!r} to press; on offer: {sorted(offered)}")

        return self._wait_for(look, nothing)

    def find_field(self, block_id: str) -> tuple[View, Json]:
        """Return the open modal and the element of the block with this block_id.

        Raises:
            NoSuchField: the modal has no such field.
        """

        def look() -> tuple[View, Json] | None:
            view = self.view
            found = [c.element for c in view.controls if c.block_id == block_id] if view else []
            return (view, found[0]) if view and found and found[0]["type"] in VALUE_FORMS else None

        return self._wait_for(look, lambda: NoSuchField(f"no field {block_id!r}; {self._stack()}"))

    def _wait_for(
        self, look: Callable[[], T | None], otherwise: Callable[[], Exception], timeout: float | None = None
    ) -> T:
        find_timeout = self.workspace.find_timeout if timeout is None else timeout
        try:
            found = self.workspace.wait_until(look, find_timeout)
        except TimeoutError:
            found = None
        if found is None:
            raise otherwise()
        return found

    def _places(self) -> list[Place]:
        if view := self.view:
            return [view]
        home = self.home
        return [*reversed(self.sees()), *([home] if home else [])]

    def _stack(self) -> str:
        fields = sorted({c.block_id for c in self.view.controls}) if self.view else []
        return f"{self.id} has open: {[v.callback_id or v.title for v in self.views]}, blocks on top: {fields}"
