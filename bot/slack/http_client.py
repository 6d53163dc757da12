"""Sends HTTP requests to Slack over connections that are kept open, through the proxy that the environment names.

A TLS context reads all root certificates, which takes longer than everything else in a call, so the process has one.
Errors are those of `urllib`, from which `failures.py` tells what became of a call: `URLError` if the request was not
sent completely, another `OSError` if the answer is missing or breaks off.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email.message import Message
from functools import cached_property, partial
from http.client import HTTPException
from ssl import SSLContext, create_default_context
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import unquote
from urllib.request import Request, getproxies, proxy_bypass

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError as PoolError
from urllib3.exceptions import ReadTimeoutError
from urllib3.util import make_headers, parse_url

#: Connections to each host that are kept open, more than threads usually call Slack. Further ones are closed after use.
MAX_KEPT = 64
#: Seconds after which an unused connection is closed instead of used again. Firewalls and load balancers forget idle
#: connections, many after a minute, and the next request would be lost until it times out.
MAX_IDLE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, whatever its status is."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The content as text. Slack's own is UTF-8; the page of a proxy, which need not be, is nowhere read."""
        return self.body.decode(errors="replace")


def check_success(url: str, answer: Answer | BaseHTTPResponse) -> None:
    """Raise `HTTPError` unless the status is that of a success."""
    if answer.status // 100 != 2:
        headers = Message()
        for name, value in answer.headers.items():
            headers[name] = value
        raise HTTPError(url, answer.status, "", headers, None)


class HttpClient:
    """The HTTP client of the process, for any number of threads.

    Nothing is sent twice that may have been received, and no redirect is followed: its target would get the token.
    """

    def __init__(self, ticks: Callable[[], float]) -> None:
        """`ticks` returns the seconds of a monotonic clock. Raises `ValueError` if the proxy has no address."""
        self._ticks = ticks
        self._direct = self._keeping(PoolManager(maxsize=MAX_KEPT))
        self._proxied = _proxied(getproxies())
        if self._proxied:
            self._keeping(self._proxied)

    @cached_property
    def tls(self) -> SSLContext:
        """The context of all TLS connections, with the root certificates of the system or of `SSL_CERT_FILE`."""
        return create_default_context()

    def send(self, request: Request, timeout: float) -> Answer:
        """Send a request and return its answer. `timeout` limits each wait for the network, in seconds.

        Raises `OSError`.
        """
        with self.opened(request, timeout) as answer:
            return Answer(answer.status, answer.headers, answer.read())

    @contextmanager
    def opened(self, request: Request, timeout: float) -> Iterator[BaseHTTPResponse]:
        """Send a request and yield its answer, which is read within the block. Raises `OSError`, also while it is read.

        A connection whose answer was not read to its end is closed.
        """
        with _errors_of_urllib(), closing(self._answer(request, timeout)) as answer:
            yield answer

    def close(self) -> None:
        """Close the connections that are kept open."""
        for pools in filter(None, (self._direct, self._proxied)):
            pools.clear()

    def _answer(self, request: Request, timeout: float) -> BaseHTTPResponse:
        """Send a request, over another connection if one that was kept open does not take it any more."""
        pools = self._direct if self._proxied is None or proxy_bypass(request.host) else self._proxied
        while True:
            try:
                return pools.urlopen(
                    request.get_method(),
                    request.full_url,
                    redirect=False,
                    body=request.data,
                    headers=dict(request.header_items()),
                    timeout=timeout,
                    retries=False,
                    preload_content=False,
                    decode_content=False,
                )
            except _NotSent as error:
                if not error.was_kept:
                    raise

    def _keeping(self, pools: PoolManager) -> PoolManager:
        """Let these pools make our connections."""
        pools.pool_classes_by_scheme = {"http": self._plain_pool, "https": self._tls_pool}  # type: ignore[dict-item]
        return pools

    def _plain_pool(self, *address: Any, **settings: Any) -> HTTPConnectionPool:
        pool = HTTPConnectionPool(*address, **settings)
        pool.ConnectionCls = partial(_Connection, self._ticks)  # type: ignore[assignment]
        return pool

    def _tls_pool(self, *address: Any, **settings: Any) -> HTTPSConnectionPool:
        pool = HTTPSConnectionPool(*address, ssl_context=self.tls, **settings)
        pool.ConnectionCls = partial(_TlsConnection, self._ticks)  # type: ignore[assignment]
        return pool


class _NotSent(Exception):
    """The request was not sent completely. `was_kept`: over a connection that had served an earlier one."""

    def __init__(self, cause: Exception, *, was_kept: bool) -> None:
        super().__init__(cause)
        self.cause = cause
        self.was_kept = was_kept


class _Connection(HTTPConnection):
    """A connection that tells whether it sent a request completely, and is not used again after a long pause."""

    def __init__(self, ticks: Callable[[], float], **settings: Any) -> None:
        super().__init__(**settings)
        self._ticks = ticks
        self._used_at: float | None = None

    def connect(self) -> None:
        """Connect. Raises `_NotSent`."""
        self._used_at = None
        with self._sending():
            super().connect()

    def request(self, *arguments: Any, **settings: Any) -> None:
        """Send a request. Raises `_NotSent`."""
        with self._sending():
            super().request(*arguments, **settings)
        self._used_at = self._ticks()

    @property
    def is_connected(self) -> bool:
        """Whether the connection can take a request, as far as can be seen from here."""
        is_idle = self._used_at is not None and self._ticks() - self._used_at >= MAX_IDLE_SECONDS
        return not is_idle and super().is_connected

    @contextmanager
    def _sending(self) -> Iterator[None]:
        try:
            yield
        except (OSError, HTTPException, PoolError) as error:
            raise _NotSent(error, was_kept=self._used_at is not None) from error


class _TlsConnection(_Connection, HTTPSConnection):
    """The same over TLS."""


def _proxied(proxies: Mapping[str, str]) -> PoolManager | None:
    """Return the pools of connections through the proxy for everything, `HTTPS_PROXY` or else `HTTP_PROXY`, if any.

    The connection to the proxy itself is plain, whatever its address begins with; TLS goes through it, up to Slack.
    """
    named = proxies.get("https") or proxies.get("http")
    if not named:
        return None
    url = parse_url(f"http://{named.rpartition('://')[2]}")
    login = make_headers(proxy_basic_auth=unquote(url.auth)) if url.auth else None
    # By default the body of a request would wait until a proxy has acknowledged the head, often for 40 ms.
    at_once = HTTPConnection.default_socket_options
    return ProxyManager(url._replace(auth=None).url, proxy_headers=login, maxsize=MAX_KEPT, socket_options=at_once)


@contextmanager
def _errors_of_urllib() -> Iterator[None]:
    """Raise what `urllib` would raise where the block raises errors of `urllib3` or `http.client`."""
    try:
        yield
    except _NotSent as error:
        raise URLError(error.cause) from error
    except ReadTimeoutError as error:
        raise TimeoutError(*error.args[1:]) from error
    except (PoolError, HTTPException) as error:
        raise _broken(error) from error


def _broken(error: Exception) -> OSError:
    """Return the error of the system that broke the answer off, or one that names how it is no answer of HTTP."""
    cause = next((one for one in error.args if isinstance(one, Exception)), error)
    if isinstance(cause, OSError) and not isinstance(cause, HTTPException):
        return cause
    return ConnectionError(type(cause).__name__)
