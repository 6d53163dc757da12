"""views.*: triggers, the stack, hashes, external ids, and what an update keeps."""

import pytest
from slack_sdk import WebClient

from bot.sandbox import Person, Workspace
from tests.sandbox.conftest import refusal, trigger
from tests.support.manual_clock import ManualClock
from tests.support.sample_blocks import field, home, modal, section, select, text_input


def open_modal(client: WebClient, ws: Workspace, **more: object) -> str:
    answer = client.views_open(trigger_id=trigger(ws), view=modal(field(text_input()), **more))
    return str(answer["view"]["id"])


def test_a_trigger_works_once(client: WebClient, ws: Workspace) -> None:
    once = trigger(ws)
    client.views_open(trigger_id=once, view=modal())
    assert refusal(client.views_open, trigger_id=once, view=modal())["error"] == "exchanged_trigger_id"


def test_a_trigger_expires_after_three_seconds(client: WebClient, ws: Workspace, clock: ManualClock) -> None:
    old = trigger(ws)
    clock.move(seconds=3.1)
    assert refusal(client.views_open, trigger_id=old, view=modal())["error"] == "expired_trigger_id"


def test_a_trigger_of_another_app_is_refused(client: WebClient, ws: Workspace) -> None:
    foreign = ws.triggers.issue("A0OTHER", "U0CHEN")
    for wrong in (foreign, "12.34.abc"):
        assert refusal(client.views_open, trigger_id=wrong, view=modal())["error"] == "invalid_trigger_id"


def test_a_refused_view_does_not_use_up_the_trigger(client: WebClient, ws: Workspace) -> None:
    once = trigger(ws)
    refusal(client.views_open, trigger_id=once, view=modal(title={}))
    assert client.views_open(trigger_id=once, view=modal())["ok"]


def test_at_most_three_views_are_stacked(client: WebClient, ws: Workspace, chen: Person) -> None:
    top = open_modal(client, ws)
    for _ in range(2):
        top = client.views_push(trigger_id=trigger(ws, view_id=top), view=modal())["view"]["id"]
    assert [view.root_view_id for view in chen.views] == [chen.views[0].id] * 3
    assert chen.views[2].previous_view_id == chen.views[1].id
    full = refusal(client.views_push, trigger_id=trigger(ws, view_id=top), view=modal())
    assert full["error"] == "push_limit_reached"


def test_a_push_needs_a_trigger_from_an_open_view(client: WebClient, ws: Workspace) -> None:
    assert refusal(client.views_push, trigger_id=trigger(ws), view=modal())["error"] == "not_found"


def test_an_update_changes_the_hash_and_an_old_hash_conflicts(client: WebClient, ws: Workspace) -> None:
    view_id = open_modal(client, ws)
    old = ws.views.find(view_id)
    assert old is not None
    new = client.views_update(view_id=view_id, hash=old.hash, view=modal())["view"]
    assert new["hash"] != old.hash
    stale = refusal(client.views_update, view_id=view_id, hash=old.hash, view=modal())
    assert stale["error"] == "hash_conflict"


def test_typing_does_not_change_the_hash(client: WebClient, ws: Workspace, chen: Person) -> None:
    view_id = open_modal(client, ws)
    before = chen.opened().hash
    chen.fill(field="typed")
    assert client.views_update(view_id=view_id, hash=before, view=modal())["ok"]


def test_an_update_keeps_the_input_only_if_both_ids_stay(client: WebClient, ws: Workspace, chen: Person) -> None:
    view_id = open_modal(client, ws)
    chen.fill(field="typed")
    client.views_update(view_id=view_id, view=modal(section(), field(text_input(initial_value="new"))))
    assert chen.opened().state["field"]["value"]["value"] == "typed"
    client.views_update(view_id=view_id, view=modal(field({**text_input(), "action_id": "other"})))
    assert chen.opened().state == {"field": {"other": {"type": "plain_text_input", "value": None}}}


def test_initial_values_are_in_the_state(client: WebClient, ws: Workspace, chen: Person) -> None:
    chosen = select()["options"][1]
    client.views_open(trigger_id=trigger(ws), view=modal(field(select(initial_option=chosen))))
    assert chen.opened().state["field"]["value"]["selected_option"] == chosen


def test_an_external_id_is_unique(client: WebClient, ws: Workspace) -> None:
    open_modal(client, ws, external_id="case-1")
    taken = refusal(client.views_publish, user_id="U0ANNA", view=home(external_id="case-1"))
    assert taken["error"] == "duplicate_external_id"
    assert client.views_update(external_id="case-1", view=modal(external_id="case-1"))["ok"]


@pytest.mark.parametrize("names", [{}, {"view_id": "V1", "external_id": "e"}])
def test_an_update_must_name_the_view_in_exactly_one_way(client: WebClient, names: dict[str, str]) -> None:
    refused = refusal(client.api_call, api_method="views.update", json={**names, "view": modal()})
    assert refused["error"] == "invalid_arguments"


def test_an_update_of_a_closed_view_is_refused(client: WebClient, ws: Workspace, chen: Person) -> None:
    view_id = open_modal(client, ws)
    chen.close_view()
    assert refusal(client.views_update, view_id=view_id, view=modal())["error"] == "not_found"


def test_publishing_replaces_the_home_and_an_old_hash_conflicts(client: WebClient, ws: Workspace, chen: Person) -> None:
    first = client.views_publish(user_id="U0CHEN", view=home(section("one")))["view"]
    client.views_publish(user_id="U0CHEN", hash=first["hash"], view=home(section("two")))
    assert chen.home is not None
    assert chen.home.plain == "two"
    stale = refusal(client.views_publish, user_id="U0CHEN", hash=first["hash"], view=home())
    assert stale["error"] == "hash_conflict"


@pytest.mark.parametrize("user", ["U0NONE", "U0GONE", "U0BOT"])
def test_publishing_to_an_unknown_or_deactivated_user_or_a_bot_is_refused(client: WebClient, user: str) -> None:
    refused = refusal(client.views_publish, user_id=user, view=home())
    assert refused["response_metadata"]["messages"] == ["[ERROR] invalid `user_id`"]
