"""Compares what was acknowledged with what is stored, and what is stored with what Slack received."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from bot.casework.records.verify import verify
from bot.casework.steps.notify import MessageKind
from bot.clock import TOLERANCE
from bot.i18n.translator import translator
from bot.sandbox import Workspace
from bot.slack.views.case.buttons import ACKNOWLEDGE
from storage.tables import AuditEntry, Case, Outgoing, Posted, Reminder
from storage.vocabulary import END_STATES, OutboxState, ReminderState, State, Step
from tests.chaos.case_drivers import RESUMERS
from tests.chaos.intents import IntentLog, Meaning, times_not_saved
from tests.chaos.logged_errors import about_message, left_behind, logged_errors
from tests.chaos.message_recorder import MessageRecorder

#: A reminder that still waits this long after its due time was forgotten.
FORGOTTEN_AFTER = timedelta(seconds=15)
#: A clock is right if it is wrong by no more than this, so a reminder may be earlier by as much.
EARLY = TOLERANCE + timedelta(seconds=2)


@dataclass
class AuditResult:
    """The result of a chaos run: figures, and everything that must never happen."""

    figures: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def table(self) -> str:
        """All figures, one a line, and everything that is wrong."""
        lines = [f"{name:32}{number:8}" for name, number in self.figures.items()]
        return "\n".join([*lines, *(f"WRONG: {one}" for one in self.wrong)])


class Audit:
    """Reads everything once, while all processes run. Since `ended_at` nothing fails and nobody acts."""

    def __init__(
        self,
        session: Session,
        log: IntentLog,
        workspace: Workspace,
        recorder: MessageRecorder,
        late: Collection[int | None],
        ended_at: datetime,
    ) -> None:
        """`late` are the outbox rows whose messages Slack took late."""
        self._session, self._log, self._ended_at = session, log, ended_at
        self._workspace, self._recorder, self._late = workspace, recorder, late
        self._cases = {one.id or 0: one for one in session.exec(select(Case))}
        # reminders that were sent are entries too; they are no steps and tell nobody
        self._entries = [entry for entry in session.exec(select(AuditEntry)) if entry.step in set(Step)]
        self._rows = list(session.exec(select(Outgoing)))
        self._posted = list(session.exec(select(Posted)))
        self._reminders = list(session.exec(select(Reminder)))
        self._sent_reminders = [
            (json.loads(row.arguments), row) for row in self._rows if row.view == MessageKind.REMINDER
        ]
        self._logged: list[str] = []
        self._excuses = Counter[str]()
        self._left_behind: Collection[int] = frozenset()
        self.lost = self.doubled = self.repeated = self.excused = self.early = 0

    def result(self, logged: Iterable[str]) -> AuditResult:
        """Compare everything. `logged` are the lines that the processes wrote."""
        self._logged = [*logged]
        self._left_behind = left_behind(self._logged)
        checks: tuple[Callable[[], Iterator[str]], ...] = (
            *(self._steps, self._reports, self._answers, self._contests, self._outbox, self._received),
            *(self._stories, self._cards, self._tasks, self._reminded, self._early, self._stopped),
            *(self._button_presses, self._chains),
        )
        wrong = [line for check in checks for line in check()]
        return AuditResult(self._figures(), [*wrong, *self._log.errors, *logged_errors(self._logged)])

    def _figures(self) -> dict[str, int]:
        intents = [*self._log.intents]
        return {
            "cases": len(self._cases),
            "cases brought to their end": sum(
                one.state in END_STATES - {State.WITHDRAWN} for one in self._cases.values()
            ),
            "steps acknowledged": self._log.steps,
            "steps without any answer": sum(not intent.is_answered for intent in intents),
            "contests for one step": len(self._log.contests) + len(self._log.resumed),
            "reminders sent": sum(one.state is ReminderState.SENT for one in self._reminders),
            "messages received": sum(map(len, self._recorder.posts.values())),
            "edits received": self._recorder.edits.total(),
            "presses answered with: not saved": self.excused,
            "lost": self.lost,
            "doubled": self.doubled,
            "repeated messages (allowed)": self.repeated,
            "reminders sent early": self.early,
        }

    # Steps

    def _steps(self) -> Iterator[str]:
        """Every acknowledged step is written once, and every other step at most as often as it was tried."""
        written = Counter((one.case_id, one.step) for one in self._entries if one.step != Step.REPORT)
        sure, unsure = Counter[tuple[int, str]](), Counter[tuple[int, str]]()
        for intent in self._log.intents:
            if intent.step != Step.REPORT:
                sure[intent.case, intent.step] += intent.was(Meaning.TAKEN)
                unsure[intent.case, intent.step] += not intent.is_answered
        for case, answered in self._log.resumed:
            is_excused = answered and sure[case, Step.RESUME] >= written[case, Step.RESUME] and self._excuse(*RESUMERS)
            (sure if answered and not is_excused else unsure)[case, Step.RESUME] += 1
        yield from self._compared(written, sure, unsure)

    def _excuse(self, *people: str) -> bool:
        """Whether each of these people was told that nothing was saved, once more than was excused so far."""
        is_told = all(self._excuses[person] < times_not_saved(self._workspace, person) for person in people)
        self._excuses.update(people if is_told else ())
        self.excused += is_told
        return is_told

    def _reports(self) -> Iterator[str]:
        written = Counter((one.summary, "report") for one in self._cases.values())
        intents = self._log.reported.items()
        sure = Counter((name, "report") for name, intent in intents if intent.was(Meaning.TAKEN))
        unsure = Counter((name, "report") for name, intent in intents if not intent.is_answered)
        yield from self._compared(written, sure, unsure)

    def _compared(self, written: Counter[Any], sure: Counter[Any], unsure: Counter[Any]) -> Iterator[str]:
        for key in sorted({*written, *sure}):
            missing, more = sure[key] - written[key], written[key] - sure[key] - unsure[key]
            self.lost += max(0, missing)
            self.doubled += max(0, more)
            if missing > 0 or more > 0:
                yield f"{key}: acknowledged {sure[key]}, unanswered {unsure[key]}, written {written[key]}"

    def _answers(self) -> Iterator[str]:
        """Nobody is refused a step that the same request took, and nobody an uncontested step."""
        for intent in self._log.intents:
            about = f"F-{intent.case} {intent.step} by {intent.person}"
            words = {reply.words for reply in intent.replies if reply.meaning is Meaning.REFUSED}
            if words and intent.was(Meaning.TAKEN):
                yield f"{about} was taken, and the same request refused: {words}"
            elif words and not intent.contested:
                yield f"{about} was refused: {words}"

    def _contests(self) -> Iterator[str]:
        """Exactly one of two persons who want the same at the same moment gets it."""
        for intents in self._log.contests:
            if (
                all(intent.is_answered for intent in intents)
                and sum(intent.was(Meaning.TAKEN) for intent in intents) != 1
            ):
                yield f"F-{intents[0].case} {intents[0].step}: {[intent.replies for intent in intents]}"

    # Messages

    def _outbox(self) -> Iterator[str]:
        for row in self._rows:
            done = row.state in (OutboxState.SENT, OutboxState.DROPPED)
            if not done and (row.created_at < self._ended_at or row.state is OutboxState.DEAD):
                self.lost += 1
                yield f"row {row.id} ({row.view} of F-{row.case_id}) is {row.state}: {row.error}"

    def _received(self) -> Iterator[str]:
        """Every message was received, and none was posted twice unless nobody could know that it was posted.

        That is one whose sender was killed, suspended or cut off, or an urgent one whose effect came late.
        """
        for row in self._rows:
            posts = self._recorder.posts.get(row.id or 0, [])
            if row.state is OutboxState.SENT and not posts and not self._recorder.edits[row.id or 0]:
                self.lost += 1
                yield f"row {row.id} ({row.view} of F-{row.case_id}) was sent but never received"
            if len(posts) > 1 and (row.id in self._left_behind or (row.urgent and row.id in self._late)):
                self.repeated += len(posts) - 1
            elif len(posts) > 1:
                self.doubled += len(posts) - 1
                moments = ", ".join(post.ts for post in posts)
                about = f"row {row.id} ({row.view} of F-{row.case_id}, written at {row.created_at.timestamp():.0f})"
                said = about_message(self._logged, row.id or 0)
                yield f"{about} was posted at {moments}: {row.error}, {row.attempts} attempts{said}"

    def _stories(self) -> Iterator[str]:
        """The thread tells every step exactly once."""
        lines = [row for row in self._of(MessageKind.STORY) if row.state is not OutboxState.DROPPED]
        told = Counter((row.case_id or 0, seq) for row in lines for seq in _told_by(row))
        steps = Counter((one.case_id, one.seq) for one in self._entries if one.step != Step.REPORT)
        for key in sorted({*told, *steps}):
            if told[key] != steps[key]:
                yield f"the entry {key} was written {steps[key]} times and told {told[key]} times"

    def _cards(self) -> Iterator[str]:
        """Each case has one card in the channel, and the card shows its present state."""
        t = translator(None, None)
        for case_id, case in self._cases.items():
            cards = [one for one in self._posted if one.case_id == case_id and one.view == MessageKind.CARD]
            posting = [row for row in self._of(MessageKind.CARD, case_id) if self._recorder.posts.get(row.id or 0)]
            if len(cards) != 1 or len(posting) != 1:  # whether one was posted twice is judged with all messages
                yield f"F-{case_id} has {len(cards)} cards, and {len(posting)} messages posted one"
                continue
            shown = self._workspace.messages.find(cards[0].channel, cards[0].ts)
            if shown is None or t.word(case.state) not in shown.plain:
                yield f"F-{case_id} is {case.state}, but its card shows: {shown.plain[:120] if shown else None}"

    def _tasks(self) -> Iterator[str]:
        """Every task of an ended case is settled."""
        for task in self._posted:
            if task.view == MessageKind.TASK and self._cases[task.case_id].state in END_STATES and not task.settled:
                yield f"F-{task.case_id}: the task {task.arguments} of {task.person_id} was never settled"

    def _of(self, view: str, case: int | None = None) -> list[Outgoing]:
        return [row for row in self._rows if row.view == view and case in (None, row.case_id)]

    # Reminders

    def _reminded(self) -> Iterator[str]:
        """Every sent reminder reached each person once."""
        told = Counter((arguments["reminder"], row.target) for arguments, row in self._sent_reminders)
        for key, times in told.items():
            if times > 1:
                self.doubled += times - 1
                yield f"the reminder {key} was written {times} times"
        all_told = {arguments["reminder"] for arguments, _row in self._sent_reminders}
        for one in self._reminders:
            is_told = one.id in all_told
            if is_told is not (one.state is ReminderState.SENT):
                self.lost += not is_told
                yield f"the reminder {one.id} ({one.rule} of F-{one.case_id}) is {one.state}, told: {is_told}"

    def _early(self) -> Iterator[str]:
        """No reminder was sent before it was due, whatever the clocks of our machines showed."""
        due = {one.id: one.due_at for one in self._reminders}
        for arguments, row in self._sent_reminders:
            for post in self._recorder.posts.get(row.id or 0, [])[:1]:
                early = due[arguments["reminder"]] - datetime.fromtimestamp(float(post.ts), UTC)
                if early > EARLY:
                    self.early += 1
                    yield f"row {row.id} (a reminder of F-{row.case_id}) was posted {early} before it was due"

    def _stopped(self) -> Iterator[str]:
        """No reminder is forgotten, and none goes on after its case has ended."""
        now = self._workspace.state.now()
        for one in self._reminders:
            if one.state is not ReminderState.WAITING:
                continue
            if one.due_at < now - FORGOTTEN_AFTER:
                self.lost += 1
                yield f"the reminder {one.id} ({one.rule} of F-{one.case_id}) was forgotten: due {one.due_at}"
            elif self._cases[one.case_id].state in END_STATES:
                yield f"F-{one.case_id} has ended, but its reminder {one.id} ({one.rule}) goes on"

    def _button_presses(self) -> Iterator[str]:
        """Every press of a reminder's button had exactly one effect, or its person was told to press again."""
        acknowledged = {one.id for one in self._reminders if one.acknowledged_by}
        asked = Counter[tuple[int, str]]()
        for row in self._of(MessageKind.HELP_WANTED):
            arguments = json.loads(row.arguments)
            asked[arguments["reminder"], arguments["asker"]] += 1
        for action, reminder, person in self._log.pressed:
            done = int(reminder in acknowledged) if action == ACKNOWLEDGE else asked[reminder, person]
            if done != 1 and not (done == 0 and self._excuse(person)):
                self.lost, self.doubled = self.lost + (done == 0), self.doubled + max(0, done - 1)
                yield f"{action} on the reminder {reminder} by {person} had {done} effects"

    def _chains(self) -> Iterator[str]:
        for case_id in self._cases:
            if findings := verify(self._session, case_id).findings:
                yield f"F-{case_id} does not verify: {findings}"


def _told_by(row: Outgoing) -> list[int]:
    """The entries that a thread line tells, with those of the lines that it was joined with."""
    arguments = json.loads(row.arguments)
    return [one["seq"] for one in (arguments, *arguments.get("more", ()))]
