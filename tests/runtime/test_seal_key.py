"""Where the key of the desk is found, and what is said where it cannot be used."""

from pathlib import Path

import pytest

from bot.runtime.bootstrap import Bot
from bot.runtime.seal_key import FoundKey, default_path, find_key, make_first_key
from bot.seal_key import SealKey
from bot.settings.settings import Settings, load
from storage.vocabulary import State
from tests.support.case_builder import CaseBuilder
from tests.support.case_fixtures import builder, clock
from tests.support.checked_database import CheckedDatabase
from tests.support.sealed_desk import KEY, OTHER_KEY, with_key

__all__ = ["builder", "clock"]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def settings(**environ: str) -> Settings:
    return load(environ, needs_slack=False)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///faultdesk.db", "faultdesk.key"),
        ("sqlite:////srv/desk/faultdesk.db", "/srv/desk/faultdesk.key"),
        ("postgresql+psycopg://desk@db/desk", "faultdesk.key"),
    ],
)
def test_the_key_is_beside_the_sqlite_file_or_in_the_working_directory(url: str, path: str) -> None:
    assert default_path(settings(DATABASE_URL=url)) == Path(path)


def test_the_key_is_a_file_or_the_setting_itself(here: Path) -> None:
    KEY.write(here / "here.key")
    assert find_key(settings(FAULT_SEAL_KEY="here.key")).key == KEY
    assert find_key(settings(FAULT_SEAL_KEY=KEY.text())).key == KEY
    assert find_key(settings()) == find_key(settings(DATABASE_URL="sqlite:///faultdesk.db"))
    assert find_key(settings()).key is None
    assert find_key(settings()).problem is None, "a desk without a key is no problem"


def test_a_process_reads_its_key_once(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it might sign with one key and say in its health that it has another."""
    KEY.write(here / "here.key")
    read, times = SealKey.read, list[Path]()

    def counted(path: Path) -> SealKey:
        times.append(path)
        return read(path)

    monkeypatch.setattr(SealKey, "read", counted)
    wanted = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "x", "FAULT_CHANNEL": "C0DESK", "PORT": "0"}
    bot = Bot(load({**wanted, "DATABASE_URL": "sqlite:///faultdesk.db", "FAULT_SEAL_KEY": "here.key"}))
    bot.stop()
    assert times == [Path("here.key")]


@pytest.mark.parametrize(
    ("mode", "content", "why"),
    [
        (0o644, None, "can be read by others"),
        (0o600, b"no key", "is no key"),
        (None, None, "there is no file"),
    ],
)
def test_a_key_that_cannot_be_used_is_said_in_one_line(
    here: Path, mode: int | None, content: bytes | None, why: str
) -> None:
    if mode is not None:
        KEY.write(here / "it.key")
        if content:
            (here / "it.key").write_bytes(content)
        (here / "it.key").chmod(mode)
    found = find_key(settings(FAULT_SEAL_KEY="it.key"))
    assert found.key is None
    assert (found.problem or "").startswith("FAULT_SEAL_KEY: ")
    assert why in (found.problem or "")
    assert len((found.problem or "").splitlines()) == 1


def test_the_first_key_is_made_once_and_only_where_no_setting_names_one(here: Path, builder: CaseBuilder) -> None:
    assert make_first_key(settings(FAULT_SEAL_KEY="named.key"), builder.database) is None
    assert not list(here.glob("*.key"))
    assert make_first_key(settings(), builder.database) == Path("faultdesk.key")
    made = SealKey.read(here / "faultdesk.key")
    assert make_first_key(settings(), builder.database) is None
    assert SealKey.read(here / "faultdesk.key") == made


def test_no_key_is_made_for_a_desk_that_has_used_one(here: Path, builder: CaseBuilder) -> None:
    with_key(builder).fault(State.ANALYSIS)
    assert make_first_key(settings(), builder.database) is None
    assert not list(here.glob("*.key"))


def test_a_key_that_is_a_setting_is_a_secret() -> None:
    assert KEY.text() in settings(FAULT_SEAL_KEY=KEY.text()).secrets
    assert "faultdesk.key" not in settings(FAULT_SEAL_KEY="faultdesk.key").secrets


def test_health_says_with_which_key_nothing_is_signed_and_stays_healthy(builder: CaseBuilder) -> None:
    def part(key: SealKey | None = None, problem: str | None = None) -> str:
        checked = CheckedDatabase(builder.database, key=FoundKey(None, key, problem))
        state = checked.parts()["seal_key"]
        assert checked.health.report().healthy
        return state

    assert part() == "unsigned"
    assert part(problem="FAULT_SEAL_KEY: it is no key") == "FAULT_SEAL_KEY: it is no key"
    assert part(KEY) == "ok"
    with_key(builder).fault(State.ANALYSIS)
    assert part(KEY) == "ok"
    for other in (part(OTHER_KEY), part(), part(problem="FAULT_SEAL_KEY: it is no key")):
        assert other.startswith(f"signs nothing: the desk uses key {KEY.fingerprint}")
