"""Bodies of requests are parsed as the standard library parses forms, and refused if they are malformed."""

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.request_body import read_body

FORM = "application/x-www-form-urlencoded; charset=utf-8"
NAMES = st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda name: name != "payload")
#: What stands in a form as it is, and what only looks encoded.
PIECES = st.sampled_from(
    ["a", "+", "%20", "%41", "%e5%8d%a1", "=", "&", ";", "\r\n", "\t ", "_", ".", "%3D", "%25", "%0d%0A", "卡"]
)


@given(st.dictionaries(NAMES, st.text(st.characters(codec="utf-8"))))
def test_fields_arrive_as_they_were_sent(fields: dict[str, str]) -> None:
    assert read_body(urlencode(fields).encode(), FORM) == fields


@given(st.lists(PIECES).map("".join))
def test_whatever_is_encoded_is_read_as_the_standard_library_reads_it(raw: str) -> None:
    expected = dict(parse_qsl(raw, keep_blank_values=True, errors="strict"))
    assert read_body(raw.encode(), FORM) == expected


@pytest.mark.parametrize("raw", [b"a=%", b"a=%2", b"a=%zz", b"a%=1", b"a=%ff", b"a=\xff", b"&".join([b"a=1"] * 101)])
def test_a_malformed_form_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"form|utf-8"):
        read_body(raw, FORM)
