"""The answers that each record contains, the step whose form asks for each, and who may read them."""

from bot.workflow.field import Field
from bot.workflow.fields import asked
from bot.workflow.reading_levels import Visibility
from bot.workflow.steps import TABLE
from storage.vocabulary import Paper, Step

#: The answers of each record with their steps, in the order of the forms that ask for them.
ANSWERS: dict[Paper, dict[str, tuple[Step, Field]]] = {
    paper: asked((row.step for row in TABLE if paper in row.papers), lambda field: field.filed) for paper in Paper
}
#: Who may know that a case has this record. All others are internal.
_VISIBILITY: dict[Paper, Visibility] = {
    Paper.CASE: Visibility.REPORT,
    Paper.SERVICE_REPORT: Visibility.REPLY,
    Paper.REPLY: Visibility.REPLY,
    Paper.MANUAL_PART: Visibility.MANUAL,
}
#: What records repeat of the case (`perform`), and what is added to the answers of a step.
_REPEATED = frozenset({"case", "customer", "product", "version_reported", "summary", "description"})
_ADDED: dict[str, Visibility] = {
    **dict.fromkeys(_REPEATED, Visibility.REPORT),
    "round": Visibility.REPLY,
    **dict.fromkeys(
        (
            *("conclusion", "closed_at", "resolved_at", "on_time", "on_time_at_first", "moved_count"),
            *("fixed_version", "reopen_count", "default_days", "first_deadline_at", "deadline_reason"),
        ),
        Visibility.INTERNAL,
    ),
}


def paper_visibility(paper: Paper) -> Visibility:
    """Return who may know that a case has this record."""
    return _VISIBILITY.get(paper, Visibility.INTERNAL)


def content_visibility(paper: Paper, code: str) -> Visibility:
    """Return who may read a value of this record. A stored value that no form knows is for the center alone."""
    asked_by = ANSWERS[paper].get(code)
    return asked_by[1].visibility if asked_by else _ADDED.get(code, Visibility.CENTER)
