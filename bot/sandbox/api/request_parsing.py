"""Parsing of Web API requests: forms, multipart bodies, JSON and queries (slack-platform.md §4.1)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from bot.sandbox.errors import SlackError
from bot.sandbox.shared_state import Json

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Request:
    """One Web API call over HTTP. Header names are in lower case."""

    verb: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The content type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def bearer(self) -> str:
        """The token in the Authorization header."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


def token_and_arguments(request: Request) -> tuple[str, Json]:
    """Return the token and the arguments of a call.

    The token is read from the Authorization header or a form, never from a JSON body or query. It is empty if there
    is none.

    Raises:
        SlackError: `invalid_json`, `json_not_object`, `invalid_charset`, `invalid_form_data`,
            `missing_post_type`, `invalid_post_type`.
    """
    query: Json = dict(parse_qsl(request.query, keep_blank_values=True))
    query.pop("token", None)
    sent = _body(request)
    in_form = sent.pop("token", "") if request.media_type != "application/json" else ""
    return request.bearer or str(in_form), query | sent


def _body(request: Request) -> Json:
    if request.verb == "GET" or not request.body:
        return {}
    try:
        if request.media_type == "application/json":
            return _from_json(request.body)
        if request.media_type == FORM:
            return dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        if request.media_type == "multipart/form-data":
            return _from_multipart(request)
    except UnicodeDecodeError:
        raise SlackError("invalid_charset") from None
    raise SlackError("invalid_post_type" if request.media_type else "missing_post_type")


def _from_json(body: bytes) -> Json:
    try:
        content = json.loads(body.decode())
    except ValueError as problem:
        if isinstance(problem, UnicodeDecodeError):
            raise
        raise SlackError("invalid_json") from None
    if not isinstance(content, dict):
        raise SlackError("json_not_object")
    return content


def _from_multipart(request: Request) -> Json:
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    parsed = BytesParser(policy=HTTP).parsebytes(head + request.body)
    if not parsed.is_multipart():
        raise SlackError("invalid_form_data")
    found: Json = {}
    for part in parsed.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            found[name] = content if part.get_filename() else content.decode()
    return found
