"""Messages about documents: the menu of a case, the receipt of an order, and the finished files."""

from collections.abc import Iterator, Sequence

from bot.casework.reading.read_models import CaseCard
from bot.casework.records.export_orders import FORMS, ExportKind, ExportOrder
from bot.documents.file import File
from bot.documents.measure_words import asked_for, period_name
from bot.i18n.translator import Translator
from bot.slack.views.case import lines as case_lines
from bot.slack.views.case.buttons import button
from bot.slack.views.escape import Block, dotted, escape, lines, mention, one_line, typed
from bot.slack.views.message import Message, actions, context, header, message, section
from bot.slack.views.refusal import refused
from bot.workflow.reading_levels import Level, Visibility
from bot.workflow.refusal import Problem, Refusal
from storage.vocabulary import Paper

ORDER = "export_order"
_NAMES = {"docx": "Word", "pdf": "PDF", "xlsx": "Excel", "csv": "CSV", "zip": "ZIP"}


def menu(card: CaseCard, papers: Sequence[Paper], t: Translator, level: Level) -> Message:
    """Build the menu of a case's documents, each with a button for every file format.

    Readers at the level `center` also get the fault record table and the evidence pack.
    """
    title = t("Documents of %(number)s", number=card.number)
    found = [block for paper in papers for block in _paper(card, paper, t)]
    beside = [*_table(card, t), *_pack(card, t)] if level.may_read(Visibility.CENTER) else []
    nothing = section(t("There is no document yet.")) if not found else None
    return message(
        dotted(escape(title), typed(card.summary)),
        header(case_lines.title(card)),
        section(f"*{escape(title)}*"),
        nothing,
        *found,
        *beside,
    )


def _paper(card: CaseCard, paper: Paper, t: Translator) -> Iterator[Block]:
    yield section(f"*{paper.value}* {escape(t.word(paper))}")
    ordered = {"what": ExportKind.PAPER.value, "case": card.id, "paper": paper.value}
    yield from actions(
        [
            button(f"{ORDER}:{paper.value}:{form}", _NAMES[form], {**ordered, "form": form})
            for form in FORMS[ExportKind.PAPER]
        ]
    )


def _table(card: CaseCard, t: Translator) -> Iterator[Block]:
    """The case's row in the product fault record table with its versions, if it has one."""
    if card.paper(Paper.FAULT_RECORD):
        yield section(f"*{Paper.FAULT_RECORD.value}* {escape(kind_name(ExportKind.TABLE, t))}")
        value = {"what": ExportKind.TABLE.value, "case": card.id}
        yield from actions(
            [
                button(f"{ORDER}:{ExportKind.TABLE.value}:{form}", _NAMES[form], {**value, "form": form})
                for form in FORMS[ExportKind.TABLE]
            ]
        )


def _pack(card: CaseCard, t: Translator) -> Iterator[Block]:
    yield section(f"*{escape(t('Evidence pack'))}*\n{escape(t('Everything above, the history, and what is missing.'))}")
    value = {"what": ExportKind.PACK.value, "case": card.id, "form": "zip"}
    yield from actions([button(f"{ORDER}:{ExportKind.PACK.value}", _NAMES["zip"], value)])


def ordered(order: ExportOrder, t: Translator, *, shared: bool) -> Message:
    """Build the receipt of an order, which says where its files will arrive.

    `shared` means the case's thread in the service-desk channel; otherwise a direct message.
    """
    if shared:
        said = t("Being made. You will find it in the thread of F-%(number)s.", number=order.case_id)
    else:
        said = t("Being made. You will get it as a direct message.")
    return message(said, section(escape(said)))


def made(order: ExportOrder, files: Sequence[File], t: Translator, asker: str | None = None) -> Message:
    """Build the text that accompanies the files. `asker` is named where other people read it."""
    asked = t("asked for by %(person)s", person=mention(asker)) if asker else ""
    title = escape(one_line(files[0].title)) if len(files) == 1 else _several(order, files, t)
    return Message(lines(title, asked), [])


def _several(order: ExportOrder, files: Sequence[File], t: Translator) -> str:
    """Describe several files in one sentence."""
    wanted = order.statistics_query(t.zone)
    about = " · ".join((period_name(wanted.period, t), *asked_for(wanted, t))) if wanted else ""
    subjects = tuple(file.subject for file in files)
    said = t(
        "The statistics of %(about)s in %(count)s charts: %(subjects)s.",
        about=about,
        count=len(files),
        subjects=subjects,
    )
    return escape(one_line(said))


def not_made(order: ExportOrder, why: Refusal, t: Translator) -> Message:
    """Build the message that says why an ordered document could not be made."""
    wanted = t.word(order.paper) if order.paper else kind_name(order.what, t)
    number = f"F-{order.case_id}" if order.case_id else ""
    said = t("Not made: %(document)s.", document=" ".join(part for part in (wanted, number) if part))
    told = refused(Problem(why), t)
    return message(dotted(escape(said), told.text), section(f"*{escape(said)}*"), *told.blocks)


def kind_name(what: ExportKind, t: Translator) -> str:
    """Return the word for a kind of document."""
    words = {
        ExportKind.PAPER: t("Document"),
        ExportKind.TABLE: t("Product fault record table"),
        ExportKind.CHARTS: t("Statistics as pictures"),
        ExportKind.REPORT: t("Maintenance statistics report"),
        ExportKind.PACK: t("Evidence pack"),
    }
    return words[what]


#: Examples of words after `/fault`, shown when an order was not understood.
EXAMPLES = (
    "export table all",
    "export table 2026-10",
    "export report last month",
    "export F-12 T02 pdf",
    "导出 记录表 上月",
)


def help_export(t: Translator, typed_words: str = "") -> Message:
    """Build the help for `/fault export`. `typed_words`, which were not understood, are quoted first."""
    title = t("Export")
    unknown = t("“%(words)s” does not name one thing to export.", words=typed(typed_words)) if typed_words else ""
    examples = (
        (t("The documents of a case, to choose from"), "export F-12"),
        (t("One of them, in a form and a language"), "export F-12 T02 pdf both"),
        (kind_name(ExportKind.TABLE, t), "export table 2026-10 xlsx"),
        (kind_name(ExportKind.CHARTS, t), "export charts last month"),
        (kind_name(ExportKind.REPORT, t), "export report last month"),
        (kind_name(ExportKind.PACK, t), "export pack 2026-10"),
    )
    shown = "\n".join(f"{escape(what)}\n`/fault {words}`" for what, words in examples)
    hint = context(escape(t("Chinese words do as well.")))
    return message(unknown or title, header(title), section(unknown) if unknown else None, section(shown), hint)
