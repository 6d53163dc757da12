"""The time and the zone of a test. A test begins at one fixed moment, never at the real present.

`--world` chooses another beginning. `make test-calendar` runs the tests that depend on the clock with each beginning of
`CALENDAR`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.clock import Clock, ShiftedClock
from bot.playground.playground import Playground
from bot.sandbox.workspace import demo
from bot.sandbox.workspace.workspace import Workspace

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True, slots=True)
class World:
    """A first moment, in the time zone of the service desk and of the demo team's people who work there."""

    name: str
    begins: datetime

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the service desk."""
        zone = self.begins.tzinfo
        assert isinstance(zone, ZoneInfo)
        return zone


def _at(name: str, wall: str, zone: ZoneInfo = SHANGHAI) -> World:
    return World(name, datetime.fromisoformat(wall).replace(tzinfo=zone))


#: A Tuesday morning in the middle of a month.
ORDINARY = _at("ordinary", "2026-11-17T10:00")
#: Moments at which days, weeks, months, years and clocks change.
CALENDAR = (
    _at("month-end", "2026-11-30T22:50"),
    _at("month-begin", "2026-12-01T00:00:20"),
    _at("year-end", "2026-12-31T23:10"),
    _at("leap-day", "2028-02-29T10:00"),
    _at("sunday-night", "2026-11-22T23:30"),
    _at("dst-begins", "2027-03-28T01:30", BERLIN),
    _at("dst-ends", "2026-10-25T02:30", BERLIN),
)
#: The URL of a Slack API on this machine where nobody listens.
NOWHERE = "http://127.0.0.1:9/api/"
#: Settings for a run in which a few persons do in an hour what a center does in months.
UNLIMITED = {f"FAULT_MAX_{what}_PER_HOUR": "none" for what in ("REPORTS", "EXPORTS", "HELP")}
#: Seconds of real time that an operation may take before it counts as failed. Far more than a busy machine needs.
MAX_WAIT_SECONDS = 60.0
#: Seconds for which a person looks for a button or field. A test that expects to find none waits as long.
FIND_TIMEOUT_SECONDS = 10.0
WORLDS = {world.name: world for world in (ORDINARY, *CALENDAR)}

_chosen = ORDINARY


def choose(name: str) -> None:
    """Let every later world begin as this one of `WORLDS` does."""
    global _chosen
    _chosen = WORLDS[name]


def begins() -> datetime:
    """The first moment of the chosen world, timezone-aware, in UTC."""
    return _chosen.begins.astimezone(UTC)


def zone() -> ZoneInfo:
    """The zone of the service desk in the chosen world."""
    return _chosen.zone


def day(offset: int = 0) -> date:
    """The date in the zone of the service desk on which the chosen world begins, or `offset` days later."""
    return _chosen.begins.date() + timedelta(days=offset)


def clock() -> ShiftedClock:
    """A clock that begins with the chosen world and runs on from there."""
    return ShiftedClock.beginning(begins())


def workspace(**settings: Any) -> Workspace:
    """The demo team's workspace in the chosen world. `settings` are arguments of `Workspace`."""
    made = _with_long_timeouts(demo.demo_workspace(**{"clock": clock().now, **settings}))
    made.find_timeout = settings.get("find_timeout", made.find_timeout)
    return made


def environment(workspace: Workspace) -> dict[str, str]:
    """The environment of a process that serves this workspace in the chosen world, by the workspace's clock."""
    return {**at(workspace.state.now()), **demo.environment(workspace), "FAULT_TIMEZONE": zone().key}


def at(moment: datetime) -> dict[str, str]:
    """The environment of a process that takes this moment for the present."""
    shift = moment - Clock().now()
    return {"SLACK_API_URL": NOWHERE, "FAULT_CLOCK_SHIFT_SECONDS": str(shift.total_seconds())}


def _with_long_timeouts(workspace: Workspace) -> Workspace:
    """Raise all limits of three seconds and of a person's waiting, so that nothing fails on a busy machine."""
    workspace.ack_limit = workspace.wait_limit = MAX_WAIT_SECONDS
    workspace.find_timeout = FIND_TIMEOUT_SECONDS
    workspace.triggers.lifetime = timedelta(seconds=MAX_WAIT_SECONDS)
    return workspace


def playground(url: str, overrides: Mapping[str, str] | None = None, **more: Any) -> Playground:
    """The bot and the demo team's workspace in the chosen world, with no pause between messages.

    Nothing happens by itself as time goes on: a test moves the time and runs the sweep, unless it sets
    `FAULT_SWEEP_SECONDS`. `more` are further arguments of `Playground`.
    """
    here = {"FAULT_TIMEZONE": zone().key, "FAULT_SWEEP_SECONDS": "3600", "FAULT_THREADS": "8", **(overrides or {})}
    made = Playground(url, overrides=here, **{"interval": timedelta(), "clock": clock(), **more})
    made.bot.jobs.paused = "FAULT_SWEEP_SECONDS" not in (overrides or {})
    _with_long_timeouts(made.workspace)
    for user in made.workspace.users.all() if zone() != SHANGHAI else ():
        if user.tz == SHANGHAI.key:
            made.workspace.change_user(user.id, tz=zone().key)
    return made
