"""The maintenance statistics report (T08) as a file in one of its forms."""

from typing import Literal, TypeAlias

from bot.casework.statistics import monthly_report
from bot.casework.statistics.measures import StatisticsQuery
from bot.casework.statistics.monthly_report import ReportCard
from bot.casework.statistics.report_snapshot import snapshot
from bot.documents import measure_words as said
from bot.documents.context import DocumentContext
from bot.documents.file import File, safe_name
from bot.documents.report.statistics_report import ReportContents, number_of
from bot.i18n.translator import Translator
from storage.documents import canonical, hash_of

Form: TypeAlias = Literal["docx", "xlsx", "pdf"]


def report_files(
    asked: StatisticsQuery, form: Form, context: DocumentContext, t: Translator, version: int | None = None
) -> tuple[File, ...]:
    """Return the statistics report of a period in the language of `t`. The same version gives the same bytes.

    `version` is the newest issued one by default, or the newest draft if none was issued. If the period has no stored
    report, or `asked` names a customer or product, a report is computed for this file and not stored.
    Raises `Refused` for an unknown customer or product, and if no PDF can be made.
    """
    days = asked.period.first, asked.period.last
    whole = asked.customer is None and asked.product is None
    card = (monthly_report.kept(context.session, *days, version) if whole else None) or _drawn(asked, context)
    printed = ReportContents(card, t, " ".join((number_of(card, context.document_settings.prefix), *said.named(asked))))
    kept = f"V{card.version}" if card.id else "draft"
    about = f"{printed.number} {kept if card.issue or not card.id else f'{kept} draft'}"
    name = safe_name(f"{about} {t.locale}", form)
    return (File(name, f"{about} · {printed.title}", _content(printed, form)),)


def _drawn(asked: StatisticsQuery, context: DocumentContext) -> ReportCard:
    made = snapshot(context.session, asked, context.company, context.now)
    return ReportCard(None, 0, made, hash_of(canonical(made.model_dump(mode="json"))))


def _content(printed: ReportContents, form: Form) -> bytes:
    if form == "xlsx":
        from bot.documents.report.workbook import report_workbook

        return report_workbook(printed)
    from bot.documents.report.word import report_word

    made = report_word(printed)
    if form == "docx":
        return made
    from bot.documents.word.pdf import pdf_for

    return pdf_for(made, printed.card.snapshot.made_at)
