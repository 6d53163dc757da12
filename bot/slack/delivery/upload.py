"""Files on their way to Slack: the first two of its three steps, which nobody sees (slack-platform.md, files.*)."""

from collections.abc import Sequence
from urllib.request import Request, urlopen

from slack_sdk import WebClient

from bot.documents.file import File


def announce(client: WebClient, files: Sequence[File]) -> list[str]:
    """Bring the bytes to Slack; returns the ids by which the files are shared. OSError or SlackClientError if not."""
    return [_announced(client, file) for file in files]


def _announced(client: WebClient, file: File) -> str:
    told = client.files_getUploadURLExternal(filename=file.name, length=len(file.content))
    url = str(told["upload_url"])
    if not url.startswith(("https://", "http://")):
        raise OSError(f"no place to upload to: {url[:40]}")
    headers = {"Content-Type": "application/octet-stream"}
    request = Request(url, file.content, headers, method="POST")  # noqa: S310 - checked above
    with urlopen(request, timeout=client.timeout) as answer:  # noqa: S310
        answer.read()
    return str(told["file_id"])
