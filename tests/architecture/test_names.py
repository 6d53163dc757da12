"""Names are the field's standard terms: a replaced name does not come back, constants carry their unit."""

import ast
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path for package in ("bot", "storage") for path in (ROOT / package).rglob("*.py") if "versions" not in path.parts
)
TESTS = sorted((ROOT / "tests").rglob("*.py"))
EVERYTHING = [*SOURCES, *TESTS]

#: Names that were replaced, with what to say instead. Underscores at the beginning do not matter.
REPLACED = {
    "appearing": "atomic_file",
    "as_told": "check_result",
    "attend": "listen_for_commits",
    "await_told": "wait_for_direct_message",
    "bad_days": "inject_failure",
    "BadDays": "Failures",
    "Binder": "ZipWithSums",
    "binder": "archive",
    "breathe": "pause",
    "briefly": "wait_briefly",
    "bring_in": "import_file",
    "but": "excluding",
    "calm": "quiet_seconds, filter_library_events",
    "Carrier": "Transport",
    "carrier": "transport",
    "case_seen": "case_context",
    "CaseSeen": "CaseContext",
    "Clerk": "ReminderAnswerer",
    "complaints": "field_errors",
    "Courtesy": "RequestPriority",
    "courtesy": "priority",
    "database_told": "reporting_database_errors",
    "deaths": "kill_interval",
    "Deed": "ActKind",
    "deed": "kind",
    "Desk": "Endpoint, RenderContext",
    "desks": "endpoints",
    "Doing": "CaseBuilder",
    "doing": "builder",
    "Door": "RequestGateway",
    "doors": "ports",
    "Doorstep": "CaseWithResponseUrls",
    "Dossier": "FullRecord",
    "dossier": "full_record",
    "Drawing": "RenderJob",
    "Ears": "CommitListener",
    "ears": "listener",
    "Face": "ListenerContext, Typeface",
    "face": "context, typeface",
    "file_told": "reporting_file_errors",
    "Fleet": "BotProcesses",
    "Filing": "ScenarioFiles",
    "fleet": "processes",
    "furnish": "add_demo_registers",
    "furnished": "with_people_and_channels",
    "glance": "pause_to_react",
    "goods": "kind_name",
    "Hand": "ManualClock",
    "hand": "clock",
    "HandedIn": "ExplicitSettings",
    "Hands": "PersonActions",
    "hands": "actions",
    "Happened": "StepTaken",
    "happened": "taken, step_sentence",
    "held_item": "value_item",
    "ill": "unhealthy",
    "insist": "send_until_answered",
    "is_resting": "is_idle",
    "Journal": "RequestLog",
    "judge": "classify",
    "judge_by": "use_clock_of",
    "judge_customers": "check_customers",
    "judge_faults": "check_faults",
    "judge_products": "check_products",
    "Keeper": "WorkspaceSaver",
    "keeper": "saver",
    "kept_in": "storage_in",
    "Ledger": "CaseHistories",
    "ledger": "histories",
    "left_beside": "pending_logs",
    "look_again": "find_new_fonts",
    "looked_at": "names_read",
    "Looks": "ReadMarkers",
    "luck": "random",
    "makers": "document_threads",
    "Meanwhile": "BackgroundThread",
    "musts": "required_fields",
    "not_apart": "is_counted",
    "Office": "CompanySettings",
    "office": "company",
    "patience": "timeout",
    "patient": "with_long_timeouts",
    "patiently": "deliver_with_retries",
    "person_seen": "person_context",
    "PersonSeen": "PersonContext",
    "Pulse": "SharedState",
    "pulse": "state",
    "Reaper": "ProcessKiller",
    "reckon": "result",
    "Reckoning": "AuditResult",
    "reckoning": "result",
    "Resting": "FailedIds",
    "Said": "Meaning",
    "said_once": "shared_facts",
    "seat": "slot",
    "Seen": "MeasuredPeriod",
    "Sending": "SlackCall",
    "shop": "context",
    "Six": "AcceptanceScenarios",
    "Spied": "RecordingAnswers",
    "spied": "recording",
    "Standing": "CaseOutcome",
    "Stationery": "DocumentSettings",
    "stationery": "document_settings",
    "StillClock": "ManualClock",
    "storm": "run_chaos",
    "Stuck": "ActFailed",
    "survives": "assert_nothing_lost_or_doubled",
    "Swept": "SweepResult",
    "teach": "register_listeners",
    "tell_admins": "notify_admins",
    "tell_bad": "print_bad_cells",
    "tell_reported": "notify_reported",
    "tells": "notifies",
    "told_to_stop": "StopSignals",
    "Trouble": "Failure",
    "trouble": "failure",
    "Unclean": "InvalidAnswer",
    "Walker": "CaseDriver",
    "walkers": "drivers",
    "Weather": "RandomFailures",
    "Wish": "ExportRequest, Intent",
    "wish": "request, intent",
    "Witness": "MessageRecorder",
    "witness": "recorder",
    "worked_or_not": "check_holiday_overlap",
    "worked_out": "computed_facts",
    "Workshop": "DocumentContext",
}
#: Constants, and modules by their last name.
REPLACED_CONSTANTS = {
    "AWHILE": "SHUTDOWN_WAIT_SECONDS",
    "FLUSH": "ANSWER_SECONDS",
    "FURTHEST": "MAX_…",
    "GLANCE": "REACTION_SECONDS",
    "HURRIED": "SHORT_DEADLINES",
    "PATIENCE": "MAX_WAIT_SECONDS",
    "SETTLE_SECONDS": "UPDATE_WAIT_SECONDS",
    "SHORTLY": "MIN_PAUSE_SECONDS",
    "SLACK_WAITS": "SLACK_TIMEOUT_SECONDS",
    "SOON": "MESSAGE_WAIT_SECONDS",
}
REPLACED_MODULES = {
    "anatomy": "structure",
    "background": "background_thread",
    "bad_days": "failures",
    "bare": "bare_listeners",
    "carrier": "transport",
    "complaints": "field_errors",
    "courtesy": "request_priority",
    "dossier": "full_record",
    "drawing": "render",
    "face": "listener_context",
    "fleet": "bot_processes",
    "hands": "person_actions",
    "hasty": "without_pauses",
    "historic": "historic_faults",
    "insert": "concurrent_insert",
    "journal": "request_log",
    "ledger": "histories",
    "looks": "read_markers",
    "memory": "persistence",
    "office": "company_settings",
    "pg_programs": "postgresql_programs",
    "prepared": "sent_reminders",
    "properties": "property_examples",
    "pulse": "shared_state",
    "reach": "access",
    "small": "auth, reactions_and_pins",
    "standing": "posted",
    "storm": "chaos_run",
    "test_alongside": "test_hold_reassign_comment",
    "test_making": "test_handling_to_reply",
    "test_newcomer": "test_writing_and_reading",
    "test_places": "test_layout",
    "test_presses": "test_stale_and_repeated_presses",
    "test_scenarios_month": "test_measures_of_scenarios",
    "test_surfaces": "test_card_thread_and_buttons",
    "test_thin_thread": "test_report_to_closing",
    "test_wire": "test_request_parsing",
    "tour_plays": "play_tour",
    "traces": "find_posted",
    "typing_in": "composer",
    "walkers": "case_drivers",
    "wire": "request_parsing",
    "witness": "message_recorder",
    "workshop": "context",
}
SUPERLATIVES = ("MOST_", "LONGEST_", "LARGEST_", "DEEPEST_", "FURTHEST_")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def identifiers(tree: ast.AST) -> Iterator[str]:
    """Every name that a file defines, binds or reads, without underscores at its beginning."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=found) | ast.Attribute(attr=found) | ast.arg(arg=found):
                yield found.lstrip("_")
            case ast.FunctionDef(name=found) | ast.AsyncFunctionDef(name=found) | ast.ClassDef(name=found):
                yield found.lstrip("_")
            case ast.keyword(arg=str(found)):
                yield found.lstrip("_")
            case ast.alias(name=imported, asname=known_as):
                yield from (part.lstrip("_") for part in imported.split("."))
                yield (known_as or "").lstrip("_")


def replaced(tree: ast.AST) -> dict[str, str]:
    """The replaced names in a file, with what to say instead."""
    known = REPLACED | REPLACED_CONSTANTS
    used = set(identifiers(tree))
    found = {one: known[one] for one in used & known.keys()}
    return found | {one: "MAX_…" for one in used if one.startswith(SUPERLATIVES)}


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def offending(paths: Iterable[Path], offenses: Callable[[ast.Module], Iterable[str]]) -> list[str]:
    """What is wrong in each of these files. One test goes through all of them: a test for each takes twice as long."""
    return [f"{name(path)}: {offense}" for path in paths for offense in offenses(parsed(path))]


def test_replaced_names_do_not_come_back() -> None:
    assert offending(EVERYTHING, lambda tree: (f"{old} is {new}" for old, new in replaced(tree).items())) == []


def test_replaced_names_of_modules_do_not_come_back() -> None:
    parts = {path: (*path.relative_to(ROOT).parts[:-1], path.stem) for path in EVERYTHING}
    found = [
        f"{name(path)}: call it {REPLACED_MODULES[part]}"
        for path in parts
        for part in parts[path]
        if part in REPLACED_MODULES
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "class Office: ...",
        "def send(*, carrier): ...",
        "send(carrier=1)",
        "self._pulse.now()",
        "import bot.hands",
        "PATIENCE = 1.0",
        "from limits import MOST_ROWS",
    ],
)
def test_a_replaced_name_is_found(code: str) -> None:
    assert len(replaced(ast.parse(code))) == 1


def public_functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions of a module and the methods of its public classes."""
    for node in tree.body:
        bodies = node.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_") else [node]
        for one in bodies:
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and not one.name.startswith("_"):
                yield one


def test_public_functions_have_types_and_a_docstring() -> None:
    assert offending(SOURCES, undocumented) == []


def undocumented(tree: ast.Module) -> Iterator[str]:
    """The public functions that lack a type or a docstring."""
    for function in public_functions(tree):
        arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        untyped = any(one.annotation is None and one.arg not in ("self", "cls") for one in arguments)
        if untyped or function.returns is None or not ast.get_docstring(function):
            yield function.name


def test_a_duration_says_its_unit() -> None:
    assert offending(SOURCES, durations_without_unit) == []


def durations_without_unit(tree: ast.Module) -> Iterator[str]:
    """A public constant that is a decimal number is a duration; whole numbers are counts or say their unit, too."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=constant)], value=ast.Constant(value=float())):
                if not constant.startswith("_") and not constant.endswith("_SECONDS"):
                    yield constant
