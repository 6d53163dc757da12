"""A stopped stand-in leaves no connection open, whoever was just connecting."""

import gc
import socket
import threading
import warnings
from contextlib import suppress

from bot.sandbox import StandIn
from tests.support import world


def test_connections_that_arrive_while_it_stops_are_closed() -> None:
    with warnings.catch_warnings(record=True) as leaked:
        warnings.simplefilter("always")
        for _round in range(5):
            _stop_among_callers(StandIn(world.workspace()).start())
        gc.collect()
    assert not [str(one.message) for one in leaked if issubclass(one.category, ResourceWarning)]


def _stop_among_callers(standin: StandIn) -> None:
    address, stopped = standin._socket.getsockname(), threading.Event()

    def call() -> None:
        while not stopped.is_set():
            with suppress(OSError), socket.create_connection(address) as connection:
                connection.sendall(b"POST /api/auth.test HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n")

    callers = [threading.Thread(target=call) for _caller in range(2)]
    for caller in callers:
        caller.start()
    standin.stop()
    stopped.set()
    for caller in callers:
        caller.join()
