"""The command `/fault` and its words, in both languages."""

import json

import pytest

from bot.slack.command_words import STATE_WORDS, WORDS, ParsedCommand, Verb, nearest_words, parse_command, parse_filters
from bot.slack.listeners.command import state_names
from storage.vocabulary import OPEN_STATES, Kind, State, Step
from tests.support.case_builder import CaseBuilder
from tests.support.team import ADMIN, ANNA, CHEN, DESK, HE, HUANG, LIN, VIEWER, WU, ZHAO, ZHOU, Team


def ask(team: Team, user: str, words: str) -> str:
    return team.ask(user, words).plain


# Understanding


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", ParsedCommand(Verb.NEW)),
        ("   ", ParsedCommand(Verb.NEW)),
        ("new", ParsedCommand(Verb.NEW)),
        ("NEW", ParsedCommand(Verb.NEW)),
        ("新建", ParsedCommand(Verb.NEW)),
        ("F-12", ParsedCommand(Verb.SHOW, 12)),
        ("f-12", ParsedCommand(Verb.SHOW, 12)),
        ("f12", ParsedCommand(Verb.SHOW, 12)),
        ("12", ParsedCommand(Verb.SHOW, 12)),
        (" 12 ", ParsedCommand(Verb.SHOW, 12)),
        ("show F-12", ParsedCommand(Verb.SHOW, 12, "F-12")),
        ("show   f12", ParsedCommand(Verb.SHOW, 12, "f12")),
        ("show\tF-12", ParsedCommand(Verb.SHOW, 12, "F-12")),
        ("查看 F-12", ParsedCommand(Verb.SHOW, 12, "F-12")),
        ("查看　F-12", ParsedCommand(Verb.SHOW, 12, "F-12")),
        ("show", ParsedCommand(Verb.SHOW)),
        ("show nothing", ParsedCommand(Verb.SHOW, None, "nothing")),
        ("show 1234567890", ParsedCommand(Verb.SHOW, None, "1234567890")),
        ("show １２", ParsedCommand(Verb.SHOW, 12, "12")),
        ("Ｆ－１２", ParsedCommand(Verb.SHOW, 12)),
        ("ＨＥＬＰ", ParsedCommand(Verb.HELP)),
        ("F–12", ParsedCommand(Verb.SHOW, 12)),
        ("F−12", ParsedCommand(Verb.SHOW, 12)),
        ("#F-12", ParsedCommand(Verb.SHOW, 12)),
        ("#12", ParsedCommand(Verb.SHOW, 12)),
        ("F-12。", ParsedCommand(Verb.SHOW, 12)),
        ("F-12？", ParsedCommand(Verb.SHOW, 12)),
        ("问题单 F-12", ParsedCommand(Verb.SHOW, 12)),
        ("问题单Ｆ－１２。", ParsedCommand(Verb.SHOW, 12)),
        ("case 12", ParsedCommand(Verb.SHOW, 12)),
        ("核验 问题单 F–12。", ParsedCommand(Verb.VERIFY, 12, "问题单 F–12。")),
        ("列表。", ParsedCommand(Verb.LIST)),
        ("new Printer is down", ParsedCommand(Verb.NEW, None, "Printer is down")),
        ("新建 打印机坏了，请处理。", ParsedCommand(Verb.NEW, None, "打印机坏了，请处理。")),
        ("报修：打印机", ParsedCommand(Verb.UNKNOWN, None, "报修：打印机")),
        ("-1", ParsedCommand(Verb.UNKNOWN, None, "-1")),
        ("list", ParsedCommand(Verb.LIST)),
        ("List Open", ParsedCommand(Verb.LIST, None, "Open")),
        ("列表 待签发", ParsedCommand(Verb.LIST, None, "待签发")),
        ("mine", ParsedCommand(Verb.MINE)),
        ("我的", ParsedCommand(Verb.MINE)),
        ("queue", ParsedCommand(Verb.QUEUE)),
        ("待办", ParsedCommand(Verb.QUEUE)),
        ("verify F-3", ParsedCommand(Verb.VERIFY, 3, "F-3")),
        ("核验 3", ParsedCommand(Verb.VERIFY, 3, "3")),
        ("help", ParsedCommand(Verb.HELP)),
        ("帮助", ParsedCommand(Verb.HELP)),
        ("?", ParsedCommand(Verb.HELP)),
        ("？", ParsedCommand(Verb.HELP)),
        ("lits", ParsedCommand(Verb.UNKNOWN, None, "lits")),
        ("<@U0CHEN|chen.jing> help", ParsedCommand(Verb.UNKNOWN, None, "<@U0CHEN|chen.jing> help")),
        ("new\nline", ParsedCommand(Verb.NEW, None, "line")),
    ],
)
def test_words_are_understood(typed: str, meant: ParsedCommand) -> None:
    assert parse_command(typed) == meant


