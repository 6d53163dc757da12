"""Tickets for Socket Mode: `apps.connections.open` issues a ticket, which opens one WebSocket."""

import secrets
import threading


class SocketTickets:
    """The tickets that are issued and not yet used."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._issued: set[str] = set()

    def issue(self) -> str:
        """Issue a ticket and return it."""
        ticket = secrets.token_urlsafe(12)
        with self._lock:
            self._issued.add(ticket)
        return ticket

    def use(self, ticket: str) -> bool:
        """Use a ticket. Returns False if it is unknown or already used."""
        with self._lock:
            if ticket not in self._issued:
                return False
            self._issued.remove(ticket)
            return True
