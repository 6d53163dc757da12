"""A check of one part of the installation, and running several that depend on each other."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import DBAPIError

from bot.i18n.translator import Translator
from bot.logs import described, mask
from bot.slack.check_result import CheckedPart, CheckResult, Outcome, unknown
from bot.slack.checks.problem import SLACK_ERRORS, problem
from storage.database import Unavailable
from storage.time_limit import answered_within

log = structlog.get_logger(__name__)
#: How long a check waits for the database, in seconds.
CHECK_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Check:
    """A check by its code for programs and its title for people.

    It is made only if nothing that is `needed` failed, which are codes of checks before it.
    """

    code: str
    title: str
    run: Callable[[], Iterable[CheckResult]]
    needed: tuple[str, ...] = ()


def run_all(checks: Sequence[Check], secrets: Sequence[str], t: Translator) -> tuple[CheckedPart, ...]:
    """Make all checks, one after the other. One that fails itself does not keep the others from being made.

    `secrets` are masked in whatever is found.
    """
    parts: dict[str, CheckedPart] = {}
    for check in checks:
        lacking = tuple(parts[code].title for code in check.needed if parts[code].outcome is Outcome.FAILED)
        results = (unknown(t("Not checked because of: %(parts)s.", parts=lacking)),) if lacking else _run(check, t)
        masked = (CheckResult(one.outcome, mask(one.said, secrets), mask(one.remedy, secrets)) for one in results)
        parts[check.code] = CheckedPart(check.code, check.title, tuple(masked))
    return tuple(parts.values())


def _run(check: Check, t: Translator) -> tuple[CheckResult, ...]:
    try:
        with answered_within(CHECK_SECONDS):
            return tuple(check.run())
    except Unavailable as error:
        return (unknown(t("The database cannot be read (%(reason)s).", reason=error.reason)),)
    except SLACK_ERRORS as error:
        return (unknown(problem(error, t)),)
    except DBAPIError as error:
        log.warning("doctor.check_failed", check=check.code, error=described(error))
        return (unknown(t("The database cannot be read (%(reason)s).", reason=type(error.orig).__name__)),)
