"""Requests to the control endpoints of a stand-in, as its page sends them."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import urllib3

from bot.sandbox.client.terminal import TOKEN_HEADER
from tests.support.world import MAX_WAIT_SECONDS


def control(page: str, desk: str, headers: dict[str, str] | None = None, **wanted: Any) -> urllib3.BaseHTTPResponse:
    """Send a request to one endpoint. `page` is the address of the page, with its token."""
    given = {TOKEN_HEADER: dict(parse_qsl(urlsplit(page).query))["token"], **(headers or {})}
    url = at(page, f"/sandbox/{desk}")
    return urllib3.request("POST", url, json=wanted, headers=given, retries=False, timeout=MAX_WAIT_SECONDS)


def at(page: str, path: str) -> str:
    """The address of another path of the stand-in, without the token."""
    parts = urlsplit(page)
    return f"{parts.scheme}://{parts.netloc}{path}"


def with_token(page: str, path: str) -> str:
    """The same with the token."""
    return f"{at(page, path)}?{urlsplit(page).query}"
