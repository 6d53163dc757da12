"""The index of an evidence pack, as an HTML page and as JSON: first the gaps, then each file with what it proves."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from itertools import groupby
from typing import Any

from bot.casework.reading.read_models import CaseCard
from bot.casework.records.findings import Finding
from bot.casework.records.missing_records import Gap, GapReason, MissingRecord
from bot.documents.pack.cmmi_practices import AREAS, Proof
from bot.i18n.translator import Translator
from storage.vocabulary import Kind, Paper, PaperStatus, State

INDEX = "0-gaps-and-index.html"
_STYLE = """
body { font: 16px/1.5 "Noto Sans", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; color: #1c2733;
  max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2 { line-height: 1.2; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid #cfd8e0; }
th { background: #eef3f7; } code { font-size: .85em; word-break: break-all; }
.gap { border-left: .35rem solid #d55e00; padding-left: .8rem; } .none { border-left-color: #009e73; }
"""


@dataclass(frozen=True, slots=True)
class PackedFile:
    """One file of the pack: its path in the pack, its SHA-256 and what it proves.

    The other fields identify a document of a case. `superseded_by` is the document's newest version, if this is an
    earlier one.
    """

    name: str
    digest: str
    proof: Proof
    case_id: int | None = None
    paper: Paper | None = None
    version: int | None = None
    status: PaperStatus | None = None
    superseded_by: int | None = None


@dataclass(frozen=True, slots=True)
class PackedCase:
    """One case of the pack. Of a case that cannot be read, only the number is known. Moments are aware UTC."""

    case_id: int
    summary: str = ""
    kind: Kind | None = None
    state: State | None = None
    reported_at: datetime | None = None
    closed_at: datetime | None = None


def packed_case(card: CaseCard) -> PackedCase:
    """Return the line of the index for a case."""
    return PackedCase(card.id, card.summary, card.kind, card.state, card.reported_at, card.closed_at)


@dataclass(frozen=True, slots=True)
class Differing:
    """Something that is not as it was written, in a case or, with None, in what belongs to no case."""

    case_id: int | None
    finding: Finding


@dataclass(frozen=True, slots=True)
class Contents:
    """The contents of a pack. `first` and `last` are days in the company's zone, both included; None for one case.

    `made_at` is aware UTC. `key` is the fingerprint of the key that signs the pack; None if it is unsigned.
    """

    first: date | None
    last: date | None
    case_id: int | None
    cases: tuple[PackedCase, ...]
    bound: tuple[PackedFile, ...]
    gaps: tuple[Gap, ...]
    differing: tuple[Differing, ...]
    made_at: datetime
    key: str | None


def data(contents: Contents) -> dict[str, Any]:
    """Return the index as JSON data, for machines."""
    return {
        "first": contents.first and contents.first.isoformat(),
        "last": contents.last and contents.last.isoformat(),
        "case": contents.case_id,
        "made_at": contents.made_at.isoformat(),
        "key": contents.key,
        "differs": [
            {"case": one.case_id, "what": one.finding.kind, "subject": one.finding.subject}
            for one in contents.differing
        ],
        "cases": [_case(one) for one in contents.cases],
        "gaps": [{"case": gap.case_id, "lacks": gap.lack, "why": gap.why} for gap in contents.gaps],
        "files": [_data(one) for one in contents.bound],
    }


def _case(one: PackedCase) -> dict[str, Any]:
    moments = {"reported_at": one.reported_at, "closed_at": one.closed_at}
    told = {"case": one.case_id, "summary": one.summary, "kind": one.kind, "state": one.state}
    return {**told, **{name: at.isoformat() if at else None for name, at in moments.items()}}


def _data(one: PackedFile) -> dict[str, Any]:
    return {
        "name": one.name,
        "sha256": one.digest,
        "case": one.case_id,
        "document": one.paper,
        "version": one.version,
        "status": one.status,
        "superseded_by": one.superseded_by,
        "activity": one.proof.activity,
        "practice_areas": list(one.proof.areas),
    }


def index_page(contents: Contents, t: Translator) -> str:
    """Return the index as a self-contained HTML page, for people."""
    title = f"{t('Evidence pack')} {_of_what(contents)}"
    counts = t("Cases: %(cases)s · files: %(files)s", cases=len(contents.cases), files=len(contents.bound))
    made = t("As of %(moment)s", moment=t.moment(contents.made_at))
    body = "\n".join(line for part in _parts(contents, t) for line in part)
    return (
        f'<!doctype html>\n<html lang="{t.locale}">\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n"
        f"<h1>{escape(title)}</h1>\n"
        f"<p>{escape(counts)} · {escape(made)}</p>\n"
        f"{body}\n</html>\n"
    )


def _parts(contents: Contents, t: Translator) -> tuple[Iterator[str], ...]:
    bound = contents.bound
    return (
        _differing(contents.differing, t),
        _gaps(contents.gaps, t),
        _cases(contents.cases, t),
        _files(bound, t),
        _areas(bound, t),
        _proof(contents.key, t),
    )


def _of_what(contents: Contents) -> str:
    return f"F-{contents.case_id}" if contents.case_id else f"{contents.first} – {contents.last}"


def _differing(differing: Iterable[Differing], t: Translator) -> Iterator[str]:
    """Yield what is not as it was written; nothing if everything is."""
    said = [(one.case_id, *one.finding.words) for one in differing]
    lines = [(f"F-{case}: " if case else "") + t(sentence, subject=subject) for case, sentence, subject in said]
    if lines:
        yield f"<h2>{escape(t('Not as it was written'))}</h2>"
    yield from (f'<p class="gap">{escape(line)}</p>' for line in lines)


def _gaps(gaps: Iterable[Gap], t: Translator) -> Iterator[str]:
    yield f"<h2>{escape(t('Gaps'))}</h2>"
    lines = list(gap_lines(gaps, t))
    if not lines:
        yield f'<p class="gap none">{escape(t("Nothing is missing from the ended cases."))}</p>'
    for line in lines:
        yield f'<p class="gap">{escape(line)}</p>'


def gap_lines(gaps: Iterable[Gap], t: Translator) -> Iterator[str]:
    """Yield a sentence for each kind of gap and reason, with the number of cases and their list."""
    ordered = sorted(gaps, key=lambda gap: (list(MissingRecord).index(gap.lack), gap.why, gap.case_id))
    for (lack, why), found in groupby(ordered, key=lambda gap: (gap.lack, gap.why)):
        numbers = [f"F-{gap.case_id}" for gap in found]
        yield t(
            "Ended cases that lack %(what)s: %(count)s (%(cases)s). Reason: %(why)s.",
            count=len(numbers),
            what=_missing_words(t)[lack],
            cases=", ".join(numbers),
            why=_reasons(t)[why],
        )


def _missing_words(t: Translator) -> dict[MissingRecord, str]:
    return {
        MissingRecord.SERVICE_REPORT: t("a customer service report"),
        MissingRecord.VERDICT: t("the customer's verdict"),
        MissingRecord.SIGNED_SHEET: t("a signed task sheet"),
        MissingRecord.ANALYSIS_REPORT: t("an internal fault analysis report"),
        MissingRecord.FAULT_RECORD: t("a row in the product fault record table"),
        MissingRecord.DECISION: t("a decision on modification"),
        MissingRecord.HANDLING_RECORD: t("a handling record"),
        MissingRecord.MODIFICATION_RECORD: t("a modification record"),
        MissingRecord.TEST_RECORD: t("a test passed after the last modification"),
        MissingRecord.MANUAL_PART: t("a decision on the user manual"),
        MissingRecord.RELEASE_NOTE: t("a release note"),
        MissingRecord.REPLY: t("a reply to the customer"),
        MissingRecord.CONFIRMATION: t("the customer's confirmation"),
        MissingRecord.DELIVERY: t("the delivery of the last words to the customer"),
        MissingRecord.HISTORY: t("an untouched history"),
    }


def _reasons(t: Translator) -> dict[GapReason, str]:
    return {
        GapReason.UNANSWERED: t("the customer did not answer the reminders; the center manager closed the case"),
        GapReason.IMPORTED: t("brought in from the time before this system"),
        GapReason.TAMPERED: t("history or records were changed outside the process; verify names what"),
        GapReason.REFUSED: t("Slack refused the message, as the case and its history say"),
        GapReason.UNTOLD: t("the history gives no reason"),
    }


def _cases(cases: Iterable[PackedCase], t: Translator) -> Iterator[str]:
    heads = (t("Case"), t("Summary"), t("Kind"), t("State"), t("Reported at"), t("Closed at"))
    yield f"<h2>{escape(t('Cases'))}</h2>"
    yield "<table><tr>" + "".join(f"<th>{escape(head)}</th>" for head in heads) + "</tr>"
    for one in cases:
        words = (t.word(one.kind) if one.kind else "", t.word(one.state) if one.state else "")
        moments = (t.moment(at) if at else "" for at in (one.reported_at, one.closed_at))
        cells = (f"F-{one.case_id}", one.summary, *words, *moments)
        yield "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
    yield "</table>"


def _files(bound: Iterable[PackedFile], t: Translator) -> Iterator[str]:
    heads = (t("File"), t("Case"), t("Document"), t("Version"), t("Activity of the process"), "CMMI", "SHA-256")
    yield f"<h2>{escape(t('Files'))}</h2>"
    yield "<table><tr>" + "".join(f"<th>{escape(head)}</th>" for head in heads) + "</tr>"
    for one in bound:
        yield "<tr>" + "".join(f"<td>{cell}</td>" for cell in _cells(one, t)) + "</tr>"
    yield "</table>"


def _cells(one: PackedFile, t: Translator) -> tuple[str, ...]:
    version = f"{one.version} · {t.word(one.status)}" if one.version and one.status else ""
    if one.superseded_by:
        version += " · " + t("superseded by version %(version)s", version=one.superseded_by)
    return (
        f'<a href="{escape(one.name)}">{escape(one.name.rpartition("/")[2])}</a>',
        f"F-{one.case_id}" if one.case_id else "",
        escape(t.word(one.paper)) if one.paper else "",
        escape(version),
        escape(t(one.proof.activity)),
        escape(", ".join(one.proof.areas)),
        f"<code>{one.digest[:16]}…</code>",
    )


def _areas(bound: Iterable[PackedFile], t: Translator) -> Iterator[str]:
    """Yield the table of the proven practice areas with their numbers of files."""
    counts: dict[str, int] = {}
    for area in (area for one in bound for area in one.proof.areas):
        counts[area] = counts.get(area, 0) + 1
    yield f"<h2>{escape(t('CMMI practice areas'))}</h2>"
    yield f"<table><tr><th></th><th>{escape(t('Practice area'))}</th><th>{escape(t('Files'))}</th></tr>"
    for area in sorted(counts):
        yield f"<tr><td>{area}</td><td>{escape(t(AREAS[area]))}</td><td>{counts[area]}</td></tr>"
    yield "</table>"


def _proof(key: str | None, t: Translator) -> Iterator[str]:
    yield f"<h2>{escape(t('Proof'))}</h2>"
    yield f"<p>{escape(t('Unpack everything into one folder and run there:'))} <code>python3 verify.py SEAL</code></p>"
    yield f"<p>{escape(t('SEAL is the sum that was told with this pack. Python alone is enough.'))}</p>"
    signed = t("Signed by key %(key)s.", key=key) if key else t("Unsigned: the desk has no key.")
    yield f"<p>{escape(signed)}</p>"
