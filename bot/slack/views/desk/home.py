"""The App Home: the cases that wait for a person, and the cases that they reported or have a place on."""

from collections.abc import Iterable, Iterator

from slack_sdk.models.blocks import SectionBlock

from bot.casework.reading.cases import Listing
from bot.casework.reading.read_models import ListLine
from bot.casework.steps.load import number
from bot.i18n.translator import Translator
from bot.slack.views.case.buttons import READ_ALL, button
from bot.slack.views.commands import HELP, named
from bot.slack.views.desk.lists import case_line, left_out
from bot.slack.views.desk.vacant_role import VACANT
from bot.slack.views.escape import Block
from bot.slack.views.message import actions, context, divider, header, mrkdwn, plain, section
from bot.slack.views.styled_text import as_plain, is_marked
from storage.vocabulary import Role

REPORT = "home_report"
#: The most cases in each of the two parts, because a view has at most 100 blocks.
MAX_CASES_SHOWN = 30


def home(queue: Listing, mine: Listing, t: Translator, vacant: Iterable[Role] = ()) -> Block:
    """Build the view for `views.publish` from the cases that wait for the person and those they are on.

    It begins with the `vacant` roles, for those who can give them to somebody.
    """
    blocks = [
        *(section(f"⚠️ *{t(VACANT[role])}*") for role in vacant),
        *actions([button(REPORT, t("Report a problem"), {}, "primary")]),
        *_part(t("Waiting for you"), queue, t("Nothing is waiting for you."), t),
        divider(),
        *_part(t("My cases"), mine, t("You have no open cases."), t),
        context(t("All commands: %(command)s", command=HELP)),
    ]
    return {"type": "home", "blocks": [block for block in blocks if block]}


def _part(title: str, found: Listing, nothing: str, t: Translator) -> Iterator[Block | None]:
    yield header(title)
    if not found.lines:
        yield section(nothing)
    for one in found.lines[:MAX_CASES_SHOWN]:
        yield _case(one, t)
    if left := left_out(found, MAX_CASES_SHOWN, t):
        yield context(t("%(left)s: %(command)s", left=left, command=named(t, "list")))


def _case(one: ListLine, t: Translator) -> Block:
    reading = button(READ_ALL, t("Full record"), {"case": number(one.number)})
    said = case_line(one, t)
    text = plain(as_plain(said)) if is_marked(said) else mrkdwn(said)  # rich text takes no button beside it
    return SectionBlock(text=text, accessory=reading).to_dict()
