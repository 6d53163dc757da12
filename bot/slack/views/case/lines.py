"""Lines of mrkdwn that messages about a case share: title, marks, deadline, people, last step."""

from collections.abc import Iterator

from bot.casework.reading.read_models import CaseCard, HistoryLine, Titled
from bot.i18n.translator import Translator
from bot.slack.views.escape import dotted, escape, mention, mentions, moment, one_line, typed
from storage.vocabulary import END_STATES, OPEN_STATES, Basis, Bucket, Place, Role, Severity, Step

#: Each severity has a shape, so that it is recognized without color.
SEVERITY_SHAPES = {Severity.VERY_SEVERE: "▲", Severity.SEVERE: "◆", Severity.GENERAL: "●"}


def title(card: CaseCard) -> str:
    """Return number and summary as plain text."""
    return f"{card.number} · {one_line(card.summary)}"


def subject(card: CaseCard) -> str:
    """Return number and summary as mrkdwn."""
    return f"*{card.number}* · {typed(card.summary, 140)}"


def heads_up(case: Titled, said: str) -> str:
    """Return the notification text of a message about a case. `said` (mrkdwn) is what happened."""
    return dotted(case.number, said, typed(case.summary, 140))


def state(card: CaseCard, t: Translator) -> str:
    """Return the state in the reader's words, and for a duplicate the state of its master and, to some, its number."""
    followed = t("handled with another report: %(state)s", state=card.master_state) if card.master_state else ""
    merged = t("merged into %(master)s", master=typed(card.master)) if card.master else ""
    return dotted(f"*{t('State')}* {escape(t.word(card.state))}", escape(followed), merged)


def severity(grade: Severity, t: Translator) -> str:
    """Return a severity as shape and word."""
    return f"{SEVERITY_SHAPES[grade]} {escape(t.word(grade))}"


def marks(card: CaseCard, t: Translator) -> str:
    """Return kind and severity, and hold, discussion, negotiation, reopenings and rounds if there are any.

    A duplicate keeps its hold, discussion and negotiation, which are shown once the merge is undone.
    """
    is_open = card.state in OPEN_STATES
    return dotted(
        escape(t.word(card.kind)) if card.kind else "",
        f"*{severity(card.severity, t)}*" if card.severity else "",
        _hold(card, t) if is_open else "",
        "💬 " + t("In discussion") if card.in_discussion and is_open else "",
        "✉ *" + t("Not delivered to the customer") + "*" if card.undelivered else "",
        "⇄ " + t.word(Basis.NEGOTIATING) if card.negotiating and is_open else "",
        "↩ " + t("reopened: %(count)s", count=card.reopen_count) if card.reopen_count else "",
        t("answer round %(round)s", round=card.answer_round) if card.answer_round > 1 else "",
        t("test round %(round)s", round=card.test_round) if card.test_round > 1 else "",
    )


def _hold(card: CaseCard, t: Translator) -> str:
    if not card.on_hold:
        return ""
    until = t("until %(until)s", until=moment(card.hold_until, t)) if card.hold_until else ""
    return f"⏸ {t('On hold')} {until}".rstrip()


def deadline(card: CaseCard, t: Translator) -> str:
    """Return the deadline in force, its basis and moves, and whether it is overdue or was met; empty without one."""
    if card.deadline_basis is None and card.deadline_at is None:
        return ""
    basis = escape(t.word(card.deadline_basis)) if card.deadline_basis else ""
    at = moment(card.deadline_at, t) if card.deadline_at else ""
    return dotted(
        f"*{t('Deadline')}* {at or basis}",
        basis if at else "",
        _computed(card, t),
        f"⏰ *{t('Overdue')}*" if card.overdue else "",
        f"✓ *{t('On time')}*" if card.on_time else "",
        _moved(card, t),
    )


def _computed(card: CaseCard, t: Translator) -> str:
    """How a default deadline was computed; empty for a deadline that somebody named."""
    if card.default_days is None:
        return ""
    since = moment(card.default_since, t)
    said = t("end of working day %(days)s after %(reported)s", days=card.default_days, reported=since)
    return dotted(said, t("and the working time on hold") if card.is_extended else "")


