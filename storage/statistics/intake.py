"""Intake and triage: received, mix, acknowledged, answered, signed (M1–M5, M15, M16, M19)."""

from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, case, exists, func, literal, select, type_coerce

from storage.columns import Moment
from storage.statistics.fact import elapsed, facts
from storage.statistics.histories import CaseHistories, before
from storage.tables import METADATA
from storage.vocabulary import Paper, PaperStatus, Step


def faults_received(histories: CaseHistories) -> Select[Any]:
    """M1: cases reported in the period that were signed as a fault, before or after its end, and are not void."""
    return facts(histories.stories.c.case_id).where(_signed_as_fault(histories))


def _signed_as_fault(histories: CaseHistories) -> ColumnElement[bool]:
    """Return the condition: reported in the period, signed as a fault at any time, and the sheet is not void."""
    sheets, stories = METADATA.tables["documents"].c, histories.stories.c
    signed = exists().where(
        sheets.case_id == stories.case_id,
        sheets.paper == Paper.FAULT_SHEET,
        sheets.status == PaperStatus.SIGNED,
    )
    return and_(stories.reported_at >= histories.scope.since, signed)


def historic_faults(histories: CaseHistories) -> Select[Any]:
    """Imported faults reported in the period. Once reopened, they count in the other measures instead."""
    return facts(histories.imported.c.case_id).where(histories.imported.c.reported_at >= histories.scope.since)


def mix(histories: CaseHistories) -> Select[Any]:
    """M2: cases reported in the period, by their present kind. Cases not yet triaged have none and are left out."""
    story = histories.stories.c
    by_kind = facts(story.case_id, part=type_coerce(story.kind, Text))
    return by_kind.where(story.reported_at >= histories.scope.since, story.kind.is_not(None))


def time_to_acknowledge(histories: CaseHistories) -> Select[Any]:
    """M3: time from the report to the first triage, of cases first triaged in the period."""
    story = histories.stories.c
    amount = elapsed(story.reported_at, story.first_triaged_at)
    return facts(story.case_id, amount=amount).where(story.first_triaged_at >= histories.scope.since)


def first_response(histories: CaseHistories) -> Select[Any]:
    """M4: time from the report to the first `answer` or `reply_customer`, if that is in the period."""
    story = histories.stories.c
    amount = elapsed(story.reported_at, story.responded_at)
    return facts(story.case_id, amount=amount).where(story.responded_at >= histories.scope.since)


def signing_time(histories: CaseHistories) -> Select[Any]:
    """M5: for each signature in the period, the time since the signed version was submitted.

    A returned version has no signing time.
    """
    move = histories.moves.c
    amount = elapsed(before(move, Step.DRAFT_SHEET, func.max), move.at)
    return facts(move.case_id, amount=amount).where(move.step == Step.SIGN_SHEET, move.at >= histories.scope.since)


def sheets_returned(histories: CaseHistories) -> Select[Any]:
    """M15: sheets first submitted in the period, whatever became of them; counted if returned at least once so far.

    A sheet comprises all versions drafted after one triage. A case that is triaged again gets another sheet.
    """
    move = histories.moves.c
    steps = select(move.case_id, move.step, move.at, before(move, Step.TRIAGE, func.count).label("sheet"))
    taken = steps.where(move.step.in_((Step.DRAFT_SHEET, Step.RETURN_SHEET))).subquery("sheets").c
    submitted = func.min(case((taken.step == Step.DRAFT_SHEET, taken.at)))
    returned = func.count(case((taken.step == Step.RETURN_SHEET, 1))) > 0
    sheets = facts(taken.case_id, counted=returned).group_by(taken.case_id, taken.sheet)
    return sheets.having(submitted >= literal(histories.scope.since, Moment))


def misclassified(histories: CaseHistories) -> Select[Any]:
    """M16: cases triaged in the period; counted if ever reclassified or rejected at signing so far."""
    story = histories.stories.c
    triaged = story.last_triaged_at >= histories.scope.since
    return facts(story.case_id, counted=story.misjudged > 0).where(triaged)


def by_module(histories: CaseHistories) -> Select[Any]:
    """M19: the faults of M1 by "product / module". Those not yet analyzed have no part."""
    story, products = histories.stories.c, METADATA.tables["products"].c
    named = facts(story.case_id, part=products.name + " / " + story.module)
    return named.join(products.id.table, story.product_id == products.id).where(_signed_as_fault(histories))
