"""An outbox row to render, with its case as each reader may read it, and the company's settings for messages."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col

from bot.casework.company_settings import CompanySettings
from bot.casework.reading.read_models import CaseCard, HistoryLine
from bot.casework.reading.redaction import readable_card, readable_line
from bot.casework.reading.snapshot import SeenCase, Snapshot
from bot.casework.steps.notify import MessageKind
from bot.documents.context import DocumentSettings
from bot.i18n.translator import Translator, translator
from bot.workflow.context import PersonContext
from bot.workflow.decide import available
from bot.workflow.membership import Membership
from bot.workflow.reading_levels import Level, Visibility
from bot.workflow.reading_rights import reads_center
from bot.workflow.situation import Situation
from bot.workflow.steps import ALWAYS_OFFERED
from storage import outbox
from storage.file_contents import FileContents
from storage.tables import Outgoing, Posted
from storage.vocabulary import Step


class NotYet(Exception):
    """The message belongs into the thread of a card that is not posted yet."""


class NotReadable(Exception):
    """The person whom a message is for may not read its case, or not any more (process.md §6 R9).

    `refused`: their account is deactivated, so that somebody else must hear what they were to be told (R10).
    """

    def __init__(self, person: str, *, refused: bool) -> None:
        super().__init__(person)
        self.person, self.refused = person, refused


@dataclass(frozen=True, slots=True)
class RenderContext:
    """The company's settings for messages and documents, the translator for its channels, and where files are kept."""

    company: CompanySettings
    t: Translator
    document_settings: DocumentSettings
    contents: FileContents


@dataclass(frozen=True, slots=True)
class RenderJob:
    """An outbox row to render, with everything that the rendering functions read. `snapshot` serves several rows."""

    snapshot: Snapshot
    row: Outgoing
    context: RenderContext

    @property
    def session(self) -> Session:
        """The session that reads what the snapshot does not hold."""
        return self.snapshot.session

    @property
    def now(self) -> datetime:
        """The present moment (aware UTC)."""
        return self.snapshot.now

    def translator_of(self, person: str) -> Translator:
        """Return a person's translator: in the company's language and zone until Slack has reported their own."""
        known, t = self.snapshot.account(person), self.context.t
        locale, zone = (known.locale, known.zone) if known else (None, None)
        return translator(locale, zone, t.locale, t.zone.key)

    @property
    def arguments(self) -> dict[str, Any]:
        """The row's arguments, decoded."""
        arguments: dict[str, Any] = json.loads(self.row.arguments)
        return arguments

    @property
    def case_id(self) -> int:
        """The id of the row's case. The row must have one."""
        assert self.row.case_id is not None
        return self.row.case_id

    @property
    def case(self) -> SeenCase:
        """The row's case."""
        return self.snapshot.case(self.case_id)

    @property
    def card(self) -> CaseCard:
        """The case in its present state, for the service-desk channel, which reads at the level `center`."""
        return self.case.card

    @property
    def card_is_to_come(self) -> bool:
        """Whether a card of the case was queued before this row and is not posted yet."""
        of_case = col(Outgoing.case_id) == self.case_id, col(Outgoing.view) == MessageKind.CARD
        of = *of_case, col(Outgoing.id) < (self.row.id or 0)
        return outbox.is_pending(self.session, *of)

    @property
    def line(self) -> HistoryLine:
        """The history entry that the row reports, for the service-desk channel."""
        return self.case.line(self.arguments["seq"])

    @property
    def more_lines(self) -> list[HistoryLine]:
        """The entries of the rows that the row stands for (`storage.turns.join_behind`)."""
        return [self.case.line(arguments["seq"]) for arguments in self.arguments.get("more", ())]

    def for_person(self, person: str, line: HistoryLine | None = None) -> tuple[CaseCard, HistoryLine]:
        """Return the case and the entry `line` of its history as this person may read them (process.md §6 R9).

        `line` None stands for the entry that the row reports. Raises `NotReadable`.
        """
        level = self._level(person)
        card = self.card
        return readable_card(card, level), readable_line(line or self.line, card, level)

    def card_for(self, person: str, needed: Visibility = Visibility.REPORT) -> CaseCard:
        """Return the case in its present state as this person may read it.

        Raises `NotReadable` if they do not read what has the visibility `needed`.
        """
        return readable_card(self.card, self._level(person, needed))

    def card_in(self, situation: Situation, needed: Visibility) -> CaseCard:
        """Return the case as `card_for` does, for the person of this situation. Raises `NotReadable`."""
        return readable_card(self.card, _checked(situation.level, situation.person, needed))

    def _level(self, person: str, needed: Visibility = Visibility.REPORT) -> Level:
        reader = self.snapshot.person(person)
        return _checked(self.case.level(reader), reader, needed)

    def situation(self, person: str) -> Situation:
        """Return everything that the rules may consider when this person acts on the case now."""
        return self.case.situation(person)

    def reads_center(self, person: str) -> bool:
        """Return whether the person reads what belongs to no single case, such as statistics."""
        return reads_center(self.snapshot.person(person))

    @property
    def target(self) -> Translator:
        """The translator of the person who is the row's target."""
        return self.translator_of(self.row.target)

    def steps(self, person: str) -> tuple[Step, ...]:
        """Return the steps that the case's state asks for and that the person may take now."""
        return tuple(step for step in available(self.situation(person)) if step not in ALWAYS_OFFERED)

    def posted(self) -> tuple[Posted, Translator]:
        """Return the posted message that the row edits, and its reader's translator."""
        message = self.session.get_one(Posted, self.arguments["posted"])
        return message, self.translator_of(message.person_id or "")


def _checked(level: Level, reader: PersonContext, needed: Visibility) -> Level:
    """Return the level. Raises `NotReadable` if it does not read what has the visibility `needed`."""
    if not level.may_read(needed):
        raise NotReadable(reader.id, refused=reader.membership is Membership.REFUSED)
    return level
