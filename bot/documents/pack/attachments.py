"""The kept files of a case in a pack, named by the entry that brought them, so that no name meets another."""

import re
from collections.abc import Iterator

from bot.casework.records.findings import Finding, FindingKind
from bot.documents.context import DocumentContext
from bot.documents.file import safe_name
from bot.documents.pack.cmmi_practices import HISTORY
from bot.documents.pack.index import Differing, PackedFile
from bot.documents.pack.verify import ATTACHMENTS
from bot.documents.pack.zip_with_sums import ZipWithSums
from storage import case_files
from storage.file_contents import chunks_of
from storage.tables import CaseFile

_ENDING = re.compile(r"\w{1,16}", re.ASCII)


def attachments(context: DocumentContext, case_id: int, archive: ZipWithSums) -> Iterator[PackedFile | Differing]:
    """Add the files of a case, and yield each; one whose content is missing is yielded as a difference."""
    if context.contents is None:
        return
    for place, file in enumerate(case_files.kept(context.session, [case_id]), 1):
        name = f"{ATTACHMENTS}/F-{case_id}/{_name(place, file)}"
        try:
            with context.contents.open(file.sha256 or "") as content:
                digest = archive.put_chunks(name, chunks_of(content))
        except OSError:
            yield Differing(case_id, Finding(FindingKind.FILE_MISSING, file.name))
        else:
            yield PackedFile(name, digest, HISTORY, case_id)


def _name(place: int, file: CaseFile) -> str:
    """Return a name that is safe on every system: `1-2-rating.log` is the second file, which entry 1 brought."""
    stem, _dot, ending = file.name.rpartition(".")
    known = bool(stem) and _ENDING.fullmatch(ending)
    return safe_name(f"{file.seq}-{place}-{stem if known else file.name}", ending if known else "bin")
