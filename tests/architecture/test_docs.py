"""Checks of README and docs/: links lead somewhere, commands exist, tables are complete."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo
from typer.testing import CliRunner

from bot.cli.main import app
from bot.settings.company_values import CompanyValues
from bot.settings.settings import Settings
from bot.slack.command_words import Verb, parse_command
from bot.slack.manifest import SCOPES
from bot.workflow.reading_levels import READERS, Visibility
from storage.vocabulary import State, Step
from tests.support.process_words import ENGLISH

ROOT = Path(__file__).parents[2]
MAX_RECORD_LINES = 15
RECORDS = tuple(sorted((ROOT / "docs" / "decisions").glob("0*.md")))
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_COMMAND = re.compile(r"(?<!@)\bfaultdesk ((?:[^`\n\\|]|\\\n)+)")
_MAKE = re.compile(r"^make ([a-z-]+)|`make ([a-z-]+)`", re.MULTILINE)

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


def test_the_pages_exist() -> None:
    names = {page.relative_to(ROOT).as_posix() for page in PAGES}
    in_docs = ("architecture", "changelog", "decisions/README", "glossary", "operations", "process")
    assert {"README.md", "CONTRIBUTING.md", *(f"docs/{name}.md" for name in in_docs)} <= names


def slug(heading: str) -> str:
    """The anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    return {slug(line.lstrip("#")) for line in page.read_text("utf-8").splitlines() if line.startswith("#")}


def local_links(page: Path) -> Iterator[tuple[str, str]]:
    """The local files and anchors that a page links to. `[Sign](sign_sheet)` in shown output is the code of a
    button.
    """
    for target in _LINK.findall(page.read_text("utf-8")):
        path, _hash, anchor = target.partition("#")
        codes = {*Step, "open_case"}
        if "://" not in target and path not in codes:
            yield path, anchor


@every_page
def test_local_links_lead_to_existing_files_and_anchors(page: Path) -> None:
    for path, anchor in local_links(page):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), path
        assert not anchor or anchor in anchors(target), anchor


@every_page
def test_files_named_exist(page: Path) -> None:
    for path in re.findall(r"`((?:bot|storage|tests|docs)/[\w./-]+)`", page.read_text("utf-8")):
        assert (ROOT / path).exists(), path


@every_page
def test_no_page_has_an_open_todo(page: Path) -> None:
    assert not re.search(r"\b(TODO|FIXME|TBD|XXX)\b", page.read_text("utf-8"))


# Decisions


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_decision_record_is_short_and_has_the_usual_form(record: Path) -> None:
    lines = record.read_text("utf-8").splitlines()
    assert len(lines) <= MAX_RECORD_LINES
    assert lines[0].startswith(f"# {record.name[:4]}. ")
    assert re.fullmatch(r"Date: \d{4}-\d\d-\d\d", lines[2])
    headings = re.findall(r"^\*\*(.+)\.\*\*", "\n".join(lines), re.MULTILINE)
    assert headings == ["Context", "Decision", "Measured", "Set aside"]


def test_decision_records_are_numbered_and_indexed_once() -> None:
    assert [int(record.name[:4]) for record in RECORDS] == list(range(1, len(RECORDS) + 1))
    index = (ROOT / "docs" / "decisions" / "README.md").read_text("utf-8")
    entries = {
        f"[{record.name[:4]} {record.read_text('utf-8').partition('. ')[2].splitlines()[0]}]({record.name})"
        for record in RECORDS
    }
    assert entries == set(re.findall(r"^- (.+)$", index, re.MULTILINE))


# The glossary


def test_the_glossary_has_one_meaning_for_each_word() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    entries = re.findall(r"^\| (.+?) \| .+ \| (.+?) \| .+ \|$", glossary.replace("| Term |", ""), re.MULTILINE)
    english, chinese = zip(*entries, strict=True)
    assert entries
    assert len(set(english)) == len(set(chinese)) == len(entries)
    assert all(re.search(r"[\u4e00-\u9fff]", word) for word in chinese)


# Commands


def commands(page: Path) -> Iterator[list[str]]:
    """Every faultdesk command in a page, split as a shell would."""
    for rest in _COMMAND.findall(page.read_text("utf-8")):
        yield shlex.split(rest.replace("\\\n", " "), comments=True)


@every_page
def test_documented_commands_exist_with_their_options(page: Path) -> None:
    for words in commands(page):
        asked = CliRunner().invoke(app, [*(word for word in words if word != "…"), "--help"])
        assert asked.exit_code == 0, (words, asked.output)


def test_the_readme_names_the_commands_to_begin_with() -> None:
    named = {words[0] for words in commands(ROOT / "README.md")}
    assert {"run", "manifest", "sandbox"} <= named


@every_page
def test_documented_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert {one or other for one, other in _MAKE.findall(page.read_text("utf-8"))} <= targets


@every_page
def test_documented_words_of_the_slack_command_are_understood(page: Path) -> None:
    for text in re.findall(r"[`\"]/fault(?: ([^`\"]+))?[`\"]", page.read_text("utf-8")):
        assert parse_command(text).verb is not Verb.UNKNOWN, text


def test_the_walk_through_names_existing_steps() -> None:
    rows = [line for line in README.splitlines() if re.match(r"\| \d+ \|", line)]
    pressed = [code for row in rows for code in re.findall(r"\*\* `(\w+)`", row)]
    assert len(pressed) > 10
    assert set(pressed) <= set(Step)
    assert ENGLISH.state(State.TRIAGE) in README
    assert ENGLISH.state(State.CLOSED) in README


# Settings and scopes


def rows(beginning: str) -> dict[str, str]:
    """The rows of a table in operations.md whose first cell begins with this text: name to second cell."""
    found = re.findall(rf"^\| `({beginning}[^`]*)`[^|]*\| ([^|]+) \|", OPERATIONS, re.MULTILINE)
    return {name: cell.strip() for name, cell in found}


FIELDS = (*Settings.model_fields.values(), *CompanyValues.model_fields.values())


def default(field: FieldInfo) -> str:
    return "–" if field.default_factory or field.default in (None, "") else f"`{field.default}`"


def test_the_table_of_settings_is_complete_and_correct() -> None:
    settings = {str(field.alias): default(field) for field in FIELDS if field.alias}
    documented = rows("[A-Z]")
    assert documented == settings
    assert list(documented) == list(settings), "in the order of settings.py, then company_values.py, in bot/settings"


def test_settings_named_in_the_pages_exist() -> None:
    known = {field.alias for field in FIELDS} | {"FAULT_TEST_POSTGRESQL"}  # of the tests alone
    for page in PAGES:
        named = set(re.findall(r"\b(?:FAULT|SLACK)_[A-Z_]+[A-Z]\b", page.read_text("utf-8")))
        assert named <= known, page.name


def test_every_scope_has_a_documented_reason() -> None:
    section = OPERATIONS.split("| Scope | Why |")[1]
    named = set(
        re.findall(r"`([a-z_:]+)`", "\n".join(line.split("|")[1] for line in section.splitlines() if "|" in line))
    )
    assert named == set(SCOPES)


def test_the_page_of_security_names_the_levels_that_read_each_visibility() -> None:
    page = (ROOT / "docs/security.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \|[^|]+\| ([a-z, ]+) \|$", page, re.MULTILINE)
    written = {visibility: set(levels.split(", ")) for visibility, levels in rows}
    assert written == {visibility.value: {level.value for level in READERS[visibility]} for visibility in Visibility}
