"""Every reason to refuse a document, table, chart or report. As in `refusals`, people read the docstrings."""

from dataclasses import dataclass
from datetime import datetime

from bot.workflow.refusal import Refusal
from storage.vocabulary import Paper


class ForTheCenter(Refusal):
    """This is for the people of the center and for those who read along. An administrator can give you a role."""


class InternalPaper(Refusal):
    """This document is internal. You can have the customer service report and the changed part of the manual."""


@dataclass(frozen=True)
class NotInThatForm(Refusal):
    """It is not made as %(form)s. Choose one of: %(forms)s."""

    form: str
    forms: str


class OneLanguage(Refusal):
    """It is made in one language. Choose en or zh; documents of cases and evidence packs have both side by side."""


class MakingFailed(Refusal):
    """Something went wrong while it was made. An administrator was told; please try again later."""


class RecordsNotInstalled(Refusal):
    """Documents and charts are not installed here yet. Try again in a minute, or ask an administrator for them."""


@dataclass(frozen=True)
class TooManyForSlack(Refusal):
    """These are %(cases)s cases, more than %(most)s. Choose a shorter period, or ask an administrator to export it."""

    cases: int
    most: int


@dataclass(frozen=True)
class TooManyDocumentsForSlack(Refusal):
    """It has %(written)s documents, more than %(most)s. Choose a shorter period, or ask an administrator to export."""

    written: int
    most: int


@dataclass(frozen=True)
class NoSuchPaper(Refusal):
    """Case %(number)s has no such document yet: %(paper)s."""

    number: str
    paper: Paper


class NoPdfConverter(Refusal):
    """No PDF can be made here, because LibreOffice is not installed. Ask for the Word file instead."""


class PdfFailed(Refusal):
    """The PDF could not be made. Ask for the Word file instead, or tell an administrator."""


class NothingToDraw(Refusal):
    """There is nothing in this period to draw. Choose another one."""


class OnlyIssuers(Refusal):
    """Only service managers and the center manager issue this report."""


@dataclass(frozen=True)
class IssuedAlready(Refusal):
    """Version %(version)s was issued by %(mover)s on %(at)s and stays as it is."""

    version: int
    mover: str
    at: datetime


@dataclass(frozen=True)
class DrawnAnew(Refusal):
    """Version %(version)s was drawn up in the meantime. Look at that one first."""

    version: int
