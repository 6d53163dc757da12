"""The signature that Slack puts on its requests."""

import hashlib
import hmac


def signature(secret: str, timestamp: str, body: str) -> str:
    """Return the value of `X-Slack-Signature`.

    Args:
        timestamp: seconds since 1970 as sent in `X-Slack-Request-Timestamp`.
        body: the raw request body.
    """
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256)
    return f"v0={digest.hexdigest()}"
