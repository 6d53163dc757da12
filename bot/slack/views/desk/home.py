"""The App Home: the cases that wait for a person, and the cases that they reported or have a place on."""

from collections.abc import Iterable, Iterator

from bot.casework.reading.cases import Listing
from bot.i18n.translator import Translator
from bot.slack.views.case.buttons import READ_ALL, button, step_button
from bot.slack.views.commands import HELP, named
from bot.slack.views.desk.lists import left_out, with_button
from bot.slack.views.desk.vacant_role import VACANT
from bot.slack.views.escape import Block
from bot.slack.views.message import actions, context, divider, header, section
from storage.vocabulary import Role, Step

REPORT = "home_report"
#: The most cases in each of the two parts, because a view has at most 100 blocks. A case may need two.
MAX_CASES_SHOWN = 20


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
        yield with_button(one, button(READ_ALL, t("Full record"), {"case": one.id}), t)
        if one.is_free:
            yield from actions([step_button(Step.TAKE, one, t)])
    if left := left_out(found, MAX_CASES_SHOWN, t):
        yield context(t("%(left)s: %(command)s", left=left, command=named(t, "list")))
