"""Why a call to Slack failed is said by its innermost cause."""

import ssl
from socket import gaierror
from urllib.error import URLError

import pytest

from bot.slack.checks.problem import problem, remedy
from tests.support.sample_cases import ENGLISH


def certificate() -> ssl.SSLCertVerificationError:
    made = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")
    made.reason = "CERTIFICATE_VERIFY_FAILED"
    return made


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (gaierror(-2, "Name or service not known"), "Name or service not known"),
        (certificate(), "CERTIFICATE_VERIFY_FAILED"),
        (
            ValueError("wrapped", OSError("Tunnel connection failed: 407 Proxy Authentication Required")),
            "Tunnel connection failed: 407 Proxy Authentication Required",
        ),
        (ValueError("https://desk:pass-word@proxy"), "URLError"),
    ],
    ids=str,
)
def test_the_innermost_cause_with_words_is_named(cause: Exception, said: str) -> None:
    error = URLError(cause)
    assert problem(error, ENGLISH) == f"Slack cannot be reached ({said})."
    assert "HTTPS_PROXY" in remedy(error, "own", ENGLISH)


def test_a_time_out_is_named_by_its_kind() -> None:
    assert problem(TimeoutError(), ENGLISH) == "Slack cannot be reached (TimeoutError)."
