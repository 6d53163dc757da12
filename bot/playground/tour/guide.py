"""The guided tour's control: starts a path, plays its acts one by one or all at once, and reports the run's state."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

from bot.clock import ShiftedClock
from bot.playground.tour.act import Act, Path, Text
from bot.playground.tour.failure_text import sentence
from bot.playground.tour.observer import Observer
from bot.playground.tour.paths import PATHS
from bot.playground.tour.person_actions import PersonActions
from bot.playground.tour.player import ActResult, Player, RunState
from bot.sandbox import SandboxError, StandIn


class NoSuchPath(SandboxError):
    """The tour has no path with this code."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a run.

    `position` acts have been played, the newest of which is `last`. `failed` says why the run ended early.
    """

    position: int = 0
    last: tuple[Act, ActResult] | None = None
    failed: Text | None = None


@dataclass
class Run:
    """One run of a path. Its progress is replaced as a whole, so that other threads can read it at any time."""

    path: Path
    progress: Progress = field(default_factory=Progress)
    state: RunState = field(default_factory=RunState)
    #: Whether the remaining acts are being played without a further request.
    playing: bool = False

    @property
    def done(self) -> bool:
        """Whether the run has failed or no act is left."""
        return self.progress.failed is not None or self.progress.position == len(self.path.acts)

    def play_next(self, player: Player) -> None:
        """Play the next act. An error ends the run."""
        act = self.path.acts[self.progress.position]
        try:
            played = player.play(act, self.state)
        except (SandboxError, TimeoutError) as problem:
            self.progress = replace(self.progress, failed=sentence(problem))
        else:
            self.progress = Progress(self.progress.position + 1, (act, played))


class Guide:
    """Plays one path at a time in a stand-in workspace. Any thread may call any method.

    Args:
        standin: a workspace with the demo team, connected to a running bot.
        clock: the clock of the workspace and the bot; acts that wait put it forward.
        sweep: makes the bot send the reminders that are due after such a jump.
        is_idle: whether no message is being sent, so that the clock may be put forward.
    """

    def __init__(
        self,
        standin: StandIn,
        clock: ShiftedClock,
        sweep: Callable[[], object],
        is_idle: Callable[[], bool],
    ) -> None:
        self._observer = Observer(standin, is_idle)
        self._player = Player(self._observer, PersonActions(standin, self._observer), clock, sweep)
        self._playing = Lock()
        self._run: Run | None = None

    def paths(self) -> list[dict[str, Any]]:
        """Return every path as JSON data: code, title, about, ends (a state's code) and acts."""
        return [_shown(path) for path in PATHS.values()]

    def start(self, code: str) -> dict[str, Any]:
        """Begin a path and return the run's state. An earlier run is discarded; its cases remain.

        Raises:
            NoSuchPath: there is no path with this code.
        """
        if code not in PATHS:
            raise NoSuchPath(f"no path is {code}; there are {', '.join(PATHS)}")
        self._run = Run(PATHS[code])
        return self.state()

    def step(self) -> dict[str, Any]:
        """Play the next act, if any, and return the run's state."""
        run = self._run
        if run is not None:
            self._play_next(run)
        return self.state()

    def play(self) -> dict[str, Any]:
        """Play the remaining acts and return the run's state. `stop` and `start` end it early."""
        run = self._run
        if run is not None:
            run.playing = True
            while run is self._run and run.playing and not run.done:
                self._play_next(run)
            run.playing = False
        return self.state()

    def stop(self) -> dict[str, Any]:
        """Stop `play` after the current act, and return the run's state."""
        if self._run is not None:
            self._run.playing = False
        return self.state()

    def state(self) -> dict[str, Any]:
        """Return the run's state as JSON data; `code` is None before the first run.

        `position` of `of` acts have been played; `playing` says whether `play` is running. `last.viewer` is the person
        whose screen shows the result of the last act, in `channel` at `ts`. `last.refused` is the bot's refusal in that
        person's language. `failed` (English) and `failed_zh` (Chinese) say in a sentence why the run ended early.
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
            "last": self._result(*progress.last) if progress.last else None,
            "next": None if over else _announced(run.path.acts[progress.position]),
            "failed": progress.failed.en if progress.failed else None,
            "failed_zh": progress.failed.zh if progress.failed else None,
        }

    def _play_next(self, run: Run) -> None:
        with self._playing:
            if run is self._run and not run.done:
                run.play_next(self._player)

    def _result(self, act: Act, played: ActResult) -> dict[str, Any]:
        """Return the act with its result. Messages are looked up again, because one may have arrived since."""
        told = self._observer.direct_message(act.notifies, played.case) if act.notifies else None
        message = told or played.message or (None if played.refused else self._observer.card(played.case))
        where = {"channel": message.channel, "ts": message.ts} if message else {"channel": None, "ts": None}
        return {**_announced(act), "refused": played.refused, "viewer": act.notifies if told else act.who, **where}


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