def test_every_verb_has_a_word_in_both_languages() -> None:
    for verb in set(Verb) - {Verb.UNKNOWN}:
        words = [word for word, meant in WORDS.items() if meant is verb]
        assert any(word.isascii() for word in words)
        assert any(not word.isascii() for word in words)


@pytest.mark.parametrize(
    ("typed", "near"), [("lits", "list"), ("hepl", "help"), ("列", "列表"), ("queu", "queue"), ("verfy", "verify")]
)
def test_the_nearest_words_are_suggested(typed: str, near: str) -> None:
    assert near in nearest_words(typed)


def test_nothing_is_suggested_for_garbage() -> None:
    assert nearest_words("x" * 3000) == []
    assert nearest_words("") == []


NAMES = {
    "任务单待签发": State.SHEET_SIGNING,
    "Awaiting signature": State.SHEET_SIGNING,
    "Awaiting release": State.RELEASE,
    "Handling without modification": State.HANDLING,
}


@pytest.mark.parametrize(
    ("words", "states"),
    [
        ("", OPEN_STATES),
        ("open", OPEN_STATES),
        ("ALL", frozenset(State)),
        ("全部", frozenset(State)),
        ("testing", frozenset({State.TESTING})),
        ("testing analysis", frozenset({State.TESTING, State.ANALYSIS})),
        ("任务单待签发", frozenset({State.SHEET_SIGNING})),
        ("testing　任务单待签发", frozenset({State.TESTING, State.SHEET_SIGNING})),
        ("awaiting SIGNATURE", frozenset({State.SHEET_SIGNING})),
        ("Awaiting signature  awaiting release", frozenset({State.SHEET_SIGNING, State.RELEASE})),
        ("handling without modification", frozenset({State.HANDLING})),
        ("handling modification", frozenset({State.HANDLING, State.MODIFICATION})),
        ("awaiting", None),
        ("testing awaiting", None),
        ("handling without", None),
        ("closed withdrawn", frozenset({State.CLOSED, State.WITHDRAWN})),
        ("nonsense", None),
        ("testing nonsense", None),
    ],
)
def test_lists_are_narrowed_by_states(words: str, states: frozenset[State] | None) -> None:
    assert parse_filters(words, NAMES) == states


def test_every_state_can_be_listed_by_its_code() -> None:
    assert all(STATE_WORDS[state.value] == frozenset({state}) for state in State)


#: What version 0.1 called the states, in the order of `State`.
OLD_NAMES = """
Triage 判定 | Answering 解答中 | Answer confirming 待客户评价 | Sheet drafting 任务单起草 | Sheet signing 任务单待签发 |
Analysis 故障分析 | Decision 判定是否修改软件 | Handling 非软件处理 | Modification 修改中 | Testing 测试中 |
Manual update 说明书修改 | Release 待发布 | Replying 待回复客户 | Fix confirming 待客户确认 | Handed over 已转产品开发 |
Closed 已关闭 | Duplicate 重复已合并 | Withdrawn 已撤销
"""


