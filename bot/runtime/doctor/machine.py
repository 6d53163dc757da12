"""Checks of this machine: its disk, the folder of files, templates, the converter, the key, and the settings."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from bot.documents.produce import LIBRARIES
from bot.documents.word.pdf import converter as found_converter
from bot.i18n.translator import Translator
from bot.runtime import environment, process
from bot.runtime.seal_key import FoundKey, KeyUse, use_of
from bot.settings.company_values import EDITABLE_NAMES
from bot.settings.declaration import WrongSettings
from bot.settings.settings import Settings, mistaken
from bot.slack.check_result import CheckResult, failed, ok, warning
from storage import epochs, key_signatures
from storage import settings as company_settings
from storage.database import Database
from storage.engine_facts import place_of
from storage.file_contents import MAX_ROW_BYTES, FileContents, FolderContents

#: With less room than the first number of bytes something will soon fail; with less than the second it is time to act.
MIN_FREE_BYTES, ENOUGH_FREE_BYTES = 10**8, 10**9


class Space(NamedTuple):
    """The free and the total bytes of a disk."""

    free: int
    total: int


def space_of(folder: Path) -> Space:
    """Return the space of the disk that a folder is on. Raises `OSError`."""
    found = shutil.disk_usage(folder)
    return Space(found.free, found.total)


def disk(
    store: Database, contents: FileContents, t: Translator, measure: Callable[[Path], Space] = space_of
) -> Iterator[CheckResult]:
    """Yield how much room is left where the database, files and temporary files are."""
    room = t("Make room: delete old logs and backups, or move to a larger disk.")
    for folder in _on_different_disks(_folders(store, contents)):
        try:
            space = measure(folder)
        except OSError as error:
            yield failed(t("%(folder)s cannot be used: %(reason)s.", folder=folder, reason=error.strerror), room)
            continue
        sizes = {"free": _gigabytes(space.free), "total": _gigabytes(space.total)}
        said = t("%(folder)s: %(free)s GB free of %(total)s GB.", folder=folder, **sizes)
        if space.free < MIN_FREE_BYTES:
            yield failed(said, room)
        elif space.free < ENOUGH_FREE_BYTES:
            yield warning(said, room)
        else:
            yield ok(said)


def _gigabytes(count: int) -> str:
    return f"{count / 10**9:.1f}"


def _folders(store: Database, contents: FileContents) -> Iterator[Path]:
    if store.is_sqlite:
        yield _existing(Path(place_of(store)).parent)
    if isinstance(contents, FolderContents):
        yield _existing(contents.folder.absolute())
    yield Path(tempfile.gettempdir())


def _existing(folder: Path) -> Path:
    """Return the folder, or the one in which it will be made."""
    return next(one for one in (folder, *folder.parents) if one.exists())


def _on_different_disks(folders: Iterable[Path]) -> Iterable[Path]:
    return {folder.stat().st_dev: folder for folder in reversed(list(folders))}.values()


def files(store: Database, contents: FileContents, t: Translator) -> Iterator[CheckResult]:
    """Yield whether copies of files can be kept, in the folder that all processes use. Raises `Unavailable`."""
    if not isinstance(contents, FolderContents):
        yield ok(t("Files up to %(size)s MB are kept as rows of the database.", size=MAX_ROW_BYTES // 2**20))
        return
    with store.read() as session:
        code = epochs.current(session).files_code
    yield _folder(contents, code, t)


def _folder(contents: FolderContents, code: str | None, t: Translator) -> CheckResult:
    folder = contents.folder.absolute()
    mount = t("Mount the folder, let this user write to it, or name another one (FAULT_FILES_DIR).")
    try:
        marked = contents.marked()
    except OSError as error:
        return failed(t("%(folder)s cannot be used: %(reason)s.", folder=folder, reason=error.strerror), mount)
    if code is not None and marked != code:
        said = t("%(folder)s is not the folder of files that the other processes use.", folder=folder)
        return failed(said, t("Let FAULT_FILES_DIR name the same folder for all processes."))
    if not os.access(_existing(folder), os.W_OK | os.X_OK):
        return failed(t("%(folder)s cannot be written to.", folder=folder), mount)
    return ok(t("%(folder)s can be written to.", folder=folder))


def templates(settings: Settings, t: Translator) -> Iterator[CheckResult]:
    """Yield whether documents can be made, and whether the company's own templates can be used."""
    missing = tuple(sorted(library for library in LIBRARIES if find_spec(library) is None))
    if missing:
        install = t("On machines that run worker or run, install: pip install 'faultdesk[records]'.")
        yield warning(t("No documents can be made: %(libraries)s is missing.", libraries=missing), install)
        return
    try:
        process.templates(settings)
    except WrongSettings as wrong:
        again = t("Correct the template; faultdesk templates writes the included ones for comparison.")
        yield from (failed(line, again) for line in wrong.lines)
        return
    own = settings.templates
    yield ok(t("The templates of %(folder)s can be used.", folder=own) if own else t("The included ones are used."))


