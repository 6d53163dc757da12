"""Files of a report or a comment: fetched after the step, kept, named in the history, opened from the full record."""

import json
from hashlib import sha256

from storage import audit
from storage.file_contents import FolderContents
from storage.tables import FileContent
from storage.vocabulary import HistoryEvent, State, Step
from tests.slack.delivery.test_delivery import deliver_with_retries
from tests.support.team import ANNA, LIN, WU, Team

GUEST = "U0GUEST"
LOG = b"ORA-01438: value larger than specified precision\n"


def told(team: Team, number: str, event: HistoryEvent) -> list[dict[str, object]]:
    """What the entries of this kind in the history of a case say, oldest first."""
    with team.database.read() as session:
        entries = audit.entries_of(session, int(number.removeprefix("F-")), event)
        return [json.loads(entry.data) for entry in entries]


def received(team: Team, user: str) -> dict[str, bytes | None]:
    """The files that the bot sent to a person, by name."""
    team.settle()
    files = {file.id: file for file in team.workspace.files.all()}
    sent = (one["id"] for message in team.person(user).inbox() for one in message.files)
    return {files[one].name: files[one].content for one in sent}


def test_a_file_of_a_report_is_kept_and_named_in_the_history(team: Team) -> None:
    case = team.report(ANNA, attachments=[("rating.log", LOG)])
    team.settle()
    [kept] = told(team, case, HistoryEvent.FILE_KEPT)
    assert kept["brought"] == 1
    assert (kept["name"], kept["size"], kept["sha256"]) == ("rating.log", len(LOG), sha256(LOG).hexdigest())


def test_whoever_reads_the_report_opens_its_files(team: Team) -> None:
    case = team.report(ANNA, attachments=[("rating.log", LOG)])
    team.settle()
    for user in (ANNA, WU):
        reader = team.press(user, "read_all", case)
        reader.opened("reading")
        reader.press("send_file")
        assert received(team, user) == {"rating.log": LOG}


def test_verify_reads_the_content_of_files(team: Team) -> None:
    case = team.report(ANNA, attachments=[("rating.log", LOG)])
    team.settle()
    assert "nothing was tampered with" in verified(team, case)
    spoil(team, sha256(LOG).hexdigest())
    assert "The content of the file rating.log" in verified(team, case)


def spoil(team: Team, digest: str) -> None:
    """Change a stored content past the bot."""
    contents = team.playground.bot.contents
    if isinstance(contents, FolderContents):
        contents.path(digest).write_bytes(LOG[::-1])
        return
    with team.database.write() as session:
        session.get_one(FileContent, digest).content = LOG[::-1]


def verified(team: Team, case: str) -> str:
    return team.ask(WU, f"verify {case}").plain


def test_the_files_of_a_comment_are_opened_by_those_who_read_it(team: Team) -> None:
    case = team.case(State.ANALYSIS, reporter=ANNA)
    team.take(WU, Step.COMMENT, case, files=[("core.txt", b"0xdead")])
    team.settle()
    reader = team.press(LIN, "read_all", case)
    reader.opened("reading")
    reader.press("send_file")
    assert received(team, LIN) == {"core.txt": b"0xdead"}
    [shared] = team.history(case)[-1].data["files"]
    carried = json.dumps({"case": 1, "version": 1, "seq": team.history(case)[-1].seq, "file": shared["id"]})
    refused = team.press_copy(ANNA, team.forged(ANNA, "send_file", case, carried), "send_file")
    assert "not on offer" in refused
    assert received(team, ANNA) == {}


def test_an_outsider_opens_the_files_of_their_own_report(team: Team) -> None:
    case = team.report(GUEST, attachments=[("rating.log", LOG)])
    team.settle()
    reader = team.press(GUEST, "read_all", case)
    reader.opened("reading")
    reader.press("send_file")
    assert received(team, GUEST) == {"rating.log": LOG}


def test_whoever_asks_for_a_file_that_is_lost_is_told(team: Team) -> None:
    case = team.report(ANNA, attachments=[("rating.log", LOG)])
    team.settle()
    lose(team, sha256(LOG).hexdigest())
    reader = team.press(WU, "read_all", case)
    reader.opened("reading")
    reader.press("send_file")
    deliver_with_retries(team)
    assert f"rating.log of {case} could not be sent" in team.read(WU)


def lose(team: Team, digest: str) -> None:
    """Delete a stored content past the bot."""
    contents = team.playground.bot.contents
    if isinstance(contents, FolderContents):
        contents.path(digest).unlink()
        return
    with team.database.write() as session:
        session.delete(session.get_one(FileContent, digest))
