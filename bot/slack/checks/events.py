"""Whether Slack's events arrive, and whether its app settings may have an older manifest than this version."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from bot.i18n.translator import Translator
from bot.slack.check_result import CheckResult, ok, warning
from bot.slack.manifest import EVENTS, digest
from storage import epochs, seen_events
from storage.database import Database
from storage.tables import Epoch

#: The events that come when Slack no longer lets the bot in.
_LAST = frozenset({"app_uninstalled", "tokens_revoked"})


def events(database: Database, t: Translator, *, socket_mode: bool) -> Iterator[CheckResult]:
    """Yield when events last came, and whether the manifest of this version is that of the last start.

    Raises `Unavailable`.
    """
    with database.read() as session:
        seen, epoch = seen_events.last(session), epochs.current(session)
    yield _seen({kind: at for kind, at in seen.items() if kind in EVENTS}, t, socket_mode=socket_mode)
    yield from _manifest(epoch, t, socket_mode=socket_mode)


def _seen(found: Mapping[str, datetime], t: Translator, *, socket_mode: bool) -> CheckResult:
    if not found:
        where = (
            t("Switch on Socket Mode and events in the app's settings in Slack, then open my App Home.")
            if socket_mode
            else t("Check the request URL under Event Subscriptions in the app's settings, then open my App Home.")
        )
        return warning(t("No event has ever come from Slack."), where)
    newest = max(found, key=lambda kind: found[kind])
    last = t("The last one was %(kind)s, %(moment)s.", kind=newest, moment=found[newest])
    never = tuple(kind for kind in EVENTS if kind not in found and kind not in _LAST)
    return ok(t.sentences(last, t("Not seen yet: %(kinds)s.", kinds=never) if never else ""))


def _manifest(epoch: Epoch, t: Translator, *, socket_mode: bool) -> Iterator[CheckResult]:
    if epoch.manifest is None or epoch.manifest_since is None:
        return
    if epoch.manifest == digest(socket_mode=socket_mode):
        yield ok(t("The manifest has been the same since the start of %(moment)s.", moment=epoch.manifest_since))
        return
    yield warning(
        t("The manifest has changed since the last start."),
        t("Put the manifest into the app's settings in Slack (faultdesk manifest), and install the app again."),
    )
