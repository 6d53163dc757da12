"""Read models of the files that the steps of a case brought."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session

from bot.casework.reading.read_models import HistoryLine
from bot.casework.steps.files import brought
from storage import case_files
from storage.tables import CaseFile
from storage.vocabulary import NotKept

#: The number of the entry that is the report of a case.
REPORT_SEQ = 1
#: The kinds of files that documents show as pictures.
PICTURES = frozenset({"png", "jpg", "jpeg", "gif", "bmp"})


@dataclass(frozen=True, slots=True)
class FileCard:
    """A file that the entry `seq` of a case brought. A copy has `size` (bytes) and `sha256`, one without a `reason`.

    One with neither is still being fetched. `link` is the address of the file in Slack.
    """

    case_id: int
    seq: int
    file_id: str
    name: str
    size: int | None = None
    sha256: str | None = None
    reason: NotKept | None = None
    link: str = ""

    @property
    def kind(self) -> str:
        """The ending of its name in lower case."""
        return self.name.rpartition(".")[2].lower()


def of_entry(session: Session, case_id: int, line: HistoryLine) -> tuple[FileCard, ...]:
    """Return the files that one entry of the history brought, in the order of its answers."""
    known = {one.file_id: one for one in case_files.of_entry(session, case_id, line.seq)}
    return tuple(file_card(case_id, line.seq, file, known.get(file["id"])) for file in brought(line.step, line.data))


def file_card(case_id: int, seq: int, file: Mapping[str, str], found: CaseFile | None) -> FileCard:
    """Return the read model of a file that an entry brought; `found` is what became of it, None: not known yet."""
    if found is None:
        return FileCard(case_id, seq, file["id"], file["name"])
    return FileCard(case_id, seq, found.file_id, found.name, found.size, found.sha256, found.reason, found.link)
