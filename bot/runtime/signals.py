"""The end of a process: SIGINT and SIGTERM."""

import signal
import threading


def told_to_stop() -> threading.Event:
    """Set once the process is told to end; asked for before the start, so that no such word is missed."""
    stopped = threading.Event()
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, lambda *_: stopped.set())
    return stopped
