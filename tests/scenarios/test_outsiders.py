"""Guests, people of other companies, bots and deactivated accounts, through signed HTTP (process.md §6 R10)."""

import json
from typing import Any

import pytest
from sqlmodel import select

from bot.sandbox.workspace.users import OTHER_TEAM_ID
from storage.tables import Customer, Product, ProductVersion
from storage.vocabulary import State, Step
from tests.conftest import MakeTeam
from tests.support.raw_requests import command, payload, send
from tests.support.sample_reports import RATING
from tests.support.team import ANNA, CHEN, DESK, HUANG, LIN, SHARED, SUNLI, WU, ZHAO, Team

GUEST, GONE, BOT, SLACKBOT, FAULTDESK = "U0GUEST", "U0GONE", "U0BUILD", "USLACKBOT", "U0BOT"
HUADONG, BILLING = "Huadong Telecom Anhui 华东电信安徽分公司", "Billing Suite 计费账务系统"
NOT_YOURS = "You can report a problem"
TYPED: dict[str, Any] = {
    "customer": "  huadong TELECOM Anhui 华东电信安徽分公司",
    "product": BILLING.upper(),
    "version": "v3.2",
}


def said(team: Team, user: str, words: str) -> str:
    """The answer to a signed command of this person, as plain text."""
    reply = send(team, command(team, words, user))
    assert reply.status == 200
    return reply.text


def stored(team: Team, table: type[Any]) -> dict[str, bool]:
    """The names of a register, and whether they are to be confirmed."""
    with team.database.read() as session:
        return {row.name: row.unconfirmed for row in session.exec(select(table))}


def text_inputs(team: Team, user: str) -> set[str]:
    blocks = team.person(user).opened("report").body["blocks"]
    return {one["block_id"] for one in blocks if one.get("element", {}).get("type") == "plain_text_input"}


# Guests


def test_a_guest_types_names_and_is_offered_none(team: Team) -> None:
    guest = team.person(GUEST)
    guest.command("/fault")
    assert text_inputs(team, GUEST) >= {"customer", "product", "version"}
    team.fill_report(GUEST, **TYPED)
    guest.fill(source="customer")
    assert text_inputs(team, GUEST) >= {"customer", "product", "version"}, "the form was redrawn"
    assert guest.submit().closed
    card = team.card("F-1")
    assert (card.reporter, card.customer, card.product, card.product_version) == (GUEST, HUADONG, BILLING, "V3.2")
    assert not any(stored(team, Customer).values())
    assert "To be confirmed" not in team.sees(CHEN, "F-1")


def test_a_new_name_of_a_guest_is_to_be_confirmed_even_where_names_come_from_the_list(make_team: MakeTeam) -> None:
    team = make_team("en", FAULT_NEW_NAMES="false")
    team.person(GUEST).command("/fault")
    team.person(GUEST).opened("report")
    team.fill_report(GUEST, customer="Xinhua Press", product="Billing Suite", version="V9")
    assert team.person(GUEST).submit().closed
    assert stored(team, Customer)["Xinhua Press"]
    assert stored(team, Product)["Billing Suite"]
    assert stored(team, ProductVersion)["V9"]
    assert "To be confirmed: Customer, Product, Version" in team.sees(CHEN, "F-1")
    assert "To be confirmed" in "\n".join(team.thread("F-1"))
    assert "To be confirmed" not in team.sees(GUEST, "F-1")
    team.person(ANNA).command("/fault")
    team.person(ANNA).opened("report")
    assert team.person(ANNA).suggest("product", "Billing Suite X") == [], "who is ours takes names from the list"


