"""What people write to the bot, in its direct messages and by mentioning it, is answered."""

from typing import Any

import pytest

from bot.sandbox import Message
from bot.sandbox.client import payloads
from bot.sandbox.workspace.message_checks import MessageContent
from storage.vocabulary import State
from tests.support.case_builder import CaseBuilder
from tests.support.logged import Logged
from tests.support.team import ANNA, CHEN, DESK, SHARED, SUNLI, WU, Team

MENTION = "<@U0BOT>"


def answered(team: Team, user: str, text: str, thread_ts: str | None = None) -> Message:
    """Write to the bot, and return its only answer."""
    before = len(team.inbox(user))
    team.person(user).say(text, thread_ts=thread_ts)
    team.workspace.wait_until(lambda: len(team.person(user).inbox()) > before)
    (answer,) = team.inbox(user)[before:]
    return answer


def mentioned(team: Team, user: str, text: str, thread_ts: str | None = None, channel: str = DESK) -> Message:
    """Mention the bot in a channel, and return its only answer, which this person alone sees."""
    person = team.person(user)
    before = len(person.ephemerals(channel))
    person.say(text, channel=channel, thread_ts=thread_ts)
    team.settle()
    (answer,) = person.ephemerals(channel)[before:]
    return answer


def form_from(team: Team, user: str, answer: Message) -> dict[str, Any]:
    """Press the button of an offer, and return what the fields of the report form begin with."""
    person = team.person(user)
    person.press("report_words", message=answer)
    view = person.opened("report")
    person.close_view()
    return {name: field.get("initial_value", "") for name, field in view.fields.items()} | {"text": view.plain}


# Direct messages


def test_words_become_a_report_in_one_click_in_both_languages(team: Team) -> None:
    for user, words, expected in (
        (WU, "Printer is down & on fire, see @chen.jing", "Do you want to report this as a problem?"),
        (CHEN, "打印机坏了，请处理。", "要将以下内容作为问题提出吗？"),
    ):
        answer = answered(team, user, words)
        assert expected in team.person(user).read(answer)
        kept = words.replace("@chen.jing", "@Chen Jing 陈静")
        fields = form_from(team, user, answer)
        assert fields["description"] == fields["summary"] == kept
        assert team.workspace.pings(answer) == set()


def test_words_that_begin_like_a_command_become_a_report_too(steady: Team) -> None:
    for words in (
        "my printer is broken",
        "export to Excel fails",
        "stats look wrong to me",
        "list is empty",
        "show me",
        "New printer is down",
        "report shows wrong totals",
        "Report Center is empty",
        "Help, nothing prints",
    ):
        answer = answered(steady, WU, words)
        assert form_from(steady, WU, answer)["description"] == words


def test_a_number_is_the_case_and_a_command_its_answer(team: Team, builder: CaseBuilder) -> None:
    builder.fault(State.SHEET_SIGNING)
    for words in ("F-1", "#F–1。", "问题单 F-1", "show 1"):
        answer = answered(team, CHEN, words)
        assert "任务单待签发" in team.person(CHEN).read(answer)
        assert "open_case" in answer.buttons or answer.buttons
    assert "F-1" in team.person(WU).read(answered(team, WU, "list"))
    assert "F-1" in team.person(CHEN).read(answered(team, CHEN, "列表"))
    assert team.person(WU).read(answered(team, WU, "verify F-1")) != ""
    assert "needs the number of a case" in team.person(WU).read(answered(team, WU, "verify"))
    assert "not yours to read" in team.person(ANNA).read(answered(team, ANNA, "F-1"))
    assert "%" in team.person(WU).read(answered(team, WU, "stats"))


