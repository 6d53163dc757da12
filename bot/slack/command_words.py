"""The words of `/fault`, in both languages, and the states that a list can be narrowed to."""

from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from unicodedata import normalize

from bot.casework.steps.load import number
from storage.vocabulary import END_STATES, OPEN_STATES, State


class Verb(StrEnum):
    """What `/fault` can be asked to do."""

    NEW = "new"
    SHOW = "show"
    LIST = "list"
    MINE = "mine"
    QUEUE = "queue"
    STATS = "stats"
    EXPORT = "export"
    VERIFY = "verify"
    ADMIN = "admin"
    HELP = "help"
    UNKNOWN = "unknown"


WORDS: dict[str, Verb] = {
    **{verb.value: verb for verb in Verb if verb is not Verb.UNKNOWN},
    **dict.fromkeys(("report", "新建", "提出", "提出问题", "报告", "报修"), Verb.NEW),
    **dict.fromkeys(("open", "查看", "显示"), Verb.SHOW),
    **dict.fromkeys(("ls", "列表", "列出"), Verb.LIST),
    **dict.fromkeys(("my", "我的"), Verb.MINE),
    **dict.fromkeys(("todo", "待办"), Verb.QUEUE),
    **dict.fromkeys(("statistics", "统计", "统计分析"), Verb.STATS),
    **dict.fromkeys(("documents", "导出"), Verb.EXPORT),
    **dict.fromkeys(("check", "核验", "验证"), Verb.VERIFY),
    **dict.fromkeys(("管理",), Verb.ADMIN),
    **dict.fromkeys(("?", "？", "帮助"), Verb.HELP),
}

#: The states' codes, their names up to version 0.1 where they differ from today's, and words for several states.
STATE_WORDS: dict[str, frozenset[State]] = {
    **{state.value: frozenset({state}) for state in State},
    **{state.value.replace("_", " "): frozenset({state}) for state in State},  # as English named them in 0.1
    "判定": frozenset({State.TRIAGE}),
    "任务单起草": frozenset({State.SHEET_DRAFTING}),
    "判定是否修改软件": frozenset({State.DECISION}),
    **dict.fromkeys(("open", "未结"), OPEN_STATES),
    **dict.fromkeys(("ended", "已结"), END_STATES),
    **dict.fromkeys(("all", "全部"), frozenset(State)),
}


#: What `/fault admin` is about.
OUTBOX_WORDS = frozenset({"outbox", "发件箱"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A command understood: what to do, with which case or which rest of the words. `delivery`: its identity."""

    verb: Verb
    case_id: int | None = None
    rest: str = ""
    delivery: str = ""


def understand(text: str) -> Asked:
    """Read what was typed after `/fault`. Never fails; what is not known is `Verb.UNKNOWN`."""
    text = normalize("NFKC", text)  # a Chinese keyboard's wide letters and digits
    first, rest = _split(text)
    if not first:
        return Asked(Verb.NEW)
    case_id = number(text)
    if case_id is not None:
        return Asked(Verb.SHOW, case_id)
    verb = WORDS.get(first.casefold(), Verb.UNKNOWN)
    return Asked(verb, number(rest), rest if verb is not Verb.UNKNOWN else text.strip())


def nearest(text: str) -> list[str]:
    """The words most like what was typed."""
    first, _rest = _split(text)
    return get_close_matches(first.casefold(), WORDS, n=3, cutoff=0.6)


def _split(text: str) -> tuple[str, str]:
    """The first word and the rest; a Chinese keyboard's wide space parts words as well."""
    first, rest = (*text.split(maxsplit=1), "", "")[:2]
    return first, rest.strip()


def narrowed(rest: str, state_names: dict[str, State]) -> frozenset[State] | None:
    """The states meant by the words after `list`: today's names, those of version 0.1, or codes, one or several.

    A name may have several words; where one name begins like another, the longer one is meant. Returns None if a
    word is not understood. No words mean all open cases.
    """
    known = {**STATE_WORDS, **{name.casefold(): frozenset({state}) for name, state in state_names.items()}}
    longest = max(len(name.split()) for name in known)
    words = rest.casefold().split()
    if not words:
        return OPEN_STATES
    found: set[State] = set()
    while words:
        lengths = range(longest, 0, -1)
        length = next((length for length in lengths if " ".join(words[:length]) in known), None)
        if length is None:
            return None
        found |= known[" ".join(words[:length])]
        words = words[length:]
    return frozenset(found)
