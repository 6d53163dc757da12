"""Asks Slack what a message depends on, before it is rendered, and stores the answer in its row.

Every attempt to send the row uses that answer, so that a message is not sent to two places.
"""

import json

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.casework.steps.notify import MessageKind
from bot.slack.delivery.card_link import card_link
from bot.slack.delivery.customer_route import CustomerRoute, customer_route
from bot.slack.delivery.direct_channels import DirectChannels
from bot.slack.delivery.outcomes import TO_CUSTOMERS, Outcomes
from bot.slack.failures import classify
from storage import cases, posted_messages
from storage.database import Database
from storage.tables import Outgoing

#: The messages of which Slack is asked before they are rendered.
PREPARED = (*TO_CUSTOMERS, MessageKind.CARD_LEFT)


class Preparation:
    """Completes outbox rows with what Slack says of channels."""

    def __init__(self, database: Database, client: WebClient, direct: DirectChannels, outcomes: Outcomes) -> None:
        self._database = database
        self._client = client
        self._direct = direct
        self._outcomes = outcomes

    def prepare(self, row: Outgoing) -> bool:
        """Complete a row. Returns False if Slack could not be asked; the row is then retried."""
        try:
            if row.view in TO_CUSTOMERS:
                self._route(row)
            elif row.view == MessageKind.CARD_LEFT:
                self._link(row)
        except (SlackClientError, OSError) as error:
            self._outcomes.failed(row, None, classify(error, row.attempts))
            return False
        return True

    def _route(self, row: Outgoing) -> None:
        """Decide once where a message to the customer goes. A direct message needs no decision.

        The service manager is told if words of theirs do not go into the thread that the problem was reported from.
        """
        if "route" in json.loads(row.arguments):
            return
        with self._database.read() as session:
            case = cases.get(session, row.case_id or 0)
            reporter, origin = case.reporter_id, case.origin_channel
        if row.target == origin:
            route = customer_route(self._client, self._direct.current(row.target), reporter)
            told = row.view == MessageKind.CUSTOMER and route is not CustomerRoute.THREAD
            self._store(row, "route", route.value, told=told)

    def _link(self, row: Outgoing) -> None:
        """Find the link to the card in the channel to which the service desk has moved."""
        with self._database.read() as session:
            card = posted_messages.newest(session, row.case_id or 0, MessageKind.CARD)
        link = card_link(self._client, self._direct.current(card.channel), card.ts) if card else ""
        self._store(row, "link", link)

    def _store(self, row: Outgoing, name: str, value: str, *, told: bool = False) -> None:
        row.arguments = json.dumps({**json.loads(row.arguments), name: value}, ensure_ascii=False)
        self._outcomes.prepared(row, told=told)
