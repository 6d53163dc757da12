"""The company's settings as a test gives them, whatever is stored."""

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.company_source import CompanySource


class FixedCompany(CompanySource):
    """A source of the same settings in every transaction."""

    def __init__(self, company: CompanySettings) -> None:
        self._company = company

    def of(self, session: Session) -> CompanySettings:
        """Return the settings of the test."""
        return self._company

    @property
    def latest(self) -> CompanySettings:
        """The settings of the test."""
        return self._company