def test_states_can_be_listed_by_the_names_of_today_and_of_version_0_1_in_both_languages() -> None:
    today = state_names()
    for state, old in zip(State, OLD_NAMES.split("|"), strict=True):
        english, chinese = old.strip().rsplit(maxsplit=1)
        names = [english, chinese, *(name for name, named in today.items() if named is state)]
        for name in names:
            assert parse_filters(name, today) == frozenset({state}), name
            assert parse_filters(f"{name} closed {name.upper()}", today) == frozenset({state, State.CLOSED}), name


# Answers


def builder(team: Team) -> CaseBuilder:
    """Takes steps without a screen, for tests that only look at the cases."""
    return CaseBuilder(team.database, team.playground.bot.company, team.playground.clock.now)


def test_a_case_is_shown_for_every_spelling_and_in_the_readers_language(team: Team) -> None:
    builder(team).fault(State.SHEET_SIGNING)
    for typed in ("F-1", "1", "f1", "show F-1", "查看 1"):
        assert "F-1" in ask(team, CHEN, typed)
    assert "状态 任务单待签发" in ask(team, CHEN, "F-1")
    assert "State Awaiting signature" in ask(team, WU, "F-1")


@pytest.mark.parametrize("typed", ["F-99", "99", "show F-99", "verify F-99", "F-0", "999999999"])
def test_an_unknown_case_is_answered_without_an_error_reference(steady: Team, typed: str) -> None:
    said = ask(steady, CHEN, typed)
    assert "F-" in said
    assert "E-" not in said


def test_people_who_are_not_involved_see_nothing_of_a_case_and_its_reporter_does(team: Team) -> None:
    builder(team).report(ANNA)
    team.workspace.add_user("U0CURIOUS", name="curious", real_name="Curious", locale="en-US")
    for typed in ("F-1", "show F-1", "verify F-1"):
        said = ask(team, "U0CURIOUS", typed)
        assert "not yours to read" in said
        assert "ORA-01438" not in said
    assert "ORA-01438" in ask(team, ANNA, "F-1")
    assert "ORA-01438" in ask(team, VIEWER, "F-1")
    assert "ORA-01438" not in ask(team, ADMIN, "F-1")
    assert team.buttons(VIEWER, "F-1") <= {"read_all", "open_case", "export"}
    assert team.buttons(ADMIN, "F-1") == set()


def test_lists_hold_the_cases_that_the_reader_may_see_in_the_wanted_states(team: Team) -> None:
    work = builder(team)
    work.fault(State.SHEET_SIGNING)  # F-1
    work.fault(State.DECISION)  # F-2
    work.fault(State.CLOSED)  # F-3
    work.report(ANNA)  # F-4
    team.workspace.add_user("U0CURIOUS", name="curious", real_name="Curious", locale="en-US")
    expected = {
        (CHEN, "list"): {"F-1", "F-2", "F-4"},
        (CHEN, "list open"): {"F-1", "F-2", "F-4"},
        (CHEN, "列表 全部"): {"F-1", "F-2", "F-3", "F-4"},
        (CHEN, "list closed"): {"F-3"},
        (CHEN, "列表 任务单待签发"): {"F-1"},
        (CHEN, "列表 任务单待签发 待判定"): {"F-1", "F-4"},
        (CHEN, "list Awaiting signature Awaiting triage"): {"F-1", "F-4"},
        (CHEN, "list Sheet signing Triage"): {"F-1", "F-4"},
        (CHEN, "list sheet_signing triage"): {"F-1", "F-4"},
        (CHEN, "列表 判定"): {"F-4"},
        (WU, "list Deciding on modification"): {"F-2"},
        (VIEWER, "list"): {"F-1", "F-2", "F-4"},
        (ADMIN, "list all"): set(),
        (ANNA, "list"): {"F-4"},
        (ANNA, "list all"): {"F-4"},
        (ANNA, "mine"): {"F-4"},
        ("U0CURIOUS", "list all"): set(),
        ("U0CURIOUS", "mine"): set(),
        (ZHAO, "list all"): {"F-3"},
        (ZHAO, "mine"): set(),
        (ANNA, "mine all"): {"F-4"},
        (CHEN, "我的 全部"): {"F-1", "F-2", "F-3"},
        (CHEN, "我的 已关闭"): {"F-3"},
        (CHEN, "mine Sheet signing"): {"F-1"},
        (WU, "mine"): {"F-2"},
        (HUANG, "queue"): {"F-1", "F-4"},
        (WU, "queue"): {"F-2", "F-4"},
        (HE, "queue"): {"F-4"},
        (ANNA, "queue"): set(),
        (ZHOU, "待办"): {"F-4"},
    }
    for (user, words), numbers in expected.items():
        said = ask(team, user, words)
        assert {number for number in ("F-1", "F-2", "F-3", "F-4") if f"{number} " in said} == numbers, (user, words)


