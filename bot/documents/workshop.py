"""What every maker of documents is handed."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from bot.casework.office import Office
from bot.i18n import Translator, translator


@dataclass(frozen=True, slots=True)
class Stationery:
    """The company's own: what its documents' numbers begin with, and its templates (None: the ones that come along)."""

    prefix: str = "BTSP-SM"
    templates: Path | None = None


@dataclass(frozen=True, slots=True)
class Workshop:
    """Everything that making needs. `now` is aware UTC; `t` speaks to whoever ordered."""

    session: Session
    office: Office
    stationery: Stationery
    t: Translator
    now: datetime

    def speaking(self, language: str) -> Translator:
        """The asker's translator in the language of the order; `both` leaves the asker's own."""
        return self.t if language == "both" else replace(translator(language, None), zone=self.t.zone)
