"""Names are the field's standard terms: a replaced name does not come back, constants carry their unit."""

import ast
from collections.abc import Iterator
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
    "attend": "listen_for_commits",
    "BadDays": "Failures",
    "Binder": "ZipWithSums",
    "binder": "archive",
    "but": "excluding",
    "Carrier": "Transport",
    "carrier": "transport",
    "CaseSeen": "CaseContext",
    "case_seen": "case_context",
    "Clerk": "ReminderAnswerer",
    "complaints": "field_errors",
    "Courtesy": "RequestPriority",
    "courtesy": "priority",
    "Deed": "ActKind",
    "deed": "kind",
    "Desk": "Endpoint, RenderContext",
    "desks": "endpoints",
    "Doing": "CaseBuilder",
    "doing": "builder",
    "Door": "RequestGateway",
    "Dossier": "FullRecord",
    "dossier": "full_record",
    "Drawing": "RenderJob",
    "Ears": "CommitListener",
    "ears": "listener",
    "Face": "ListenerContext, Typeface",
    "face": "context, typeface",
    "furnish": "add_demo_registers",
    "glance": "pause_to_react",
    "goods": "kind_name",
    "Hand": "ManualClock",
    "hand": "clock",
    "Hands": "PersonActions",
    "hands": "actions",
    "Happened": "StepTaken",
    "happened": "taken, step_sentence",
    "ill": "unhealthy",
    "Journal": "RequestLog",
    "judge": "classify",
    "Keeper": "WorkspaceSaver",
    "keeper": "saver",
    "Ledger": "CaseHistories",
    "ledger": "histories",
    "Looks": "ReadMarkers",
    "makers": "document_threads",
    "Meanwhile": "BackgroundThread",
    "Office": "CompanySettings",
    "office": "company",
    "patience": "timeout",
    "PersonSeen": "PersonContext",
    "person_seen": "person_context",
    "Pulse": "SharedState",
    "pulse": "state",
    "Reaper": "ProcessKiller",
    "Reckoning": "AuditResult",
    "Resting": "FailedIds",
    "seat": "slot",
    "Sending": "SlackCall",
    "shop": "context",
    "Six": "AcceptanceScenarios",
    "Standing": "CaseOutcome",
    "Stationery": "DocumentSettings",
    "stationery": "document_settings",
    "Stuck": "ActFailed",
    "Swept": "SweepResult",
    "tell_admins": "notify_admins",
    "tell_reported": "notify_reported",
    "tells": "notifies",
    "told_to_stop": "stop_event",
    "Trouble": "Failure",
    "Unclean": "InvalidAnswer",
    "Walker": "CaseDriver",
    "Weather": "RandomFailures",
    "Wish": "ExportRequest, Intent",
    "wish": "request, intent",
    "Witness": "MessageRecorder",
    "witness": "recorder",
    "Workshop": "DocumentContext",
}
#: Constants, and modules by their last name.
REPLACED_CONSTANTS = {
    "AWHILE": "SHUTDOWN_WAIT_SECONDS",
    "FLUSH": "FLUSH_SECONDS",
    "FURTHEST": "MAX_…",
    "GLANCE": "REACTION_SECONDS",
    "PATIENCE": "MAX_WAIT_SECONDS",
    "SHORTLY": "MIN_PAUSE_SECONDS",
    "SOON": "MESSAGE_WAIT_SECONDS",
}
REPLACED_MODULES = {
    "bad_days": "failures",
    "carrier": "transport",
    "complaints": "field_errors",
    "courtesy": "request_priority",
    "dossier": "full_record",
    "drawing": "render",
    "face": "listener_context",
    "hands": "person_actions",
    "hasty": "without_pauses",
    "journal": "request_log",
    "ledger": "histories",
    "looks": "read_markers",
    "memory": "persistence",
    "office": "company_settings",
    "pulse": "shared_state",
    "reach": "access",
    "standing": "posted",
    "traces": "find_posted",
    "typing_in": "composer",
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
    found = {one: known[one] for one in identifiers(tree) if one in known}
    return found | {one: "MAX_…" for one in identifiers(tree) if one.startswith(SUPERLATIVES)}


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", EVERYTHING, ids=name)
def test_replaced_names_do_not_come_back(path: Path) -> None:
    assert not replaced(parsed(path))
    assert path.stem not in REPLACED_MODULES, f"call it {REPLACED_MODULES[path.stem]}"


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


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_public_functions_have_types_and_a_docstring(path: Path) -> None:
    for function in public_functions(parsed(path)):
        arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        untyped = [one.arg for one in arguments if one.annotation is None and one.arg not in ("self", "cls")]
        assert not untyped, f"{function.name}: {untyped}"
        assert function.returns is not None, function.name
        assert ast.get_docstring(function), function.name


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_duration_says_its_unit(path: Path) -> None:
    """A public constant that is a decimal number is a duration; whole numbers are counts or say their unit, too."""
    for node in parsed(path).body:
        match node:
            case ast.Assign(targets=[ast.Name(id=constant)], value=ast.Constant(value=float())):
                assert constant.startswith("_") or constant.endswith("_SECONDS"), constant
