"""Rules of the code base that the import contracts do not express."""

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.request import BoltRequest

from bot.slack.app import make_app
from bot.slack.epoch_marks import EpochMarks
from bot.slack.listener_context import ListenerContext
from bot.slack.manifest import EVENTS, REPORT_MESSAGE_SHORTCUT, REPORT_SHORTCUT, SCOPES, manifest
from bot.workflow.fields import FORMS
from storage.vocabulary import Step
from tests.support import world

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path for room in ("bot", "storage") for path in (ROOT / room).rglob("*.py") if "versions" not in path.parts
)
TESTS = sorted((ROOT / "tests").rglob("*.py"))
EVERYTHING = [*SOURCES, *TESTS]
MAX_FILE_LINES, MAX_FUNCTION_LINES = 300, 50
#: A pack carries its verifier as one script that needs nothing beside it.
ONE_SCRIPT = ROOT / "bot/documents/pack/verify.py"
#: What reads the present moment, by the name of the class or module that has it.
MOMENTS = {
    "datetime": ("now", "utcnow", "today"),
    "date": ("today",),
    "time": ("time", "time_ns", "localtime", "gmtime", "ctime", "strftime"),
}

#: The scopes that each Web API method needs which the bot calls (slack-platform.md §4.3).
NEEDED = {
    "apps_connections_open": set[str](),  # the app token has a scope of its own
    "auth_test": set[str](),
    "blocks_validate": set[str](),
    "bots_info": {"users:read"},
    "chat_getPermalink": set[str](),
    "chat_postMessage": {"chat:write"},
    "chat_postEphemeral": {"chat:write"},
    "chat_update": {"chat:write"},
    "conversations_info": {"channels:read", "groups:read"},
    "conversations_members": {"channels:read", "groups:read"},
    "conversations_open": {"im:write"},
    "conversations_history": {"channels:history", "groups:history", "im:history"},
    "conversations_replies": {"channels:history", "groups:history", "im:history"},
    "files_info": {"files:read"},
    "files_getUploadURLExternal": {"files:write"},
    "files_completeUploadExternal": {"files:write"},
    "users_info": {"users:read"},
    "users_list": {"users:read"},
    "usergroups_list": {"usergroups:read"},
    "usergroups_users_list": {"usergroups:read"},
    "views_open": set[str](),
    "views_publish": set[str](),
    "views_update": set[str](),
}
#: Scopes that no called method needs: for the command, and for an event.
BESIDE = {"commands", "app_mentions:read"}
POSTING = re.compile(r"chat_(?!getPermalink)\w+|conversations_open|files_completeUploadExternal")
#: The senders of the outbox, and the alarm, which does not use the delivery because it reports on it.
POSTS = {"bot/slack/delivery/deliver.py", "bot/slack/delivery/direct_channels.py", "bot/slack/delivery/alarm.py"}
METHOD = re.compile(
    r"(?:auth|blocks|chat|conversations|users|usergroups|views|files|reactions|pins|team(?!_id)|apps|bots)_\w+"
)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def calls(path: Path) -> Iterator[str]:
    """The names of the methods that a file calls."""
    for node in nodes(path):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr


def is_outside_sandbox(path: Path) -> bool:
    return "sandbox" not in path.parts


def test_files_are_short() -> None:
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {name(path) for path in SOURCES if lines[path] > MAX_FILE_LINES} <= {name(ONE_SCRIPT)}


def test_functions_are_short() -> None:
    long = [f"{name(path)}: {function}" for path in SOURCES for function in long_functions(path)]
    assert long == []


def long_functions(path: Path) -> Iterator[str]:
    """The functions of a file that have too many lines."""
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            if node.end_lineno - node.lineno + 1 > MAX_FUNCTION_LINES:
                yield node.name


def test_only_the_delivery_and_the_alarm_post_messages() -> None:
    posting = {name(path) for path in SOURCES if is_outside_sandbox(path) and any(map(POSTING.fullmatch, calls(path)))}
    assert posting == POSTS


