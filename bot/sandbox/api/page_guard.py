"""Who may use the page: whoever has the token of this start, from the page itself, at an address of this machine.

A page of another site that is open in the same browser can send requests here, and by DNS rebinding it can even pretend
that its own name leads here.
"""

import hmac
import socket
from collections.abc import Callable
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, QueryParams
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.sandbox.client.terminal import TOKEN_HEADER

#: What needs the token: everything that a person does or sees. The rest is for the app, which has tokens of its own, or
#: a file of the page, which is the same for everybody.
_PRIVATE = ("/sandbox/", "/page/stream", "/page/files/")
_TLS = ("https", "wss")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class PageGuard:
    """Middleware that refuses what does not come from the page."""

    def __init__(self, app: ASGIApp, *, host: str, token: str) -> None:
        """`host` is the interface that the server listens on."""
        self._app = app
        self._is_own_name = _own_names(host)
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        problem = self._problem(scope)
        if problem is None:
            await self._app(scope, receive, send)
            return
        status, error, detail = problem
        await JSONResponse({"ok": False, "error": error, "detail": detail}, status)(scope, receive, send)

    def _problem(self, scope: Scope) -> tuple[HTTPStatus, str, str] | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._is_own_name(_name_of(f"//{host}")):
            return HTTPStatus.BAD_REQUEST, "WrongHost", "this is not the name of the sandbox"
        reads = scope.get("method") in ("GET", "HEAD")  # without a method, it opens a WebSocket
        own = f"{'https' if scope['scheme'] in _TLS else 'http'}://{host}"
        if not reads and headers.get("origin", own) != own:
            return HTTPStatus.FORBIDDEN, "WrongOrigin", "only the page of the sandbox may ask"
        # an address in the page, such as that of a picture, has no headers
        given = headers.get(TOKEN_HEADER) or QueryParams(scope["query_string"]).get("token", "")
        if scope["path"].startswith(_PRIVATE) and not hmac.compare_digest(given.encode(), self._token):
            return HTTPStatus.FORBIDDEN, "WrongToken", "use the address that the sandbox printed at its start"
        return None


def is_loopback(host: str) -> bool:
    """Return whether a server that listens on this interface can be reached from this machine alone."""
    return host in _LOOPBACK


def _own_names(host: str) -> Callable[[str], bool]:
    """Return a check of the names under which the server may be asked.

    Beyond loopback these are the name of the machine and every IP address, because only names can be rebound.
    """
    if is_loopback(host):
        return _LOOPBACK.__contains__
    names = _LOOPBACK | {host, socket.gethostname().lower()}
    return lambda name: name in names or _is_address(name)


def _name_of(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:  # no address at all
        return ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
