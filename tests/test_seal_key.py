"""The key of the desk: its file, its text, and what it signs."""

from pathlib import Path
from stat import S_IMODE

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from bot.seal_key import SealKey, UnusableKey, holds

KEY, OTHER = SealKey.make(), SealKey.make()


def test_a_written_key_can_be_read_by_its_owner_alone_and_is_the_same(tmp_path: Path) -> None:
    KEY.write(tmp_path / "key")
    assert S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert (tmp_path / "key").read_text().startswith("-----BEGIN PRIVATE KEY-----")
    assert SealKey.read(tmp_path / "key") == KEY
    assert SealKey.parse(KEY.text()) == KEY


def test_a_key_is_never_written_over_another_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("mine")
    with pytest.raises(FileExistsError):
        KEY.write(tmp_path / "key")
    assert (tmp_path / "key").read_text() == "mine"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_can_read_is_not_used(tmp_path: Path, mode: int) -> None:
    KEY.write(tmp_path / "key")
    (tmp_path / "key").chmod(mode)
    with pytest.raises(UnusableKey, match="chmod 600"):
        SealKey.read(tmp_path / "key")


def rsa() -> bytes:
    return generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize("content", [b"", b"Dear all", b"-----BEGIN PRIVATE KEY-----\nxx\n", b"\0" * 100, rsa()])
def test_what_is_no_key_is_refused_in_one_line_without_its_content(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    (tmp_path / "key").chmod(0o600)
    with pytest.raises(UnusableKey) as unusable:
        SealKey.read(tmp_path / "key")
    assert len(str(unusable.value).splitlines()) == 1
    assert "Dear" not in str(unusable.value)


@pytest.mark.parametrize("text", ["ed25519:", "ed25519:abc", "ed25519:" + "A" * 40 + "====", "ed25519:?"])
def test_a_text_that_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(UnusableKey):
        SealKey.parse(text)


def test_a_key_does_not_show_itself() -> None:
    secret = KEY.text().removeprefix("ed25519:")
    assert secret not in repr(KEY)
    assert secret not in str(KEY)


@given(st.text("0123456789abcdef", min_size=64, max_size=64), st.sampled_from(["record", "report", "checkpoint"]))
def test_a_signature_holds_for_its_key_its_kind_and_its_digest_alone(digest: str, kind: str) -> None:
    signature = KEY.sign(kind, digest)
    assert holds(KEY.public, kind, digest, signature)
    assert not holds(OTHER.public, kind, digest, signature)
    assert not holds(KEY.public, f"{kind}s", digest, signature)
    assert not holds(KEY.public, kind, digest[::-1] + "0", signature)
    assert not holds(KEY.public, kind, digest, "")
    assert not holds("", kind, digest, signature)
