"""Whether what the settings name exists in the workspace: the service-desk channel, and user groups with a role."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.casework.company_source import CompanySource
from bot.i18n.translator import Translator
from bot.slack.check_result import CheckResult, failed, ok, unknown, warning
from bot.slack.checks.problem import SLACK_ERRORS, problem, remedy
from bot.slack.desk_channel import FoundDesk, look_at_desk
from bot.slack.failures import reason_of
from bot.slack.identity import Identity
from bot.slack.web_client import SlackClient
from storage import people
from storage.database import Database

#: Slack's answers for a channel that does not exist or that the bot does not see.
_NO_CHANNEL = frozenset({"channel_not_found", "invalid_channel"})
#: The most people or groups that one line names.
_NAMED = 10


def desk_channel(
    client: SlackClient, identity: Identity, database: Database, source: CompanySource, t: Translator
) -> Iterator[CheckResult]:
    """Yield whether the bot can post in the service-desk channel, and who else reads it. Raises `Unavailable`."""
    own = t("Set FAULT_CHANNEL to the id of the service-desk channel, and invite me there with /invite.")
    with database.read() as session:
        company = source.of(session)
    configured = company.desk_channel
    if not company.has_desk_channel:
        yield failed(t("No service-desk channel is set."), own)
        return
    try:
        found = look_at_desk(client, identity, database, configured)
    except SLACK_ERRORS as error:
        if reason_of(error) in _NO_CHANNEL:
            yield failed(t("%(channel)s does not exist, or it is private and I am not in it.", channel=configured), own)
        else:
            yield unknown(problem(error, t), remedy(error, "", t))
        return
    wrong = [*_posting(found, t), *_reading(found, database, t), *_moved(found, configured, t)]
    yield from wrong or [ok(t("#%(channel)s: I can post there, and the center alone reads it.", channel=found.name))]


def _posting(found: FoundDesk, t: Translator) -> Iterator[CheckResult]:
    name = found.name
    if found.is_archived:
        again = t("Restore the channel in Slack, or choose another one (FAULT_CHANNEL).")
        yield failed(t("#%(channel)s is archived.", channel=name), again)
    elif not found.is_member:
        yield failed(t("I am not a member of #%(channel)s.", channel=name), t("Invite me there with /invite."))


def _reading(found: FoundDesk, database: Database, t: Translator) -> Iterator[CheckResult]:
    if found.outsiders is None:
        other = t("Choose a channel that is not shared (FAULT_CHANNEL): cards show what is for the center alone.")
        yield warning(t("#%(channel)s is shared with another company.", channel=found.name), other)
    elif found.outsiders:
        with database.read() as session:
            known = people.names(session, found.outsiders)
        said = t("Outsiders read #%(channel)s: %(people)s.", channel=found.name, people=_named(found.outsiders, known))
        yield warning(said, t("Remove them from the channel: cards show what is for the center alone."))


def _moved(found: FoundDesk, configured: str, t: Translator) -> Iterator[CheckResult]:
    if found.id != configured:
        said = t("Slack gave the channel another id: %(channel)s.", channel=found.id)
        yield warning(said, t("Set FAULT_CHANNEL to it."))


def _named(persons: Sequence[str], names: Mapping[str, str]) -> tuple[str, ...]:
    left = len(persons) - _NAMED
    shown = tuple(f"{names[one]} ({one})" if one in names else one for one in persons[:_NAMED])
    return (*shown, f"+{left}") if left > 0 else shown


def groups(client: SlackClient, identity: Identity, t: Translator) -> Iterator[CheckResult]:
    """Yield whether each user group that gives a role exists and has members. Raises `Unavailable`."""
    wanted = sorted(identity.groups())
    if not wanted:
        yield ok(t("No role is given to a user group."))
        return
    try:
        listed = client.usergroups_list(include_disabled=True, include_users=True).get("usergroups") or ()
    except SLACK_ERRORS as error:
        yield unknown(problem(error, t), remedy(error, "", t))
        return
    known = {str(group["id"]): group for group in listed}
    yield from (_group(one, known.get(one), identity, t) for one in wanted)


def _group(group: str, found: Mapping[str, Any] | None, identity: Identity, t: Translator) -> CheckResult:
    again = t("Give the role to another user group or to persons.")
    if found is None:
        return failed(t("There is no user group %(group)s.", group=group), again)
    name = f"@{found.get('handle') or group} ({group})"
    if found.get("date_delete"):
        return failed(t("The user group %(group)s is deactivated.", group=name), again)
    members = frozenset(found.get("users") or ())
    ours = members.difference(identity.excluded(members))
    if not ours:
        said = t("The user group %(group)s has no active members of ours.", group=name)
        return failed(said, t("Add somebody to it in Slack."))
    return ok(t("Members of %(group)s: %(count)s.", group=name, count=len(ours)))
