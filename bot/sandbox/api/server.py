"""The stand-in as a web server: Web API, uploads, response URLs, Socket Mode, control endpoints and the page."""

import asyncio
import json
import secrets
import socket
import threading
from collections.abc import Mapping
from datetime import UTC
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from bot.sandbox.api.control import Endpoint, answer_control
from bot.sandbox.api.file_downloads import answer_download, sign_in_page
from bot.sandbox.api.gateway import Reply, answer_call
from bot.sandbox.api.page_guard import PageGuard
from bot.sandbox.api.request_parsing import Request
from bot.sandbox.api.response_urls import answer_response
from bot.sandbox.api.web_server import BreakableConnection, StoppableServer, break_connection, read_connection
from bot.sandbox.client import events
from bot.sandbox.client.person import Person
from bot.sandbox.client.sockets import OpenSocket
from bot.sandbox.client.transport import Transport
from bot.sandbox.errors import SlackError
from bot.sandbox.page.routes import page_routes
from bot.sandbox.shared_state import Json
from bot.sandbox.workspace.deliveries import Answer
from bot.sandbox.workspace.workspace import Workspace

#: Seconds between two checks whether a delayed call still has to wait.
LATENCY_STEP_SECONDS = 0.02
#: Seconds for which an unused connection stays open, as long as at usual load balancers.
KEEP_ALIVE_SECONDS = 60


class StandIn:
    """A workspace served on a port of this machine, with a Slack client per person and the transport to the app.

    Args:
        host: the interface to listen on. On an interface other than loopback, everybody who has the address of the
            page, or listens to its traffic, can act as any person in the workspace.
        port: 0 chooses a free port.
        endpoints: additional control endpoints under `/sandbox/`.
        certificate: a file with a certificate and its key, to speak TLS.
    """

    def __init__(
        self,
        workspace: Workspace,
        host: str = "127.0.0.1",
        port: int = 0,
        endpoints: Mapping[str, Endpoint] | None = None,
        certificate: Path | None = None,
    ) -> None:
        self.workspace, self.transport = workspace, Transport(workspace)
        self._socket = socket.create_server((host, port))
        # The head of an answer and its body are two packets; the second would wait until the first is acknowledged.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        near = "127.0.0.1" if ip_address(self._socket.getsockname()[0]).is_unspecified else host
        scheme = "https" if certificate else "http"
        self.base_url = f"{scheme}://{near}:{self._socket.getsockname()[1]}"
        workspace.base_url = self.base_url
        token = secrets.token_urlsafe()
        #: The address of the page, with the token of this start.
        self.page_url = f"{self.base_url}/?token={token}"
        guard = Middleware(PageGuard, host=host, token=token)
        config = uvicorn.Config(
            _application(self.transport, {} if endpoints is None else endpoints, guard),
            ssl_certfile=certificate,
            http=BreakableConnection,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            ws="websockets-sansio",
            ws_ping_interval=None,
            lifespan="off",
            log_level="critical",
            access_log=False,
            date_header=False,
            server_header=False,
        )
        self._server = StoppableServer(config)
        self._thread = threading.Thread(target=self._run, name="stand-in", daemon=True)

    @property
    def url(self) -> str:
        """The base address of the Web API, for `SLACK_API_URL`."""
        return f"{self.base_url}/api/"

    def connect(self, bot_url: str) -> None:
        """Send requests for the app to this URL."""
        self.transport.bot_url = bot_url

    def person(self, user_id: str) -> Person:
        """Return the driver of one person's Slack client."""
        return Person(self.transport, user_id)

    def send_event(self, inner: Json, subscription: str = "") -> Answer | None:
        """Send an event to the app if it is subscribed; `inner` is the event object (slack-platform.md §1.6)."""
        return events.send_event(self.transport, subscription or str(inner["type"]), inner)

    def start(self) -> "StandIn":
        """Serve in a background thread. Returns when the server accepts connections."""
        self._thread.start()
        self._server.wait_until_up()
        return self

    def stop(self) -> None:
        """Stop serving and abort open connections. A second call does nothing."""
        if self._thread.is_alive():
            self._server.leave()
            self._thread.join()

    def __enter__(self) -> "StandIn":
        return self.start()

    def __exit__(self, *details: object) -> None:
        self.stop()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])


