"""`faultdesk catalogs`, `process-page` and `templates`: generate files from the code and its tables."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.settings.declaration import WrongSettings


class Task(StrEnum):
    """What `faultdesk catalogs` does."""

    CHECK = "check"
    UPDATE = "update"


def catalogs(task: Annotated[Task, typer.Argument(help="Check that both are complete, or update them")]) -> None:
    """Check or update the translation catalogs of both languages."""
    from bot.i18n.catalogs import main

    raise typer.Exit(main([task]))


def process_page() -> None:
    """Print docs/process.md, generated from the tables of steps and fields."""
    from bot.documents.process_page import process_page as page

    typer.echo(page(), nl=False)


def templates(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder to write to; the built-in one by default", file_okay=False)
    ] = None,
) -> None:
    """Write the Word templates of all documents, as a starting point for a company's own templates."""
    try:
        from bot.documents.word.draw_templates import draw
        from bot.documents.word.fill_template import BUNDLED
    except ModuleNotFoundError as missing:
        raise WrongSettings((f"templates needs the extra records ({missing.name} is not installed)",)) from None
    draw(folder or BUNDLED)