def resolved(card: CaseCard, t: Translator) -> str:
    """Return when the fault was resolved, and whether that was after the deadline in force; empty before that."""
    if card.resolved_at is None:
        return ""
    late = f"⏰ *{t('Late')}*" if card.on_time is False else ""
    return dotted(f"*{t('Resolved')}* {moment(card.resolved_at, t)}", late)


def _moved(card: CaseCard, t: Translator) -> str:
    if not card.moved_count or card.first_deadline_at is None:
        return ""
    first = moment(card.first_deadline_at, t)
    return t("moved: %(count)s, at first %(first)s", count=card.moved_count, first=first)


def waits(card: CaseCard, t: Translator) -> str:
    """Return whom the case waits for: people, and roles where everybody of a role may act."""
    if card.state in END_STATES:
        return ""
    if any(one.bucket is Bucket.VACANT for one in card.waits_for):
        who = t("somebody to be assigned (nobody can act now)")
    else:
        people = tuple(one.person for one in card.waits_for if one.person)
        roles = (_role(one.role, one.not_person, t) for one in card.waits_for if one.role)
        who = " / ".join((*([mentions(people)] if people else []), *roles))
    return f"*{t('Waiting for')}* {who or t('The service desk')}"


def _role(role: Role, not_person: str | None, t: Translator) -> str:
    word = escape(t.word(role))
    return t("%(role)s, but not %(who)s", role=word, who=mention(not_person)) if not_person else word


def last(line: HistoryLine, t: Translator) -> str:
    """Return the last step, who took it and when."""
    return dotted(escape(t.word(line.step)), doer(line, t), moment(line.at, t))


def doer(line: HistoryLine, t: Translator) -> str:
    """Return who took a step, as mrkdwn; the service desk stands for a person whom the reader may not know."""
    return mention(line.person) if line.person else t("The service desk")


def origin(card: CaseCard, t: Translator, *, personal: bool) -> Iterator[tuple[str, str]]:
    """Yield customer, contact, product, reporter and versions as labels and values.

    `personal` adds the contact way, which is never shown in a channel.
    """
    way = _optional(card.contact_way, 60) if personal else ""
    yield _label("customer", t), _optional(card.customer)
    yield _label("contact", t), dotted(typed(card.contact, 60), way)
    yield _label("product", t), product(card)
    yield t.field(Step.PUBLISH_ANALYSIS, "module"), _optional(card.module)
    yield t("Reporter"), dotted(mention(card.reporter), moment(card.reported_at, t))
    yield _label("suspected_urgency", t), _suspected(card, t)
    yield t.field(Step.DECIDE_MODIFICATION, "target_version"), _optional(card.target_version)
    yield t("Fixed in"), _optional(card.fixed_version)


def unconfirmed(card: CaseCard, t: Translator) -> str:
    """Return which names of the report are to be confirmed, because an outsider typed them; empty without any."""
    if not card.unconfirmed:
        return ""
    return t("To be confirmed: %(fields)s", fields=tuple(_label(code, t) for code in card.unconfirmed))


def _optional(text: str | None, limit: int = 80) -> str:
    return typed(text, limit) if text else ""


def _label(code: str, t: Translator) -> str:
    return escape(t.field(Step.REPORT, code))


def urgency(card: CaseCard, t: Translator) -> str:
    """Return the suspected urgency with its label, until the severity is known."""
    suspected = _suspected(card, t)
    return f"*{_label('suspected_urgency', t)}* {suspected}" if suspected else ""


def _suspected(card: CaseCard, t: Translator) -> str:
    """The suspected urgency of the report, until the severity is known."""
    return escape(t.word(card.suspected_urgency)) if card.suspected_urgency and not card.severity else ""


def product(card: CaseCard) -> str:
    """Return product and version."""
    return f"{typed(card.product)} {typed(card.product_version, 40)}"


def people(card: CaseCard, t: Translator) -> Iterator[tuple[str, str]]:
    """Yield the places of the case that are held, with the people in them, as labels and values."""
    for place in Place:
        if card.places.get(place):
            yield escape(t.word(place)), mentions(card.places[place])
