"""Typed text mentions nobody, makes no link and forges nothing, wherever it is shown (slack-platform.md §3)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.sandbox import Message
from bot.workflow.field import FieldKind
from bot.workflow.fields import FORMS
from storage.vocabulary import State, Step
from tests.support.case_builder import FAULT_PATH, SEVERE, CaseBuilder
from tests.support.team import ADMIN, ANNA, CHEN, DESK, HE, HUANG, LIN, VIEWER, WU, ZHAO, ZHOU, Team

STRANGER = "U0GUEST"
EVIL = (
    f"<!channel> <!here> <!everyone> <@{STRANGER}> <!subteam^S0TESTERS> <https://evil.example|Sign here> "
    "@here @channel @everyone #general *bold* _it_ ~no~ `code` :tada: &lt;!channel&gt; %(state)s {0}"
)
LINES = f"first\n> quoted <!channel>\n```\n<@{STRANGER}>\n```\n*F-99* State Closed\r\n\u2028<!here>\u202eevil"
STAFF = {ADMIN, ANNA, CHEN, HE, HUANG, LIN, VIEWER, WU, ZHAO, ZHOU}


def poisoned(step: Step, answers: dict[str, Any], evil: str) -> dict[str, Any]:
    """The same answers with every typed text replaced by hostile text."""
    typed = {
        field.code: evil[: field.longest]
        for field in FORMS[step]
        if field.kind in (FieldKind.LINE, FieldKind.TEXT, FieldKind.LOOKUP) and field.code in answers
    }
    cases = (
        {"cases": f"{evil[:40]} | {evil[:40]} | {evil[:40]} | pass".replace("\n", " ")} if "cases" in answers else {}
    )
    kept = {"build": answers["build"]} if "build" in answers else {}
    return {**answers, **typed, **cases, **kept}


def everything(team: Team) -> list[Message]:
    """Every message of the bot, including ephemeral ones."""
    return [one for one in team.workspace.messages.all() if one.user == team.workspace.bot_user_id]


def marked_up(value: Any) -> Iterator[str]:
    """Every text in which Slack interprets markup."""
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            yield value["text"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from marked_up(item)


def is_harmless(team: Team) -> None:
    team.settle()
    for message in everything(team):
        pings = team.workspace.pings(message)
        assert pings <= STAFF, (pings, message.text)
        for text in [message.text, *marked_up(list(message.blocks))]:
            assert "<https://evil" not in text
            assert not [line for line in text.splitlines() if line.startswith(("*F-99*", "> quoted", "```"))]
    for entry in team.workspace.log.calls():
        assert entry.ok, entry
        assert not entry.request.get("link_names")
    assert not team.workspace.app_bugs


@pytest.mark.parametrize(("evil", "published"), [(EVIL, {}), (LINES, SEVERE)], ids=["markup", "lines"])
def test_hostile_text_is_harmless_on_the_whole_path_of_a_fault(
    team: Team, builder: CaseBuilder, evil: str, published: dict[str, Any]
) -> None:
    names = {"contact": evil[:140], "contact_way": evil[:140], "summary": evil[:140], "description": evil}
    registers = {"customer": evil[:140], "product": evil[:139] + "p", "version": evil[:140]}
    team.workspace.add_channel("C0OURS", "projects", [CHEN, ANNA])
    message = team.person(ANNA).say("Hello", channel="C0OURS")
    case = builder.report(origin=("C0OURS", message.ts), **names, **registers)
    for state, step, person in FAULT_PATH:
        answers = {**builder.answers(step), **(published if step is Step.PUBLISH_ANALYSIS else {})}
        builder.take(step, person, case, **poisoned(step, answers, evil))
        assert builder.card(case).state is not state
        builder.take(Step.COMMENT, CHEN, case, text=evil)
    assert team.state("F-1") is State.CLOSED
    for user in (CHEN, WU, HUANG, VIEWER):
        for words in ("F-1", "list all", "mine", "queue", "verify F-1"):
            team.person(user).command(f"/fault {words}", channel=DESK)
    is_harmless(team)
    assert len(team.workspace.thread("C0OURS", message.ts)) == 2


BESIDE: tuple[tuple[State, Step, str, dict[str, Any]], ...] = (
    (State.ANALYSIS, Step.CALL_DISCUSSION, WU, {"invitees": [LIN], "question": ""}),
    (State.ANALYSIS, Step.CLOSE_DISCUSSION, WU, {"outcome": ""}),
    (State.SHEET_SIGNING, Step.RETURN_SHEET, HUANG, {"reason": ""}),
    (State.SHEET_SIGNING, Step.REJECT_SHEET, HUANG, {"reason": ""}),
    (State.ANALYSIS, Step.RECLASSIFY, HUANG, {"reason": ""}),
    (State.DECISION, Step.REANALYZE, WU, {"reason": ""}),
    (State.DECISION, Step.HOLD, CHEN, {"kind": "vendor", "reason": ""}),
    (State.DECISION, Step.WITHDRAW, HUANG, {"reason": "", "evidence": ""}),
    (State.DECISION, Step.MERGE_DUPLICATE, HUANG, {"master": "F-1", "reason": ""}),
    (State.FIX_CONFIRMING, Step.REJECT_FIX, CHEN, {"reason": "", "evidence": ""}),
    (State.CLOSED, Step.REOPEN, CHEN, {"reason": ""}),
)


def test_hostile_text_is_harmless_in_the_steps_beside_the_path(team: Team, builder: CaseBuilder) -> None:
    builder.report()
    for state, step, person, raw in BESIDE:
        case = builder.fault(state)
        if step is Step.CLOSE_DISCUSSION:
            builder.take(Step.CALL_DISCUSSION, WU, case, invitees=[LIN], question="?")
        until = {"until": int(builder.clock().timestamp()) + 99} if step is Step.HOLD else {}
        builder.take(step, person, case, **{code: value or EVIL for code, value in raw.items()}, **until)
    is_harmless(team)


def test_hostile_text_is_harmless_in_an_answer_to_the_customer(team: Team, builder: CaseBuilder) -> None:
    case = builder.report()
    builder.take(Step.TRIAGE, LIN, case, is_requirement="no", is_fault="no")
    builder.take(Step.ANSWER, CHEN, case, answer=EVIL, category="usage", effort_hours="1")
    builder.take(Step.RECORD_VERDICT, CHEN, case, satisfied="no", dissatisfied_reason=EVIL, evidence=EVIL)
    is_harmless(team)


def test_hostile_text_is_harmless_in_submitted_forms(team: Team) -> None:
    """The text is typed into forms, and later forms show it again."""
    case = team.report(CHEN, description=EVIL, summary=EVIL[:140], contact=EVIL[:140])
    team.take(LIN, Step.TRIAGE, case, is_requirement="no", is_fault="yes", symptom_kind="exit")
    team.take(CHEN, Step.DRAFT_SHEET, case, symptom=LINES, impact=EVIL)
    huang = team.open(HUANG, Step.SIGN_SHEET, case)
    huang.close_view()
    huang = team.open(HUANG, Step.RETURN_SHEET, case)
    huang.fill(reason=EVIL)
    assert huang.submit().closed
    wu = team.press(WU, "read_all", case)
    wu.opened("reading")
    is_harmless(team)
    assert team.card(case).description == EVIL


@pytest.mark.parametrize("evil", ["<!channel> <https://evil.example|Sign> @here", "*F-99* is closed"])
def test_hostile_text_is_harmless_in_reminders_and_calls_for_help(team: Team, builder: CaseBuilder, evil: str) -> None:
    case = builder.report(summary=evil, contact=evil)
    builder.onward(case, State.DECISION)
    team.pass_time(timedelta(hours=5, minutes=1))
    team.person(WU).press("need_help", message=team.inbox(WU)[-1])
    team.settle()
    assert "F-1" in team.read(HUANG)
    is_harmless(team)


def test_hostile_names_of_people_mention_nobody(team: Team, builder: CaseBuilder) -> None:
    team.workspace.change_user(CHEN, real_name="<!channel> *Boss* @here")
    team.playground.bot.people.begin()
    builder.fault(State.CLOSED)
    slow = team.look(CHEN, "F-1")
    assert team.workspace.pings(slow) <= STAFF
    is_harmless(team)


def test_people_whom_the_bot_addresses_are_mentioned_by_id(team: Team, builder: CaseBuilder) -> None:
    builder.fault(State.SHEET_SIGNING)
    team.settle()
    pinged = {user for message in everything(team) for user in team.workspace.pings(message)}
    assert pinged <= STAFF
    assert pinged