def test_a_guest_searches_nothing(team: Team) -> None:
    """The lists of the form of somebody who is ours, asked for by a guest: a forged request."""
    team.person(ANNA).command("/fault")
    view = team.person(ANNA).opened("report")
    body = {
        "type": "block_suggestion",
        "team": {"id": "T0SANDBOX"},
        "api_app_id": "A0SANDBOX",
        "user": {"id": GUEST, "team_id": "T0SANDBOX"},
        "action_id": "customer",
        "block_id": "customer",
        "value": "",
        "view": {"id": view.id, "callback_id": "report", "private_metadata": "{}", "state": {"values": {}}},
    }
    assert send(team, payload(body)).json == {"options": []}
    ours = send(team, payload({**body, "user": {"id": ANNA}})).json
    assert HUADONG in [option["value"] for option in ours["options"]]


@pytest.mark.parametrize(
    "words",
    ["list", "list all", "queue", "stats", "export table Secret", "admin outbox", "列表", "导出 记录表"],
)
@pytest.mark.parametrize("user", [GUEST, SUNLI])
def test_an_outsider_gets_one_kind_sentence_for_everything_else(team: Team, user: str, words: str) -> None:
    answer = said(team, user, words)
    assert NOT_YOURS in answer
    assert HUADONG not in answer


def test_a_guest_follows_their_own_report_and_no_other(team: Team) -> None:
    team.report(ANNA)
    case = team.report(GUEST, **TYPED)
    assert "State" in team.sees(GUEST, case)
    assert case in said(team, GUEST, "mine")
    assert "F-1 " not in said(team, GUEST, "mine")
    assert "State" not in said(team, GUEST, "F-1")
    assert team.buttons(GUEST, case) >= {"withdraw", "comment"}
    team.take(GUEST, Step.COMMENT, case, text="It exits every night")
    assert "/fault list" not in said(team, GUEST, "help")
    assert "/fault mine" in said(team, GUEST, "help")


@pytest.mark.parametrize("settings", [{"FAULT_TESTERS": f"{LIN},{GUEST}"}, {"FAULT_OUR_GUESTS": GUEST}], ids=str)
def test_a_guest_with_a_role_or_named_by_the_settings_is_ours(make_team: MakeTeam, settings: dict[str, str]) -> None:
    team = make_team("en", **settings)
    team.person(GUEST).command("/fault")
    assert "customer" not in text_inputs(team, GUEST)
    assert NOT_YOURS not in said(team, GUEST, "list")


def test_a_single_channel_guest_is_an_outsider_too(team: Team) -> None:
    team.workspace.add_user("U0ULTRA", name="ultra", is_ultra_restricted=True)
    assert NOT_YOURS in said(team, "U0ULTRA", "list")


def test_somebody_who_becomes_a_guest_loses_their_place_on_cases(team: Team) -> None:
    case = team.case(State.MODIFICATION)
    assert "submit_modification" in team.buttons(ZHAO, case)
    team.change_account(ZHAO, is_restricted=True)
    assert case not in said(team, ZHAO, "mine")
    assert "State" not in said(team, ZHAO, case)
    team.person(ZHAO).open_home()
    team.workspace.wait_until(lambda: team.person(ZHAO).home is not None)
    home = team.person(ZHAO).home
    assert home is not None
    assert case not in home.plain


def test_the_home_of_a_guest_shows_their_own_reports(team: Team) -> None:
    case = team.report(GUEST, **TYPED)
    team.person(GUEST).open_home()
    team.workspace.wait_until(lambda: team.person(GUEST).home is not None)
    home = team.person(GUEST).home
    assert home is not None
    assert case in home.plain


# People of other workspaces


def test_a_person_of_another_company_is_asked_of_slack_at_their_first_request(team: Team) -> None:
    def asked() -> int:
        return sum(call.request["user"] == SUNLI for call in team.workspace.log.calls("users.info"))

    assert asked() == 0
    assert NOT_YOURS in said(team, SUNLI, "list")
    assert NOT_YOURS in said(team, SUNLI, "list")
    assert asked() == 1


