"""Logs hold no secrets and no raw requests."""

import io
import json
import logging

import pytest
import structlog

from bot import logs

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TOKEN = "xoxb-123456789012-abcdefABCDEF"


@pytest.fixture
def written(bare_logging: None) -> io.StringIO:
    return io.StringIO()


@pytest.mark.parametrize(
    "text",
    [
        f"token={TOKEN}",
        f"Bearer {TOKEN}!",
        f"\\n{TOKEN}",
        "xapp-1-A0B1C2-123-abcdef",
        "xoxe.xoxb-1-AbCd",
        "xoxe-1-AbCd-EfGh",
        "postgresql+psycopg://desk:hunter22@db.example/desk",
        f"secret {SECRET} inside",
    ],
)
def test_secrets_are_masked_anywhere_in_a_text(text: str) -> None:
    masked = logs.mask(text, [SECRET])
    assert logs.MASK in masked
    for secret in (TOKEN, SECRET, "hunter22", "xapp-1", "AbCd"):
        assert secret not in masked


@pytest.mark.parametrize("text", ["https://example.com/a@b", "xoxo", "F-12 批价进程", "a short ok"])
def test_other_text_is_not_changed(text: str) -> None:
    assert logs.mask(text, ["ok"]) == text


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_both_logging_libraries_are_masked_including_tracebacks(written: io.StringIO, log_format: str) -> None:
    logs.configure(log_format, [SECRET], to=written)  # type: ignore[arg-type]
    log = structlog.get_logger("bot.test")
    try:
        local = f"{SECRET} {TOKEN}"
        raise ValueError(local)
    except ValueError as error:
        log.error("broke", reference="E-7K3Q9A", exc_info=error, nested={"token": [TOKEN]})
        logging.getLogger("bot.other").exception("broke too %s", TOKEN)
    text = written.getvalue()
    assert "E-7K3Q9A" in text
    assert "ValueError" in text
    assert SECRET not in text
    assert TOKEN not in text


def test_each_line_is_json(written: io.StringIO) -> None:
    logs.configure("json", to=written)
    structlog.get_logger("bot.test").info("case.made", number="F-1", summary="批价")
    [line] = map(json.loads, written.getvalue().splitlines())
    assert (line["event"], line["number"], line["summary"], line["level"]) == ("case.made", "F-1", "批价", "info")
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize("end", ["\n", "\r", "\x1c", "\x85", "\u2028", "\u2029"])
def test_an_event_is_one_line_for_every_reader(written: io.StringIO, end: str) -> None:
    logs.configure("json", to=written)
    structlog.get_logger("bot.test").info("case.made", file=f"a{end}b", nested=[end])
    [line] = map(json.loads, written.getvalue().splitlines())
    assert (line["file"], line["nested"]) == (f"a{end}b", [end])


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("block_actions", "block_actions"),
        ("/fault", "/fault"),
        ("secret-words", "?"),
        ("a\x85", "?"),
        ("", "?"),
        (None, "?"),
    ],
)
def test_only_the_form_of_slacks_names_is_logged(value: str | None, name: str) -> None:
    assert logs.named(value) == name


@pytest.mark.parametrize("name", ["slack_bolt.App", "slack_sdk.web", "apscheduler.scheduler", "waitress", "alembic"])
def test_libraries_are_logged_from_warnings_on(written: io.StringIO, name: str) -> None:
    logs.configure("json", to=written)
    logging.getLogger(name).info("talk")
    logging.getLogger(name).warning("trouble")
    assert [json.loads(line)["event"] for line in written.getvalue().splitlines()] == ["trouble"]


@pytest.mark.parametrize("body", ["{'text': '客户'}", "(body: 客户)", "\n{'text': '客户'}"])
def test_the_request_that_bolt_quotes_is_cut_off(written: io.StringIO, body: str) -> None:
    logs.configure("json", to=written)
    logging.getLogger("slack_bolt.App").warning("Unhandled request %s", body)
    assert "Unhandled request" in written.getvalue()
    assert "客户" not in written.getvalue()


def test_references_are_short_unique_and_unambiguous() -> None:
    made = {logs.reference() for _ in range(200)}
    assert len(made) == 200
    assert all(one.startswith("E-") and len(one) == 8 for one in made)
    assert not set("01ILOU") & {letter for one in made for letter in one[2:]} - {"U"}
