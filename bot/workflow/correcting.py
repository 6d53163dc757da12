"""Correcting what a report says (process.md rule 2.2). Pure functions.

Only what differs counts: it changes the case and is what the history records, with what was there before. Records that
were written stay as they are.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from unicodedata import category

from bot.workflow import merging_refusals
from bot.workflow import refusals as no
from bot.workflow.fields import before
from bot.workflow.records import plain
from bot.workflow.refusal import Problem
from bot.workflow.situation import NewPaper, Outcome, Situation, is_recorded
from storage.vocabulary import Paper

#: The answers that are kept in a column of the case by another name. Customer and product are kept by their ids.
_COLUMNS = {"version": "product_version"}
_BY_ID = frozenset({"customer", "product"})
#: The control characters that a form shows, and the Unicode categories of those that it leaves out.
_SPACES, _UNSEEN = "\t\n\r\x85", ("Cc", "Cf")
#: A change of these makes a new version of the fault's row.
_OF_RECORD = frozenset({"customer", "product", "version", "module"})


def corrected(s: Situation) -> dict[str, Any]:
    """Return the answers that differ from what the report says. One that was emptied is None.

    What the form showed and its person left as it was is no answer, also where somebody else has corrected it since.
    """
    told = {code: s.answers.get(code) for code in s.reported if code != "module"}
    changed = {code: value for code, value in told.items() if _differs(code, value, s)}
    # another product empties the module, which belongs to the product
    module = s.answers.get("module", None if "product" in changed else s.case.module)
    return {**changed, "module": module} if _differs("module", module, s) else changed


def _differs(code: str, value: Any, s: Situation) -> bool:
    known = {_comparable(s.reported[code]), _comparable(s.outdated.get(code, s.reported[code]))}
    return _comparable(value) not in known


def _comparable(value: Any) -> Any:
    """Return what two answers are compared by.

    Forms know neither other spaces and line ends, nor characters that are not shown, nor parts of seconds.
    """
    if isinstance(value, datetime):
        return value.replace(microsecond=0)
    shown = (one for one in value or "" if one in _SPACES or category(one) not in _UNSEEN)
    return tuple("".join(shown).split())


def something_differs(s: Situation) -> Problem | None:
    """A correction must change something."""
    return None if corrected(s) else Problem(no.NothingCorrected())


def nobody_was_faster(s: Situation) -> Problem | None:
    """What somebody else has corrected since the form was opened is looked at again before it is changed."""
    field = next((code for code in corrected(s) if code in s.outdated), None)
    return Problem(no.CorrectedMeanwhile(), field) if field else None


def duplicates_stay_alike(s: Situation) -> Problem | None:
    """A case that others were merged into keeps its customer and its product (rule 2.2)."""
    changed = corrected(s)
    field = next((code for code in ("customer", "product") if code in changed), None)
    return Problem(merging_refusals.HasDuplicates(), field) if field and s.case.has_duplicates else None


def correct(s: Situation) -> Outcome:
    """Change what the report says. A fault's row gets a new version if it shows what changed."""
    changed = corrected(s)
    columns = {_COLUMNS.get(code, code): value for code, value in changed.items() if code not in _BY_ID}
    return Outcome(changes=columns, papers=tuple(_papers(s, changed)), recorded=_recorded(s, changed))


def _papers(s: Situation, changed: Mapping[str, Any]) -> Iterator[NewPaper]:
    content = {**dict.fromkeys(changed), **plain(changed)}
    module = {code: content.pop(code) for code in ("module",) if code in content}
    yield NewPaper(Paper.CASE, content, carries_on=True)
    if is_recorded(s.case) and changed.keys() & _OF_RECORD:
        yield NewPaper(Paper.FAULT_RECORD, module, carries_on=True)


def _recorded(s: Situation, changed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the history records: why, what the report says now, and what it said before."""
    return {"reason": s.answers["reason"], **changed, **{before(code): s.reported[code] for code in changed}}
