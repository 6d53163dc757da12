"""Uploads files to Slack (slack-platform.md §4.3, `files.*`): the first two of three steps, before sharing."""

from collections.abc import Sequence
from http.client import HTTPException
from urllib.request import Request, urlopen

from slack_sdk import WebClient

from bot.documents.file import File


def announce(client: WebClient, files: Sequence[File]) -> list[str]:
    """Upload the files; nobody sees them yet. Returns the ids with which they are then shared.

    Raises `OSError` or `SlackClientError`.
    """
    return [_announced(client, file) for file in files]


def _announced(client: WebClient, file: File) -> str:
    told = client.files_getUploadURLExternal(filename=file.name, length=len(file.content))
    url = str(told["upload_url"])
    if not url.startswith(("https://", "http://")):
        raise OSError(f"no place to upload to: {url[:40]}")
    headers = {"Content-Type": "application/octet-stream"}
    request = Request(url, file.content, headers, method="POST")  # noqa: S310 - checked above
    try:
        with urlopen(request, timeout=client.timeout) as answer:  # noqa: S310
            answer.read()
    except HTTPException as error:  # an answer that breaks off is no `OSError` in Python
        raise ConnectionError(type(error).__name__) from error
    return str(told["file_id"])
