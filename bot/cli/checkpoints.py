"""`faultdesk checkpoint`, and what `faultdesk verify --against` prints of kept checkpoints."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.common import configured, current, one_line_errors
from bot.settings.declaration import WrongSettings

if TYPE_CHECKING:
    from sqlmodel import Session

    from bot.casework.records.kept_checkpoints import Comparison, KeptCheckpoint


def checkpoint(
    everything: Annotated[
        bool, typer.Option("--all", help="Print every checkpoint with its list as JSON lines, to be kept as a file")
    ] = False,
) -> None:
    """Print the newest checkpoint as one line, which proves with `verify --against` what is there now."""
    from bot.casework.records.checkpoints import line_of
    from bot.casework.records.kept_checkpoints import exported, is_readable
    from storage import checkpoints

    with (
        one_line_errors(),
        current(configured().database_url.get_secret_value()) as database,
        database.read() as session,
    ):
        last = checkpoints.last(session)
        if last is None:
            typer.echo("There is no checkpoint yet; a running bot writes the first one within a minute.", err=True)
            raise typer.Exit(1)
        if not everything and is_readable(last):
            typer.echo(str(line_of(session, last)))
        readable = list(exported(session)) if everything else []
        for one in readable:
            typer.echo(json.dumps(one, ensure_ascii=False))
        whole = len(readable) == checkpoints.count(session) if everything else is_readable(last)
    if not whole:
        typer.echo("A checkpoint is damaged and was left out; see: faultdesk verify", err=True)
        raise typer.Exit(1)


def parse_against(against: str) -> "list[KeptCheckpoint]":
    """Return the checkpoints in a line, or in the file that it names. Raises `WrongSettings` if there are none."""
    from bot.casework.records.kept_checkpoints import NoCheckpoint, read_kept

    try:
        return read_kept(against)
    except NoCheckpoint:
        pass
    try:
        return read_kept(Path(against).read_text("utf-8"))
    except (OSError, ValueError, NoCheckpoint):
        wrong = "is neither the line of a checkpoint nor a file with one"
        example = "checkpoint 164 · root … · key … · signature …"
        raise WrongSettings((f"--against: {against[:60]} {wrong}; for example --against '{example}'",)) from None


def tell_comparisons(session: "Session", kept: "list[KeptCheckpoint]", *, all_well: bool) -> bool:
    """Print what each kept checkpoint proves, and return whether all of them hold.

    Checkpoints list hashes, so they prove nothing of what does not fit its own: `all_well` is whether everything does.
    """
    from bot.casework.records.kept_checkpoints import compare

    found = compare(session, kept)
    for one in found:
        for line in _lines(one, all_well=all_well):
            typer.echo(line)
    for line in _lost(found):
        typer.echo(line)
    return all(one.proves for one in found)


def _lines(one: "Comparison", *, all_well: bool) -> Iterator[str]:
    called = f"checkpoint {one.line.number}"
    if one.is_genuine is False:
        yield f"✗ {called}: this line is not as it was sent; its signature does not hold"
    if not one.is_here:
        yield f"✗ {called} is not in this database, whose newest is {one.last or 'none'}"
    elif not one.is_whole:
        yield f"✗ {called} is here, but not everything up to it is as it was"
    elif not all_well:
        yield f"✗ {called} is here, but proves nothing of what is not as written"
    elif one.proves:
        signed = f"signed by key {one.line.key}" if one.is_genuine else "unsigned, or by a key that is not known here"
        yield f"✓ {called} ({signed}): everything up to it is there, unchanged"


def _lost(found: "list[Comparison]") -> Iterator[str]:
    """Yield which entries were lost, and the restores with which they were."""
    absent = [one for one in found if not one.is_here]
    for restore in absent[-1].restores if absent else ():
        if restore.checkpoint < absent[-1].line.number:
            after = f"checkpoint {restore.checkpoint}" if restore.checkpoint else "before the first checkpoint"
            yield (
                f"✗ restored at {restore.at:%Y-%m-%d %H:%M} UTC from a backup of {after}: "
                f"what was written from then to checkpoint {absent[-1].line.number} was lost"
            )
    for lost in absent[-1].lost if absent else ():
        entries = f"entry {lost.first}" if lost.first == lost.last else f"entries {lost.first} to {lost.last}"
        yield f"✗ {lost.name}: {entries} lost, or written anew since"
