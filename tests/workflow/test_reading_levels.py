"""Reading levels (process.md §6 R8 and R9). The expectations are written here from the document."""

from dataclasses import replace
from itertools import chain, combinations, pairwise

import pytest

from bot.workflow.context import PersonContext
from bot.workflow.fields import FORMS
from bot.workflow.reading_levels import READERS, Level, Visibility, may_see
from bot.workflow.reading_rights import level_of, may_comment
from storage.vocabulary import CENTER_ROLES, Place, Role, State, Step
from tests.support.workflow_cases import SUN_LI, ZHAO_LEI, a_case

INVOLVED = "reporter customer assigned center"
#: The table of R9: what is shown, and the levels that read it.
DOCUMENT = {
    "status": f"admin {INVOLVED}",
    "missing": "admin center",
    "promised_time": INVOLVED,
    "report": INVOLVED,
    "reply": INVOLVED,
    "manual": INVOLVED,
    "own_words": INVOLVED,
    "service_manager": INVOLVED,
    "verified": INVOLVED,
    "internal": "assigned center",
    "other_customers": "center",
    "center": "center",
}
#: The answers that a reporter reads, by step. All others are internal.
READ_BY_REPORTERS = {
    Step.REPORT: (
        "source customer contact contact_way product version summary description found_at channel suspected_urgency "
        "attachments"
    ),
    Step.ANSWER: "answer category",
    Step.RECORD_VERDICT: "satisfied dissatisfied_reason score",
    Step.UPDATE_MANUAL: "needed chapter change_type before after product_version no_reason",
    Step.REPLY_CUSTOMER: "reply",
    Step.CONFIRM_FIX: "score",
    Step.CORRECT: "customer contact contact_way product version summary description found_at",
    Step.COMMENT: "text files",
}
ROLE_SETS = list(chain.from_iterable(combinations(Role, size) for size in range(len(Role) + 1)))


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("visibility", Visibility)
def test_each_level_reads_what_the_document_says(level: Level, visibility: Visibility) -> None:
    assert level.may_read(visibility) is (level.value in DOCUMENT[visibility].split())


def test_no_level_reads_less_than_a_lower_one_but_for_what_is_missing() -> None:
    order = [Level.NONE, Level.ADMIN, Level.REPORTER, Level.ASSIGNED, Level.CENTER]
    for lower, higher in pairwise(order):
        read = {visibility for visibility in Visibility if lower in READERS[visibility]} - {Visibility.MISSING}
        assert read <= {visibility for visibility in Visibility if higher in READERS[visibility]}


@pytest.mark.parametrize("step", Step)
def test_reporters_read_the_answers_written_for_them_and_no_others(step: Step) -> None:
    read = {field.code for field in FORMS[step] if Level.REPORTER.may_read(field.visibility)}
    assert read == set(READ_BY_REPORTERS.get(step, "").split())


def test_the_assigned_read_every_answer_but_those_about_other_customers() -> None:
    hidden = {
        (step, one.code) for step, form in FORMS.items() for one in form if not Level.ASSIGNED.may_read(one.visibility)
    }
    assert hidden == {
        (Step.PUBLISH_ANALYSIS, "other_customers"),
        (Step.MERGE_DUPLICATE, "master"),
        (Step.MERGE_DUPLICATE, "reason"),
        (Step.UNDO_MERGE, "reason"),
    }


@pytest.mark.parametrize("roles", ROLE_SETS)
@pytest.mark.parametrize("part", ["assigned", "placed", "reporter", "customer", "follower", "nothing"])
def test_the_highest_level_that_applies_counts(roles: tuple[Role, ...], part: str) -> None:
    case = a_case()
    case = {
        "assigned": replace(case, assigned=frozenset({ZHAO_LEI})),
        "placed": replace(case, places={Place.MODIFIER: frozenset({ZHAO_LEI})}),
        "reporter": replace(case, reporter=ZHAO_LEI),
        "customer": replace(case, customers=frozenset({ZHAO_LEI})),
        "follower": replace(case, followers=frozenset({ZHAO_LEI})),
        "nothing": case,
    }[part]
    expected = {"placed": "assigned", "nothing": "none"}.get(part, part)
    if Role.ADMIN in roles and expected in ("follower", "none"):
        expected = "admin"
    if set(roles) & (CENTER_ROLES | {Role.VIEWER}):
        expected = "center"
    own, deputy = PersonContext(ZHAO_LEI, frozenset(roles)), PersonContext(ZHAO_LEI, acting=frozenset(roles))
    assert level_of(case, own) == level_of(case, deputy) == expected


def test_a_reporter_with_a_place_reads_as_one_who_works_on_the_case() -> None:
    case = a_case(State.MODIFICATION, places={Place.MODIFIER: frozenset({SUN_LI})}, followers=frozenset({SUN_LI}))
    assert level_of(case, PersonContext(SUN_LI)) is Level.ASSIGNED


def test_a_follower_does_not_know_that_the_masters_number_exists() -> None:
    assert not may_see(Level.FOLLOWER)
    assert not may_see(Level.NONE)
    assert all(map(may_see, set(Level) - {Level.FOLLOWER, Level.NONE}))


@pytest.mark.parametrize(
    ("roles", "comments"),
    [((), False), ((Role.ADMIN,), False), ((Role.VIEWER,), False), ((Role.VIEWER, Role.TESTER), True)],
)
def test_viewers_and_administrators_do_not_write_on_a_case(roles: tuple[Role, ...], comments: bool) -> None:
    assert may_comment(a_case(), PersonContext(ZHAO_LEI, frozenset(roles))) is comments
    own = a_case(reporter=ZHAO_LEI)
    assert may_comment(own, PersonContext(ZHAO_LEI, frozenset(roles)))
