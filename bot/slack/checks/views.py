"""Whether Slack accepts the views that the bot makes, which it says of each without showing it to anybody."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.i18n.translator import Translator
from bot.slack.check_result import CheckResult, failed, ok, unknown
from bot.slack.checks.problem import SLACK_ERRORS, problem
from bot.slack.failures import reason_of
from bot.slack.views.examples import Example, examples
from bot.slack.web_client import SlackClient

#: Slack's answers of `blocks.validate` to what it would not accept; `errors` then says where.
_INVALID = frozenset({"invalid_blocks", "invalid_message", "invalid_view"})
#: The most views that are named, and the most errors of each.
_VIEWS, _ERRORS = 5, 2


def views(client: SlackClient, t: Translator) -> Iterator[CheckResult]:
    """Yield which of our views Slack would refuse. It stops where Slack limits the calls or cannot be asked."""
    wrong = list[CheckResult]()
    every = tuple(examples(t))
    for checked, example in enumerate(every):
        try:
            refused = list(_refused(client, example))
        except SLACK_ERRORS as error:
            yield unknown(t("Checked: %(count)s. %(problem)s", count=checked, problem=problem(error, t)))
            break
        wrong += [_wrong(example, refused, t)] if refused else []
    else:
        if not wrong:
            yield ok(t("Slack accepts all %(count)s.", count=len(every)))
    yield from wrong[:_VIEWS]


def _refused(client: SlackClient, example: Example) -> Iterator[str]:
    """Yield what Slack refuses in a view, whether it answers that as an error or not (slack-2026.md §1.2)."""
    given: dict[str, Any] = {example.kind: example.content}
    try:
        answer = client.blocks_validate(**given)
    except SlackApiError as error:
        if reason_of(error) not in _INVALID:
            raise
        answer = error.response
        yield from islice(_errors(answer.data) or [reason_of(error)], _ERRORS)
        return
    yield from islice(_errors(answer.data), _ERRORS)


def _errors(data: Any) -> list[str]:
    found = data.get("errors") if isinstance(data, dict) else None
    return [f"{one.get('pointer')} {one.get('message')}" for one in found or () if isinstance(one, dict)]


def _wrong(example: Example, refused: list[str], t: Translator) -> CheckResult:
    said = t("Slack refuses the view %(view)s: %(errors)s.", view=example.name, errors=tuple(refused))
    return failed(said, t("Install the newest version. If it is, report this to those who maintain Faultdesk."))
