"""The answers that each record contains: the step whose form asks for each, and which answers are internal."""

from bot.workflow.field import Field
from bot.workflow.fields import asked
from bot.workflow.steps import TABLE
from storage.vocabulary import Paper, Step

#: The answers of each record with their steps, in the order of the forms that ask for them.
ANSWERS: dict[Paper, dict[str, tuple[Step, Field]]] = {
    paper: asked((row.step for row in TABLE if paper in row.papers), lambda field: field.filed) for paper in Paper
}
#: The answers of each record that are hidden from readers outside the center.
INTERNAL: dict[Paper, frozenset[str]] = {
    paper: frozenset(code for code, (_step, field) in answers.items() if field.internal)
    for paper, answers in ANSWERS.items()
}
