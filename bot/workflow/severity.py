"""Severities and the deadline that each requires (process.md rule 2.4, §3.1-4 and §3.10)."""

from bot.workflow.conditions import Answers, Fact
from bot.workflow.context import CaseContext
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


def keeps_deadline(case: CaseContext) -> tuple[Severity, ...]:
    """Return the severities with which publishing keeps the deadline in force (rule 2.4); none without a deadline.

    Those are the case's severity and the lower ones. A first severity keeps the deadline if its basis is one that the
    severity allows, or if the severity demands no deadline.
    """
    if case.deadline_at is None:
        return ()
    if case.severity is not None:
        return SEVERITY_ORDER[: SEVERITY_ORDER.index(case.severity) + 1]
    has_customer = YesNo.YES if case.has_customer else YesNo.NO
    allowed = {one: bases_for({"severity": one, Fact.HAS_CUSTOMER: has_customer}) for one in SEVERITY_ORDER}
    return tuple(one for one in SEVERITY_ORDER if one is Severity.GENERAL or case.deadline_basis in allowed[one])


def asks_deadline(answers: Answers) -> bool:
    """Return whether publishing an analysis asks for a deadline: unless the severity keeps the one in force (2.4)."""
    severity = answers.get("severity")
    return bool(severity) and severity not in answers.get(Fact.KEEPS_DEADLINE, ())


def raises_severity(answers: Answers) -> bool:
    """Return whether the answered severity is higher than the case's; lowering keeps the promised deadline (§3.4)."""
    new, old = answers.get("severity"), answers.get(Fact.SEVERITY)
    if not new or not old:
        return False
    return SEVERITY_ORDER.index(Severity(new)) > SEVERITY_ORDER.index(Severity(old))