@pytest.mark.parametrize("typed", ["list nonsense", "列表 胡说", "list <@U0CHEN>", "list " + "x" * 3000])
def test_an_unknown_filter_is_answered_with_how_to_list(steady: Team, typed: str) -> None:
    assert "/fault 列表" in ask(steady, CHEN, typed)


def test_a_long_list_says_how_many_more_there_are(team: Team) -> None:
    builder(team).reports(23)
    said = ask(team, WU, "list")
    assert said.count("ORA-01438") == 20
    assert "3 more" in said


def test_help_names_every_word_and_the_readers_roles(steady: Team) -> None:
    said = ask(steady, CHEN, "help")
    for word in ("new", "list", "mine", "queue", "verify", "F-12", "帮助"):
        assert word in said
    assert "客服经理" in said
    assert "no role" in ask(steady, ANNA, "help")


@pytest.mark.parametrize(
    ("typed", "english", "chinese"),
    [
        ("show", "/fault show needs the number of a case.", "/fault 查看 后需要问题单编号。"),
        ("verify", "/fault verify needs the number of a case.", "/fault 核验 后需要问题单编号。"),
        ("show nothing", "“nothing” is not the number of a case.", "“nothing”不是问题单编号。"),
        ("核验 x", "“x” is not the number of a case.", "“x”不是问题单编号。"),
        ("list nonsense", "“nonsense” is not a state of cases.", "“nonsense”不是问题单的状态。"),
        ("mine nonsense", "“nonsense” is not a state of cases.", "“nonsense”不是问题单的状态。"),
        ("queue tomorrow", "/fault queue does not know “tomorrow”.", "/fault 待办 不支持“tomorrow”。"),
        ("admin", "/fault admin needs a word after it.", "/fault 管理 后还需要一个词。"),
        ("admin x", "/fault admin does not know “x”.", "/fault 管理 不支持“x”。"),
    ],
)
def test_a_word_says_what_is_missing_or_unknown_and_gives_an_example(
    steady: Team, typed: str, english: str, chinese: str
) -> None:
    for user, expected in ((WU, english), (CHEN, chinese)):
        said = ask(steady, user, typed)
        assert expected in said
        assert "/fault" in said.replace(expected, "")
        assert "is not a command" not in said


@pytest.mark.parametrize(
    ("typed", "near"), [("lits", "list"), ("hepl me", "help"), ("verfy F-1", "verify"), ("列", "列表")]
)
def test_an_unknown_word_is_answered_with_the_nearest_ones(steady: Team, typed: str, near: str) -> None:
    said = ask(steady, CHEN, typed)
    assert f"/fault {near}" in said
    assert "/fault help" in said


