"""A flood of slow, huge and false requests to one port of this machine, in a process of its own, until it is killed."""

import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import cycle

#: Connections that drip a byte every few seconds, more than the server keeps.
DRIPPING = 800
FALSE = b"X-Slack-Request-Timestamp: %d\r\nX-Slack-Signature: v0=%064d\r\n"
EVENTS = b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"


def connect(port: int) -> socket.socket:
    """A new connection to the port."""
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def drip(port: int, _now: int) -> None:
    """Keep many connections whose requests never end; a connection that is closed is opened again."""
    connections = [connect(port) for _ in range(DRIPPING)]
    for number in cycle(range(DRIPPING)):
        try:
            connections[number].send(b"P")
        except OSError:
            connections[number].close()
            connections[number] = connect(port)
        time.sleep(0.002)


def send_huge(port: int, now: int) -> None:
    """Send 300 MB with a false signature, as far as they are taken."""
    _send(port, now, 300_000_000)


def send_large(port: int, now: int) -> None:
    """Send the largest body that is taken, with a false signature."""
    _send(port, now, 4_000_000)


def hold_large(port: int, _now: int) -> None:
    """Send most of a large body, and never the rest."""
    with connect(port) as connection:
        connection.sendall(EVENTS % 4_000_000 + b"\r\n" + b"x" * 3_900_000)
        connection.recv(1)


def send_false(port: int, now: int) -> None:
    """Send a deeply nested body with a false signature, and no HTTP at all."""
    _send(port, now, 100_000, b"[")
    with connect(port) as connection:
        connection.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        connection.recv(4096)


def _send(port: int, now: int, length: int, letter: bytes = b"x") -> None:
    part = letter * min(length, 1_000_000)
    with connect(port) as connection:
        connection.sendall(EVENTS % length + FALSE % (now, 0) + b"\r\n")
        for _ in range(length // len(part)):
            connection.sendall(part)
        connection.recv(4096)


def _again_and_again(act: Callable[[int, int], None], port: int, now: int) -> None:
    while True:
        with suppress(OSError):
            act(port, now)
        time.sleep(0.01)


def main(port: int, now: int) -> None:
    """Flood the port from many threads. `now` is the time of the false signatures, in Unix seconds."""
    kinds = (drip, *[send_huge] * 4, *[send_large] * 4, *[hold_large] * 30, *[send_false] * 4)
    threads = [threading.Thread(target=_again_and_again, args=(kind, port, now)) for kind in kinds]
    for thread in threads:
        thread.start()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
