"""A relay between the bot and the stand-in, through which WebSockets go. It can fall silent without closing them."""

import socket
import threading
from contextlib import suppress

_CHUNK_BYTES = 65536
_SOCKET_MODE = b"GET /link/"


class SocketRelay:
    """Passes every connection on to a server on this machine, while the context is entered.

    A WebSocket that has fallen silent stays open, and nothing passes in either direction any more.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._web_sockets: set[_Relayed] = set()
        self._thread = threading.Thread(target=self._accept, name="relay", daemon=True)

    @property
    def url(self) -> str:
        """The address of the relay."""
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> "SocketRelay":
        self._thread.start()
        return self

    def __exit__(self, *details: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def silence(self) -> int:
        """Let every open WebSocket fall silent, and return their number."""
        talking = [one for one in self._web_sockets.copy() if not one.is_silent and not one.is_over]
        for one in talking:
            one.is_silent = True
        self._web_sockets = set(talking)
        return len(talking)

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                near, _address = self._listening.accept()
                threading.Thread(target=self._relay, args=(near,), daemon=True).start()

    def _relay(self, near: socket.socket) -> None:
        with suppress(OSError), near, socket.create_connection(("127.0.0.1", self._target)) as far:
            begin = near.recv(_CHUNK_BYTES)
            relayed = _Relayed(near, far)
            if begin.startswith(_SOCKET_MODE):
                self._web_sockets.add(relayed)
            far.sendall(begin)
            back = threading.Thread(target=relayed.pass_on, args=(far, near), daemon=True)
            back.start()
            relayed.pass_on(near, far)
            back.join()


class _Relayed:
    """One connection through the relay."""

    def __init__(self, near: socket.socket, far: socket.socket) -> None:
        self._ends = near, far
        self.is_silent = self.is_over = False

    def pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        """Pass on what arrives, until one of both ends closes the connection."""
        with suppress(OSError):
            while chunk := source.recv(_CHUNK_BYTES):
                if not self.is_silent:
                    sink.sendall(chunk)
        self.is_over = True
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
