"""`faultdesk catalogs`, `process-page` and `templates`, and the module commands that they replace."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from bot.documents.process_page import process_page
from bot.documents.word.fill_template import BUNDLED
from tests.support.world import MAX_WAIT_SECONDS

TEMPLATES = {path.name: path.read_bytes() for path in BUNDLED.glob("*.docx")}


def in_folder(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def module(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *words], capture_output=True, text=True, check=True, timeout=MAX_WAIT_SECONDS
    )


def test_the_catalogs_are_checked() -> None:
    done = CliRunner().invoke(app, ["catalogs", "check"])
    assert (done.exit_code, done.output) == (0, "Both catalogs are complete.\n")
    assert CliRunner().invoke(app, ["catalogs", "bake"]).exit_code == 2


def test_the_process_page_is_printed() -> None:
    assert CliRunner().invoke(app, ["process-page"]).output == process_page()


def test_the_templates_are_written(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["templates", str(tmp_path / "own")]).exit_code == 0
    assert in_folder(tmp_path / "own") == TEMPLATES


@pytest.mark.long
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("bot.i18n", "check"), "Both catalogs are complete.\n"),
        (("bot.documents.process_page",), process_page()),
    ],
    ids=["catalogs", "process-page"],
)
def test_the_earlier_module_commands_print_the_same(words: tuple[str, ...], said: str) -> None:
    assert module(*words).stdout == said


@pytest.mark.long
def test_the_earlier_module_command_for_templates_writes_the_same(tmp_path: Path) -> None:
    module("bot.documents.draw_templates", str(tmp_path))
    assert in_folder(tmp_path) == TEMPLATES
