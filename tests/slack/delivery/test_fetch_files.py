"""Files are fetched from Slack whatever it answers: kept, tried again, or the history says why there is no copy."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from bot.sandbox import Workspace
from bot.sandbox.workspace.files import File
from storage import audit, case_files, outbox
from storage.tables import CaseFile
from storage.vocabulary import HistoryEvent, NotKept, OutboxState
from tests.slack.delivery.test_delivery import deliver_with_retries
from tests.support.case_builder import CaseBuilder
from tests.support.team import ANNA, DESK, Team

CONTENT = b"\x89PNG what was seen on the screen" * 9


def uploaded(team: Team, name: str = "screen.png", content: bytes = CONTENT, **changes: Any) -> File:
    """A file that somebody uploaded to Slack in a form."""
    file = team.workspace.files.put(name, content, ANNA)
    return team.workspace.files.change(file, **changes)


def reported(team: Team, builder: CaseBuilder, *files: File) -> str:
    """Report a case with these files, and return its number."""
    return f"F-{builder.report(ANNA, attachments=[{'id': one.id, 'name': one.name} for one in files])}"


def found(team: Team, number: str) -> list[CaseFile]:
    with team.database.read() as session:
        return case_files.of_case(session, int(number.removeprefix("F-")))


def entries(team: Team, number: str, event: HistoryEvent) -> list[dict[str, Any]]:
    with team.database.read() as session:
        of_kind = audit.entries_of(session, int(number.removeprefix("F-")), event)
        return [json.loads(entry.data) for entry in of_kind]


PASSING: dict[str, Callable[[Workspace], None]] = {
    "outage of the method": lambda ws: ws.failures.outage("files.info", times=2),
    "rate limit": lambda ws: ws.failures.rate_limit("files.info"),
    "no access for a while": lambda ws: ws.failures.refuse("files.info", "token_revoked"),
    "outage of the download": lambda ws: ws.failures.outage("files.download", times=2),
    "broken connection": lambda ws: ws.failures.reset("files.download"),
    "half a file": lambda ws: ws.failures.cut_answer("files.download", times=2),
}


@pytest.mark.parametrize("failure", list(PASSING))
def test_what_passes_is_tried_again(team: Team, builder: CaseBuilder, failure: str) -> None:
    PASSING[failure](team.workspace)
    case = reported(team, builder, uploaded(team))
    deliver_with_retries(team)
    [kept] = found(team, case)
    assert (kept.sha256, kept.size, kept.reason) == (sha256(CONTENT).hexdigest(), len(CONTENT), None)
    assert len(entries(team, case, HistoryEvent.FILE_KEPT)) == 1


def _signs_in(team: Team) -> File:
    team.workspace.failures.ask_to_sign_in(times=None)
    return uploaded(team)


LASTING: dict[str, tuple[Callable[[Team], File], NotKept]] = {
    "deleted": (lambda team: uploaded(team, deleted=True), NotKept.DELETED),
    "a sign-in page": (_signs_in, NotKept.NO_ACCESS),
    "another host": (lambda team: uploaded(team, external_url="https://drive.example.com/a"), NotKept.ELSEWHERE),
    "another host that looks like Slack's": (
        lambda team: uploaded(team, external_url="http://127.0.0.1.example.com/a"),
        NotKept.ELSEWHERE,
    ),
    "a program": (lambda team: uploaded(team, name="setup.exe"), NotKept.KIND),
    "no kind": (lambda team: uploaded(team, name="png"), NotKept.KIND),
    "too large": (lambda team: uploaded(team, length=51 * 2**20), NotKept.TOO_LARGE),
    "never the file": (lambda team: uploaded(team, length=len(CONTENT) + 1), NotKept.FAILED),
}


@pytest.mark.parametrize("name", list(LASTING))
def test_what_lasts_is_said_once(team: Team, builder: CaseBuilder, name: str) -> None:
    prepare, reason = LASTING[name]
    case = reported(team, builder, prepare(team))
    deliver_with_retries(team)
    [lost] = found(team, case)
    assert (lost.sha256, lost.reason) == (None, reason)
    [said] = entries(team, case, HistoryEvent.FILE_NOT_KEPT)
    assert (said["brought"], said["reason"]) == (1, reason)


def test_without_the_scope_the_history_says_so_and_keeps_the_link(team: Team) -> None:
    content = team.workspace.manifest.content
    assert content is not None
    content["oauth_config"]["scopes"]["bot"].remove("files:read")
    case = team.report(ANNA, attachments=[("screen.png", CONTENT)])
    deliver_with_retries(team)
    [lost] = found(team, case)
    [file] = team.workspace.files.all()
    assert (lost.reason, lost.link) == (NotKept.NO_ACCESS, file.to_payload(team.workspace.base_url)["permalink"])


def test_the_link_of_a_file_without_a_copy_is_kept(team: Team, builder: CaseBuilder) -> None:
    file = uploaded(team, name="setup.exe")
    case = reported(team, builder, file)
    deliver_with_retries(team)
    [lost] = found(team, case)
    assert lost.link == file.to_payload(team.workspace.base_url)["permalink"]


def test_a_name_is_no_path(team: Team, builder: CaseBuilder) -> None:
    case = reported(team, builder, uploaded(team, name="../../../故障 日志?.log"))
    deliver_with_retries(team)
    [kept] = found(team, case)
    assert kept.name == "../../../故障 日志?.log"
    with team.playground.bot.contents.open(kept.sha256 or "") as content:
        assert content.read() == CONTENT


def test_the_same_content_is_stored_once(team: Team, builder: CaseBuilder) -> None:
    case = reported(team, builder, uploaded(team), uploaded(team, name="again.png"))
    deliver_with_retries(team)
    assert {one.sha256 for one in found(team, case)} == {sha256(CONTENT).hexdigest()}


def test_files_are_shared_once_into_the_thread_of_the_card(team: Team, builder: CaseBuilder) -> None:
    case = reported(team, builder, uploaded(team), uploaded(team, name="setup.exe"))
    deliver_with_retries(team)
    [card] = [one for one in team.workspace.history(DESK) if one.thread_ts is None and one.text.startswith(case)]
    [shared] = [one for one in team.workspace.thread(DESK, card.ts) if one.files]
    assert [file["name"] for file in shared.files] == ["screen.png"]
    assert "files of this kind are not kept" in shared.text


def test_no_message_waits_for_a_file(team: Team, builder: CaseBuilder) -> None:
    team.workspace.failures.outage("files.download", times=None)
    case = reported(team, builder, uploaded(team))
    team.workspace.wait_until(lambda: any(one.text.startswith(case) for one in team.workspace.history(DESK)))
    with team.database.read() as session:
        assert outbox.count(session, OutboxState.DEAD) == 0
