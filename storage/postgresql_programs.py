"""Runs PostgreSQL's own programs without exposing the password of the database."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

#: Where Debian installs the programs of each version, which is not on the path.
INSTALLED = Path("/usr/lib/postgresql")


class ProgramFailed(Exception):
    """A program is missing or failed; the text is its first error message."""


def run(name: str, *arguments: str, url: str = "") -> str:
    """Run one of PostgreSQL's programs and return its output. Raises `ProgramFailed` with its first error message."""
    program = _program(name)
    with _reaching(url) as (before, after):
        done = subprocess.run(  # noqa: S603 - a program of PostgreSQL, with our arguments and the operator's
            [*before, program, *after, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"ended with {done.returncode}"]
        first = next((line for line in lines if "error:" in line), lines[-1])
        raise ProgramFailed(f"{name}: {first.removeprefix(f'{name}: ')}")
    return done.stdout


def _program(name: str) -> str:
    """Return the path of a program. Debian's wrapper is avoided, because it looks for a local server."""
    on_path = shutil.which(name)
    if on_path and Path(on_path).resolve().name != "pg_wrapper":
        return on_path
    installed = sorted(INSTALLED.glob(f"[0-9]*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    if not installed:
        raise ProgramFailed(
            f"{name} is not installed; it comes with PostgreSQL's client, for example postgresql-client"
        )
    return str(installed[-1])


@contextmanager
def _reaching(url: str) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the words before and after a program's name that connect it to the database, without the password.

    Every user of the machine can read a command line. The password is therefore in a file that only we can read.
    """
    if not url:
        yield [], []
        return
    import psycopg

    address = make_url(url)
    words = address.get_dialect()().create_connect_args(address)[1]
    password = str(words.pop("password", "")).replace("\\", "\\\\").replace(":", "\\:")
    if "sslpassword" in words:
        raise ProgramFailed("DATABASE_URL has an sslpassword, which everybody could read on the command line")
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", prefix="faultdesk-") as passfile:
        passfile.write(f"*:*:*:*:{password}\n")
        passfile.flush()
        named = {**words, "passfile": passfile.name} if password else words
        try:
            name = psycopg.conninfo.make_conninfo(**named)
        except psycopg.Error as error:
            raise ProgramFailed(str(error).strip()) from None
        # a password in our environment could be a different one and would override the file
        yield ["/usr/bin/env", "-u", "PGPASSWORD"] if password else [], ["--no-password", f"--dbname={name}"]
