"""Initial answers of a form, taken from an earlier version of the record or from the case. Pure functions."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.casework.reading.read_models import CaseCard
from bot.i18n.translator import Translator, _
from bot.workflow.field import FieldKind
from bot.workflow.fields import FORMS
from storage.vocabulary import Channel, Paper, Place, Source, Step

Answers = dict[str, Any]
#: A mention, channel, moment or link in the text of a message: its target and its label. Anything else in angle
#: brackets was typed, because the text of a command is not escaped.
_TOKEN = re.compile(r"<([@#!][^<>|]+|[a-zA-Z][a-zA-Z0-9+.-]*:[^<>|]+)(?:\|([^<>]*))?>")
_MENTIONED = re.compile(r"<@([UW][A-Z0-9]+)")


def for_report(description: str = "", now: datetime | None = None) -> Answers:
    """Return the initial answers of a new report.

    `now` (aware) becomes the time when the problem was found. `description` is the text of the message that the
    report is made from; its start becomes the summary.
    """
    known: Answers = {"source": Source.CUSTOMER, "channel": Channel.SLACK}
    if now:
        known["found_at"] = now
    if description:
        known["description"] = description
        known["summary"] = " ".join(description.split())[:140]
    return known


def mentioned(text: str) -> frozenset[str]:
    """Return the user ids that the text of a Slack message mentions."""
    return frozenset(_MENTIONED.findall(text))


def as_typed(text: str, names: Mapping[str, str]) -> str:
    """Convert the text of a Slack message to what its author saw.

    Mentions become names (`names` maps user ids to them), links become label and target, and Slack's escapes are
    undone.
    """
    shown = _TOKEN.sub(lambda token: _shown(token[1], token[2], names), text)
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _shown(target: str, label: str | None, names: Mapping[str, str]) -> str:
    sign, word = target[:1], target[1:]
    match sign:
        case "@":
            return "@" + (names.get(word) or label or word)
        case "#":
            return "#" + (label or word)
        case "!":
            return label or "@" + word.partition("^")[0]
    return f"{label} ({target})" if label and label != target else target


def prefill(step: Step, card: CaseCard, t: Translator) -> Answers:
    """Return the raw initial answers of a step's form: what was entered earlier on the case, or a neutral sentence.

    `t` is the translator of the person who fills in the form.
    """
    known = _KNOWN.get(step)
    neutral = {"reply_followers": t(_NEUTRAL[step])} if step in _NEUTRAL else {}
    return {**(known(card) if known else {}), **neutral}


#: What followers of other customers read, unless the writer changes it. It repeats nothing of the answer (rule 2.3).
_NEUTRAL = {
    Step.ANSWER: _("We have looked into the question that you reported. If you still need help, please write to us."),
    Step.REPLY_CUSTOMER: _("The problem that you reported has been handled. If it still occurs, please write to us."),
}


def _sheet(card: CaseCard) -> Answers:
    """The answers of the latest sheet of this kind, or what triage and the reporter entered."""
    earlier = card.sheet
    if earlier and card.kind and earlier.paper is _paper_of(card):
        return raw(Step.DRAFT_SHEET, earlier.content)
    return {
        "symptom_kind": card.symptom_kind,
        "symptom": card.description,
        "new_business": card.new_business or card.description,
    }


def _paper_of(card: CaseCard) -> Paper:
    return Paper.REQUIREMENT_SHEET if card.kind == "requirement" else Paper.FAULT_SHEET


def _analysis(card: CaseCard) -> Answers:
    """The answers of the latest analysis report: a draft kept during negotiation, or one that was reopened."""
    earlier = card.paper(Paper.ANALYSIS_REPORT)
    analysts = [*card.places.get(Place.TESTERS, ()), *card.places.get(Place.TECHNICIANS, ())]
    fresh: Answers = {
        "analysts": list(dict.fromkeys(analysts)),
        "versions": card.product_version,
        "module": card.module,
    }
    kept = raw(Step.PUBLISH_ANALYSIS, earlier.content) if earlier else {}
    return {**_severity(card), **fresh, **kept, "analysts": fresh["analysts"]}


def _severity(card: CaseCard) -> Answers:
    """The severity so far and its reason. A deadline in force stays, and a new one is asked anew (rule 2.4)."""
    if card.severity is None:
        return {}
    record = card.paper(Paper.FAULT_RECORD)
    reason = record.content.get("severity_reason") if record else None
    return {"severity": card.severity, "severity_reason": reason}


def _sign(card: CaseCard) -> Answers:
    """The testers and technicians already named on the case, if it was analyzed before."""
    return {"testers": card.places.get(Place.TESTERS), "technicians": card.places.get(Place.TECHNICIANS)}


def _report(card: CaseCard) -> Answers:
    """What the report says now. A module is asked only while it is not known."""
    codes = (field.code for field in FORMS[Step.CORRECT] if field.code not in ("version", "module", "reason"))
    return {"version": card.product_version, **{code: getattr(card, code) for code in codes}}


def _test(card: CaseCard) -> Answers:
    return {"build": card.build}


_KNOWN: Mapping[Step, Callable[[CaseCard], Answers]] = {
    Step.DRAFT_SHEET: _sheet,
    Step.SIGN_SHEET: _sign,
    Step.PUBLISH_ANALYSIS: _analysis,
    Step.CHANGE_DEADLINE: lambda card: {"deadline_at": card.deadline_at},
    Step.PASS_TEST: _test,
    Step.FAIL_TEST: _test,
    Step.UPDATE_MANUAL: lambda card: {"product_version": card.target_version},
    Step.RECORD_RELEASE: lambda card: {"version": card.target_version},
    Step.CORRECT: _report,
}


def raw(step: Step, content: Mapping[str, Any]) -> Answers:
    """Convert the content of a record to raw answers of a step's form. ISO text becomes a datetime."""
    answers: Answers = {}
    for field in FORMS[step]:
        value = content.get(field.code)
        if value is not None:
            moment = field.kind is FieldKind.MOMENT and isinstance(value, str)
            answers[field.code] = datetime.fromisoformat(value) if moment else value
    return answers
