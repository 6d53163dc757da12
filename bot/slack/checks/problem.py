"""Why a call to Slack failed and what to do about it, in words, without addresses and secrets."""

import ssl
from urllib.error import URLError

from slack_sdk.errors import SlackApiError, SlackClientError

from bot.i18n.translator import Translator
from bot.slack.failures import is_page, reason_of

#: What a call to Slack raises.
SLACK_ERRORS = (SlackClientError, OSError)


def problem(error: Exception, t: Translator) -> str:
    """Return why a call to Slack failed."""
    reason = reason_of(error)
    if is_page(reason):
        return t("Something between here and Slack answered in its place (%(reason)s).", reason=reason)
    if isinstance(error, SlackApiError):
        return t("Slack refuses: %(reason)s.", reason=reason)
    return t("Slack cannot be reached (%(reason)s).", reason=_cause(error))


def remedy(error: Exception, own: str, t: Translator) -> str:
    """Return what to do about a call that failed: about the connection, or `own` where Slack refused."""
    if isinstance(error, SlackApiError) and not is_page(reason_of(error)):
        return own
    return t("Check the network, and the proxy if there is one (HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE).")


def _cause(error: BaseException) -> str:
    """Return the innermost cause that has words of the system or of TLS, else the kind of the error."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        one = waiting.pop(0)
        if one in seen:
            continue
        seen.append(one)
        reasons = (one.__cause__, getattr(one, "reason", None), getattr(one, "cause", None), *one.args)
        waiting += [other for other in reasons if isinstance(other, BaseException)]
    said = [text for text in map(_words, seen) if text]
    return said[-1] if said else type(error).__name__


def _words(error: BaseException) -> str:
    if isinstance(error, URLError) or not isinstance(error, OSError):
        return ""
    named = error.reason if isinstance(error, ssl.SSLError) else error.strerror
    return named or str(error)
