"""Stale, double and repeated presses change nothing and are answered with what happened (process.md §2, invariants)."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.casework.records.verify import verify
from bot.sandbox import Message
from bot.sandbox.workspace.deliveries import Answer, Submission
from storage import drafts
from storage.vocabulary import Kind, State, Step
from tests.conftest import MakeTeam
from tests.support.answers import EVERYBODY, usual
from tests.support.case_builder import FAULT_PATH
from tests.support.process_words import Words
from tests.support.sample_reports import RATING
from tests.support.team import ANNA, CHEN, DESK, HE, HUANG, LIN, WU, ZHOU, Team


def test_a_button_of_an_outdated_task_is_refused_with_the_present_state_and_who_moved_it(
    speakers: Team, words: Words
) -> None:
    team = speakers
    case = team.case(State.SHEET_DRAFTING, reporter=ANNA)
    asked = team.inbox(ZHOU)[-1]
    assert words.buttons[Step.DRAFT_SHEET] in {control.label for control in asked.controls}
    team.usually(CHEN, Step.DRAFT_SHEET, case)
    answer = team.press_copy(ZHOU, asked, Step.DRAFT_SHEET)
    assert words.moved_on(State.SHEET_SIGNING) in answer
    assert "Chen Jing 陈静" in answer
    assert words.buttons[Step.DRAFT_SHEET] in answer
    assert team.person(ZHOU).view is None
    assert len(team.history(case)) == 3


def test_a_settled_task_loses_its_buttons_and_says_what_happened(speakers: Team, words: Words) -> None:
    team = speakers
    case = team.case(State.SHEET_DRAFTING, reporter=ANNA)
    asked = team.inbox(ZHOU)[-1]
    team.usually(CHEN, Step.DRAFT_SHEET, case)
    settled = next(message for message in team.inbox(ZHOU) if message.ts == asked.ts)
    assert set(settled.buttons) == {"open_case"}
    assert "Chen Jing 陈静" in team.person(ZHOU).read(settled)
    assert words.way(State.SHEET_DRAFTING, State.SHEET_SIGNING) in team.person(ZHOU).read(settled)


def test_every_task_of_a_whole_fault_is_settled(team: Team) -> None:
    case, tasks = team.case(reporter=ANNA), set[str]()

    def offering() -> list[Message]:
        received = (message for person in EVERYBODY for message in team.inbox(person))
        return [message for message in received if set(message.buttons) - {"open_case"}]

    for state in (*(state for state, _step, _person in FAULT_PATH), State.CLOSED):
        team.advance(case, state)
        tasks |= {message.ts for message in offering()}
    assert offering() == []
    assert len(tasks) == 13, "there is a task for each person whom a state waits for"


def test_a_task_is_settled_even_if_the_response_to_its_posting_was_lost(make_team: MakeTeam) -> None:
    """The message is in Slack, but the bot finds it only after somebody has acted."""
    team = make_team("en", FAULT_DEPUTIES="")
    case = team.case(State.SHEET_DRAFTING)
    team.settle()
    direct = team.workspace.direct(HUANG).id
    team.workspace.failures.lose_answer("chat.postMessage", channel=direct)
    team.usually(CHEN, Step.DRAFT_SHEET, case)
    team.workspace.wait_until(lambda: team.person(HUANG).inbox())
    assert Step.SIGN_SHEET in team.person(HUANG).inbox()[-1].buttons
    team.take(HUANG, Step.RETURN_SHEET, case, reason="Which provinces?")
    assert [set(message.buttons) for message in team.inbox(HUANG)] == [{"open_case"}]
    assert "returned the task sheet" in team.read(HUANG)


def test_a_double_press_is_one_step(team: Team) -> None:
    case = team.case(State.MODIFICATION)
    team.usually(CHEN, Step.HOLD, case)
    card = team.look(CHEN, case)
    team.person(CHEN).press(Step.RESUME, message=card)
    assert "The case is not on hold." in team.press_copy(CHEN, card, Step.RESUME)
    assert [line.step for line in team.history(case)].count(Step.RESUME) == 1


def test_the_second_of_two_people_with_the_same_form_is_refused_and_told_who_was_first(
    speakers: Team, words: Words
) -> None:
    team = speakers
    case = team.case()
    answers = usual(Step.TRIAGE, team.now, Kind.FAULT)
    for person in (LIN, HE):
        team.open(person, Step.TRIAGE, case).fill(**answers)
    assert team.person(LIN).submit().closed
    late = team.person(HE).submit()
    assert not late.closed
    assert words.moved_on(State.SHEET_DRAFTING) in "".join(late.errors.values())
    assert "Lin Xiaoyu 林晓雨" in "".join(late.errors.values())
    assert [line.step for line in team.history(case)] == [Step.REPORT, Step.TRIAGE]


def test_a_form_opened_before_the_case_left_and_reentered_its_state_is_refused(make_team: MakeTeam) -> None:
    team = make_team("en", FAULT_CENTER_MANAGERS=f"{HUANG},{ZHOU}")
    case = team.case(State.SHEET_SIGNING)
    form = team.open(HUANG, Step.SIGN_SHEET, case)
    form.fill(testers=[LIN], technicians=[WU])
    team.take(ZHOU, Step.RETURN_SHEET, case, reason="Which provinces?")
    team.usually(CHEN, Step.DRAFT_SHEET, case, impact="Others")
    late = form.submit()
    assert "This case has moved on; it is now Awaiting signature." in "".join(late.errors.values())
    assert team.state(case) is State.SHEET_SIGNING


def test_a_button_sent_again_has_no_second_effect(team: Team) -> None:
    case = team.case(State.MODIFICATION)
    team.usually(CHEN, Step.HOLD, case)
    answer = team.person(CHEN).press(Step.RESUME, message=team.look(CHEN, case))
    team.usually(CHEN, Step.HOLD, case)
    again = team.person(CHEN).redeliver(answer)
    assert again.ok
    assert team.card(case).on_hold


def test_a_form_sent_again_has_no_second_effect(team: Team) -> None:
    case = team.case(State.ANSWERING, kind=Kind.QUESTION)
    sent = team.try_usually(CHEN, Step.ANSWER, case)
    again = team.person(CHEN).redeliver(sent)
    assert again.ok
    assert again.body in (None, "", {})
    assert team.card(case).answer_round == 1
    team.take(CHEN, Step.RECORD_VERDICT, case, satisfied="no", dissatisfied_reason="No", evidence="Phone")
    assert team.person(CHEN).redeliver(sent).body in (None, "", {})
    assert team.state(case) is State.ANSWERING


def test_a_comment_sent_again_is_posted_once(team: Team) -> None:
    case = team.case()
    sent = team.attempt(WU, Step.COMMENT, case, text="Only once")
    for _time in range(3):
        assert team.person(WU).redeliver(sent).ok
    assert "\n".join(team.thread(case)).count("Only once") == 1


def test_a_report_sent_again_makes_one_case(team: Team) -> None:
    sent = team.try_report(CHEN, RATING)
    first = team.newest()
    for _time in range(3):
        assert team.person(CHEN).redeliver(sent).ok
    assert team.newest() == first
    team.settle()
    assert len([m for m in team.workspace.history(DESK) if m.thread_ts is None]) == 1
    assert len(team.inbox(CHEN)) == 1


@pytest.mark.parametrize("value", ["", "null", "[]", '{"case": "x"}', '{"case": 4711, "version": 1}'])
def test_a_forged_button_value_is_refused_with_an_explanation(team: Team, value: str) -> None:
    case = team.case()
    copy = team.forged(LIN, Step.TRIAGE, case, value)
    answer = team.press_copy(LIN, copy, Step.TRIAGE)
    assert answer.startswith("✋")
    assert "Something went wrong" not in answer


def changed(sent: Submission, earlier: str, later: str) -> Answer:
    """The same form, as its person sends it again after changing it, because the answer to the first one was lost."""
    assert sent.answer is not None
    first = sent.answer.delivery
    payload = json.loads(json.dumps(first.payload, ensure_ascii=False).replace(earlier, later))
    return replace(sent.answer, delivery=replace(first, payload=payload))


def kept(team: Team, person: str) -> list[tuple[str, int | None]]:
    """The form and the case of each of a person's drafts."""
    with team.database.read() as session:
        return [(draft.form, draft.case_id) for draft in drafts.of(session, person)]


