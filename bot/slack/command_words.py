"""Parses the text of `/fault`: command words in both languages, case numbers, and state filters of a list."""

from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from unicodedata import normalize

from bot.casework.steps.load import number
from storage.vocabulary import END_STATES, OPEN_STATES, State


class Verb(StrEnum):
    """The actions of `/fault`."""

    NEW = "new"
    SHOW = "show"
    LIST = "list"
    MINE = "mine"
    QUEUE = "queue"
    STATS = "stats"
    EXPORT = "export"
    VERIFY = "verify"
    TAKE = "take"
    ADMIN = "admin"
    HELP = "help"
    UNKNOWN = "unknown"


#: The actions whose answers follow the acknowledgement, for which Slack waits three seconds: those of figures of many
#: cases, and of files that are read. So does the one of `DOCTOR_WORDS`.
_ANSWERED_LATER = frozenset({Verb.STATS, Verb.VERIFY})

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
    **dict.fromkeys(("接手",), Verb.TAKE),
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


#: Words accepted after `/fault admin`.
OUTBOX_WORDS = frozenset({"outbox", "发件箱"})
DOCTOR_WORDS = frozenset({"doctor", "诊断"})


@dataclass(frozen=True, slots=True)
class ParsedCommand:
    """A parsed command: its action, the case it names, and the remaining words.

    `delivery` identifies the request, so that a repeated one has no second effect.
    """

    verb: Verb
    case_id: int | None = None
    rest: str = ""
    delivery: str = ""

    @property
    def is_answered_later(self) -> bool:
        """Whether the answer follows the acknowledgement."""
        return self.verb in _ANSWERED_LATER or (self.verb is Verb.ADMIN and self.rest.casefold() in DOCTOR_WORDS)


def parse_command(text: str) -> ParsedCommand:
    """Parse the text after `/fault`. Never raises: an unknown command word gives `Verb.UNKNOWN`.

    The words of a report, and those that are no command, stay as they were typed.
    """
    first, rest = _split(text)
    if not first:
        return ParsedCommand(Verb.NEW)
    case_id = number(text)
    if case_id is not None:
        return ParsedCommand(Verb.SHOW, case_id)
    verb = WORDS.get(_plain(first), Verb.UNKNOWN)
    match verb:
        case Verb.UNKNOWN:
            return ParsedCommand(verb, rest=text.strip())
        case Verb.NEW:
            return ParsedCommand(verb, rest=rest)
    return ParsedCommand(verb, number(rest), normalize("NFKC", rest))


def reported_words(text: str) -> str:
    """Return the words to report of what somebody wrote to the bot, without `/fault`, as the command `new`.

    The command's word in front of them is left out only where it stands apart from what follows: before a colon or a
    line break, or written like a command, in small letters before a new sentence. "New printer is down" is a sentence.
    """
    first, rest = _split(text)
    if not rest:
        return ""
    after = text.strip()[len(first) :]
    new_sentence = rest[0].isalpha() and not rest[0].islower()
    apart = first.endswith((":", "：")) or after.lstrip(" \t").startswith("\n")
    return rest if apart or (first == first.lower() and new_sentence) else text.strip()


def nearest_words(text: str) -> list[str]:
    """Return up to three command words that are spelled most like the first word of `text`."""
    first, _rest = _split(text)
    return get_close_matches(_plain(first), WORDS, n=3, cutoff=0.6)


def _plain(word: str) -> str:
    """Return a word without the full-width letters of Chinese keyboards, capitals and the punctuation behind it."""
    folded = normalize("NFKC", word).casefold()
    return folded.rstrip(".,:;!。、") or folded


def _split(text: str) -> tuple[str, str]:
    """Split off the first word. A full-width space, as Chinese keyboards type it, also separates words."""
    first, rest = (*text.split(maxsplit=1), "", "")[:2]
    return first, rest.strip()


def parse_filters(rest: str, state_names: dict[str, State]) -> frozenset[State] | None:
    """Return the states named by the words after `list`.

    `rest` holds state codes, the words of `STATE_WORDS`, names of version 0.1, or keys of `state_names`, which maps
    today's names of states to the states; one or several of them. A name may have several words. Where one name begins
    like another, the longer one is meant. Without words all open states are meant. Returns None if a word is not
    understood.
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
