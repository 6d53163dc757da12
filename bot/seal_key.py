"""The Ed25519 key of the desk, which is kept outside the database: making, reading, signing, checking.

A key is a file (PEM, PKCS 8, mode 0600) or a text of `ed25519:` and the 32 bytes of the key in base64.
"""

import os
import stat
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from storage.private_files import private

PREFIX = "ed25519:"
#: The hexadecimal digits of a fingerprint: half of a SHA-256.
FINGERPRINT_DIGITS = 32
#: What a signature covers begins with this, so that it can never be taken for one of another program.
_DOMAIN = "faultdesk"


class UnusableKey(Exception):
    """A key cannot be used; the message says why, in one line that does not hold the key."""


@dataclass(frozen=True, slots=True)
class SealKey:
    """A key with which the desk signs. `public` is the public key in base64, `fingerprint` names the key."""

    public: str
    fingerprint: str
    _private: Ed25519PrivateKey = field(repr=False, compare=False)

    @classmethod
    def make(cls) -> "SealKey":
        """Return a new key."""
        return cls._of(Ed25519PrivateKey.generate())

    @classmethod
    def parse(cls, text: str) -> "SealKey":
        """Return the key of a text that begins with `ed25519:`. Raises `UnusableKey`."""
        try:
            return cls._of(Ed25519PrivateKey.from_private_bytes(b64decode(text.removeprefix(PREFIX), validate=True)))
        except ValueError:
            raise UnusableKey(f"is not {PREFIX} and 32 bytes in base64") from None

    @classmethod
    def read(cls, path: Path) -> "SealKey":
        """Return the key in a file that only its owner can read. Raises `UnusableKey`, or `FileNotFoundError`."""
        try:
            content, mode = path.read_bytes(), stat.S_IMODE(path.stat().st_mode)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise UnusableKey(f"{path} cannot be read: {error.strerror}") from None
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise UnusableKey(f"{path} can be read by others (mode {mode:04o}); run: chmod 600 {path}")
        try:
            private = load_pem_private_key(content, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise UnusableKey(f"{path} is no key in PEM format") from None
        if not isinstance(private, Ed25519PrivateKey):
            raise UnusableKey(f"{path} is no Ed25519 key")
        return cls._of(private)

    @classmethod
    def _of(cls, private: Ed25519PrivateKey) -> "SealKey":
        raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return cls(b64encode(raw).decode(), fingerprint_of(raw), private)

    def write(self, path: Path) -> None:
        """Write the key to a new file that only its owner can read. Raises `OSError`, also if the file exists."""
        content = self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with open(path, "xb", opener=private) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def text(self) -> str:
        """Return the key itself as a text that `parse` reads."""
        raw = self._private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        return PREFIX + b64encode(raw).decode()

    def sign(self, kind: str, digest: str) -> str:
        """Return the signature (base64) of a hash that is the digest of this `kind` of thing."""
        return b64encode(self._private.sign(_message(kind, digest))).decode()


def holds(public: str, kind: str, digest: str, signature: str) -> bool:
    """Return whether this is the signature of the digest by the key whose public part is `public` (base64)."""
    try:
        key = Ed25519PublicKey.from_public_bytes(b64decode(public, validate=True))
        key.verify(b64decode(signature, validate=True), _message(kind, digest))
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint_of(public: bytes) -> str:
    """Return the fingerprint of a public key, given as its 32 bytes."""
    return sha256(public).hexdigest()[:FINGERPRINT_DIGITS]


def _message(kind: str, digest: str) -> bytes:
    return f"{_DOMAIN}:{kind}:{digest}".encode()
