"""Checks of the database, and of what processes and people wrote into it."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

from bot.casework import vacant_roles
from bot.casework.company_source import CompanySource
from bot.casework.steps import load
from bot.clock import Clocks
from bot.health import MAX_MISSED_INTERVALS
from bot.i18n.translator import Translator
from bot.slack.check_result import CheckResult, failed, ok, unknown, warning
from bot.slack.checks.problem import SLACK_ERRORS
from bot.slack.identity import Identity
from bot.slack.views.desk.vacant_role import VACANT
from bot.slack.web_client import SlackClient
from storage import backup, heartbeats, migrations, people
from storage.database import Database, Unavailable
from storage.engine_facts import EngineFacts, facts_of, missing_file, place_of
from storage.vocabulary import Role


def database(store: Database, t: Translator) -> Iterator[CheckResult]:
    """Yield whether the database can be read, has the schema of this version, and keeps what was committed."""
    if missing := missing_file(store):
        yield failed(t("There is no database yet: %(file)s.", file=missing), t("faultdesk run makes it."))
        return
    try:
        revision = backup.revision(store)
        with store.read() as session:
            facts = facts_of(session)
    except Unavailable as error:
        said = t("The database cannot be reached (%(reason)s).", reason=error.reason)
        yield failed(said, t("Check DATABASE_URL, and whether the server runs and lets this machine in."))
        return
    yield from _schema(revision, t)
    yield from _durability(facts, t)
    if revision == migrations.head():
        place, engine = place_of(store), f"{facts.name} {facts.version}"
        yield ok(t("%(engine)s, %(database)s, schema %(found)s", engine=engine, database=place, found=revision))


def is_current(store: Database) -> bool:
    """Return whether the database exists and has the schema of this version. Raises `Unavailable`."""
    return missing_file(store) is None and backup.revision(store) == migrations.head()


def _schema(revision: str | None, t: Translator) -> Iterator[CheckResult]:
    head = migrations.head()
    if revision is None:
        yield failed(t("The database is empty."), t("Run faultdesk migrate."))
    elif revision not in migrations.revisions():
        said = t(
            "The database has a newer schema (%(found)s) than this version (%(known)s).", found=revision, known=head
        )
        yield failed(said, t("Install the version that the database was migrated to."))
    elif revision != head:
        said = t("The database has schema %(found)s; this version needs %(known)s.", found=revision, known=head)
        yield failed(said, t("Make a backup, then run faultdesk migrate."))


def _durability(facts: EngineFacts, t: Translator) -> Iterator[CheckResult]:
    if facts.is_standby:
        said = t("The server is a standby, which cannot be written to.")
        yield failed(said, t("Let DATABASE_URL name the primary, or all hosts with target_session_attrs=read-write."))
    if not facts.is_durable:
        better = (
            t("Set FAULT_SQLITE_SYNCHRONOUS=FULL.")
            if facts.name == "SQLite"
            else t("Switch on fsync and synchronous_commit in the server.")
        )
        yield warning(t("A power cut may lose the last commits."), better)


def workers(store: Database, clocks: Clocks, interval: timedelta, t: Translator) -> Iterator[CheckResult]:
    """Yield how many processes deliver and remind. `interval` is that of their signs of life. Raises `Unavailable`."""
    with store.read() as session:
        ages = heartbeats.workers(session, clocks.shared(session))
    alive = [age for age in ages if age <= MAX_MISSED_INTERVALS * interval]
    if alive:
        seconds = int(alive[0].total_seconds())
        yield ok(t("At work: %(count)s, the last sign of life %(seconds)s s ago.", count=len(alive), seconds=seconds))
    else:
        start = t("Start faultdesk run, or on PostgreSQL faultdesk worker.")
        yield failed(t("Nothing delivers messages and sends reminders."), start)


def roles(
    store: Database, identity: Identity, source: CompanySource, clocks: Clocks, t: Translator
) -> Iterator[CheckResult]:
    """Yield the roles that nobody holds, and people who cannot hold theirs. Raises `Unavailable`."""
    with store.read() as session:
        company, granted = source.of(session), people.granted(session)
        center = load.center(session, company, clocks.wall.now())
    if not granted and any(company.members.values()):
        yield unknown(t("Who holds which role is not known before the first start."))
        return
    give = t("Give somebody this role.")
    yield from (failed(t(VACANT[role]), give) for role in VACANT if role in vacant_roles.vacant(center))
    if not center.holders.get(Role.ADMIN):
        yield failed(t("There is no administrator: nobody is told of failures."), give)
    yield from _excluded(store, identity, granted, t)
    held = tuple(role for role in Role if center.holders.get(role))
    if held:
        yield ok(t("Held: %(roles)s.", roles=held))


def _excluded(store: Database, identity: Identity, granted: list[str], t: Translator) -> Iterator[CheckResult]:
    excluded = identity.excluded(granted)
    if not excluded:
        return
    with store.read() as session:
        names = people.names(session, excluded)
    shown = tuple(f"{names.get(one, '')} ({one})".strip() for one in excluded)
    said = t("Deactivated accounts, bots and people of other companies hold no role: %(people)s.", people=shown)
    yield warning(said, t("Take the role from them, and give it to somebody else."))


def clock(store: Database, client: SlackClient, clocks: Clocks, t: Translator) -> Iterator[CheckResult]:
    """Yield whether the clock of this machine agrees with Slack's and the database's."""
    with suppress(*SLACK_ERRORS):
        client.api_test()
    if not store.is_sqlite:  # which has no clock of its own
        with suppress(Unavailable), store.read() as session:
            clocks.shared(session)
    wrong = clocks.wall.deviation()
    if wrong:
        seconds = round(wrong.ahead.total_seconds())
        said = (
            t("The clock of this machine is %(seconds)s s ahead.", seconds=seconds)
            if seconds > 0
            else t("The clock of this machine is %(seconds)s s behind.", seconds=-seconds)
        )
        yield warning(said, t("Synchronize it (NTP)."))
    elif clocks.wall.is_checked:
        yield ok(t("The clock of this machine is right."))
    else:
        yield unknown(t("There is no other clock to compare with."))
