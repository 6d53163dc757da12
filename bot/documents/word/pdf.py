"""Converts a Word file to PDF with LibreOffice, if that is installed."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import structlog

from bot.workflow import export_refusals
from bot.workflow.refusal import Problem, Refused

log = structlog.get_logger(__name__)
#: The program names of LibreOffice.
_CONVERTERS = ("soffice", "libreoffice")
#: The time limit for one document, in seconds. The first start of LibreOffice on a slow machine takes ten.
_TIMEOUT_SECONDS = 40
#: What differs between two conversions: the random identifiers of the file, and its creation time.
_CHANCE = re.compile(rb"/ID \[ <[0-9A-F]{32}>\s*<[0-9A-F]{32}> \]|/DocChecksum /[0-9A-F]{32}")
_CLOCK = re.compile(rb"(?<=/CreationDate\(D:)[0-9]{14}(?=Z)")


class NoConverter(Exception):
    """LibreOffice is not installed."""


class NotConverted(Exception):
    """LibreOffice did not make a PDF; the text is its output."""


def converter() -> str | None:
    """Return the path of LibreOffice; None if it is not installed."""
    return next(filter(None, map(shutil.which, _CONVERTERS)), None)


def pdf(document: bytes, moment: datetime) -> bytes:
    """Convert a Word file to PDF. `moment` (aware) becomes the creation time of the PDF.

    Raises `NoConverter` if LibreOffice is not installed, and `NotConverted` if it fails or exceeds the time limit.
    """
    program = converter()
    if program is None:
        raise NoConverter
    with tempfile.TemporaryDirectory(prefix="faultdesk-pdf-") as name:
        folder = Path(name)
        source = folder / "document.docx"
        source.write_bytes(document)
        said = _convert(program, source, moment)
        made = source.with_suffix(".pdf")
        if not made.exists():
            raise NotConverted(said)
        return _with_fixed_metadata(made.read_bytes(), moment)


def pdf_for(document: bytes, moment: datetime) -> bytes:
    """Convert like `pdf`, for a person's order: raises `Refused` if there is no converter or if it fails."""
    try:
        return pdf(document, moment)
    except NoConverter:
        raise Refused(Problem(export_refusals.NoPdfConverter())) from None
    except NotConverted as why:
        log.error("pdf.failed", said=str(why))
        raise Refused(Problem(export_refusals.PdfFailed())) from None


def _convert(program: str, source: Path, moment: datetime) -> str:
    """Run LibreOffice and return its output.

    Each run has its own profile, so that several can run at once, and a minimal environment without our variables.
    """
    place = str(source.parent)
    profile = f"-env:UserInstallation={source.parent.as_uri()}/profile"
    options = [profile, "--headless", "--norestore", "--nologo", "--convert-to", "pdf", "--outdir", place, str(source)]
    environment = {
        **{"HOME": place, "TMPDIR": place, "LANG": "C.UTF-8", "TZ": "UTC"},
        "PATH": f"{Path(program).parent}:/usr/bin:/bin",
        "SOURCE_DATE_EPOCH": str(int(moment.timestamp())),
    }
    with subprocess.Popen(  # noqa: S603 - the program is LibreOffice, the file is ours
        [program, *options],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        try:
            said, _nothing = process.communicate(timeout=_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # the command is a script; its child must end, too
            raise NotConverted(f"it took longer than {_TIMEOUT_SECONDS} s") from None
    return said.decode(errors="replace").strip()


def _with_fixed_metadata(made: bytes, moment: datetime) -> bytes:
    """Return the PDF with fixed identifiers and a given creation time. Lengths are kept, so its offsets stay valid."""
    dated = _CLOCK.sub(f"{moment.astimezone(UTC):%Y%m%d%H%M%S}".encode(), made)
    return _CHANCE.sub(lambda found: re.sub(rb"[0-9A-F]{32}", b"0" * 32, found[0]), dated)
