"""Parses the values of settings of a process. The `ValueError` says what is wrong, to operators alone."""

import re
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr

_MAX_SHIFT = timedelta(days=3660)


def shift() -> BeforeValidator:
    """Return a parser of a clock shift in seconds; negative means behind the real time."""

    def read(text: str) -> timedelta:
        try:
            found = timedelta(seconds=float(text))
        except (ValueError, OverflowError):
            raise ValueError(f"{text!r} is not a number of seconds") from None
        if abs(found) > _MAX_SHIFT:
            raise ValueError(f"must be at most {_MAX_SHIFT // timedelta(seconds=1)} seconds either way")
        return found

    return BeforeValidator(read)


def is_on_this_machine(url: str) -> bool:
    """Return whether an address leads to this machine."""
    host = urlsplit(url).hostname or ""
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def token(*prefixes: str) -> AfterValidator:
    """Return a check that a Slack token begins with one of these prefixes."""

    def check(value: SecretStr) -> SecretStr:
        if value and not value.get_secret_value().startswith(prefixes):
            raise ValueError(f"does not begin with {' or '.join(prefixes)}")
        return value

    return AfterValidator(check)


def database(value: SecretStr) -> SecretStr:
    """Check that the address names a supported kind of database."""
    if not re.fullmatch(r"sqlite:///(?!:memory:).+|postgresql\+psycopg://.+", value.get_secret_value()):
        raise ValueError("must begin with sqlite:/// and name a file, or begin with postgresql+psycopg://")
    return value


def api(text: str) -> str:
    """Return the address of a Web API with a slash at its end."""
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", text):
        raise ValueError(f"{text!r} is not an http(s) address")
    return text.rstrip("/") + "/"


def heartbeat(value: SecretStr) -> SecretStr:
    """Check that the address can be pinged. The message does not quote it, because it is a secret."""
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", value.get_secret_value()):
        raise ValueError("is not an http(s) address")
    return value
