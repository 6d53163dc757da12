"""The message with the result of verifying a case's history and records."""

from collections.abc import Iterable

from bot.casework.records.findings import UNDELIVERED, Finding
from bot.casework.records.verify import Verification
from bot.i18n.translator import Translator
from bot.slack.views.escape import dotted, typed
from bot.slack.views.message import Message, context, message, section

_MAX_FINDINGS_SHOWN = 20


def verification(verified: Verification, t: Translator, *, details: bool = True) -> Message:
    """Build the result of a verification: whether history and records are as written, and the first findings.

    `details` False leaves the result alone, for readers who may not read the history (process.md §6 R9).
    """
    said = _said(verified, t)
    if not details:
        return message(said, section(f"{'⚠' if verified.findings else '✓'} *{said}*"))
    findings, left = verified.findings[:_MAX_FINDINGS_SHOWN], len(verified.findings) - _MAX_FINDINGS_SHOWN
    counts = t("Entries: %(entries)s, records: %(papers)s", entries=verified.entries, papers=verified.papers)
    replayed = replayed_words(verified, t)
    return message(
        said,
        section(f"{'⚠' if findings else '✓'} *{said}*"),
        section("\n".join(_lines(findings, t))) if findings else None,
        section("✉ " + t(UNDELIVERED, entry=verified.undelivered)) if verified.undelivered else None,
        context(dotted(counts, replayed, t("%(count)s more findings", count=left) if left > 0 else "")),
    )


def replayed_words(verified: Verification, t: Translator) -> str:
    """Return from which entry on the case was replayed, for a case whose first entries do not tell their changes."""
    if verified.replayed_from in (None, 1):
        return ""
    return t("replayed from entry %(entry)s on", entry=verified.replayed_from)


def _said(verified: Verification, t: Translator) -> str:
    if verified.findings:
        return t("%(number)s: the records are not as they were written.", number=verified.number)
    return t("%(number)s: nothing was tampered with.", number=verified.number)


def _lines(findings: Iterable[Finding], t: Translator) -> Iterable[str]:
    return (f"✗ {t(sentence, subject=typed(subject))}" for sentence, subject in (one.words for one in findings))
