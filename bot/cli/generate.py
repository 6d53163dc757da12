"""`faultdesk catalogs`, `process-page` and `templates`: files that are generated from the tables and the code."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.settings.settings import WrongSettings


class Task(StrEnum):
    """What to do with the catalogs."""

    CHECK = "check"
    UPDATE = "update"


def catalogs(task: Annotated[Task, typer.Argument(help="Check that both are complete, or update them")]) -> None:
    """Check or update the catalogs of both languages."""
    from bot.i18n.catalogs import main

    raise typer.Exit(main([task]))


def process_page() -> None:
    """Print docs/process.md, written from the tables of steps and fields."""
    from bot.documents.process_page import process_page as page

    typer.echo(page(), nl=False)


def templates(
    folder: Annotated[
        Path | None, typer.Argument(help="The folder to write to; by default those that come along", file_okay=False)
    ] = None,
) -> None:
    """Draw the Word templates of all documents, as a beginning for a company's own."""
    try:
        from bot.documents.word.draw_templates import draw
        from bot.documents.word.word import BUNDLED
    except ModuleNotFoundError as missing:
        raise WrongSettings((f"templates needs the extra records ({missing.name} is not installed)",)) from None
    draw(folder or BUNDLED)
