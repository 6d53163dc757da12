"""The driver of one person's Slack client: typing, pressing, filling in fields, submitting."""

from typing import Any

from bot.sandbox.blocks.plain_text import options_of
from bot.sandbox.blocks.structure import VALUE_FORMS, untouched
from bot.sandbox.client import acknowledgements, composer, events, fields, payloads
from bot.sandbox.client.field_errors import field_errors
from bot.sandbox.client.screen import Place, Screen
from bot.sandbox.client.transport import Transport
from bot.sandbox.errors import NoSuchButton, NoSuchCommand, NotOffered, NotThere
from bot.sandbox.shared_state import Json
from bot.sandbox.workspace.deliveries import Answer, Delivery, Submission
from bot.sandbox.workspace.messages import Button, Message
from bot.sandbox.workspace.views import View

UPDATE_WAIT_SECONDS = 0.5


class Person(Screen):
    """The driver of one person's Slack client. Requests reach the app over `transport`."""

    def __init__(self, transport: Transport, user_id: str) -> None:
        super().__init__(transport.workspace, transport.workspace.users.known(user_id).id)
        self._transport = transport

    def command(self, typed: str, channel: str | None = None) -> Answer:
        """Type a slash command, in a channel or in the conversation with the bot.

        Raises:
            NoSuchCommand: the app's manifest declares no such command, or Slack offers this person none.
        """
        self._member()
        name, _, text = typed.partition(" ")
        declared = self.workspace.manifest.command(name)
        if declared is None:
            raise NoSuchCommand(f"{name} is not a command of this app")
        place = self.workspace.channels.known(channel) if channel else self.workspace.direct(self.id)
        text = composer.with_tokens(self.workspace, text) if declared.get("should_escape") else text
        answer = self._send(payloads.command(self.workspace, self.id, place, name, text))
        return acknowledgements.show_command_answer(self.workspace, answer, self.id, place.id, typed)

    def shortcut(self, callback_id: str) -> Answer:
        """Use a global shortcut.

        Raises:
            NoSuchCommand: the app's manifest declares no such shortcut.
        """
        self._declared(callback_id, "global")
        return self._send(payloads.shortcut(self.workspace, self.id, callback_id))

    def message_shortcut(self, callback_id: str, message: Message) -> Answer:
        """Use a message shortcut on this message.

        Raises:
            NoSuchCommand: the app's manifest declares no such shortcut.
        """
        self._declared(callback_id, "message")
        return self._send(payloads.message_shortcut(self.workspace, self.id, callback_id, message))

    def press(
        self,
        action_id: str,
        message: Place | None = None,
        *,
        value: str | None = None,
        label: str | None = None,
        choice: Any = None,
    ) -> Answer:
        """Press a button or choose in a menu: in the open modal, else in the newest message or the App Home.

        Args:
            message: the message, modal or App Home to use the control in; an old copy will do.
            value: the value that the button must carry.
            label: the label that the button must have.
            choice: what to choose, for controls that are not buttons.

        Raises:
            NoSuchButton: this person sees no such control, or using it sends nothing.
        """
        place, control = self.find_control(action_id, message, value=value, label=label)
        if isinstance(place, Message):
            action = self._action(control, choice)
            return self._send(payloads.message_press(self.workspace, self.id, place, action))
        if control.element["type"] not in VALUE_FORMS:
            action = self._action(control, choice)
            return self._send(payloads.view_press(self.workspace, self.id, place, action))
        answer = self._enter(place, control.block_id, control.element, choice)
        if answer is None:
            raise NoSuchButton(f"{action_id} only sends something when the view is submitted")
        return answer

    def suggest(self, block_id: str, typed: str) -> list[Json]:
        """Type into an external select of the open modal, and return the options that the app offers."""
        view, element = self.find_field(block_id)
        delivery = payloads.block_suggestion(self.workspace, self.id, view, block_id, element, typed)
        options = acknowledgements.offered_options(self.workspace, self._send(delivery))
        self.workspace.views.offer(view.id, block_id, options)
        return options

    def fill(self, **values: Any) -> View:
        """Fill in fields of the open modal, by block_id and in the given order, and return the view.

        Raises:
            NoSuchField: the view has no such field.
            NotOffered: the field does not offer or accept the value.
        """
        for block_id, value in values.items():
            view, element = self.find_field(block_id)
            self._enter(view, block_id, element, value)
        return self.opened()

    def submit(self) -> Submission:
        """Submit the open modal, and apply the app's acknowledgement at once.

        Raises:
            NoView: no modal is open.
            NotOffered: the modal has no submit button.
        """
        view = self.opened(timeout=self.workspace.find_timeout)
        if not view.body.get("submit"):
            raise NotOffered(f"{view.callback_id or view.title} has nothing to submit")
        if wrong := field_errors(view, self.reader.locale):
            self.workspace.views.change(view, errors=wrong)
            return Submission(wrong, closed=False)
        answer = self._send(payloads.view_submission(self.workspace, self.id, view))
        return acknowledgements.take_submission_answer(self.workspace, view, answer)

    def close_view(self, everything: bool = False) -> Answer | None:
        """Close the top modal, or all of them. Returns None if the app did not ask for a notification."""
        view = self.opened(timeout=self.workspace.find_timeout)
        cleared = everything or bool(view.body.get("clear_on_close"))
        told = self.views[0] if cleared else view
        self.workspace.views.close(self.id, everything=cleared)
        if not told.body.get("notify_on_close"):
            return None
        return self._send(payloads.view_closed(self.workspace, self.id, told, cleared))

    def open_home(self, tab: str = "home") -> Answer | None:
        """Open the App Home. Returns None if the app is not subscribed to that event."""
        return events.home_opened(self._transport, self.id, tab)

    def say(self, text: str, channel: str | None = None, thread_ts: str | None = None) -> Message:
        """Write a message to the bot or in a channel. The app is notified if it is subscribed.

        Raises:
            NotThere: there is no such channel, or this person is not a member.
        """
        place = self.workspace.channels.known(channel) if channel else self.workspace.direct(self.id)
        if self.id not in place.members:
            raise NotThere(f"{self.id} is not in {place.id}")
        return events.message_written(self._transport, self.id, place, text, thread_ts)

    def edit(self, message: Message, text: str) -> Message:
        """Change a message of one's own. The app is notified if it is subscribed."""
        return events.message_edited(self._transport, message, text)

    def delete(self, message: Message) -> None:
        """Delete a message of one's own. The app is notified if it is subscribed."""
        events.message_deleted(self._transport, message)

    def join(self, channel: str) -> Answer | None:
        """Join a channel. Returns None if the app is not subscribed to that event or the bot is not a member."""
        return events.joined(self._transport, self.id, channel)

    def redeliver(self, answered: Answer | Submission, reason: str = "http_timeout") -> Answer:
        """Send the same request again, as Slack's retry does. The answer has no effect in Slack.

        Raises:
            NotOffered: the submission was refused before it was sent.
        """
        answer = answered.answer if isinstance(answered, Submission) else answered
        if answer is None:
            raise NotOffered("nothing was sent, so nothing can be sent again")
        attempt = 1 if answer.delivery.kind == "events_api" else 0
        return self._transport.send(answer.delivery, attempt, reason if attempt else "")

    def _send(self, delivery: Delivery) -> Answer:
        if self.workspace.users.known(self.id).deleted:
            raise NotThere(f"{self.id} is deactivated and cannot do anything")
        return self._transport.send(delivery)

    def _enter(self, view: View, block_id: str, element: Json, value: Any) -> Answer | None:
        """Enter a value. If Slack reports it at once, return the app's answer, else None (slack-platform.md §1.4)."""

        def ask(wanted: str) -> list[Json]:
            """Return the known option with this value, without asking the app; else ask the app."""
            known = [option for option in view.known_options(block_id) if option["value"] == wanted]
            least = element.get("min_query_length", 3)
            if not known and len(wanted) < least:
                raise NotOffered(f"{element['action_id']} asks from {least} characters on; {wanted!r} is shorter")
            return known or self.suggest(block_id, wanted)

        held = fields.entered(self.workspace, self.id, element, value, ask)
        entered = self.workspace.views.enter(view.id, block_id, element["action_id"], held)
        block = next(block for block in view.blocks if block["block_id"] == block_id)
        if block["type"] == "input" and not block.get("dispatch_action"):
            return None
        action = self._names(element["action_id"], block_id) | held
        answer = self._send(payloads.view_press(self.workspace, self.id, entered, action))
        self._wait_for_update(entered)
        return answer

    def _wait_for_update(self, view: View) -> None:
        """Wait briefly for the app to change the view, as a person waits before the next field."""

        def changed() -> bool:
            now = self.workspace.views.find(view.id)
            return now is None or now.hash != view.hash

        try:
            self.workspace.wait_until(changed, UPDATE_WAIT_SECONDS)
        except TimeoutError:
            return

    def _action(self, control: Button, choice: Any) -> Json:
        element = control.element
        names = self._names(control.action_id, control.block_id) | {"type": element["type"]}
        if element["type"] == "overflow":
            return names | {"selected_option": fields.pick(options_of(element), str(choice), control.action_id)}
        if element["type"] not in VALUE_FORMS:
            return names | {key: element[key] for key in ("text", "value", "style", "url") if key in element}
        if choice is None:
            return names | untouched(element)
        return names | fields.entered(self.workspace, self.id, element, choice, ask=_nothing_offered)

    def _names(self, action_id: str, block_id: str) -> Json:
        return {"action_id": action_id, "block_id": block_id, "action_ts": self.workspace.state.new_ts()}

    def _member(self) -> None:
        """Slack offers commands and shortcuts only to members and guests of the workspace (slack-2026.md §3)."""
        if self.workspace.users.known(self.id).foreign:
            raise NoSuchCommand(f"{self.id} belongs to another workspace, which has no commands of this app")

    def _declared(self, callback_id: str, kind: str) -> None:
        self._member()
        if not self.workspace.manifest.shortcut(callback_id, kind):
            raise NoSuchCommand(f"{callback_id} is not a {kind} shortcut of this app")


def _nothing_offered(typed: str) -> list[Json]:
    """Return no options: external selects in messages are not supported."""
    return []
