"""Uploads files to Slack (slack-platform.md §4.3, `files.*`): the first two of three steps, before sharing."""

from collections.abc import Sequence
from urllib.request import Request

from bot.slack.delivery.slack_call import Upload
from bot.slack.http_client import check_success
from bot.slack.web_client import SlackClient


def announce(client: SlackClient, files: Sequence[Upload]) -> list[str]:
    """Upload the files; nobody sees them yet. Returns the ids with which they are then shared.

    Raises `OSError` or `SlackClientError`.
    """
    return [_announced(client, file) for file in files]


def _announced(client: SlackClient, file: Upload) -> str:
    content = file.content
    told = client.files_getUploadURLExternal(filename=file.name, length=len(content))
    url = str(told["upload_url"])
    if not url.startswith(("https://", "http://")):
        raise OSError(f"no place to upload to: {url[:40]}")
    headers = {"Content-Type": "application/octet-stream"}
    request = Request(url, content, headers, method="POST")  # noqa: S310 - checked above
    answer = client.http.send(request, client.timeout)
    check_success(url, answer)
    return str(told["file_id"])
