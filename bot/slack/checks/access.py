"""Whether Slack lets the bot in: its tokens, and the scopes that it was granted."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from slack_sdk.web import SlackResponse

from bot.i18n.translator import Translator, _
from bot.slack.check_result import CheckResult, failed, ok, unknown, warning
from bot.slack.checks.problem import SLACK_ERRORS, problem, remedy
from bot.slack.manifest import OPTIONAL_SCOPES, SCOPES
from bot.slack.web_client import SlackClient

#: What does not work without a scope.
LOSSES = {
    "commands": _("the command /fault and the shortcuts do not exist"),
    "chat:write": _("nothing can be posted, neither cards nor direct messages"),
    "im:write": _("nobody gets direct messages, so nobody hears of a task"),
    "users:read": _("names, languages and time zones stay unknown, and so does who has left"),
    "usergroups:read": _("user groups give nobody a role"),
    "channels:read": _("nobody sees who reads a public desk channel, and no answer goes to a public channel"),
    "groups:read": _("nobody sees who reads a private desk channel, and no answer goes to a private channel"),
    "channels:history": _("a post in a public channel whose answer was lost may appear twice"),
    "groups:history": _("a post in a private channel whose answer was lost may appear twice"),
    "im:history": _("I do not hear direct messages, and one of mine whose answer was lost may appear twice"),
    "app_mentions:read": _("I do not hear when somebody mentions me"),
    "files:read": _("files of reports and comments are not kept"),
    "files:write": _("documents, tables and charts cannot be sent"),
}


def token(client: SlackClient, t: Translator) -> Iterator[CheckResult]:
    """Yield whether Slack accepts the bot token."""
    own = t("Install the app, and put its bot token (xoxb-…) into SLACK_BOT_TOKEN.")
    if not client.token:
        yield failed(t("SLACK_BOT_TOKEN is not set."), own)
        return
    try:
        found = client.auth_test()
    except SLACK_ERRORS as error:
        yield failed(problem(error, t), remedy(error, own, t))
    else:
        yield ok(t("Workspace %(workspace)s, bot %(bot)s", workspace=found.get("team"), bot=found.get("user")))


def socket_mode(client: SlackClient, app_token: str, t: Translator) -> Iterator[CheckResult]:
    """Yield whether Slack accepts the app token and lets the app use Socket Mode."""
    try:
        client.apps_connections_open(app_token=app_token)
    except SLACK_ERRORS as error:
        own = t("Switch Socket Mode on, and give SLACK_APP_TOKEN an app-level token with the scope connections:write.")
        yield failed(problem(error, t), remedy(error, own, t))
    else:
        yield ok(t("Slack lets the app connect."))


def scopes(client: SlackClient, t: Translator) -> Iterator[CheckResult]:
    """Yield which scopes of the manifest are missing, and what does not work without each."""
    try:
        granted = _granted(client.auth_test())
    except SLACK_ERRORS as error:
        yield unknown(problem(error, t))
        return
    if granted is None:
        yield unknown(t("Slack does not say which scopes I have."))
        return
    missing = [scope for scope in SCOPES if scope not in granted]
    yield from (_missing(scope, t) for scope in missing)
    if not missing:
        yield ok(t("All %(count)s of the manifest are granted.", count=len(SCOPES)))


def _granted(answer: SlackResponse) -> frozenset[str] | None:
    """Return the scopes that the header of an answer names; None without that header (slack-platform.md §4.1)."""
    headers: Mapping[str, Any] = {name.lower(): value for name, value in answer.headers.items()}
    value = headers.get("x-oauth-scopes")
    if value is None:
        return None
    named: Iterable[str] = value if isinstance(value, list) else [value]
    return frozenset(scope.strip() for scope in ",".join(named).split(",") if scope.strip())


def _missing(scope: str, t: Translator) -> CheckResult:
    said = t("%(scope)s is missing: %(loss)s.", scope=scope, loss=t(LOSSES[scope]))
    again = t("Put the manifest into the app's settings in Slack (faultdesk manifest), and install the app again.")
    return warning(said, again) if scope in OPTIONAL_SCOPES else failed(said, again)
