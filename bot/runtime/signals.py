"""Stops a process on SIGINT and SIGTERM."""

import signal
import threading


def stop_event() -> threading.Event:
    """Return an event that is set when the process is told to stop. Call it before the start, to miss no signal."""
    stopped = threading.Event()
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, lambda *_: stopped.set())
    return stopped
