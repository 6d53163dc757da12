"""Marks what people can press with the epoch of the database, and refuses what bears the mark of another one.

A restore brings back numbers that were given out once before, so what was posted before it may stand for another case
now (decision 0058). Everything that leaves for Slack passes `marked` and everything that people press passes `check`,
so no view and no listener has to think of it.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bot.slack.views.desk.home import REPORT
from bot.slack.views.escape import Block
from bot.slack.views.message import compact
from bot.workflow.epoch_refusals import CaseFromBeforeRestore, FromBeforeRestore
from bot.workflow.refusal import Problem, Refusal, Refused
from storage import epochs
from storage.database import Database
from storage.tables import Epoch
from storage.vocabulary import Step

#: The key of the mark in the value of a button, the metadata of a view or a message, and the id of a row of controls.
MARK = "epoch"
#: What names nothing that is stored: reporting a problem, whose form is not lost to its writer by a restore.
HARMLESS = frozenset({REPORT, Step.REPORT.value})
_VIEWS = ("view_submission", "view_closed", "block_suggestion")


class EpochMarks:
    """Marks what leaves for Slack with the present epoch. All methods raise `Unavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def current(self) -> Epoch:
        """Return the present epoch. Other processes may begin another one at any time, so it is not kept."""
        with self._database.look() as session:
            return epochs.current(session)

    def marked(self, call: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of a call to Slack as `marked` does for the present epoch."""
        if not _markable(call):  # an alarm or a refusal is sent without the database
            return dict(call)
        return marked(call, self.current())


def marked(call: Mapping[str, Any], epoch: Epoch) -> dict[str, Any]:
    """Return the arguments of a call to Slack with all their blocks, their view and their metadata marked."""
    return {**call, **{name: _MARKED[name](call[name], epoch.code) for name in _markable(call)}}


def check(body: Mapping[str, Any], epoch: Epoch) -> None:
    """Raise `Refused` if a button or form that was pressed is not of this epoch, which is the present one."""
    foreign = (carried for carried in _pressed(body) if not epochs.is_of(carried.get(MARK), epoch))
    first = next(foreign, None)
    if first is not None:
        raise Refused(Problem(_refusal(first)))


def _markable(call: Mapping[str, Any]) -> list[str]:
    return [name for name in _MARKED if call.get(name) and _is_pressable(name, call[name])]


def _is_pressable(name: str, value: Any) -> bool:
    return name != "blocks" or any(one["type"] == "actions" or "accessory" in one for one in value)


def _blocks(blocks: Sequence[Block], code: str) -> list[Block]:
    return [_block(one, code) for one in blocks]


def _block(block: Block, code: str) -> Block:
    """Return a block whose buttons carry the code, or whose id does for controls that have no value of their own."""
    made = dict(block)
    if "accessory" in made:
        made["accessory"] = _element(made["accessory"], code)
    if made["type"] == "actions":
        made["elements"] = [_element(one, code) for one in made["elements"]]
        if "block_id" in made:
            made["block_id"] = _with(made["block_id"], code)
    return made


def _element(element: Block, code: str) -> Block:
    return {**element, "value": _with(element["value"], code)} if element["type"] == "button" else element


def _view(view: Block, code: str) -> Block:
    metadata = _with(view.get("private_metadata") or "{}", code)
    return {**view, "private_metadata": metadata, "blocks": _blocks(view["blocks"], code)}


def _metadata(metadata: Mapping[str, Any], code: str) -> dict[str, Any]:
    return {**metadata, "event_payload": {**metadata["event_payload"], MARK: code}}


def _with(carried: str, code: str) -> str:
    return compact({**json.loads(carried), MARK: code})


#: What of a call is marked, and how.
_MARKED: dict[str, Callable[[Any, str], Any]] = {"blocks": _blocks, "view": _view, "metadata": _metadata}


def _pressed(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield what is carried by what was pressed, as far as it can stand for anything that is stored."""
    view = body.get("view")
    if body.get("type") in _VIEWS or (body.get("type") == "block_actions" and view):
        yield from _of_view(view if isinstance(view, Mapping) else {}, body)
    elif body.get("type") == "block_actions":
        for action in body.get("actions") or ():
            yield carried(action.get("value")) or carried(action.get("block_id"))


def _of_view(view: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield what a view carries, together with the buttons in it."""
    actions: Sequence[Mapping[str, Any]] = body.get("actions") or ()
    names = {view.get("callback_id"), *(action.get("action_id") for action in actions)}
    if not names & HARMLESS:
        of_button = next((carried(one.get("value")) for one in actions if one.get("type") == "button"), {})
        yield {**of_button, **carried(view.get("private_metadata"))}


def carried(text: Any) -> dict[str, Any]:
    """Return the object in the value of a button or the metadata of a view; nothing if there is none."""
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _refusal(carried: Mapping[str, Any]) -> Refusal:
    case = carried.get("case")
    if isinstance(case, int) and 0 < case < 2**31:
        return CaseFromBeforeRestore(f"F-{case}")
    return FromBeforeRestore()
