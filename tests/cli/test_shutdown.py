"""How a process ends: a load balancer turns away first, then nobody is accepted, and what was accepted is answered."""

import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
import urllib3

from bot.sandbox import StandIn
from tests.cli.test_main import running, standin
from tests.support.team import ANNA, DESK
from tests.support.world import MAX_WAIT_SECONDS

__all__ = ["standin"]


def health(port: int) -> tuple[int, bytes]:
    with urllib3.PoolManager() as pool:
        answer = pool.request("GET", f"http://127.0.0.1:{port}/health", retries=False, timeout=MAX_WAIT_SECONDS)
    return answer.status, answer.data


def stopping(process: subprocess.Popen[str], port: int, standin: StandIn) -> None:
    """Tell the process to stop, and wait until its health says so."""
    process.send_signal(signal.SIGTERM)
    standin.workspace.wait_until(lambda: health(port) == (503, b'{"process": "stopping"}'))


def accepted(port: int) -> socket.socket:
    """A connection that has sent half a request."""
    made = socket.create_connection(("127.0.0.1", port), timeout=MAX_WAIT_SECONDS)
    made.sendall(b"POST /slack/events HTTP/1.1\r\nHost: desk\r\nContent-Length: 2\r\n\r\n{")
    return made


def is_refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=MAX_WAIT_SECONDS).close()
    except ConnectionRefusedError:
        return True
    return False


def test_requests_are_answered_while_health_says_stopping_and_a_second_signal_ends_it(
    tmp_path: Path, standin: StandIn
) -> None:
    with running(tmp_path, standin.workspace, FAULT_SHUTDOWN_SECONDS="3600") as (process, port):
        standin.connect(bot_url=f"http://127.0.0.1:{port}/slack/events")
        stopping(process, port, standin)
        answer = standin.person(ANNA).command("/fault help", channel=DESK).message
        assert answer is not None
        assert "/fault list" in answer.plain
        process.send_signal(signal.SIGTERM)
        _out, logged = process.communicate(timeout=MAX_WAIT_SECONDS)
        assert process.returncode == 0, logged
        assert "Traceback" not in logged


def test_what_was_accepted_is_answered_after_the_listener_has_closed(tmp_path: Path, standin: StandIn) -> None:
    with running(tmp_path, standin.workspace, FAULT_SHUTDOWN_SECONDS="3600") as (process, port):
        stopping(process, port, standin)
        with accepted(port) as slow:
            health(port)  # answered after the connection was accepted
            process.send_signal(signal.SIGINT)
            standin.workspace.wait_until(lambda: is_refused(port))
            slow.sendall(b"}")
            assert slow.recv(4096).startswith(b"HTTP/1.1 401"), "an unsigned request, but answered"
        _out, logged = process.communicate(timeout=MAX_WAIT_SECONDS)
        assert process.returncode == 0, logged


@pytest.mark.parametrize("seconds", ["0", "0.2"])
def test_it_ends_by_itself_after_its_time(tmp_path: Path, standin: StandIn, seconds: str) -> None:
    with running(tmp_path, standin.workspace, FAULT_SHUTDOWN_SECONDS=seconds) as (process, _port):
        process.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        assert process.wait(timeout=MAX_WAIT_SECONDS) == 0
        assert time.monotonic() - begun >= float(seconds)
