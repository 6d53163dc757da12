"""What every maker of documents is handed."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.casework.company_settings import Office
from bot.i18n.translator import Translator, translator


@dataclass(frozen=True, slots=True)
class Stationery:
    """The company's own: what its documents' numbers begin with, and its templates (None: the ones that come along)."""

    prefix: str = "BTSP-SM"
    templates: Path | None = None


@dataclass(frozen=True, slots=True)
class Workshop:
    """Everything that making needs. `now` is aware UTC; `t` speaks to whoever ordered, `inside` the center or not."""

    session: Session
    office: Office
    stationery: Stationery
    t: Translator
    now: datetime
    inside: bool = True

    @property
    def zone(self) -> ZoneInfo:
        """The zone of all moments in documents: the company's, so that whoever asks gets the same document."""
        return self.office.zone

    def speaking(self, language: str) -> Translator:
        """A translator into the language of the order, in the company's zone; `both` leaves the asker's language."""
        return replace(self.t if language == "both" else translator(language, None), zone=self.zone)
