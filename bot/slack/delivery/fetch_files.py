"""Fetches files from Slack (slack-platform.md §4.3, `files.info`) and keeps a copy of each.

A file is not trusted: its size and kind are limited, its name is only shown, and the token that opens it is sent to
Slack alone. Where a retry cannot help, the history says why there is no copy.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit
from urllib.request import Request

from slack_sdk.errors import SlackApiError, SlackClientError
from urllib3 import BaseHTTPResponse

from bot.casework.company_settings import FileLimits
from bot.casework.steps import files
from bot.slack.delivery.outcomes import Outcomes
from bot.slack.failures import classify
from bot.slack.http_client import check_success
from bot.slack.web_client import SlackClient
from storage.file_contents import CHUNK_BYTES, FileContents, NotStored
from storage.tables import CaseFile, Outgoing
from storage.vocabulary import NotKept

#: What Slack answers to `files.info` about a file that is not there any more, or that the bot may not read.
_REFUSED = {
    **dict.fromkeys(("file_deleted", "file_not_found"), NotKept.DELETED),
    **dict.fromkeys(("missing_scope", "not_visible", "file_access_denied"), NotKept.NO_ACCESS),
}
#: The same for the address of the file.
_GONE, _CLOSED = (404, 410), (401, 403)
_PAGE = "text/html"
#: What stays as it is in an address; the rest, which HTTP does not take, is encoded.
_URL = "%/:=&?~#+!$,;'@()*[]"


class NotTheFile(Exception):
    """What came is not the file that Slack announced."""


class Unfetchable(Exception):
    """There will be no copy of the file, whenever it is tried."""

    def __init__(self, reason: NotKept) -> None:
        super().__init__(reason)
        self.reason = reason


class FileFetcher:
    """Fetches the files that outbox rows name, and records what became of each."""

    def __init__(
        self, client: SlackClient, contents: FileContents, limits: Callable[[], FileLimits], outcomes: Outcomes
    ) -> None:
        """`limits` returns the present ones. It may raise `Unavailable`."""
        self._client = client
        self._contents = contents
        self._limits = limits
        self._outcomes = outcomes

    def fetch(self, row: Outgoing) -> None:
        """Fetch the file of a row and record the result; the row is retried if that may help.

        Raises `NotTheFile`, and `Unavailable` or `LeaseLost` as the records of results do.
        """
        found = files.named(row)
        try:
            self._fetch(found)
        except Unfetchable as error:
            found.reason = error.reason
        except NotStored as error:
            self._outcomes.not_stored(row, error)
            return
        except (SlackClientError, OSError) as error:
            self._outcomes.failed(row, None, classify(error, row.attempts))
            return
        self._outcomes.fetched(row, found)

    def _fetch(self, found: CaseFile) -> None:
        """Fetch and store a file, and complete what is known of it."""
        info = self._info(found.file_id)
        found.name = str(info.get("name") or found.name)
        found.link = str(info.get("permalink") or info.get("url_private") or found.link)
        stored = self._contents.store(self._content(info))
        found.size, found.sha256 = stored.size, stored.sha256

    def _info(self, file_id: str) -> Mapping[str, Any]:
        """Return what Slack knows of a file. Raises `Unfetchable` for what no retry changes."""
        try:
            info: Mapping[str, Any] = self._client.files_info(file=file_id)["file"]
        except SlackApiError as error:
            if reason := _REFUSED.get(str(error.response.get("error"))):
                raise Unfetchable(reason) from error
            raise
        if info.get("mode") == "tombstone":
            raise Unfetchable(NotKept.DELETED)
        return info

    def _content(self, info: Mapping[str, Any]) -> Iterator[bytes]:
        """Yield the content of a file, if its kind, its size and its address allow it. Raises `Unfetchable`."""
        name, size, limits = str(info.get("name") or ""), int(info.get("size") or 0), self._limits()
        url = str(info.get("url_private_download") or info.get("url_private") or "")
        if not self._is_slacks(url):
            raise Unfetchable(NotKept.ELSEWHERE if url else NotKept.NO_ACCESS)
        if limits.kinds and _kind(name) not in limits.kinds:
            raise Unfetchable(NotKept.KIND)
        if size > min(limits.max_bytes, self._contents.limit or limits.max_bytes):
            raise Unfetchable(NotKept.TOO_LARGE)
        headers = {"Authorization": f"Bearer {self._client.token}"}
        request = Request(quote(url, safe=_URL), headers=headers)  # noqa: S310 - `_is_slacks`
        with self._client.http.opened(request, self._client.timeout) as answer:
            _check(answer, url)
            if _content_type(answer) == _PAGE and info.get("mimetype") != _PAGE:
                raise Unfetchable(NotKept.NO_ACCESS)  # the sign-in page, with status 200
            yield from _limited(answer, size)

    def _is_slacks(self, url: str) -> bool:
        """Return whether an address is one of Slack's, which is the only one that gets the token.

        It is at the host of the Web API or at one below it: `files.slack.com` for `slack.com`.
        """
        ours, other = urlsplit(self._client.base_url), urlsplit(url)
        host, there = ours.hostname or "", other.hostname or ""
        is_below = there == host or there.endswith(f".{host}")
        return is_below and (other.scheme, other.port) == (ours.scheme, ours.port)


def _check(answer: BaseHTTPResponse, url: str) -> None:
    """Raise `Unfetchable` or `HTTPError` for an answer without the file.

    Slack redirects whoever may not read a file to its sign-in page.
    """
    if answer.status in _GONE:
        raise Unfetchable(NotKept.DELETED)
    if answer.status in _CLOSED or answer.status // 100 == 3:
        raise Unfetchable(NotKept.NO_ACCESS)
    check_success(url, answer)


def _content_type(answer: BaseHTTPResponse) -> str:
    return answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _kind(name: str) -> str:
    """Return the ending of a file's name in lower case; "" if it has none."""
    _stem, dot, ending = name.rpartition(".")
    return ending.lower() if dot else ""


def _limited(answer: BaseHTTPResponse, size: int) -> Iterator[bytes]:
    """Yield the content of an answer, never more than the announced `size` (bytes)."""
    come = 0
    while chunk := answer.read(CHUNK_BYTES):
        come += len(chunk)
        if come > size:
            raise NotTheFile(f"more than {size} bytes")
        yield chunk
    if come != size:
        raise NotTheFile(f"{come} of {size} bytes")