def test_help_and_a_mere_new_are_answered(steady: Team) -> None:
    assert "/fault list" in answered(steady, WU, "help").plain
    assert "/fault 列表" in answered(steady, CHEN, "帮助").plain
    assert form_from(steady, WU, answered(steady, WU, "new"))["description"] == ""
    for words in ("new It is slow", "New: It is slow", "report\nIt is slow"):
        assert form_from(steady, WU, answered(steady, WU, words))["description"] == "It is slow"
    assert form_from(steady, CHEN, answered(steady, CHEN, "报修 打印机坏了"))["description"] == "打印机坏了"
    assert "/fault list" in answered(steady, WU, "lits").plain


def test_an_export_that_was_written_for_is_answered_and_arrives(team: Team, builder: CaseBuilder) -> None:
    builder.fault(State.CLOSED)
    assert "F-1" in answered(team, CHEN, "export F-1 T02").plain
    team.settle()
    files = [message.files for message in team.workspace.history(DESK)]
    assert any(files), "it is shared in the thread of the case, as for /fault export"


def test_an_answer_in_a_thread_stays_in_it(steady: Team) -> None:
    first = answered(steady, WU, "help")
    answer = answered(steady, WU, "Broken again", thread_ts=first.ts)
    assert answer.thread_ts == first.ts
    assert answered(steady, WU, "mine").thread_ts is None


def test_words_too_long_for_the_button_are_cut_and_the_form_says_so(steady: Team) -> None:
    for user, words, said in (
        (WU, '"It is broken"\n' * 300, "its end is missing"),
        (CHEN, "打印机坏了。" * 600, "末尾部分已截去"),
    ):
        fields = form_from(steady, user, answered(steady, user, words))
        assert len(fields["description"]) > 1000
        assert said in fields["text"]
        assert not steady.workspace.app_bugs


# What is not answered


def test_a_repeated_event_is_answered_once(team: Team) -> None:
    team.inbox(WU)
    team.person(WU).say("Broken")
    transport = team.playground.standin.transport
    assert transport.last is not None
    for attempt in (1, 2):
        transport.send(transport.last, attempt, "http_timeout")
    assert len(team.inbox(WU)) == 1


def test_edits_deletions_notices_and_bots_are_not_answered(team: Team, logged: Logged) -> None:
    written = answered(team, WU, "Broken")
    message = next(one for one in team.workspace.history(written.channel) if one.user == WU)
    before = len(team.inbox(WU))
    edited = team.person(WU).edit(message, "Broken twice")
    team.person(WU).delete(edited)
    common: dict[str, Any] = {"channel": written.channel, "channel_type": "im", "user": WU, "text": "F-1"}
    others: list[dict[str, Any]] = [
        {"subtype": "channel_join"},
        {"subtype": "bot_message"},
        {"bot_id": "B0OTHER"},
        {"user": "U0BOT"},
        {"user": None},
        {"hidden": True},
        {"channel_type": "channel", "channel": DESK},
    ]
    for number, more in enumerate(others):
        team.playground.standin.send_event({"type": "message", "ts": f"17.{number}", **common, **more})
    assert len(team.inbox(WU)) == before
    assert "listener.failed" not in logged.text


# Mentions


def test_a_mention_is_answered_for_its_author_alone(team: Team, builder: CaseBuilder) -> None:
    builder.fault(State.SHEET_SIGNING)
    team.settle()
    before = len(team.workspace.history(DESK))
    answer = mentioned(team, CHEN, f"{MENTION} F-1")
    assert "任务单待签发" in team.person(CHEN).read(answer)
    assert "/fault list" in mentioned(team, WU, MENTION).plain
    assert len(team.workspace.history(DESK)) == before + 2


