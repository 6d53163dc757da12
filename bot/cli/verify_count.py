"""What `faultdesk verify` checked and found, told line by line and counted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlmodel import Session

    from bot.casework.records.findings import Finding
    from bot.casework.records.verify import Verification
    from bot.seal_key import SealKey
    from storage.file_contents import FileContents


@dataclass
class VerifyCount:
    """Counts of what was checked and what was wrong."""

    cases: int = 0
    entries: int = 0
    records: int = 0
    reports: int = 0
    adopted: int = 0
    wrong: int = 0
    wrong_reports: int = 0
    checkpoints: int = 0
    wrong_desk: int = 0

    def tell(self, case_id: int, verified: "Verification | None") -> None:
        """Count a case, and print each of its findings. `verified` None means that the case cannot be read."""
        from bot.casework.records.findings import UNDELIVERED

        lines = list(_lines(verified))
        self.cases += 1
        self.wrong += bool(lines)
        if verified:
            self.entries += verified.entries
            self.records += verified.papers
            self.adopted += verified.replayed_from not in (None, 1)
        number = str(case_id) if str(case_id).isdigit() else "?"  # a damaged number may be anything
        for line in lines:
            typer.echo(f"✗ F-{number}: {line}")
        if verified and verified.undelivered:
            typer.echo(f"✉ F-{number}: {UNDELIVERED % {'entry': verified.undelivered}}")

    def tell_facts(self, session: "Session") -> None:
        """Print the cases of stored statistics that belong to no settled case, and the days with wrong sums."""
        from bot.casework.records.verify import verify_facts

        self._tell_each((str(number), finding) for number, finding in verify_facts(session))

    def tell_waits(self, session: "Session", now: datetime) -> None:
        """Print the open cases that wait for others than they must at `now` (aware UTC)."""
        from bot.casework.company_source import CompanySource
        from bot.casework.records.verify_waits import verify_waits

        self._tell_each(verify_waits(session, CompanySource().of(session), now))

    def tell_files(self, session: "Session", contents: "FileContents", only: int | None) -> None:
        """Print the kept files, of all cases or of case `only`, whose content is missing or changed."""
        from bot.casework.records.verify_files import verify_files

        found = verify_files(session, contents, None if only is None else [only])
        self._tell_each((f"F-{number}", finding) for number, finding in found)

    def _tell_each(self, found: "Iterable[tuple[str, Finding]]") -> None:
        """Count and print findings, each with the number of what it is about."""
        for number, finding in found:
            self.wrong += 1
            for line in _sentences([finding]):
                typer.echo(f"✗ {number}: {line}")

    def tell_reports(self, session: "Session") -> None:
        """Verify and count the statistics reports (T08), and print their findings."""
        from bot.casework.records.verify import verify_reports

        for _name, findings in verify_reports(session):
            self.reports += 1
            self.wrong_reports += bool(findings)
            for line in _sentences(findings):
                typer.echo(f"✗ {line}")

    def tell_desk(self, session: "Session", here: "SealKey | None") -> None:
        """Verify what belongs to no case, and print its findings and the key in use, also if another one is `here`.

        Somebody with the database can put a key of their own in its place, or make everything unsigned.
        """
        from bot.casework.records.verify_checkpoints import verify_desk

        verified = verify_desk(session)
        self.checkpoints, self.wrong_desk = verified.checkpoints, len(verified.findings)
        for line in _sentences(verified.findings):
            typer.echo(f"✗ {line}")
        signed = f"Signed by key {verified.key}" if verified.key else "Unsigned: the desk has used no key"
        other = f"; the key here is {here.fingerprint}" if here and here.fingerprint != verified.key else ""
        typer.echo(f"{signed}{other}")

    def summary(self, *, proven: bool) -> str:
        """Return the result of the whole verification in one line. `proven`: whether all kept checkpoints hold."""
        parts = [(self.cases, "case"), (self.entries, "entry"), (self.records, "record"), (self.reports, "report")]
        parts.append((self.checkpoints, "checkpoint"))
        rare = ("report", "checkpoint")
        counts = ", ".join(counted(number, what) for number, what in parts if number or what not in rare)
        if not self.all_well:
            wrong = [(self.wrong, "case"), (self.wrong_reports, "report"), (self.wrong_desk, "proof")]
            return f"✗ {counts}: {', '.join(counted(*one) for one in wrong if one[0])} not as written{self._since()}"
        if not proven:
            return f"✗ {counts}: consistent in themselves, but a kept checkpoint does not hold{self._since()}"
        return f"✓ {counts}: nothing was tampered with{self._since()}"

    def _since(self) -> str:
        """Return how many cases were compared with their history only from the upgrade on."""
        return f"; {counted(self.adopted, 'case')} replayed from the entry “adopted” on" if self.adopted else ""

    @property
    def all_well(self) -> bool:
        """Whether nothing has a finding."""
        return not (self.wrong or self.wrong_reports or self.wrong_desk)


def _lines(verified: "Verification | None") -> Iterator[str]:
    """Yield the findings of a case as sentences."""
    if verified is None:
        yield "The case was removed or made unreadable."
        return
    yield from _sentences(verified.findings)


def _sentences(findings: "Iterable[Finding]") -> Iterator[str]:
    """Yield the findings in English, in the same words as in Slack."""
    from bot.i18n.translator import translator

    t = translator("en", None)
    for finding in findings:
        sentence, subject = finding.words
        yield t(sentence, subject=subject)


def counted(number: int, what: str) -> str:
    """Return a number with its noun: `1 case`, `12 cases`, `148 entries`."""
    many = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{number:,} {what if number == 1 else many}"
