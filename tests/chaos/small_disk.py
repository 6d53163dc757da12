"""A file system that is small enough to be filled."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_BALLAST = "ballast"
_BLOCK_BYTES = 4096


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path | None]:
    """Mount a file system of its own at a folder, in memory. Yields None where we may not: only root may mount."""
    if shutil.which("mount") is None or not _mounted(folder, megabytes):
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def _mounted(folder: Path, megabytes: int) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=1777", "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Leave no space on a disk while the context is entered."""
    ballast = disk / _BALLAST
    try:
        with ballast.open("wb") as file:
            _fill(file.fileno(), disk)
        yield
    finally:
        ballast.unlink()


def _fill(file: int, disk: Path) -> None:
    """Take half of what is left again and again, because others write at the same time."""
    size, step = 0, shutil.disk_usage(disk).free
    while step >= _BLOCK_BYTES:
        try:
            os.posix_fallocate(file, size, step)
            size += step
        except OSError:
            step //= 2
