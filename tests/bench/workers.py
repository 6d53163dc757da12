"""Runs several processes of a benchmark that begin together."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Work:
    """The seconds until the last worker was done, and the processor seconds of all of them without their start."""

    seconds: float
    processor: float


def work_together(module: str, workers: int, *arguments: str, environ: Mapping[str, str] | None = None) -> Work:
    """Run `python -m MODULE WORKER ARGUMENTS` as several workers, in our own environment or in another."""
    command = [sys.executable, "-m", module, "WORKER", *arguments]
    running = [
        subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(workers)
    ]
    for process in running:
        assert process.stdout is not None
        process.stdout.readline()  # the worker is ready
    started = time.perf_counter()
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate()[0] for process in running]
    return Work(time.perf_counter() - started, sum(map(float, told)))


@contextmanager
def measured() -> Iterator[None]:
    """Be a worker: wait until all are ready, and tell the processor time of the block."""
    print("ready", flush=True)
    sys.stdin.readline()
    started = time.process_time()
    yield
    print(time.process_time() - started, flush=True)
