"""What people type is in no log line, whatever fails while it is handled."""

import io
import json
import sqlite3
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from pydantic import TypeAdapter, ValidationError
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse
from sqlalchemy.exc import IntegrityError

from bot import logs
from bot.workflow.fields import FORMS
from storage.vocabulary import Step
from tests.conftest import MakeTeam
from tests.support.raw_requests import payload, send
from tests.support.team import ANNA, DESK, Team

WORD = "Quetzalcoatl"
pytestmark = pytest.mark.usefixtures("bare_logging")


@pytest.fixture
def team(make_team: MakeTeam) -> Team:
    """The demo team, speaking English."""
    return make_team("en")


def not_valid(text: str) -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(int).validate_python(text)
    return caught.value


def refused_by_slack(text: str) -> SlackApiError:
    answer = {"ok": False, "error": text, "response_metadata": {"messages": [text]}}
    response = SlackResponse(
        client=None, http_verb="POST", api_url="", req_args={}, data=answer, headers={}, status_code=200
    )
    return SlackApiError(f"The request failed: {text}", response)  # type: ignore[no-untyped-call]


def refused_by_the_database(text: str) -> IntegrityError:
    return IntegrityError(
        "INSERT", {"name": text}, sqlite3.IntegrityError(f"DETAIL: Key (name)=({text}) already exists.")
    )


RAISED: dict[str, Callable[[str], Exception]] = {
    "value": ValueError,
    "key": KeyError,
    "unicode": lambda text: UnicodeEncodeError("utf-8", text, 0, 1, text),
    "json": lambda text: json.JSONDecodeError(text, text, 0),
    "os": lambda text: OSError(2, text, text),
    "pydantic": not_valid,
    "slack": refused_by_slack,
    "database": refused_by_the_database,
}
#: A function of each layer that sees what was typed into a report.
LAYERS = (
    "bot.slack.listeners.steps.report",
    "bot.casework.steps.report.check_answers",
    "storage.audit.append",
)


def submit(team: Team, step: Step, case_id: int) -> dict[str, str]:
    """Send the form of a step with the word in each field. Returns the errors that the sender reads."""
    values = {field.code: {field.code: {"value": f"{WORD} {field.code}"}} for field in FORMS[step]}
    view = {
        "id": f"V0{step}",
        "type": "modal",
        "app_id": "A0SANDBOX",
        "callback_id": step,
        "private_metadata": json.dumps({"case": case_id, "version": 1}),
        "blocks": [{"type": "input", "block_id": code} for code in values or ("any",)],
        "state": {"values": values},
    }
    body = {"type": "view_submission", "team": {"id": "T0SANDBOX"}, "api_app_id": "A0SANDBOX", "trigger_id": "1"}
    answered: dict[str, str] = send(team, payload({**body, "user": {"id": ANNA}, "view": view})).json["errors"]
    return answered


@pytest.mark.parametrize("log_format", ["json", "console"])
@pytest.mark.parametrize("raised", RAISED.values(), ids=RAISED)
def test_no_form_puts_what_was_typed_into_the_log(
    team: Team, monkeypatch: pytest.MonkeyPatch, raised: Callable[[str], Exception], log_format: logs.LogFormat
) -> None:
    written = io.StringIO()
    logs.configure(log_format, to=written)

    def fail(*arguments: Any, **named: Any) -> NoReturn:
        typed = repr((arguments, named))
        assert WORD in typed
        try:
            raise raised(typed)
        except Exception as error:
            raise RuntimeError(typed) from error

    for name in ("report", "people_to_ask_about"):
        monkeypatch.setattr(f"bot.slack.listeners.steps.{name}", fail)
    for step in Step:
        assert "E-" in next(iter(submit(team, step, 1).values()))
    assert written.getvalue().count("listener.failed") == len(Step)
    assert "RuntimeError" in written.getvalue()
    assert WORD not in written.getvalue()


@pytest.mark.parametrize("layer", LAYERS)
def test_no_layer_puts_a_report_into_the_log(team: Team, monkeypatch: pytest.MonkeyPatch, layer: str) -> None:
    written = io.StringIO()
    logs.configure("json", to=written)

    def fail(*arguments: Any, **named: Any) -> NoReturn:
        assert WORD in repr((arguments, named))
        raise ValueError(repr((arguments, named)))

    monkeypatch.setattr(layer, fail)
    sent = team.try_report(ANNA, summary=WORD, description=WORD, contact=WORD, customer=WORD)
    assert "E-" in str(sent.errors)
    assert "ValueError" in written.getvalue()
    assert WORD not in written.getvalue()


def test_no_message_that_slack_refuses_is_logged(team: Team) -> None:
    written = io.StringIO()
    logs.configure("json", to=written)
    team.workspace.failures.refuse("chat.postMessage", "invalid_blocks", times=None, channel=DESK)
    team.report(ANNA, summary=WORD, description=WORD)
    team.settle()
    assert "delivery.refused" in written.getvalue()
    assert WORD not in written.getvalue()


def test_what_is_no_id_of_a_person_is_neither_asked_about_nor_in_the_log(team: Team) -> None:
    written = io.StringIO()
    logs.configure("json", to=written)
    before = len(team.workspace.log.calls("users.info"))
    assert team.playground.bot.identity.ask_about([WORD, "", "u0lower", "U0 CHEN"])
    assert len(team.workspace.log.calls("users.info")) == before
    assert written.getvalue() == ""
