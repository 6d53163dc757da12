"""The signature of Slack's requests (slack-platform.md §1.2)."""

import hashlib
import hmac


def signature(secret: str, timestamp: str, body: str) -> str:
    """Return the value of `X-Slack-Signature`.

    Args:
        secret: the app's signing secret.
        timestamp: Unix seconds, as sent in `X-Slack-Request-Timestamp`.
        body: the raw request body.
    """
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256)
    return f"v0={digest.hexdigest()}"
