"""The workspace outlives the process."""

from pathlib import Path

import pytest

from bot.sandbox import StandIn, Workspace, memory
from tests.sandbox.conftest import DESK, Clock, client_of, furnished
from tests.sandbox.samples import actions, button, home, section


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "workspace.json"


def again(path: Path, clock: Clock) -> Workspace:
    """Another process with the same people."""
    workspace = furnished(Workspace(clock=clock))
    assert memory.restore(workspace, path) == {"shift": 7.5}
    return workspace


def test_messages_homes_files_and_conversations_come_back(
    standin: StandIn, ws: Workspace, path: Path, clock: Clock
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
    memory.save(ws, path, {"shift": 7.5})
    back = again(path, clock)
    assert [(m.channel, m.ts, m.plain, m.thread_ts, m.ephemeral_to) for m in back.messages.all()] == [
        (m.channel, m.ts, m.plain, m.thread_ts, m.ephemeral_to) for m in ws.messages.all()
    ]
    assert back.history(DESK)[0].buttons == ws.history(DESK)[0].buttons
    assert back.history(DESK)[0].metadata == ws.history(DESK)[0].metadata
    assert [m.plain for m in back.person("U0ANNA").inbox()] == ["hello"]
    assert back.direct("U0ANNA").id == direct
    shown = back.person("U0ANNA").home
    assert shown is not None
    assert "queue" in shown.plain
    assert [file.content for file in back.files.all()] == [b"bytes \xff"]


def test_ids_and_timestamps_go_on(ws: Workspace, path: Path, clock: Clock) -> None:
    used = {ws.pulse.new_id("X") for _ in range(50)}
    last = ws.pulse.new_ts()
    memory.save(ws, path, {"shift": 7.5})
    back = again(path, clock)
    assert not used & {back.pulse.new_id("X") for _ in range(50)}
    assert back.pulse.new_ts() > last


def test_nothing_kept_is_a_new_workspace(path: Path) -> None:
    assert memory.restore(Workspace(), path) == {}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"channels": 1}'])
def test_another_file_is_refused(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(ValueError, match="holds no workspace"):
        memory.restore(Workspace(), path)
