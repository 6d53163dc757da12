"""Creates all parts of the process and connects them. No other module does."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import structlog
from slack_bolt import App
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.casework import signing
from bot.casework.company_settings import CompanySettings
from bot.casework.company_source import CompanySource
from bot.clock import Clock, Clocks
from bot.health import DELIVERY, OK, REMINDERS, ROLES, SEAL_KEY, SOCKET, UNSIGNED, Health
from bot.runtime import environment, process
from bot.runtime.clock_check import ClockCheck
from bot.runtime.database_check import DatabaseCheck
from bot.runtime.dead_mans_switch import DeadMansSwitch
from bot.runtime.desk_channel import DeskChannel
from bot.runtime.doctor.doctor import Doctor
from bot.runtime.folder_check import FolderCheck
from bot.runtime.http_server import CannotListen, Server
from bot.runtime.jobs import Jobs
from bot.runtime.manifest_change import note_manifest
from bot.runtime.seal_key import FoundKey, find_key
from bot.runtime.waits import follow_day, renew
from bot.runtime.watchdog import Watchdog
from bot.runtime.web import OperatorPages, Web
from bot.settings.settings import Settings
from bot.slack.app import RequestGateway, make_app
from bot.slack.delivery.alarm import Alarm
from bot.slack.delivery.deliver import Sender
from bot.slack.delivery.fetch_files import FileFetcher
from bot.slack.delivery.loop import Delivery
from bot.slack.delivery.outcomes import Outcomes
from bot.slack.delivery.pace import Pace
from bot.slack.delivery.render_job import RenderContext
from bot.slack.delivery.renderer import Renderer
from bot.slack.delivery.request_priority import RequestPriority
from bot.slack.delivery.respond import Responder
from bot.slack.epoch_marks import EpochMarks
from bot.slack.identity import Identity
from bot.slack.listener_context import ListenerContext
from bot.slack.own_workspace import OwnWorkspaceCheck
from bot.slack.people_refresh import ROUND_EVERY, PeopleRefresh
from bot.slack.seen_events import SeenEvents
from bot.slack.socket import Socket
from bot.slack.web_client import SlackClient
from storage import migrations
from storage.database import Unavailable
from storage.outbox import SPACING

log = structlog.get_logger(__name__)
#: How long stopping waits for Slack's answer about people, in seconds.
SHUTDOWN_WAIT_SECONDS = 2.0


class Bot:
    """The whole bot in one process: `web` accepts requests, `worker` delivers and reminds. Both are on by default."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        spacing: timedelta = SPACING,
        web: bool = True,
        worker: bool = True,
    ) -> None:
        """`clock` is that of the machine; `spacing` is the pause between two messages to one channel or person."""
        templates = process.templates(settings)
        machine = clock or process.clock(settings)
        self._http = process.http_client(machine.ticks)
        self.database = process.database(settings)
        self.clocks = Clocks(machine, self.database.server_now)
        self.clock = self.clocks.wall
        key = find_key(settings)
        self.source = CompanySource(key.key, settings.company)
        self._given = settings.company
        self.health = Health(self.clocks.ticks)
        token = settings.bot_token.get_secret_value()
        marks = EpochMarks(self.database)
        client = partial(SlackClient, self._http, token, settings.api_url, self.clock)
        self._client = client(marks.marked)
        self.identity = Identity(self.database, self._client, self.clock, self.source)
        self.people = PeopleRefresh(self.database, self._client, self.identity, self.clocks, self.health)
        self._own_workspace = OwnWorkspaceCheck(self.database, self._client, self.clock)
        self.desk = DeskChannel(self._client, self.identity, self.database, self.source, self.clock, self.health)
        priority, pace = RequestPriority(), Pace(spacing, self.clocks.ticks)
        self.contents = process.file_contents(settings, self.database)
        rendering = RenderContext(self.source, templates, self.contents)
        self._seen_events = SeenEvents()
        self.folder_check = FolderCheck(self.database, self.clocks, self.contents, self.health)
        self.delivery = self._delivery(client(), rendering, pace, priority)
        self.jobs = Jobs(self.database, self.source, self.clocks, self.health, settings.sweep)
        self.database_check = self._database_check(key, works=worker)
        self._responder = Responder(self._http, marks.marked, priority)
        self._listeners = ThreadPoolExecutor(settings.threads, "listener")
        app = make_app(self._context(marks, self._doctor(settings, key)), token, self._listeners)
        gateway = self._gateway(app, settings) if web and not settings.socket_mode else None
        self._pages = self._operator_pages(settings)
        self.server = Server(Web(gateway, self._pages, priority), settings.host, settings.port, settings.threads)
        self.health_server = self._made_health_server(settings, priority)
        self._socket = self._made_socket(app, settings) if web and not gateway else None
        self._watchdog = self._made_watchdog(settings)
        self._switch = self._made_switch(settings) if worker else None
        self._works, self._serves, self._uses_socket_mode = worker, web, settings.socket_mode
        self._first_check = threading.Thread(target=self.check_slack, name="people", daemon=True)
        self._started = False

    def _doctor(self, settings: Settings, key: FoundKey) -> Doctor:
        own = (self.database, self.clocks, self._client, self.identity, self.source, self.contents)
        return Doctor(settings, *own, key)

    def _context(self, marks: EpochMarks, doctor: Doctor) -> ListenerContext:
        own = (self.database, self.clock, self.source, self.identity, self._responder, self._client, self.health)
        more = (self._own_workspace, marks, self.contents, self._seen_events)
        return ListenerContext(*own, *more, doctor.examine)

    def _gateway(self, app: App, settings: Settings) -> RequestGateway:
        return RequestGateway(app, settings.signing_secret.get_secret_value(), self.clock, self.health)

    def _operator_pages(self, settings: Settings) -> OperatorPages:
        token = settings.metrics_token
        return OperatorPages(self.health, token.get_secret_value() if token else "")

    def _made_health_server(self, settings: Settings, priority: RequestPriority) -> Server | None:
        """Return the server of health and metrics alone. It is there for operators when `PORT` is crowded."""
        if settings.health_port is None:
            return None
        try:
            return Server(Web(None, self._pages, priority), settings.host, settings.health_port, threads=1)
        except CannotListen:
            self.server.stop()
            raise

    def _made_socket(self, app: App, settings: Settings) -> Socket:
        app_token = settings.app_token.get_secret_value()
        return Socket(app, app_token, self._client, self.clocks.ticks, self.health)

    def _made_watchdog(self, settings: Settings) -> Watchdog:
        own = (self._client, self.database, self.identity, self.source, self.clocks, self.health.metrics)
        alarm = Alarm(*own)
        clock_check = ClockCheck(self._client, self.clocks, self.health, self.jobs.revive)
        return Watchdog(self.health, settings.sweep, clock_check.check, self.jobs.revive, alarm.update)

    def _made_switch(self, settings: Settings) -> DeadMansSwitch | None:
        url = settings.heartbeat_url
        return DeadMansSwitch(url.get_secret_value(), self.health, (REMINDERS, DELIVERY)) if url else None

    def _delivery(self, client: SlackClient, context: RenderContext, pace: Pace, priority: RequestPriority) -> Delivery:
        outcomes = Outcomes(self.database, self.clocks, self.source, pace, self.health)
        renderer = Renderer(self.database, self.clock, context, priority)
        fetcher = FileFetcher(client, self.contents, lambda: self.company.files, outcomes)
        sender = Sender(self.database, client, self.clocks, renderer, pace, outcomes, fetcher, self.health)
        return Delivery(self.database, self.clocks, sender, pace, priority, self.health)

    def _database_check(self, key: FoundKey, *, works: bool) -> DatabaseCheck:
        own = (self.database, self.clocks, self.health, self.jobs.interval)
        return DatabaseCheck(
            *own, works=works, key=key, given=self._given, postponed=self.jobs.postponed, seen_events=self._seen_events
        )

    @property
    def company(self) -> CompanySettings:
        """The company's settings at this moment. Raises `Unavailable`."""
        with self.database.read() as session:
            return self.source.of(session)

    def start(self) -> None:
        """Start serving. Slack is asked about people in the background.

        A process that does everything stores the settings that its environment sets. Raises `InUse` if another process
        has the SQLite file.
        """
        self.database.take_ownership()
        self._started = True
        if self._works and self._serves:
            environment.store(self.database, self.source, self._given, self.clock)
        self.identity.seed()
        note_manifest(self.database, self.clock, socket_mode=self._uses_socket_mode)
        self._introduce_key()
        if self._works:
            self._follow_day()
            renew(self.database, self.source, self.clock)
        self.desk.follow()  # whichever process restarts last moves what is left
        self.database.on_queued(self.delivery.wake)
        if self._works:
            self.database.listen_for_commits()
            self.delivery.start()
            self.jobs.add(self.check_slack, timedelta(hours=1))
            self.jobs.add(self.people.go_on, ROUND_EVERY)
            self.jobs.add(self._follow_day, timedelta(minutes=1))
            self.jobs.add(self.desk.follow_change, timedelta(minutes=1))
            self.folder_check.check()
            self.jobs.add(self.folder_check.check, timedelta(minutes=1))
            self.folder_check.clean()
            self.jobs.add(self.folder_check.clean, timedelta(days=1))
            self.jobs.start()
        self.server.start()
        if self.health_server:
            self.health_server.start()
        if self._socket:
            self._socket.start()
            self.health.ask(SOCKET, self._socket.state)
        self._watchdog.start()
        if self._switch:
            self._switch.start()
        self._first_check.start()

    def _follow_day(self) -> int:
        return follow_day(self.database, self.source, self.clock)

    def _introduce_key(self) -> None:
        """Write the first use of the key to the history of the desk; log in one line why a key is not used."""
        with self.database.write() as session:
            signing.signing_key(session, self.source.of(session), self.clock.now())
        self.database_check.start()
        state = self.health.report().parts.get(SEAL_KEY, OK)
        if state not in (OK, UNSIGNED):
            log.warning("seal_key.not_used", reason=state)

    def is_migrated(self) -> bool:
        """Return whether the database has the schema of this code."""
        return migrations.is_current(self.database.engine)

    def has_settings(self) -> bool:
        """Return whether settings are stored, or this process stores those of its environment itself."""
        return (self._works and self._serves) or environment.was_stored(self.database, self._given)

    def check_slack(self) -> None:
        """Check the access to Slack, and refresh our own workspace, people and roles."""
        try:
            own = self._client.auth_test()
        except SlackApiError as error:
            self.health.slack(str(error.response["error"]))
            log.error("slack.no_access", error=error.response["error"])
            return
        except (SlackClientError, OSError) as error:
            self.health.slack(type(error).__name__)
            return
        self.health.slack("ok")
        try:
            self._own_workspace.learn(own.data if isinstance(own.data, dict) else {})
        except Unavailable:
            log.warning("workspace.not_stored")  # retried in the next hour
        self.people.begin()
        if self._works:
            self._tell_vacancies()
            self.desk.check()

    def _tell_vacancies(self) -> None:
        try:
            vacant = self.identity.tell_vacancies()
        except Unavailable:
            log.warning("vacancies.not_told")  # retried in the next hour
        else:
            self.health.finding(ROLES, f"vacant: {', '.join(sorted(vacant))}" if vacant else OK)

    def announce_stop(self) -> None:
        """Tell a load balancer (by health) and Slack (by closing Socket Mode) to turn to other processes.

        Requests that arrive all the same are answered as usual.
        """
        self._pages.stopping = True
        if self._socket:
            self._socket.stop()

    def stop(self) -> None:
        """Finish the work in progress and release all resources."""
        if self._started:
            self._stop_parts()
        else:
            self._stop_servers()
        self._listeners.shutdown()
        self._responder.stop()
        self._http.close()
        self.database.close()

    def _stop_parts(self) -> None:
        self._watchdog.stop()
        self.database_check.stop()
        if self._switch:
            self._switch.stop()
        if self._socket:
            self._socket.stop()
        self._stop_servers()
        if self._works:
            self.jobs.stop()
            self.delivery.stop()
        if self._first_check.is_alive():
            self._first_check.join(timeout=SHUTDOWN_WAIT_SECONDS)

    def _stop_servers(self) -> None:
        self.server.stop()
        if self.health_server:
            self.health_server.stop()