def test_only_one_file_uses_response_urls() -> None:
    answering = {
        name(path) for path in SOURCES if is_outside_sandbox(path) and "WebhookClient" in path.read_text("utf-8")
    }
    assert answering == {"bot/slack/delivery/respond.py"}


def test_only_one_file_reads_the_environment() -> None:
    reading = set()
    for path in SOURCES:
        for node in nodes(path):
            if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"):
                reading.add(name(path))
            if isinstance(node, ast.ImportFrom | ast.Import) and "pydantic_settings" in ast.unparse(node):
                reading.add(name(path))
    assert reading == {"bot/settings/settings.py"}


def test_only_one_file_reads_the_time() -> None:
    assert {name(path) for path in EVERYTHING if any(map(reads_the_time, nodes(path)))} == {"bot/clock.py"}


def test_only_one_file_of_the_tests_reads_the_real_clock() -> None:
    """The bench is an exception, because it measures the bot as it is."""
    asking = {name(path) for path in TESTS if "bench" not in path.parts and any(map(asks_the_clock, nodes(path)))}
    assert asking == {"tests/support/world.py"}


@pytest.mark.parametrize(
    "code",
    ["datetime.now(UTC)", "dt.datetime.utcnow()", "date.today()", "time.time()", "time.time", "time.localtime()"],
)
def test_reading_the_time_is_found(code: str) -> None:
    assert any(map(reads_the_time, ast.walk(ast.parse(code))))


def test_measuring_a_duration_is_not_reading_the_time() -> None:
    assert not any(map(reads_the_time, ast.walk(ast.parse("time.monotonic() - clock.now() + time.sleep(1)"))))


def reads_the_time(node: ast.AST) -> bool:
    """Whether this node reads the machine's time of day. Measuring a duration does not count."""
    if not isinstance(node, ast.Attribute):
        return False
    of = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
    return node.attr in MOMENTS.get(of, ())


