"""Correcting a report through signed HTTP (process.md rule 2.2)."""

from dataclasses import replace

import pytest

from storage.vocabulary import Place, State, Step
from tests.conftest import MakeTeam
from tests.support.sample_reports import RATING
from tests.support.team import ANNA, CHEN, HUANG, LIN, Team

GUEST = "U0GUEST"
LANDED = "Port Exchange 口岸数据交换平台"


def test_the_form_starts_with_what_the_report_says(shared: Team) -> None:
    case = shared.case()
    form = shared.open(CHEN, Step.CORRECT, case)
    card = shared.card(case)
    for text in (card.customer, card.contact, card.product, card.summary):
        assert text
        assert text in form.read(form.opened())
    refused = form.submit()
    assert set(refused.errors) == {"reason"}
    form.fill(reason="Misheard")
    assert list(form.submit().errors.values()) == [
        "Nothing here differs from the report as it is. Change what is wrong."
    ]
    form.fill(contact="Gao Feng 高峰")
    assert form.submit().closed
    assert shared.card(case).contact == "Gao Feng 高峰"


def test_card_and_thread_tell_what_was_corrected(team: Team) -> None:
    case = team.case()
    was = team.card(case).summary
    team.take(CHEN, Step.CORRECT, case, summary="Billing exits every night", reason="Misheard")
    team.settle()
    assert team.posted_card(case).text.startswith(case)
    assert "Billing exits every night" in team.posted_card(case).plain
    told = team.thread(case)[-1]
    assert "@Chen Jing 陈静 corrected the report." in told
    assert f"Summary, before  {was}" in told
    assert "Summary  Billing exits every night" in told
    assert "Misheard" in told


def test_what_was_emptied_is_said_and_the_way_to_the_contact_stays_out_of_the_channel(team: Team) -> None:
    case = team.report(ANNA, source="internal")
    team.take(ANNA, Step.CORRECT, case, customer=None, contact_way="139 1111 2222", reason="Nobody outside has it")
    told = team.thread(case)[-1]
    assert "Customer, before  Huadong Telecom Anhui" in told
    assert "Customer  –" in told
    assert "How to reach the contact, before  •••" in told
    assert "How to reach the contact  •••" in told
    assert "138 0000 0000" not in told
    assert "139 1111 2222" not in told
    assert "How to reach the contact  139 1111 2222" in team.read(CHEN)


def test_what_the_form_cannot_show_is_not_corrected_by_submitting_it(team: Team) -> None:
    log = "\x1b[31mFATAL\x1b[0m ORA-01438\x0c at\ttable\u202e\u2028next\r\nline \ufeff👩\u200d💻"
    case = team.case(story=replace(RATING, description=log))
    assert team.card(case).description == log
    form = team.open(CHEN, Step.CORRECT, case)
    form.fill(reason="Misheard")
    assert form.submit().errors == {"customer": "Nothing here differs from the report as it is. Change what is wrong."}
    form.fill(contact="Gao Feng")
    assert form.submit().closed
    assert team.card(case).description == log


def test_a_new_product_asks_for_its_module_and_makes_a_row(team: Team) -> None:
    case = team.case(State.TESTING)
    form = team.open(CHEN, Step.CORRECT, case)
    assert "module" not in form.opened().fields
    form.fill(product=LANDED)
    assert "module" in form.opened().fields
    module = next(block for block in form.opened().body["blocks"] if block.get("block_id") == "module")
    assert "initial_option" not in module["element"], "the module is not one of the new product"
    form.fill(reason="Another system", module="Certificate login 证书登录")
    assert form.submit().closed
    card = team.card(case)
    assert (card.product, card.module) == (LANDED, "Certificate login 证书登录")


def test_a_module_that_is_not_known_is_asked_again(team: Team) -> None:
    case = team.case(State.TESTING)
    team.take(CHEN, Step.CORRECT, case, product=LANDED, reason="Another system")
    assert team.card(case).module is None
    team.take(HUANG, Step.CORRECT, case, module="Certificate login 证书登录", reason="Now it is known")
    assert team.card(case).module == "Certificate login 证书登录"


