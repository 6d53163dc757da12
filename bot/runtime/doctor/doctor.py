"""The list of all checks. `faultdesk doctor` and `/fault admin doctor` make the same ones."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Self

from bot.casework.company_settings import CompanySettings
from bot.casework.company_source import CompanySource
from bot.clock import Clocks
from bot.i18n.translator import Translator
from bot.runtime import process
from bot.runtime.doctor import database, machine
from bot.runtime.doctor.check import Check, run_all
from bot.runtime.jobs import sweep_interval
from bot.runtime.seal_key import FoundKey, find_key
from bot.settings.settings import Settings
from bot.slack.check_result import CheckedPart
from bot.slack.checks import access, events, views, workspace
from bot.slack.identity import Identity
from bot.slack.web_client import SlackClient
from storage.database import Database, Unavailable
from storage.file_contents import FileContents

_TOKEN, _DATABASE = "token", "database"


@dataclass(frozen=True, slots=True)
class Doctor:
    """What the checks look at: the settings, and what a process has made of them."""

    settings: Settings
    database: Database
    clocks: Clocks
    client: SlackClient
    identity: Identity
    source: CompanySource
    contents: FileContents
    key: FoundKey

    @classmethod
    @contextmanager
    def of(cls, settings: Settings) -> Iterator[Self]:
        """Make what the checks need, beside a bot that may be running, for the duration of the block.

        Raises `WrongSettings`.
        """
        machine_clock = process.clock(settings)
        http, store = process.http_client(machine_clock.ticks), process.database(settings)
        clocks, key = Clocks(machine_clock, store.server_now), find_key(settings)
        source = CompanySource(key.key, settings.company)
        client = SlackClient(http, settings.bot_token.get_secret_value(), settings.api_url, clocks.wall)
        identity = Identity(store, client, clocks.wall, source)
        try:
            yield cls(settings, store, clocks, client, identity, source, process.file_contents(settings, store), key)
        finally:
            http.close()
            store.close()

    def company(self) -> CompanySettings:
        """Return the company's settings; those of the environment if the database cannot be read."""
        with suppress(Unavailable):
            if database.is_current(self.database):
                with self.database.read() as session:
                    return self.source.of(session)
        return self.source.latest

    def examine(self, t: Translator) -> tuple[CheckedPart, ...]:
        """Make all checks and return what they found, in the words of the reader. It takes several seconds."""
        checks = (*self._access(t), *self._processes(t), *self._workspace(t), *self._machine(t), self._views(t))
        return run_all(checks, self.settings.secrets, t)

    def _access(self, t: Translator) -> Iterable[Check]:
        app_token = self.settings.app_token.get_secret_value()
        yield Check(_TOKEN, t("Token"), partial(access.token, self.client, t))
        if app_token:
            yield Check("socket_mode", t("Socket Mode"), partial(access.socket_mode, self.client, app_token, t))
        yield Check("scopes", t("Scopes"), partial(access.scopes, self.client, t), (_TOKEN,))

    def _processes(self, t: Translator) -> Iterable[Check]:
        store, interval = self.database, sweep_interval(self.settings.sweep)
        yield Check(_DATABASE, t("Database"), partial(database.database, store, t))
        yield Check("workers", t("Workers"), partial(database.workers, store, self.clocks, interval, t), (_DATABASE,))
        yield Check("clock", t("Clock"), partial(database.clock, store, self.client, self.clocks, t))

    def _workspace(self, t: Translator) -> Iterable[Check]:
        client, identity, store = self.client, self.identity, self.database
        desk = partial(workspace.desk_channel, client, identity, store, self.source, t)
        roles = partial(database.roles, store, identity, self.source, self.clocks, t)
        seen = partial(events.events, store, t, socket_mode=self.settings.socket_mode)
        both = (_TOKEN, _DATABASE)
        yield Check("events", t("Events"), seen, (_DATABASE,))
        yield Check("desk_channel", t("Desk channel"), desk, both)
        yield Check("groups", t("User groups"), partial(workspace.groups, client, identity, t), both)
        yield Check("roles", t("Roles"), roles, (_DATABASE,))

    def _machine(self, t: Translator) -> Iterable[Check]:
        store, contents = self.database, self.contents
        yield Check("disk", t("Disk"), partial(machine.disk, store, contents, t))
        yield Check("files", t("Files"), partial(machine.files, store, contents, t), (_DATABASE,))
        yield Check("templates", t("Templates"), partial(machine.templates, self.settings, t))
        yield Check("converter", t("PDF"), partial(machine.converter, t))
        yield Check("seal_key", t("Key"), partial(machine.seal_key, store, self.key, t), (_DATABASE,))
        yield Check("settings", t("Settings"), partial(machine.settings, self.settings, t))
        stored = partial(machine.variables, self.settings, store, t)
        yield Check("variables", t("Variables"), stored, (_DATABASE,))

    def _views(self, t: Translator) -> Check:
        return Check("views", t("Views"), partial(views.views, self.client, t), (_TOKEN,))
