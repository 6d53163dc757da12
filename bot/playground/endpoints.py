"""Control endpoints of the sandbox that need the bot as well as the workspace: the clock and the guided tour."""

from datetime import datetime, timedelta

from bot.playground.playground import Playground
from bot.playground.tour.guide import Guide
from bot.sandbox.api.control import Endpoint
from bot.sandbox.client.transport import Transport
from bot.sandbox.errors import NotThere
from bot.sandbox.shared_state import Json
from storage import reminders

#: The longest single jump of the clock, in seconds (one year).
MAX_JUMP_SECONDS = 366 * 86_400


def endpoints(playground: Playground) -> dict[str, Endpoint]:
    """Return the control endpoints of this playground by name, each called under `/sandbox/<name>`."""
    guide = Guide(playground.standin, playground.clock, playground.bot.jobs.sweep, playground.is_idle)

    def clock(_transport: Transport, wanted: Json) -> Json:
        """Put the clock forward `by` seconds, or `to` the `next_reminder`, if asked; return the time as ISO 8601."""
        if step := _step(playground, wanted):
            playground.pass_time(step)
            playground.bot.jobs.report()
        due = _next_reminder(playground)
        coming = due.isoformat() if due else None
        now = playground.clock.now().isoformat()
        return {"now": now, "next_reminder": coming, "shown": f"{now}; next reminder {coming or 'none'}"}

    def tour(_transport: Transport, wanted: Json) -> Json:
        """Control the guided tour; `op` is `paths`, `start` (with `code`), `step`, `play`, `stop` or `state`."""
        match wanted.get("op"):
            case "start":
                run = guide.start(str(wanted["code"]))
            case "step":
                run = guide.step()
            case "play":
                run = _played(guide, str(wanted.get("code") or ""))
            case "stop":
                run = guide.stop()
            case _:
                run = guide.state()
        return {"paths": guide.paths(), "run": run, "shown": _shown(run)}

    return {"clock": clock, "tour": tour}


def _step(playground: Playground, wanted: Json) -> timedelta:
    if wanted.get("to") == "next_reminder":
        due = _next_reminder(playground)
        if due is None:
            raise NotThere("no reminder is planned")
        return max(timedelta(), due - playground.clock.now()) + timedelta(seconds=1)
    seconds = float(wanted.get("by") or 0)
    if not 0 <= seconds <= MAX_JUMP_SECONDS:
        raise NotThere(f"the clock is put forward by 0 to {MAX_JUMP_SECONDS} seconds, not by {seconds:g}")
    return timedelta(seconds=seconds)


def _next_reminder(playground: Playground) -> datetime | None:
    with playground.bot.database.read() as session:
        return reminders.next_due(session)


def _played(guide: Guide, code: str) -> Json:
    """Play the rest of this path. It starts from the beginning if another path is running or this one is over."""
    run = guide.state()
    if code and (run["code"] != code or run["done"]):
        guide.start(code)
    return guide.play()


def _shown(run: Json) -> str:
    if run["code"] is None:
        return "no path was begun"
    if run["failed"]:
        return f"{run['code']} failed at step {run['position']}: {run['failed']}"
    return f"{run['code']} {run['case'] or ''}: {run['position']} of {run['of']} steps"
