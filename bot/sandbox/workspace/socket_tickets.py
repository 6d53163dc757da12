"""Tickets for Socket Mode: `apps.connections.open` issues one, and each opens one WebSocket."""

import secrets
import threading


class SocketTickets:
    """The tickets that were issued and not used yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._issued: set[str] = set()

    def issue(self) -> str:
        """Return a new ticket."""
        ticket = secrets.token_urlsafe(12)
        with self._lock:
            self._issued.add(ticket)
        return ticket

    def use(self, ticket: str) -> bool:
        """Use a ticket up; False if it is unknown or used already."""
        with self._lock:
            if ticket not in self._issued:
                return False
            self._issued.remove(ticket)
            return True
