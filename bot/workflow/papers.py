"""What stands in each record: which step's form asked for each of its answers, and which answers are internal."""

from bot.workflow.field import Field
from bot.workflow.fields import asked
from bot.workflow.steps import TABLE
from storage.vocabulary import Paper, Step

#: Of each record, the answers in the order of the forms that asked for them, each with its step.
ANSWERS: dict[Paper, dict[str, tuple[Step, Field]]] = {
    paper: asked(row.step for row in TABLE if paper in row.papers) for paper in Paper
}
#: Of each record, the answers that are not for readers outside the center.
INTERNAL: dict[Paper, frozenset[str]] = {
    paper: frozenset(code for code, (_step, field) in answers.items() if field.internal)
    for paper, answers in ANSWERS.items()
}
