"""The message to admins when a part of the bot stands still."""

from collections.abc import Collection

from bot.health import PEOPLE, kind_of
from bot.i18n.translator import Translator
from bot.slack.views.message import Message, message, section


def alarm(parts: Collection[str], t: Translator) -> Message:
    """Build the alarm for the parts of the health report that stand still; without parts, the all-clear."""
    if not parts:
        said = t("Faultdesk is well again.")
        return message(said, section("✅ " + said))
    words = {
        "reminders": t("reminders"),
        "delivery": t("delivery of messages"),
        "database": t("database"),
        "desk_channel": t("the service-desk channel (outsiders can read it: it has guests or is shared)"),
        "clock": t("the clock of a machine (it is more than a minute off)"),
        "read_back": t("reading messages back (a message whose delivery Slack did not confirm may appear twice)"),
        PEOPLE: t("the list of all people (Slack does not give it; stored names and roles stay in force)"),
        "socket": t("the connection to Slack (nobody who presses a button gets an answer)"),
        "workers": t("delivery of messages and reminders (no worker is running)"),
    }
    named = t.listed(words.get(part) or _one_of_several(part, t) for part in sorted(parts))
    said = t("Faultdesk needs somebody: out of order: %(parts)s.", parts=named)
    what = t("Whoever runs it finds the cause at `/health` and in its log. Nothing that was saved is lost.")
    return message(said, section("🚨 " + said), section(what))


def _one_of_several(part: str, t: Translator) -> str:
    """Return the words for a user group or a person whom Slack does not report; any other part as it is."""
    one = part.removeprefix(f"{PEOPLE}:")
    if kind_of(part) != PEOPLE:
        return part
    if one.startswith("S"):
        return t("the user group %(group)s (Slack does not know it; its members keep their roles)", group=one)
    return t("the person %(person)s (Slack does not know them)", person=one)
