"""A workspace is saved and restored by another process."""

import json
from pathlib import Path

import pytest

from bot.sandbox import Person, StandIn, Workspace
from bot.sandbox.client.transport import Transport
from bot.sandbox.workspace import persistence
from tests.sandbox.conftest import DESK, client_of, with_people_and_channels
from tests.support.manual_clock import ManualClock
from tests.support.sample_blocks import actions, button, field, home, modal, option, section, text_input


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "workspace.json"


def again(path: Path, clock: ManualClock) -> Workspace:
    """The workspace as another process restores it."""
    workspace = with_people_and_channels(Workspace(clock=clock.now))
    assert persistence.restore(workspace, path) == {"shift": 7.5}
    return workspace


def person(workspace: Workspace) -> Person:
    return Person(Transport(workspace), "U0ANNA")


def test_messages_homes_files_and_conversations_are_restored(
    standin: StandIn, ws: Workspace, path: Path, clock: ManualClock
) -> None:
    client = client_of(standin)
    direct = client.conversations_open(users="U0ANNA")["channel"]["id"]
    blocks = [section("*Card*"), actions(button("sign", text="Sign"))]
    root = client.chat_postMessage(
        channel=DESK, text="card", blocks=blocks, metadata={"event_type": "e", "event_payload": {"a": 1}}
    )
    client.chat_postMessage(channel=DESK, text="answer", thread_ts=root["ts"])
    client.chat_postMessage(channel=direct, text="hello")
    client.chat_postEphemeral(channel=DESK, user="U0ANNA", text="only you")
    client.views_publish(user_id="U0ANNA", view=home(section("queue")))
    ws.files.put("a.txt", b"bytes \xff", "U0ANNA")
    persistence.save(ws, path, {"shift": 7.5})
    back = again(path, clock)
    assert [(m.channel, m.ts, m.plain, m.thread_ts, m.ephemeral_to) for m in back.messages.all()] == [
        (m.channel, m.ts, m.plain, m.thread_ts, m.ephemeral_to) for m in ws.messages.all()
    ]
    assert back.history(DESK)[0].buttons == ws.history(DESK)[0].buttons
    assert back.history(DESK)[0].metadata == ws.history(DESK)[0].metadata
    assert [m.plain for m in person(back).inbox()] == ["hello"]
    assert back.direct("U0ANNA").id == direct
    shown = person(back).home
    assert shown is not None
    assert "queue" in shown.plain
    assert [file.content for file in back.files.all()] == [b"bytes \xff"]


def test_open_forms_are_restored_with_their_input(ws: Workspace, path: Path, clock: ManualClock) -> None:
    ws.views.open("U0ANNA", modal(section("first")))
    ws.views.push("U0ANNA", modal(field(text_input(max_length=5)), private_metadata="41"))
    before = person(ws).fill(field="typed")
    ws.views.change(before, errors={"field": "wrong"})
    ws.views.offer(before.id, "field", [option("new", "new:x")])
    persistence.save(ws, path, {"shift": 7.5})
    back = person(again(path, clock))
    assert back.views == person(ws).views
    assert back.view is not None
    assert "typed" in back.view.plain
    assert back.view.offered == {"field": [option("new", "new:x")]}
    back.close_view()
    assert [view.plain for view in back.views] == [person(ws).views[0].plain]


def test_read_markers_are_restored_and_a_new_workspace_has_none(ws: Workspace, path: Path, clock: ManualClock) -> None:
    clock.move(days=30)
    ws.read_markers.mark_read("U0CHEN", DESK, person(ws).say("seen", DESK).ts)
    persistence.save(ws, path, {"shift": 7.5})
    new_workspace = with_people_and_channels(Workspace(clock=ManualClock().now))
    for workspace, new in ((again(path, clock), False), (new_workspace, True)):
        message = workspace.history(DESK)[0] if not new else person(workspace).say("hello", DESK)
        assert workspace.read_markers.is_new("U0CHEN", message) is new


def test_a_file_saved_before_forms_were_kept_is_restored(ws: Workspace, path: Path, clock: ManualClock) -> None:
    persistence.save(ws, path, {"shift": 7.5})
    kept = json.loads(path.read_text())
    path.write_text(json.dumps({name: value for name, value in kept.items() if name not in ("forms", "looks")}))
    assert person(again(path, clock)).views == ()


def test_ids_and_timestamps_continue_after_a_restore(ws: Workspace, path: Path, clock: ManualClock) -> None:
    used = {ws.state.new_id("X") for _ in range(50)}
    last = ws.state.new_ts()
    persistence.save(ws, path, {"shift": 7.5})
    back = again(path, clock)
    assert not used & {back.state.new_id("X") for _ in range(50)}
    assert back.state.new_ts() > last


def test_a_missing_file_restores_nothing(path: Path) -> None:
    assert persistence.restore(Workspace(clock=ManualClock().now), path) == {}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"channels": 1}'])
def test_a_file_of_something_else_is_refused(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(ValueError, match="holds no workspace"):
        persistence.restore(Workspace(clock=ManualClock().now), path)
