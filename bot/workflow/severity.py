"""Severities and the deadline that each requires (process.md rule 2.4, §3.1-4 and §3.10)."""

from bot.workflow.conditions import Answers, Fact
from storage.vocabulary import SEVERITY_ORDER, Basis, Severity, YesNo

#: The bases of a deadline for which somebody named a time.
PROMISED = (Basis.CUSTOMER_STIPULATED, Basis.NEGOTIATED, Basis.INTERNAL)


def bases_for(answers: Answers) -> tuple[str, ...]:
    """Return the bases of a deadline that the answered severity allows (process.md §3.1-3 and §3.10)."""
    nobody_to_ask = (Basis.INTERNAL,) if answers.get(Fact.HAS_CUSTOMER) == YesNo.NO else ()
    match answers.get("severity"):
        case Severity.VERY_SEVERE:
            return (*nobody_to_ask, Basis.CUSTOMER_STIPULATED)
        case Severity.SEVERE:
            return (*nobody_to_ask, Basis.NEGOTIATED, Basis.NEGOTIATING)
        case Severity.GENERAL:
            return (Basis.NONE, Basis.DEFAULT) if answers.get(Fact.HAS_DEFAULT) == YesNo.YES else (Basis.NONE,)
    return ()


def settled_bases(answers: Answers) -> tuple[str, ...]:
    """Return the same as `bases_for` without negotiation, which is no longer possible once the report is published."""
    return tuple(basis for basis in bases_for(answers) if basis != Basis.NEGOTIATING)


def asks_deadline(answers: Answers) -> bool:
    """Return whether publishing an analysis asks for a deadline (process.md rule 2.4).

    A deadline in force stays and is not asked. It is asked where none is in force, where the answered severity is
    higher than the case's, and where a first severity needs another basis than that of the deadline in force.
    """
    severity = answers.get("severity")
    if not severity or answers.get(Fact.HAS_DEADLINE) != YesNo.YES:
        return bool(severity)
    if answers.get(Fact.SEVERITY):
        return raises_severity(answers)
    return severity != Severity.GENERAL and answers.get(Fact.BASIS) not in bases_for(answers)


def raises_severity(answers: Answers) -> bool:
    """Return whether the answered severity is higher than the case's; lowering keeps the promised deadline (§3.4)."""
    new, old = answers.get("severity"), answers.get(Fact.SEVERITY)
    if not new or not old:
        return False
    return SEVERITY_ORDER.index(Severity(new)) > SEVERITY_ORDER.index(Severity(old))