def errors(answer: Answer) -> str:
    assert answer.body is not None
    return "".join(answer.body["errors"].values())


def test_a_report_that_was_changed_after_its_answer_was_lost_is_kept_as_a_draft(team: Team) -> None:
    sent = team.try_report(CHEN, replace(RATING, summary="The first summary"))
    for _time in range(2):
        again = team.person(CHEN).redeliver(changed(sent, "The first summary", "A better summary"))
        assert "as F-1 with the earlier text" in errors(again)
        assert "kept as your draft" in errors(again)
    assert team.card("F-1").summary == "The first summary"
    assert kept(team, CHEN) == [("report", None)]
    assert kept(team, WU) == []
    with team.database.read() as session:
        assert "A better summary" in drafts.of(session, CHEN)[0].answers
        assert verify(session, 1).findings == ()


def test_a_step_whose_answers_were_changed_after_their_answer_was_lost_is_kept_as_a_draft(
    speakers: Team,
) -> None:
    team = speakers
    case = team.case()
    sent = team.attempt(WU, Step.COMMENT, case, text="The first words")
    assert team.person(WU).redeliver(sent).body in (None, "", {}), "the same words have the same success"
    again = errors(team.person(WU).redeliver(changed(sent, "The first words", "Other words")))
    assert f"“Comment” of {case} was saved" in again or f"{case} 的“添加备注”已于" in again
    assert kept(team, WU) == [("comment", 1)]
    assert "Other words" not in "\n".join(team.thread(case))


def test_old_drafts_are_deleted(team: Team) -> None:
    sent = team.attempt(WU, Step.COMMENT, team.case(), text="The first words")
    team.person(WU).redeliver(changed(sent, "The first words", "Other words"))
    for days, count in ((29, 1), (2, 0)):
        team.playground.clock.advance(timedelta(days=days))
        team.playground.bot.jobs.forget()
        assert len(kept(team, WU)) == count