@pytest.mark.parametrize(
    "typed",
    [
        "x" * 3000,
        "乱" * 3000,
        "😀" * 1000,
        "‮evil 文‏ עברית",
        "<!channel> *bold* `code` _x_",
        "@chen.jing help",
        "please help @wu.gang in #general",
        "<https://evil|F-1>",
        "'; DROP TABLE cases; --",
        "%(word)s %s {0}",
        "\n\n\n",
        "&lt;&amp;",
    ],
)
def test_garbage_is_answered_without_an_error_and_mentions_nobody(steady: Team, typed: str) -> None:
    answer = steady.person(CHEN).command(f"/fault {typed}", channel=DESK)
    assert answer.error is None
    if answer.message is not None:
        assert steady.workspace.pings(answer.message) == set()
        assert "E-" not in answer.message.plain
    assert not steady.workspace.app_bugs


def test_answers_are_shown_to_the_asker_alone(team: Team) -> None:
    builder(team).report()
    team.settle()
    before = len(team.workspace.history(DESK))
    for words in ("F-1", "list", "mine", "queue", "help", "verify F-1", "nonsense"):
        ask(team, CHEN, words)
    assert len(team.workspace.history(DESK)) == before
    assert len(team.person(CHEN).ephemerals(DESK)) == 7
    assert team.person(WU).ephemerals(DESK) == []


@pytest.mark.parametrize("word", ["", "new", "新建"])
def test_new_opens_the_report_form(steady: Team, word: str) -> None:
    chen = steady.person(CHEN)
    answer = chen.command(f"/fault {word}".strip())
    assert (answer.status, answer.body) == (200, "")
    assert "summary" in chen.opened("report").fields


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("new Printer is down, <b> @wu.gang", "Printer is down, <b> @Wu Gang 吴刚"),
        ("新建 打印机坏了，请处理。", "打印机坏了，请处理。"),
    ],
)
def test_the_words_after_new_are_in_the_form_as_they_were_typed(steady: Team, typed: str, kept: str) -> None:
    chen = steady.person(CHEN)
    chen.command(f"/fault {typed}")
    fields = chen.opened("report").fields
    assert fields["summary"]["initial_value"] == fields["description"]["initial_value"] == kept


@pytest.mark.parametrize("turn", ["first", "second"])
def test_a_form_that_a_test_leaves_on_its_way_is_not_open_in_the_next(steady: Team, turn: str) -> None:
    assert steady.workspace.views.open_ones() == []
    steady.person(CHEN).command("/fault")


def test_the_steps_offered_depend_on_who_looks(team: Team) -> None:
    builder(team).fault(State.SHEET_SIGNING)
    assert {"sign_sheet", "return_sheet", "reject_sheet"} <= team.buttons(HUANG, "F-1")
    for user in (CHEN, LIN, WU, ANNA):
        if user != ANNA:
            assert "sign_sheet" not in team.buttons(user, "F-1")
    value = json.loads(team.look(HUANG, "F-1").buttons["sign_sheet"])
    assert (value["case"], value["version"]) == (1, team.card("F-1").version)


def test_a_reporter_outside_the_center_reads_no_internal_document(team: Team) -> None:
    """The internal fault analysis report is for the center (process.md §4)."""
    work = builder(team)
    case = work.report(ANNA)
    work.onward(case, State.DECISION)
    assert "Overflow" not in team.sees(ANNA, "F-1")
    anna = team.person(ANNA)
    anna.press("read_all", message=team.forged(ANNA, "read_all", "F-1", json.dumps({"case": case})))
    assert "Overflow" not in anna.read(anna.opened("reading"))
    wu = team.press(WU, "read_all", "F-1")
    assert "Overflow" in wu.read(wu.opened("reading"))


def test_a_question_is_in_the_queue_of_a_service_manager(team: Team) -> None:
    case = team.case(State.ANSWERING, kind=Kind.QUESTION)
    assert case in ask(team, CHEN, "queue")
    assert Step.ANSWER in team.buttons(CHEN, case)
