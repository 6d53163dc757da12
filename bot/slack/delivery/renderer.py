"""Renders outbox rows from what is stored, one or several of a case at a time."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import nullcontext
from dataclasses import dataclass

import structlog
from sqlmodel import Session

from bot.casework.reading.snapshot import Snapshot
from bot.clock import Clock
from bot.slack.delivery.direct_channels import addressed
from bot.slack.delivery.render import render
from bot.slack.delivery.render_job import NotReadable, NotYet, RenderContext
from bot.slack.delivery.request_priority import RequestPriority
from bot.slack.delivery.slack_call import SlackCall
from storage import outbox
from storage.database import Database
from storage.tables import Outgoing

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rendered:
    """The Slack call for a row, with its channel if that is stored; None if its message is not needed or not possible.

    `hindrance` says why it is not possible.
    """

    call: SlackCall | None = None
    hindrance: NotReadable | NotYet | None = None


class Renderer:
    """Renders outbox rows, preferably while no request is being answered."""

    def __init__(self, database: Database, clock: Clock, context: RenderContext, priority: RequestPriority) -> None:
        self._database = database
        self._clock = clock
        self._context = context
        self._priority = priority
        self._drawing = threading.Lock()  # rendering is CPU-bound: in parallel it would only delay requests

    def render(self, row: Outgoing) -> Rendered:
        """Render a row."""
        with nullcontext() if outbox.is_aside(row) else self._drawing:  # making a document must not block messages
            self._priority.wait()
            with self._database.read() as session:
                return self._rendered(self._snapshot(session, [row]), row)

    def together(self, rows: Sequence[Outgoing]) -> Iterator[tuple[Outgoing, Rendered]]:
        """Render messages of one case, which is read once for all of them. Each is yielded as soon as it is rendered.

        An error stops those that were not yielded yet.
        """
        with self._drawing, self._database.read() as session:
            snapshot = self._snapshot(session, rows)
            for row in rows:
                self._priority.wait()
                yield row, self._rendered(snapshot, row)

    def _snapshot(self, session: Session, rows: Sequence[Outgoing]) -> Snapshot:
        return Snapshot(session, self._context.company, self._clock.now(), (row.target for row in rows))

    def _rendered(self, snapshot: Snapshot, row: Outgoing) -> Rendered:
        try:
            call = render(snapshot, row, self._context)
        except (NotReadable, NotYet) as hindrance:
            return Rendered(hindrance=hindrance)
        return Rendered(call and addressed(snapshot, call))


class Together:
    """Messages of one case that are rendered together, while each of them is sent in a thread of its own."""

    def __init__(self, renderer: Renderer, rows: Sequence[Outgoing]) -> None:
        self._renderer = renderer
        self._rows = rows
        self._rendered: dict[int | None, Future[Rendered | None]] = {row.id: Future() for row in rows}

    def rendered(self, row: Outgoing) -> Rendered | None:
        """Return the call for one of the rows; None if it is to be rendered by itself.

        The thread of the last row renders all, the others wait for it.
        """
        if row is self._rows[-1]:
            self._render()
        return self._rendered[row.id].result()

    def _render(self) -> None:
        try:
            for row, rendered in self._renderer.together(self._rows):
                self._rendered[row.id].set_result(rendered)
        except Exception as error:  # each that is left is rendered by itself, so that it is known whose failure it is
            log.warning("delivery.not_rendered_together", rows=[row.id for row in self._rows], exc_info=error)
        finally:
            for one in self._rendered.values():
                if not one.done():
                    one.set_result(None)
