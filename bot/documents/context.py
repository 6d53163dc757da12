"""The arguments that all makers of documents share."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.i18n.translator import Translator, translator
from bot.seal_key import SealKey
from bot.workflow.reading_levels import Level
from storage.file_contents import FileContents


@dataclass(frozen=True, slots=True)
class DocumentSettings:
    """The company's settings for documents.

    `prefix` begins the document numbers. `templates` is the folder of the company's own Word templates; None stands
    for the built-in ones.
    """

    prefix: str = "BTSP-SM"
    templates: Path | None = None


@dataclass(frozen=True, slots=True)
class DocumentContext:
    """Everything that is needed to make a document.

    `t` translates for the person who ordered it. `now` is aware UTC. `level` is that person's reading level for the
    case (process.md §6 R9). `signer` is the key that signs packs; None signs none. `contents`
    is where files are kept; without it documents and packs have none of them.
    """

    session: Session
    company: CompanySettings
    document_settings: DocumentSettings
    t: Translator
    now: datetime
    level: Level = Level.CENTER
    signer: SealKey | None = None
    contents: FileContents | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The company's time zone. All moments in documents are in it, so that everybody gets the same document."""
        return self.company.zone

    def speaking(self, language: str) -> Translator:
        """Return a translator into `language` in the company's zone. `both` keeps the language of the orderer."""
        return replace(self.t if language == "both" else translator(language, None), zone=self.zone)
