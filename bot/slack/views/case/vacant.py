"""The message about a case that nobody may take further (process.md rule 2.7)."""

from collections.abc import Sequence

from bot.casework.reading.cases import CaseForPerson, CaseStatus
from bot.i18n.translator import Translator
from bot.slack.views.case import lines as case_lines
from bot.slack.views.case.buttons import open_case, step_button
from bot.slack.views.case.card import personal_card, status_lines
from bot.slack.views.message import Message, actions, header, message, section
from storage.vocabulary import Step


def vacant(shown: CaseForPerson | CaseStatus, t: Translator) -> Message:
    """Build the message for a center manager, who may appoint somebody, or for an admin, who reads no content."""
    if isinstance(shown, CaseStatus):
        return personal_card(shown, t)
    card = shown.card
    said = t("Nobody can act on this case now. Please assign somebody.")
    buttons = [step_button(step, card, t) for step in _appoints(shown.steps)]
    return message(
        case_lines.heads_up(card, said),
        header(case_lines.title(card)),
        section(f"⚠ *{said}*"),
        section(status_lines(card, t)),
        *actions([*buttons, open_case(card, t)]),
    )


def _appoints(steps: Sequence[Step]) -> list[Step]:
    """Return those of the steps that give the case to somebody."""
    return [step for step in (Step.REASSIGN, Step.RETURN_SHEET, Step.REANALYZE) if step in steps]