def test_a_case_made_from_a_mention_is_answered_in_its_thread(team: Team) -> None:
    root = team.person(ANNA).say("Hello", channel=DESK)
    answer = mentioned(team, CHEN, f"{MENTION} The printer is down", thread_ts=root.ts)
    assert answer.thread_ts == root.ts
    chen = team.person(CHEN)
    chen.press("report_words", message=answer)
    assert chen.opened("report").fields["description"]["initial_value"] == "The printer is down"
    team.fill_report(CHEN, summary="Printer", description=None)
    assert chen.submit().closed
    CaseBuilder(team.database, team.playground.bot.company, team.playground.clock.now).onward(1, State.FIX_CONFIRMING)
    team.settle()
    assert "V3.2.1" in team.workspace.thread(DESK, root.ts)[-1].plain


# Outsiders (process.md §6 R10, customers.md §1)


def test_outsiders_may_report_in_their_own_conversation_and_learn_nothing(team: Team, builder: CaseBuilder) -> None:
    builder.fault(State.SHEET_SIGNING)
    team.workspace.add_user("U0GUEST", name="guest", real_name="Guest", is_restricted=True, locale="en-US")
    fields = form_from(team, "U0GUEST", answered(team, "U0GUEST", "It is broken"))
    assert fields["description"] == "It is broken"
    for words in ("list", "queue", "stats", "export table"):
        assert "其他功能仅供服务台本公司人员使用" in answered(team, "U0GUEST", words).plain
    assert "任务单待签发" not in answered(team, "U0GUEST", "F-1").plain
    refused = mentioned(team, SUNLI, f"{MENTION} F-1", channel=SHARED)
    assert refused.buttons == {}
    assert "F-1" not in refused.plain


# Message shortcuts read everything that a message says


def test_a_message_shortcut_reads_blocks_attachments_and_files(team: Team) -> None:
    said = {"type": "rich_text_section", "elements": [{"type": "text", "text": "Disk <full>"}]}
    message = team.workspace.post(
        DESK,
        ANNA,
        MessageContent(
            text="",
            blocks=({"type": "rich_text", "elements": [said]},),
            attachments=({"title": "Alert 7", "text": "on &lt;db1&gt;", "fallback": "x"},),
        ),
        files=({"id": "F1", "name": "disk.log", "permalink": "https://files/1"},),
    )
    wu = team.person(WU)
    wu.message_shortcut("report_from_message", message)
    fields = wu.opened("report").fields
    assert fields["description"]["initial_value"] == "Disk <full>\nAlert 7\non <db1>\ndisk.log (https://files/1)"


@pytest.mark.parametrize(("user", "said"), [(WU, "its end is missing"), (CHEN, "末尾部分已截去")])
@pytest.mark.parametrize(("text", "is_cut"), [("x" * 3001, True), ("x" * 3000, False)])
def test_a_message_shortcut_says_that_it_cut_a_long_text(
    steady: Team, user: str, said: str, text: str, is_cut: bool
) -> None:
    message = steady.person(ANNA).say(text, channel=DESK)
    person = steady.person(user)
    person.message_shortcut("report_from_message", message)
    before = person.opened("report")
    assert (said in before.plain) is is_cut
    person.fill(source="internal")
    steady.workspace.wait_until(lambda: person.opened("report").hash != before.hash)
    assert (said in person.opened("report").plain) is is_cut, "it stays when the form is drawn again"


# The global shortcut


@pytest.mark.parametrize(("user", "said"), [(WU, "Please try again"), (CHEN, "请重试")])
def test_an_expired_trigger_of_the_global_shortcut_is_said_in_a_direct_message(
    team: Team, user: str, said: str
) -> None:
    team.workspace.triggers.lifetime *= -1
    person, before = team.person(user), len(team.inbox(user))
    person.shortcut("report")
    team.workspace.wait_until(lambda: len(person.inbox()) > before)
    assert said in person.read(person.inbox()[-1])


def test_an_event_without_a_listener_is_logged_for_debugging_alone(team: Team, logged: Logged) -> None:
    delivery = payloads.event(team.workspace, {"type": "emoji_changed", "event_ts": "17.1"})
    assert team.playground.standin.transport.send(delivery).status == 200
    assert "request.not_understood" not in logged.text