def test_two_who_correct_at_once_keep_what_the_other_corrected(team: Team) -> None:
    case = team.case()
    chen, huang = team.open(CHEN, Step.CORRECT, case), team.open(HUANG, Step.CORRECT, case)
    chen.fill(contact="Gao Feng", product=LANDED, reason="Another person answers the phone")
    assert chen.submit().closed
    huang.fill(contact="Xu Mei", summary="It exits at noon", reason="Looked again")
    assert huang.submit().errors == {
        "contact": "Somebody has corrected this since you opened the form. Close it, and look at what it says now."
    }
    huang.fill(contact="Sun Li 孙丽")  # as the form showed it
    assert huang.submit().closed
    card = team.card(case)
    assert (card.contact, card.summary, card.product) == ("Gao Feng", "It exits at noon", LANDED)


def test_customer_and_product_of_a_case_with_duplicates_stay(team: Team) -> None:
    master, case = team.case(), team.case()
    team.take(CHEN, Step.MERGE_DUPLICATE, case, master=master, reason="The same")
    refused = team.attempt(CHEN, Step.CORRECT, master, product=LANDED, reason="Another system")
    assert refused.errors == {"product": "Other cases were merged into this one. Undo those merges first."}
    assert Step.CORRECT not in team.buttons(CHEN, case)


def test_the_reporter_corrects_until_the_triage(team: Team) -> None:
    case = team.report(ANNA)
    told = team.told_by(lambda: team.take(ANNA, Step.CORRECT, case, summary="It exits at noon", reason="Looked again"))
    assert CHEN in told
    assert "It exits at noon" in team.sees(ANNA, case)
    team.advance(case, State.SHEET_DRAFTING)
    assert Step.CORRECT not in team.buttons(ANNA, case)
    assert "is not yours to do" in team.refused(ANNA, Step.CORRECT, case)
    assert Step.CORRECT not in team.buttons(LIN, case)


def test_a_case_that_has_ended_and_one_of_others_are_not_corrected(team: Team) -> None:
    case = team.report(ANNA)
    assert f"There is no case {case}, or it is not yours to read." in team.refused(GUEST, Step.CORRECT, case)
    team.take(ANNA, Step.WITHDRAW, case, reason="It was the network")
    assert Step.CORRECT not in team.buttons(CHEN, case)
    assert "“Correct” is not possible" in team.refused(CHEN, Step.CORRECT, case)
    assert [line.step for line in team.history(case)] == [Step.REPORT, Step.WITHDRAW]


def test_the_signer_is_told_once_the_sheet_is_signed(team: Team) -> None:
    case = team.case(State.ANALYSIS)
    assert HUANG in team.told_by(
        lambda: team.take(CHEN, Step.CORRECT, case, summary="It exits at noon", reason="Looked again")
    )
    assert "corrected the report" in team.read(HUANG)
    assert team.at(case, Place.SERVICE_MANAGER) == {CHEN}


@pytest.mark.parametrize("names", ["true", "false"])
def test_a_guest_types_names_in_a_correction_and_is_offered_none(make_team: MakeTeam, names: str) -> None:
    team = make_team("en", FAULT_NEW_NAMES=names)
    case = team.report(GUEST, customer="Xinhua Press", product="Press Suite", version="V9")
    form = team.open(GUEST, Step.CORRECT, case)
    typed = {
        block["block_id"]
        for block in form.opened().body["blocks"]
        if block.get("element", {}).get("type") == "plain_text_input"
    }
    assert {"customer", "product", "version"} <= typed
    form.fill(version="V9.1", reason="Looked at the label")
    assert form.submit().closed
    assert team.card(case).product_version == "V9.1"
    assert "To be confirmed: Customer, Product, Version" in team.sees(CHEN, case)


def test_a_new_name_is_refused_at_its_field_where_the_company_allows_none(make_team: MakeTeam) -> None:
    team = make_team("en", FAULT_NEW_NAMES="false")
    case = team.case()
    form = team.open(CHEN, Step.CORRECT, case)
    assert form.suggest("customer", "Nobody knows this one") == []
    form.close_view()