def converter(t: Translator) -> Iterator[CheckResult]:
    """Yield whether Word files can be converted to PDF."""
    found = found_converter()
    if found:
        yield ok(t("LibreOffice: %(program)s", program=found))
    else:
        install = t("Install LibreOffice (soffice on the PATH), or use the Word files.")
        yield warning(t("LibreOffice is not installed, so there are no PDF files."), install)


def seal_key(store: Database, found: FoundKey, t: Translator) -> Iterator[CheckResult]:
    """Yield whether this process signs with the key of the desk. Raises `Unavailable`."""
    with store.read() as session:
        used = key_signatures.current(session)
    match use_of(found, used):
        case KeyUse.SIGNS:
            own = found.key.fingerprint if found.key else ""
            yield ok(t("Signed with key %(key)s.", key=own))
        case KeyUse.UNSIGNED:
            said = found.problem or t("The desk has no key: what it records is unsigned.")
            yield warning(said, t("Make a key: faultdesk setup-key."))
        case _:
            here = found.problem or (found.key.fingerprint if found.key else t("none"))
            key = used.fingerprint if used else ""
            said = t("Nothing is signed: the desk uses key %(key)s, this process %(own)s.", key=key, own=here)
            yield failed(said, t("Let FAULT_SEAL_KEY name the key of the desk."))


def settings(known: Settings, t: Translator) -> Iterator[CheckResult]:
    """Yield what is missing in the settings, and variables that look like settings and are none."""
    if not known.socket_mode and not known.signing_secret.get_secret_value():
        own = t("Copy the signing secret from the app's settings in Slack, under Basic Information.")
        yield failed(t("SLACK_SIGNING_SECRET is not set."), own)
    strange = mistaken()
    for name, nearest in strange:
        said = t("%(name)s is no setting; the nearest one is %(nearest)s.", name=name, nearest=nearest)
        yield warning(said, t("Correct the name, or remove the variable."))
    if not strange:
        yield ok(t("Every FAULT_… variable is a setting."))


def variables(known: Settings, store: Database, t: Translator) -> Iterator[CheckResult]:
    """Yield which variables of the company differ from what is stored, and which may go because it is stored.

    Raises `Unavailable`.
    """
    with store.read() as session:
        stored = company_settings.stored(session)
    other = environment.not_as_stored(stored, known.company)
    if other:
        said = t("Not as stored in the database: %(names)s.", names=tuple(other))
        yield warning(said, t("Run faultdesk migrate with the same variables, or remove them."))
    fixed = EDITABLE_NAMES.intersection(name for name, value in stored.items() if value.fixed)
    if may_go := sorted(fixed.intersection(known.company)):
        yield ok(t("Stored in the database, so that these variables may go: %(names)s.", names=tuple(may_go)))
    elif not other:
        yield ok(t("The company's settings are in the database."))