def asks_the_clock(node: ast.AST) -> bool:
    """Whether this node creates a clock of the real time, or a workspace that goes by it."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return False
    if node.func.id in ("Clock", "ShiftedClock"):
        return not node.args
    return node.func.id in ("Workspace", "Playground") and "clock" not in {word.arg for word in node.keywords}


def test_no_call_to_slack_asks_for_link_names() -> None:
    for path in SOURCES:
        if is_outside_sandbox(path):
            keywords = {word.arg for node in nodes(path) if isinstance(node, ast.Call) for word in node.keywords}
            assert not {"link_names", "parse_mode"} & keywords, name(path)
            assert "link_names" not in path.read_text(encoding="utf-8"), name(path)


def test_only_storage_commits() -> None:
    committing = {name(path) for path in SOURCES if "commit" in set(calls(path))}
    assert committing == {"storage/database.py"}


# The manifest and the code


def methods() -> set[str]:
    """The Web API methods that the code calls or passes on to be called."""
    context = [path for path in SOURCES if is_outside_sandbox(path) and "slack" in path.parts]
    named = (node for path in [*context, ROOT / "bot/runtime/bootstrap.py"] for node in nodes(path))
    return {node.attr for node in named if isinstance(node, ast.Attribute) and METHOD.fullmatch(node.attr)}


def test_the_scopes_are_those_that_the_methods_need() -> None:
    assert methods() == set(NEEDED)
    needed = set().union(*(NEEDED[method] for method in methods()))
    assert needed | BESIDE == set(SCOPES)


@pytest.fixture
def app(fresh_url: str) -> Iterator[App]:
    """The app with every listener, with nothing running behind it."""
    playground = world.playground(fresh_url)
    bot = playground.bot
    context = ListenerContext(
        bot.database,
        bot.clock,
        bot.source,
        bot.identity,
        bot._responder,
        bot._client,
        bot.health,
        bot._own_workspace,
        EpochMarks(bot.database),
        bot.contents,
        bot._seen_events,
        lambda _t: (),
    )
    executor = ThreadPoolExecutor(1)
    yield make_app(context, "xoxb-1", executor)
    executor.shutdown()
    bot.delivery._senders.shutdown()
    bot.server.stop()
    bot.database.close()
    playground.standin.stop()


def listens(app: App, body: Mapping[str, Any]) -> bool:
    """Whether any listener of the app matches this request."""
    request = BoltRequest(body=dict(body), mode="socket_mode")
    return any(
        all(matcher.matches(request, None) for matcher in listener.matchers)  # type: ignore[arg-type]
        for listener in app._listeners
    )


def command(word: str) -> dict[str, Any]:
    return {"command": word, "user_id": "U1", "text": ""}


def event(kind: str) -> dict[str, Any]:
    return {"type": "event_callback", "event": {"type": kind}}


def test_everything_in_the_manifest_has_a_listener(app: App) -> None:
    features = manifest("https://desk.example.com/")["features"]
    for declared in features["slash_commands"]:
        assert listens(app, command(declared["command"]))
    kinds = {"global": "shortcut", "message": "message_action"}
    for shortcut in features["shortcuts"]:
        assert listens(app, {"type": kinds[shortcut["type"]], "callback_id": shortcut["callback_id"]})
    for kind in EVENTS:
        assert listens(app, event(kind.partition(".")[0]))  # a subscription to messages names their place as well


def test_nothing_outside_the_manifest_has_a_listener(app: App) -> None:
    others = [command("/other"), command("/faults"), *map(event, ("reaction_added", "channel_rename"))]
    others += [{"type": "shortcut", "callback_id": REPORT_MESSAGE_SHORTCUT}, {"type": "view_closed", "view": {}}]
    others += [{"type": "message_action", "callback_id": REPORT_SHORTCUT}, {"type": "workflow_step_edit"}]
    for body in others:
        assert not listens(app, body), body


@pytest.mark.parametrize("step", Step)
def test_every_step_has_listeners_for_its_button_and_its_form(app: App, step: Step) -> None:
    press = {"type": "block_actions", "actions": [{"type": "button", "action_id": step.value, "block_id": "b"}]}
    submission = {"type": "view_submission", "view": {"type": "modal", "callback_id": step.value}}
    assert listens(app, press) == (step is not Step.REPORT)
    assert listens(app, submission)


@pytest.mark.parametrize("action", ["open_case", "read_all", "export", "acknowledge", "need_help"])
def test_the_buttons_beside_the_steps_have_listeners(app: App, action: str) -> None:
    press = {"type": "block_actions", "actions": [{"type": "button", "action_id": action, "block_id": "b"}]}
    assert listens(app, press)


def test_every_select_that_searches_has_a_listener(app: App) -> None:
    for form in FORMS.values():
        for field in form:
            if field.register:
                asked = {"type": "block_suggestion", "action_id": field.code, "block_id": field.code, "value": ""}
                assert listens(app, asked)


def test_no_listener_matches_part_of_an_action_id(app: App) -> None:
    for action in ("triage2", "xtriage", "sign_sheet_", "acknowledge:1"):
        press = {"type": "block_actions", "actions": [{"type": "button", "action_id": action, "block_id": "b"}]}
        assert not listens(app, press), action


def pins(part: str) -> set[str]:
    """The pinned versions of a constraints file, such as `waitress==3.0.2`."""
    found = (ROOT / f"constraints{part}.txt").read_text(encoding="utf-8")
    return set(re.findall(r"^[\w.-]+==\S+", found, re.MULTILINE))


def test_the_pinned_versions_to_run_and_build_are_among_the_tested_ones() -> None:
    for part in ("-run", "-build", "-records", "-sandbox"):
        assert pins(part) < pins("")


def test_production_installs_nothing_of_the_sandbox_or_the_tests() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = declared["optional-dependencies"]
    run = {pin.partition("==")[0] for pin in pins("-run")}
    needed = {canonical(name) for name in (*declared["dependencies"], *extras["postgres"], *extras["records"])}
    assert needed <= run
    assert not {canonical(name) for name in (*extras["sandbox"], *extras["dev"], *extras["audit"])} & run


def canonical(requirement: str) -> str:
    """The name of a requirement as pip-compile writes it."""
    return re.split(r"[\[<>=~ ]", requirement)[0].lower().replace("_", "-")
