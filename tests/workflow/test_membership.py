"""Who is ours, who is an outsider, and who may be chosen (process.md §6 R10, rule 2.6)."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.workflow.context import PersonContext
from bot.workflow.decide import available, permission
from bot.workflow.field import Field, FieldKind
from bot.workflow.fields import FORMS
from bot.workflow.membership import (
    PERSON_KINDS,
    SLACKBOT,
    Account,
    Membership,
    is_ours,
    membership_of,
    people_are_ours,
    people_named,
)
from bot.workflow.membership_refusals import NotOurs
from bot.workflow.refusal import Problem
from bot.workflow.situation import Row, Situation
from storage.vocabulary import Place, Role, Source, State, Step
from tests.support.workflow_cases import NOW, a_case

#: Every person field of every form.
PERSON_FIELDS = [(step, field) for step, form in FORMS.items() for field in form if field.kind in PERSON_KINDS]
FLAGS = ("active", "bot", "foreign", "guest", "trusted", "reported")
ACCOUNTS = [
    Account(person, "Name", *flags)
    for person in ("U1", SLACKBOT)
    for flags in product((True, False), repeat=len(FLAGS))
]


def test_a_person_belongs_to_us_as_the_process_says() -> None:
    """R10 written a second time, as a table of what decides first."""
    for account in ACCOUNTS:
        refused = account.bot or not account.active or account.id == "USLACKBOT"
        outsider = account.foreign or (not account.trusted and (account.guest or not account.reported))
        expected = Membership.REFUSED if refused else Membership.OUTSIDER if outsider else Membership.OURS
        assert membership_of(account) is expected, account
        assert is_ours(account) == (expected is Membership.OURS), account


def test_the_person_fields_are_those_of_the_process() -> None:
    assert {field.code for _step, field in PERSON_FIELDS} >= {
        *("testers", "technicians", "dev_owner", "invitees", "analysts", "modifier", "owner", "verified_by"),
        *("reviewed_by", "consulted", "person"),
    }


def test_only_who_leaves_a_place_may_have_left() -> None:
    assert [(step, field.code) for step, field in PERSON_FIELDS if field.former] == [(Step.REASSIGN, "from_person")]


@pytest.mark.parametrize(("step", "field"), PERSON_FIELDS, ids=lambda one: getattr(one, "code", one))
def test_every_person_field_takes_only_people_who_are_ours(step: Step, field: Field) -> None:
    for account in (*ACCOUNTS, None):
        _takes_only_ours(step, field, account)


def _takes_only_ours(step: Step, field: Field, account: Account | None) -> None:
    person = account.id if account else "U1"
    value = person if field.kind is FieldKind.PERSON else ("U2", person)
    chosen = {"U2": Account("U2"), **({person: account} if account else {})}
    problems = people_are_ours(FORMS[step], {field.code: value}, chosen)
    if field.former or (account is not None and is_ours(account)):
        assert problems == ()
    else:
        assert problems == (Problem(NotOurs("Name" if account else "U1"), field.code),)


@given(
    st.dictionaries(st.sampled_from([field.code for _step, field in PERSON_FIELDS] + ["text"]), st.text() | st.none())
)
def test_whatever_is_not_a_user_id_names_nobody(answers: dict[str, str | None]) -> None:
    for form in FORMS.values():
        for field, ids in people_named(form, {**answers, "invitees": 7, "analysts": [None, 3, ""]}):
            assert ids == (answers[field.code],)


def everywhere(membership: Membership, *, reporter: bool, source: Source = Source.CUSTOMER) -> list[Situation]:
    """A person with every role and every place, in every state, as reporter or not."""
    person = PersonContext("U0ME", frozenset(Role), frozenset(), membership)
    places = {place: frozenset({"U0ME"}) for place in Place}
    case = a_case(State.TRIAGE, places=places, reporter="U0ME" if reporter else "U0ELSE", source=source)
    return [Situation(replace(case, state=state), person, NOW) for state in State]


@pytest.mark.parametrize("reporter", [True, False])
def test_a_bot_and_a_deactivated_account_may_do_nothing(reporter: bool) -> None:
    assert all(available(s) == () for s in everywhere(Membership.REFUSED, reporter=reporter))


def test_an_outsider_may_do_nothing_on_the_case_of_another() -> None:
    assert all(available(s) == () for s in everywhere(Membership.OUTSIDER, reporter=False))


@pytest.mark.parametrize("source", Source)
def test_an_outsider_may_do_on_their_own_case_what_a_customers_reporter_may(source: Source) -> None:
    """Neither roles nor places count, and an outsider is no inside reporter, whatever source they name."""
    for s in everywhere(Membership.OUTSIDER, reporter=True, source=source):
        bare = replace(
            s,
            case=replace(s.case, places={}, source=Source.CUSTOMER),
            person=replace(s.person, roles=frozenset(), membership=Membership.OURS),
        )
        for step in Step:
            assert isinstance(permission(step, s), Row) == isinstance(permission(step, bare), Row), (step, s.case.state)