@pytest.mark.parametrize(("enterprise", "ours"), [("E0OURS", True), ("E0THEIRS", False)])
def test_a_person_of_another_workspace_is_ours_within_the_enterprise_alone(
    team: Team, enterprise: str, ours: bool
) -> None:
    team.workspace.enterprise_id = "E0OURS"
    team.playground.bot.check_slack()
    team.workspace.add_user("U0SISTER", name="sister", team=OTHER_TEAM_ID, enterprise=enterprise)
    assert (NOT_YOURS not in said(team, "U0SISTER", "list")) == ours


def test_a_role_of_a_person_of_another_company_counts_nothing(make_team: MakeTeam) -> None:
    team = make_team("en", FAULT_CENTER_MANAGERS=f"{HUANG},{SUNLI}")
    case = team.case(State.SHEET_SIGNING)
    assert NOT_YOURS in said(team, SUNLI, "list")
    assert "State" not in said(team, SUNLI, case)


def test_a_stranger_presses_a_button_of_a_case_and_reads_nothing(team: Team) -> None:
    """People of other companies can press buttons of messages in shared channels (slack-2026.md §3)."""
    case = team.report(CHEN)
    team.settle()
    card = next(one for one in team.workspace.history(DESK) if one.text.startswith(case))
    carried = json.dumps({"case": team.card(case).id, "version": 1})
    copy = team.forged(CHEN, "read_all", case, carried)
    for action, message in (
        ("open_case", card),
        ("read_all", copy),
        ("export", team.forged(CHEN, "export", case, carried)),
    ):
        answer = team.press_copy(SUNLI, message, action)
        assert "Rating process" not in answer
        assert "State" not in answer
    assert not team.person(SUNLI).views


# Bots and deactivated accounts


@pytest.mark.parametrize("user", [BOT, SLACKBOT, GONE, FAULTDESK])
def test_a_bot_or_a_deactivated_account_is_refused_everywhere(team: Team, user: str) -> None:
    for words in ("", "list", "mine", "help", "F-1"):
        answer = said(team, user, words)
        assert "cannot use Faultdesk" in answer, (words, answer)
    before = team.workspace.log.calls("views.open")
    sender = {"id": user, "team_id": "T0SANDBOX"}
    body = {"type": "shortcut", "callback_id": "report", "trigger_id": "1", "user": sender}
    send(team, payload({**body, "team": {"id": "T0SANDBOX"}, "api_app_id": "A0SANDBOX"}))
    assert team.workspace.log.calls("views.open") == before


def test_an_account_that_is_deactivated_meanwhile_is_refused(team: Team) -> None:
    case = team.case(State.SHEET_SIGNING)
    team.change_account(HUANG, deleted=True)
    assert "cannot use Faultdesk" in said(team, HUANG, case)


# Who may be chosen (rule 2.6)


@pytest.mark.parametrize("chosen", [GUEST, SUNLI, BOT, SLACKBOT, GONE, FAULTDESK, "U0NOBODY"])
def test_only_people_who_are_ours_can_be_chosen(team: Team, chosen: str) -> None:
    case = team.case(State.DECISION)
    team.open(WU, Step.DECIDE_MODIFICATION, case)
    view = team.person(WU).fill(modification_needed="yes", target_version="V3.2.1")
    values = json.loads(json.dumps(view.state)) | {
        "modifier": {"modifier": {"type": "users_select", "selected_user": chosen}}
    }
    body = {
        "type": "view_submission",
        "team": {"id": "T0SANDBOX"},
        "api_app_id": "A0SANDBOX",
        "user": {"id": WU},
        "trigger_id": "1",
        "view": view.to_payload("T0SANDBOX", "A0SANDBOX", "B0SANDBOX") | {"state": {"values": values}},
    }
    errors = send(team, payload(body)).json["errors"]
    assert set(errors) == {"modifier"}
    assert "no guests, bots" in errors["modifier"]
    assert team.state(case) is State.DECISION


def test_somebody_who_is_ours_but_unknown_is_asked_of_slack_and_chosen(team: Team) -> None:
    case = team.case(State.DECISION)
    team.workspace.add_user("U0NEW", name="new.one", real_name="New One")
    team.usually(WU, Step.DECIDE_MODIFICATION, case, modifier="U0NEW")
    assert team.state(case) is State.MODIFICATION


