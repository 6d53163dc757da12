"""The HTTP routes of the page: the page itself, its static files, uploaded files, and the stream of changes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.sandbox.errors import SlackError
from bot.sandbox.workspace.workspace import Workspace

STATIC = Path(__file__).parent / "static"
#: The page loads resources from this server only, so a script in a message can neither run nor send data elsewhere.
#: No page shows this one in a frame, where its clicks could be stolen.
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
#: The address of the page has the token, so no other site is told where somebody comes from.
_HEADERS = {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"}
#: Seconds without a change after which the stream sends an event anyway, so that a closed window is noticed.
HEARTBEAT_SECONDS = 15.0
#: Seconds that the stream waits after a change, so that several changes become one event.
GATHER_SECONDS = 0.02


def page_routes(workspace: Workspace) -> list[BaseRoute]:
    """Return the routes of the page."""

    async def page(_request: Request) -> Response:
        return FileResponse(STATIC / "index.html", headers=_HEADERS)

    async def stream(_request: Request) -> Response:
        return StreamingResponse(_changes(workspace), media_type="text/event-stream", headers=_FRESH)

    async def file(request: Request) -> Response:
        return _file(workspace, request.path_params["file"])

    return [
        Route("/", page),
        Route("/page/stream", stream),
        Route("/page/files/{file}", file),
        Mount("/page/static", StaticFiles(directory=STATIC)),
    ]


_FRESH = {"Cache-Control": "no-store"}
_PICTURES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}


async def _changes(workspace: Workspace) -> AsyncIterator[str]:
    """Yield server-sent events that carry the number of changes: at once, after changes, and every
    `HEARTBEAT_SECONDS`.
    """
    loop, changed = asyncio.get_running_loop(), asyncio.Event()

    def wake() -> None:
        loop.call_soon_threadsafe(changed.set)

    workspace.state.listen(wake)
    try:
        while True:
            yield f"data: {workspace.state.changes}\n\n"
            try:
                await asyncio.wait_for(changed.wait(), HEARTBEAT_SECONDS)
                await asyncio.sleep(GATHER_SECONDS)
            except TimeoutError:
                pass
            changed.clear()
    finally:
        workspace.state.forget(wake)


def _file(workspace: Workspace, file_id: str) -> Response:
    """Return an uploaded file. Images are displayed; files of all other types are downloaded."""
    try:
        found = workspace.files.known(file_id)
    except SlackError:
        return Response("no such file", 404)
    picture = _PICTURES.get(found.name.rpartition(".")[2].lower())
    safe = {"X-Content-Type-Options": "nosniff"} | ({} if picture else {"Content-Disposition": "attachment"})
    return Response(found.content or b"", media_type=picture or "application/octet-stream", headers=safe)
