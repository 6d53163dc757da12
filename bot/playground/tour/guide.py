"""The guide: starts a path, plays its acts one by one or all at once, and tells where the run stands."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

from bot.clock import ShiftedClock
from bot.playground.tour.act import Act, Path, Text
from bot.playground.tour.failure_text import sentence
from bot.playground.tour.observer import Observer
from bot.playground.tour.paths import PATHS
from bot.playground.tour.person_actions import Hands
from bot.playground.tour.player import Memory, Played, Player
from bot.sandbox import SandboxError, StandIn


class NoSuchPath(SandboxError):
    """The tour has no path of this code."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come. `position` acts are played; `failed` says why it ended early."""

    position: int = 0
    last: tuple[Act, Played] | None = None
    failed: Text | None = None


@dataclass
class Run:
    """One playing of a path; its progress is replaced as a whole, so that it can be read at any time."""

    path: Path
    progress: Progress = field(default_factory=Progress)
    memory: Memory = field(default_factory=Memory)
    #: Whether it goes on by itself.
    playing: bool = False

    @property
    def done(self) -> bool:
        """Whether nothing is left to play."""
        return self.progress.failed is not None or self.progress.position == len(self.path.acts)

    def play_next(self, player: Player) -> None:
        """Play the next act; what goes wrong ends the run."""
        act = self.path.acts[self.progress.position]
        try:
            played = player.play(act, self.memory)
        except (SandboxError, TimeoutError) as problem:
            self.progress = replace(self.progress, failed=sentence(problem))
        else:
            self.progress = Progress(self.progress.position + 1, (act, played))


class Guide:
    """Leads through the process in a stand-in workspace. One run at a time; every method may be called by any thread.

    Args:
        standin: a workspace with the demo team, and a running bot connected.
        clock: the one that the workspace and the bot go by; acts that wait put it forward.
        sweep: lets the bot send the reminders that are due, after such a jump.
        is_resting: whether no message is on its way, so that the clock may jump.
    """

    def __init__(
        self,
        standin: StandIn,
        clock: ShiftedClock,
        sweep: Callable[[], object],
        is_resting: Callable[[], bool],
    ) -> None:
        self._observer = Observer(standin, is_resting)
        self._player = Player(self._observer, Hands(standin, self._observer), clock, sweep)
        self._playing = Lock()
        self._run: Run | None = None

    def paths(self) -> list[dict[str, Any]]:
        """Return every path that can be played, JSON-able: code, title, about, ends (a state's code) and acts."""
        return [_shown(path) for path in PATHS.values()]

    def start(self, code: str) -> dict[str, Any]:
        """Begin a path; an earlier run loses its position, its cases stay as they are. Returns the run's state.

        Raises:
            NoSuchPath: no path has this code.
        """
        if code not in PATHS:
            raise NoSuchPath(f"no path is {code}; there are {', '.join(PATHS)}")
        self._run = Run(PATHS[code])
        return self.state()

    def step(self) -> dict[str, Any]:
        """Play the next act, if one is left, and return the run's state."""
        run = self._run
        if run is not None:
            self._play_next(run)
        return self.state()

    def play(self) -> dict[str, Any]:
        """Play all acts that are left, unless it is stopped or another path is started, and return the run's state."""
        run = self._run
        if run is not None:
            run.playing = True
            while run is self._run and run.playing and not run.done:
                self._play_next(run)
            run.playing = False
        return self.state()

    def stop(self) -> dict[str, Any]:
        """Let the run that plays by itself halt after the act it is at, and return its state."""
        if self._run is not None:
            self._run.playing = False
        return self.state()

    def state(self) -> dict[str, Any]:
        """Return where the run stands, JSON-able; `code` is None before the first one.

        `position` of `of` acts are played; `playing` while it goes on by itself. `last.viewer` is whose screen shows
        what came of the last act, in `channel` at `ts`. `failed` (English) and `failed_zh` (Chinese) say in a sentence
        why it ended early. `last.refused` is what the bot refused the act with, as its person reads it.
        """
        run = self._run
        if run is None:
            nothing = dict.fromkeys(("code", "case", "last", "next", "failed", "failed_zh"))
            return {**nothing, "position": 0, "of": 0, "done": True, "playing": False}
        progress = run.progress
        over = progress.failed is not None or progress.position == len(run.path.acts)
        return {
            "code": run.path.code,
            "position": progress.position,
            "of": len(run.path.acts),
            "done": over,
            "playing": run.playing and not over,
            "case": progress.last[1].case if progress.last else None,
            "last": self._told(*progress.last) if progress.last else None,
            "next": None if over else _announced(run.path.acts[progress.position]),
            "failed": progress.failed.en if progress.failed else None,
            "failed_zh": progress.failed.zh if progress.failed else None,
        }

    def _play_next(self, run: Run) -> None:
        with self._playing:
            if run is self._run and not run.done:
                run.play_next(self._player)

    def _told(self, act: Act, played: Played) -> dict[str, Any]:
        """The act as it was played; a message that was still on its way then may be there now."""
        told = self._observer.told(act.tells, played.case) if act.tells else None
        seen = told or played.seen or (None if played.refused else self._observer.card(played.case))
        where = {"channel": seen.channel, "ts": seen.ts} if seen else {"channel": None, "ts": None}
        return {**_announced(act), "refused": played.refused, "viewer": act.tells if told else act.who, **where}


def _announced(act: Act) -> dict[str, Any]:
    return {"who": act.who, "caption": act.caption.to_json()}


def _shown(path: Path) -> dict[str, Any]:
    return {
        "code": path.code,
        "title": path.title.to_json(),
        "about": path.about.to_json(),
        "ends": path.ends,
        "acts": [_announced(act) for act in path.acts],
    }
