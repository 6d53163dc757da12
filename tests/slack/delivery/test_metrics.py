"""The metrics of delivery: from due to sent, and retries and refusals by reason."""

from datetime import timedelta

import pytest
from sqlmodel import func, select

from bot.slack.failures import OWN_ATTEMPTS, counted_as
from storage import outbox, reminders
from storage.tables import Reminder
from storage.vocabulary import Step
from tests.slack.delivery.test_delivery import POST, deliver_with_retries
from tests.support.case_builder import CaseBuilder
from tests.support.team import CHEN, DESK, Team

DELAY = "faultdesk_message_delay_seconds"


def sample(team: Team, name: str, **labels: str) -> float:
    return team.playground.bot.health.metrics.registry.get_sample_value(name, labels) or 0.0


def delays(team: Team, message: str) -> tuple[float, float]:
    """How many messages were measured, and how many seconds they took together."""
    return sample(team, f"{DELAY}_count", message=message), sample(team, f"{DELAY}_sum", message=message)


def test_the_first_messages_of_a_report_are_measured_and_later_ones_are_not(team: Team, builder: CaseBuilder) -> None:
    builder.report()
    deliver_with_retries(team)
    first = delays(team, "first_message")
    assert first[0] == 2, "the card, and the receipt of the reporter"
    builder.take(Step.COMMENT, CHEN, 1, text="Comment")
    team.playground.clock.advance(timedelta(hours=1))
    deliver_with_retries(team)
    assert delays(team, "first_message") == first


def test_a_first_message_that_is_retried_is_measured_once_from_its_report(team: Team, builder: CaseBuilder) -> None:
    team.workspace.failures.rate_limit(POST, retry_after=20, channel=DESK)
    builder.report()
    deliver_with_retries(team)
    count, total = delays(team, "first_message")
    assert count == 2
    assert total >= 20
    assert sample(team, "faultdesk_delivery_retries_total", reason="ratelimited") == 1


def test_a_reminder_that_stands_for_several_is_measured_from_the_first_of_them(team: Team) -> None:
    team.case()
    team.settle()
    with team.database.read() as session:
        due = reminders.next_due(session)
    assert due is not None
    late = timedelta(days=3)
    team.wait_until(due + late)
    with team.database.read() as session:
        assert session.exec(select(func.max(Reminder.stands_for))).one() > 1
    count, total = delays(team, "reminder")
    assert count >= 1
    assert total >= count * late.total_seconds(), "each copy has waited since the first occurrence"


def test_a_refusal_is_counted_by_slacks_code(team: Team, builder: CaseBuilder) -> None:
    builder.report()
    deliver_with_retries(team)
    team.workspace.failures.refuse(POST, "invalid_blocks", channel=DESK)
    builder.take(Step.COMMENT, CHEN, 1, text="Comment")
    deliver_with_retries(team)
    assert sample(team, "faultdesk_delivery_refusals_total", reason="invalid_blocks") == 1


@pytest.mark.parametrize(
    ("reason", "label"),
    [
        ("is_archived", "is_archived"),
        ("token_revoked", "token_revoked"),
        (outbox.LIMITED, "ratelimited"),
        (outbox.SENDER_DIED, "sender_died"),
        ("reader_refused", "reader_refused"),
        ("http_503", "page"),
        ("http_302", "page"),
        ("URLError", "connection"),
        ("TimeoutError", "connection"),
        (f"KeyError ({OWN_ATTEMPTS})", "own_error"),
        ("a_code_of_next_year", "other"),
        ("张三 <@U0CHEN>", "other"),
    ],
)
def test_labels_are_of_a_fixed_list(reason: str, label: str) -> None:
    assert counted_as(reason) == label