def _application(transport: Transport, endpoints: Mapping[str, Endpoint], guard: Middleware) -> Starlette:
    workspace = transport.workspace

    async def api(request: HttpRequest) -> Response:
        await _slowly(workspace)
        call = Request(request.method, request.url.query, request.headers, await request.body())
        reply = await run_in_threadpool(answer_call, workspace, request.path_params["method"], call)
        answer = await _sent(request, reply)
        answer.headers["Date"] = format_datetime(workspace.state.now().astimezone(UTC), usegmt=True)
        return answer

    async def response_url(request: HttpRequest) -> Response:
        body = await request.body()
        reply = await run_in_threadpool(answer_response, workspace, request.path_params["key"], body)
        return await _sent(request, reply)

    async def upload(request: HttpRequest) -> Response:
        return await run_in_threadpool(_uploaded, workspace, request.path_params["file"], await request.body())

    async def download(request: HttpRequest) -> Response:
        asked = (request.path_params["file"], request.headers.get("authorization", ""))
        return await _sent(request, await run_in_threadpool(answer_download, workspace, *asked))

    async def login(request: HttpRequest) -> Response:
        return await _sent(request, sign_in_page())

    async def control(request: HttpRequest) -> Response:
        body = await request.body()
        wanted: Json = json.loads(body) if body else {}
        reply = await run_in_threadpool(answer_control, transport, request.path_params["name"], wanted, endpoints)
        return await _sent(request, reply)

    async def link(connection: WebSocket) -> None:
        await _socket_mode(transport, connection)

    routes = [
        Route("/api/{method}", api, methods=["GET", "POST"]),
        Route("/response/{key}", response_url, methods=["POST"]),
        Route("/upload/v1/{file}", upload, methods=["POST", "PUT"]),
        Route("/files-pri/{file}/{name:path}", download),
        Route("/login", login),
        Route("/sandbox/{name}", control, methods=["POST"]),  # images in foreign pages send GET without an Origin
        WebSocketRoute("/link/", link),
        *page_routes(workspace),
    ]
    return Starlette(routes=routes, middleware=[guard])


async def _slowly(workspace: Workspace) -> None:
    """Wait as long as calls are delayed, or until the delay is removed."""
    waited = 0.0
    while waited < workspace.failures.latency:
        step = min(LATENCY_STEP_SECONDS, workspace.failures.latency - waited)
        await asyncio.sleep(step)
        waited += step


async def _sent(request: HttpRequest, reply: Reply) -> Response:
    if reply.broken:
        await asyncio.sleep(reply.hold)
        break_connection(request.scope)
    match reply.content:
        case str() as text:
            body, kind = text.encode(), "text/plain"
        case bytes() as file:
            body, kind = file, "application/octet-stream"
        case content:
            body, kind = json.dumps(content, ensure_ascii=False).encode(), "application/json"
    length = {"content-length": str(len(body))} if reply.cut else {}
    sent = body[: len(body) // 2] if reply.cut else body
    return Response(sent, reply.status, {**reply.headers, **length}, media_type=kind)


def _uploaded(workspace: Workspace, file_id: str, content: bytes) -> Response:
    try:
        file = workspace.files.known(file_id)
    except SlackError as problem:
        return Response(problem.error, 404)
    if file.completed or len(content) != file.length:
        return Response("the bytes are not those that were announced", 400)
    workspace.files.change(file, content=content)
    return Response(f"OK - {len(content)}")


async def _socket_mode(transport: Transport, connection: WebSocket) -> None:
    """Serve one WebSocket of the app until either side closes it (slack-platform.md §1.7)."""
    loop = asyncio.get_running_loop()
    sockets, tickets = transport.sockets, transport.workspace.socket_tickets

    def send(frame: Json) -> None:
        asyncio.run_coroutine_threadsafe(connection.send_text(json.dumps(frame, ensure_ascii=False)), loop)

    def read(wanted: bool) -> None:
        loop.call_soon_threadsafe(read_connection, connection.scope, wanted)

    opened = OpenSocket(send, read)
    if not (tickets.use(connection.query_params.get("ticket", "")) and sockets.enter(opened)):
        await connection.close()
        return
    await connection.accept()
    read(not sockets.silent)
    sockets.send(opened, _hello(transport))
    try:
        async for text in connection.iter_text():
            sockets.acknowledged(cast(Json, json.loads(text)))
    finally:
        sockets.leave(opened)


def _hello(transport: Transport) -> dict[str, Any]:
    about = {"host": "sandbox", "build_number": 1, "approximate_connection_time": 3600}
    return {
        "type": "hello",
        "connection_info": {"app_id": transport.workspace.app_id},
        "num_connections": transport.sockets.count,
        "debug_info": about,
    }