@pytest.mark.parametrize("failure", ["outage", "reset", "rate_limit"])
def test_somebody_about_whom_slack_does_not_answer_is_no_stranger(team: Team, failure: str) -> None:
    case = team.case(State.DECISION)
    team.workspace.add_user("U0NEW", name="new.one", real_name="New One")
    getattr(team.workspace.failures, failure)("users.info", times=1, user="U0NEW")
    form = team.try_usually(WU, Step.DECIDE_MODIFICATION, case, modifier="U0NEW")
    assert "Slack did not answer" in " ".join(form.errors.values())
    assert team.person(WU).submit().closed
    assert team.state(case) is State.MODIFICATION


def test_several_problems_of_a_form_are_shown_together(speakers: Team, language: str) -> None:
    team = speakers
    case = team.case(State.SHEET_SIGNING)
    errors = team.attempt(HUANG, Step.SIGN_SHEET, case, testers=[LIN, GUEST], technicians=[WU, BOT]).errors
    assert set(errors) == {"testers", "technicians"}
    assert ("访客" if language == "zh-CN" else "no guests") in errors["testers"]
    assert "Guest Ge" in errors["testers"]
    assert "Lin" not in errors["testers"]


# Where answers go


def answered(team: Team, channel: str, asker: str) -> str:
    """A question that somebody reports from a message in this channel, and that is answered. Returns the thread."""
    message = team.person(CHEN).say("How do I renew it?", channel)
    team.person(asker).message_shortcut("report_from_message", message)
    team.person(asker).opened("report")
    team.fill_report(asker, RATING, source="internal", customer=None)
    assert team.person(asker).submit().closed
    case = team.newest()
    team.take(LIN, Step.TRIAGE, case, is_requirement="no", is_fault="no")
    team.take(CHEN, Step.ANSWER, case, answer="Press Renew", category="usage", effort_hours="1")
    team.settle()
    return "\n".join(one.plain for one in team.workspace.thread(channel, message.ts)[1:])


def test_an_answer_never_goes_into_a_channel_that_another_company_reads(team: Team) -> None:
    assert answered(team, SHARED, WU) == ""
    assert "Press Renew" in team.read(WU)
    thread = "\n".join(team.thread("F-1"))
    assert "not to the thread of the reported message. That channel is shared with another company." in thread


def test_an_answer_goes_into_a_channel_of_ours_only_if_the_asker_reads_it(team: Team) -> None:
    team.workspace.add_channel("C0OURS", "projects", [CHEN, WU])
    assert "Press Renew" in answered(team, "C0OURS", WU)
    assert answered(team, "C0OURS", ZHAO) == ""
    assert "Press Renew" in team.read(ZHAO)
    assert "The reporter is not a member of that channel." in "\n".join(team.thread("F-2"))


def test_an_answer_to_a_channel_that_slack_does_not_show_goes_to_the_asker(team: Team) -> None:
    team.workspace.add_channel("C0PRIVATE", "secret", [CHEN, WU], private=True, with_bot=False)
    assert answered(team, "C0PRIVATE", WU) == ""
    assert "Press Renew" in team.read(WU)
    assert "Slack does not show us that channel." in "\n".join(team.thread("F-1"))


def test_where_an_answer_goes_is_decided_once_when_it_is_sent(team: Team) -> None:
    """Slack cannot be asked at first, and the message is refused at first; then it goes where it was decided."""
    team.workspace.add_channel("C0OURS", "projects", [CHEN, WU])
    team.workspace.failures.outage("conversations.info", times=2)
    assert "Press Renew" in answered(team, "C0OURS", WU)
    asked = [call for call in team.workspace.log.calls("conversations.info") if "C0OURS" in str(call.request)]
    assert len([call for call in asked if call.ok]) == 1
