"""Measures what a call to Slack over TLS costs the caller: with a context of its own, a shared one, a kept connection.

python -m tests.bench.tls
python -m tests.bench.tls WORKER URL TOKEN WAY   (one caller, started by the benchmark)
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from ssl import create_default_context, get_default_verify_paths

from slack_sdk import WebClient

from bot.clock import CheckedClock, Clock
from bot.sandbox.api.server import StandIn
from bot.sandbox.workspace.demo import demo_workspace
from bot.slack.http_client import HttpClient
from bot.slack.web_client import SlackClient
from tests.bench.workers import measured, work_together
from tests.support.certificates import make_certificate
from tests.support.processes import inherited

CALLS = 200
MakeClient = Callable[[str, str], WebClient]


def _own_context(url: str, token: str) -> WebClient:
    return WebClient(token, url, retry_handlers=[])


def _shared_context(url: str, token: str) -> WebClient:
    return WebClient(token, url, retry_handlers=[], ssl=create_default_context())


def _kept_connection(url: str, token: str) -> WebClient:
    return SlackClient(HttpClient(Clock().ticks), token, url, CheckedClock(Clock()))


WAYS: dict[str, MakeClient] = {
    "a context each": _own_context,
    "a shared context": _shared_context,
    "a kept connection": _kept_connection,
}


@contextmanager
def private_root() -> Iterator[tuple[Path, dict[str, str]]]:
    """A certificate for a stand-in, and what a process needs in its environment to trust it and every usual root."""
    with tempfile.TemporaryDirectory() as folder:
        certificate, bundle = make_certificate(Path(folder) / "stand-in.pem"), Path(folder) / "roots.pem"
        usual = get_default_verify_paths().cafile
        bundle.write_text((Path(usual).read_text() if usual else "") + certificate.read_text())
        yield certificate, {"SSL_CERT_FILE": str(bundle)}


def measure() -> None:
    """Print the processor time of a call each way, and the ratio to the first way."""
    workspace = demo_workspace()
    with private_root() as (certificate, environ), StandIn(workspace, certificate=certificate) as standin:
        first = 0.0
        for way in WAYS:
            work = work_together(
                "tests.bench.tls", 1, standin.url, workspace.bot_token, way, environ=inherited() | environ
            )
            each = 1000 * work.processor / CALLS
            first = first or each
            print(f"a call over TLS with {way}: {each:.2f} ms of processor time, {each / first:.3f} × the first")


def work(url: str, token: str, way: str) -> None:
    """Be the caller."""
    client = WAYS[way](url, token)
    client.api_test()
    with measured():
        for _ in range(CALLS):
            client.api_test()


if __name__ == "__main__":
    work(*sys.argv[2:]) if sys.argv[1:2] == ["WORKER"] else measure()
