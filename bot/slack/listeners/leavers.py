"""Listeners of *Reassign all*: the places of somebody who left are given to somebody else."""

import json
from typing import Any

import structlog
from slack_bolt import Ack, App

from bot.casework import leavers
from bot.casework.leavers import Handover, Leaver, LeftCase
from bot.casework.steps.accounts import accounts
from bot.slack.identity import Reader
from bot.slack.listener_context import ListenerContext, ack_at_once, problems_of, reporting_errors
from bot.slack.listeners.steps import errors_of
from bot.slack.views.desk import leavers as views
from bot.slack.views.escape import is_person
from bot.workflow import membership_refusals
from bot.workflow import refusals as no
from bot.workflow.membership import is_ours
from bot.workflow.refusal import Problem, Refusal, Refused
from storage.database import Unavailable
from storage.vocabulary import Place

log = structlog.get_logger(__name__)


class Leavers:
    """Listeners of the button and the form."""

    def __init__(self, context: ListenerContext) -> None:
        self._context = context

    def register(self, app: App) -> None:
        """Register these listeners with the Bolt app."""
        app.action(views.REASSIGN_ALL)(ack=ack_at_once, lazy=[self.open])
        app.view(views.REASSIGN_ALL)(ack=self.check, lazy=[self.reassign])

    def open(self, body: dict[str, Any], reader: Reader) -> None:
        """Open the form that asks who takes the places."""
        with reporting_errors(self._context, body, reader):
            found = self._found(_person_in(body["actions"][0].get("value")), reader)
            self._context.client.views_open(trigger_id=body["trigger_id"], view=views.reassign_form(found, reader.t))

    def check(self, ack: Ack, body: dict[str, Any], reader: Reader) -> None:
        """Close the form, or show at its field why this person takes no places."""
        try:
            self._asked(body, reader)
        except Exception as error:  # noqa: BLE001 - last resort: every error is shown as a text or a reference
            problems = problems_of(error, self._context.health)
            ack(response_action="errors", errors=errors_of(problems, body["view"], reader.t))
            return
        ack()

    def reassign(self, body: dict[str, Any], reader: Reader) -> None:
        """Give the places to somebody else, case by case, and tell what came of each."""
        context = self._context
        try:
            left, handover = self._asked(body, reader)
        except Refused:  # `check` has shown it
            return
        with reporting_errors(context, body, reader):
            results = [result for one in left.cases for result in self._of_case(one, handover)]
            said = {
                **{"leaver": handover.leaver, "to": handover.to},
                "done": [(number, place) for number, place, refusal in results if refusal is None],
                "refused": [(number, place, reader.t.refusal(why)) for number, place, why in results if why],
            }
            with context.database.write() as session:
                leavers.tell_result(session, handover, said, context.clock.now())
            log.info("places.reassigned", by=reader.id, done=len(said["done"]), refused=len(said["refused"]))

    def _of_case(self, left: LeftCase, handover: Handover) -> list[tuple[str, Place, Refusal | None]]:
        """Give the places of one case in one transaction. If it cannot be saved, none of them is given."""
        context = self._context
        try:
            with context.database.write() as session:
                given = leavers.reassign(session, left, handover, context.company.of(session), context.clock.now())
                return [(left.number, place, refusal) for place, refusal in given]
        except Unavailable:
            log.warning("places.not_saved", case=left.id)
            return [(left.number, place, no.NotSaved()) for place in left.places]

    def _asked(self, body: dict[str, Any], reader: Reader) -> tuple[Leaver, Handover]:
        """Return what a submitted form asks for. Raises `Refused`."""
        context, view = self._context, body["view"]
        found = self._found(_person_in(view["private_metadata"]), reader)
        to = _chosen(view)
        if not context.identity.meet([to]):
            raise Refused(Problem(no.SlackAway()))
        with context.database.read() as session:
            account = accounts(session, [to], context.company.of(session), context.clock.now())[to]
        if not is_ours(account):
            raise Refused(Problem(membership_refusals.NotOurs(account.name or to), views.PERSON))
        return found, Handover(found.person, to, reader.id, f"view:{view['id']}")

    def _found(self, person: str, reader: Reader) -> Leaver:
        context = self._context
        with context.database.read() as session:
            return leavers.to_reassign(session, person, reader.id, context.company.of(session), context.clock.now())


def _person_in(carried: Any) -> str:
    """Return the person in a button's value or a form's metadata. Raises `Refused` if it is invalid."""
    try:
        person = json.loads(carried)[views.PERSON]
    except (KeyError, TypeError, ValueError):
        raise Refused(Problem(no.NotOffered())) from None
    if not is_person(person):
        raise Refused(Problem(no.NotOffered()))
    return str(person)


def _chosen(view: dict[str, Any]) -> str:
    held = view["state"]["values"].get(views.PERSON, {})
    person = next((element.get("selected_user") for element in held.values()), None)
    if not is_person(person):
        raise Refused(Problem(no.NotOffered(), views.PERSON))
    return str(person)
