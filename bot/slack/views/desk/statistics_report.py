"""The monthly statistics report in Slack (process.md §4, T08): draft, issued version, and the modal to issue it."""

from collections.abc import Iterator, Sequence

from slack_sdk.models.blocks import ButtonElement, ConfirmObject, InputBlock, PlainTextInputElement

from bot.casework.records.export_orders import ExportKind
from bot.casework.statistics.monthly_report import COMMENT, Issue, ReportCard
from bot.casework.statistics.report_snapshot import Fault, Snapshot
from bot.documents.measure_words import asked_for, basis, key_of, name, period_name, value
from bot.documents.report.statistics_report import labelled
from bot.i18n.translator import Translator
from bot.slack.views.case.buttons import button
from bot.slack.views.desk.export import ORDER, kind_name
from bot.slack.views.escape import Block, dotted, escape, lines, mention, moment, typed
from bot.slack.views.message import Message, actions, compact, context, fitting, grid, header, message, plain, section
from bot.slack.views.rich_text import quoted, rich
from bot.workflow.field import MAX_TEXT_LENGTH
from storage.statistics import IN_FORCE
from storage.vocabulary import PaperStatus

ISSUE, REDRAW = "report_issue", "report_redraw"
#: The figures in the message, as code, name and part. The documents have all figures.
HEADLINES: tuple[tuple[str, str | None, str | None], ...] = (
    *(("M1", None, None), ("M12", None, None), ("M11", None, None), ("M7", "median", None)),
    *(("M8", None, IN_FORCE), ("M9", None, None), ("M13", None, None), ("M20", "mean", None)),
)
_FORMS = (("docx", "Word"), ("xlsx", "Excel"))
#: Cases named in each list. The documents have all cases.
_NAMED = 5
_TITLE = 24


def statistics_report(card: ReportCard, t: Translator) -> Message:
    """Build the message of a report version: a draft to issue, or the issued version with its comment."""
    return fitting(lambda limit: _report(card, t, limit))


def title(card: ReportCard, t: Translator) -> str:
    """Return the report's name and period."""
    return f"{kind_name(ExportKind.REPORT, t)} · {period_name(card.snapshot.period, t)}"


def _report(card: ReportCard, t: Translator, limit: int) -> Message:
    asked = t("Please look at the figures, add your analysis and advice, and issue the report.")
    told = _issued(card.issue, card.version, t) if card.issue else asked
    return message(
        dotted(escape(title(card, t)), told),
        header(title(card, t)),
        section(f"✓ {told}" if card.issue else f"*{escape(told)}*"),
        rich(quoted(card.issue.comment, limit)) if card.issue else None,
        *_figures(card.snapshot, t),
        context(*_status(card, t)),
        *actions(list(_buttons(card, t))),
    )


def _issued(issue: Issue, version: int, t: Translator) -> str:
    who, at = mention(issue.person), moment(issue.at, t)
    return t("Version %(version)s was issued by %(who)s, %(at)s.", version=version, who=who, at=at)


def _figures(snapshot: Snapshot, t: Translator) -> Iterator[Block | None]:
    shown = (snapshot.measure(*headline) for headline in HEADLINES)
    yield grid((escape(name(key_of(one), t)), escape(dotted(value(one, t), basis(one, t)))) for one in shown)
    yield section(_list(t("Overdue"), snapshot.overdue, t))
    yield section(_list(t("Very severe"), snapshot.very_severe, t))


def _list(label: str, faults: Sequence[Fault], t: Translator) -> str:
    """A list's label with the number of faults, and the first of them."""
    left = len(faults) - _NAMED
    more = t("%(count)s more in the document", count=left) if left > 0 else ""
    named = (dotted(f"*{one.number}*  {typed(one.summary)}", escape(t.word(one.state))) for one in faults[:_NAMED])
    return lines(f"*{escape(labelled(label, len(faults), t))}*", *named, escape(more))


def _status(card: ReportCard, t: Translator) -> Iterator[str]:
    status = t.word(PaperStatus.PUBLISHED if card.issue else PaperStatus.DRAFT)
    version = t("Version %(version)s", version=card.version)
    drawn = t("figures as of %(at)s", at=moment(card.snapshot.made_at, t))
    yield dotted(escape(version), escape(status), drawn, *map(typed, asked_for(card.snapshot.query, t)))
    if card.replaces and not card.issue:
        yield escape(t("It is to replace version %(version)s, which stays as it was issued.", version=card.replaces))
    if not card.issue:
        yield escape(t("Once issued, this version never changes."))


def _buttons(card: ReportCard, t: Translator) -> Iterator[ButtonElement]:
    carried = {"report": card.id}
    if card.issue is None:
        yield button(ISSUE, t("Comment and issue"), carried, "primary")
    again = button(REDRAW, t("Draw up anew"), carried)
    again.confirm = _confirm(card.version, t) if card.issue else None
    yield again
    days = {"first": card.snapshot.first.isoformat(), "last": card.snapshot.last.isoformat()}
    for form, label in _FORMS:
        ordered = {"what": ExportKind.REPORT.value, "form": form, **days, "version": card.version}
        yield button(f"{ORDER}:{ExportKind.REPORT.value}:{form}", label, ordered)


def _confirm(version: int, t: Translator) -> ConfirmObject:
    asked = t("Version %(version)s stays as it was issued. A draft of the next version is drawn up.", version=version)
    return ConfirmObject(
        title=plain(t("Draw up anew"), 100),
        text=plain(asked, 300),
        confirm=plain(t("Draw up anew"), 30),
        deny=plain(t("Cancel"), 30),
    )


def issue_form(card: ReportCard, t: Translator) -> Block:
    """Build the modal that shows what will be issued and asks for the comment."""
    comment = InputBlock(
        block_id=COMMENT,
        label=plain(t("Analysis and advice")),
        element=PlainTextInputElement(action_id=COMMENT, multiline=True, max_length=MAX_TEXT_LENGTH),
        hint=plain(t("It is issued together with the figures and can no longer be changed then.")),
    )
    shown = (section(f"*{escape(title(card, t))}*"), *_figures(card.snapshot, t), context(*_status(card, t)))
    return {
        "type": "modal",
        "callback_id": ISSUE,
        "title": plain(t("Issue the report"), _TITLE).to_dict(),
        "submit": plain(t("Issue"), _TITLE).to_dict(),
        "close": plain(t("Cancel"), _TITLE).to_dict(),
        "private_metadata": compact({"report": card.id}),
        "blocks": [*(block for block in shown if block), comment.to_dict()],
    }
