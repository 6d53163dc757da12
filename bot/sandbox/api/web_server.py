"""The web server of the stand-in: its connections can be broken on purpose, and it stops at once."""

import asyncio
import socket
import threading
from collections.abc import Mapping
from typing import Any, ClassVar, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

Ends = tuple[tuple[str, int], tuple[str, int]]


class BreakableConnection(H11Protocol):
    """HTTP connections that a request handler can break."""

    transports: ClassVar[dict[Ends, asyncio.Transport]] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Register the connection, so that it can be broken."""
        self._known_as = _ends(transport)  # a connection that is lost may not know its ends any more
        self.transports[self._known_as] = transport
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self.transports.pop(self._known_as, None)
        super().connection_lost(exc)


def _ends(transport: asyncio.Transport) -> Ends:
    peer = transport.get_extra_info("peername") or ("", 0)  # a caller may hang up before it is accepted
    return peer[:2], transport.get_extra_info("sockname")[:2]


class StoppableServer(uvicorn.Server):
    """A server that reports when it is up and stops at once when told, because tests start hundreds of them."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._up, self._leave = threading.Event(), asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, and end `wait_until_up`."""
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        self._up.set()

    async def main_loop(self) -> None:
        """Serve until `leave`."""
        await self._leave.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, cancel the requests, and abort every connection, also those that are just being accepted."""
        loop = asyncio.get_running_loop()
        # A closed server leaks the connections that it is just accepting, so it is closed last.
        for listening in self._listening():
            loop.remove_reader(listening.fileno())
        while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in self.server_state.tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._abort_connections()
        await self._abort_connections()
        for server in self.servers:
            server.close()

    def _listening(self) -> list[Any]:
        return [listening for server in self.servers for listening in server.sockets]

    async def _abort_connections(self) -> None:
        await asyncio.sleep(0)  # a new connection is registered in the iteration after it was accepted
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)  # an aborted connection closes in the next iteration

    def wait_until_up(self) -> None:
        """Wait until the server accepts connections."""
        self._up.wait()

    def leave(self) -> None:
        """Abort all connections and stop the server."""
        if self._loop:
            self._loop.call_soon_threadsafe(self._leave.set)


def break_connection(scope: Mapping[str, Any]) -> None:
    """Abort the connection over which the request of this ASGI scope came."""
    if transport := _transport(scope):
        transport.abort()


def read_connection(scope: Mapping[str, Any], wanted: bool) -> None:
    """Read what arrives over the connection of this ASGI scope, or leave it unread, while it stays open."""
    transport = _transport(scope)
    if transport and transport.is_reading() is not wanted and not transport.is_closing():
        transport.resume_reading() if wanted else transport.pause_reading()


def _transport(scope: Mapping[str, Any]) -> asyncio.Transport | None:
    ends = tuple(scope["client"]), tuple(scope["server"])
    return BreakableConnection.transports.get(cast(Ends, ends))
