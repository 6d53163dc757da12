"""Chinese sentences use full-width punctuation beside a Chinese character or a placeholder."""

import re

import pytest

from bot.i18n.translator import read_catalog

GAP = re.compile(r"%\(\w+\)s")
CHINESE = re.compile("[\u4e00-\u9fff]")
#: Half-width punctuation, unless it is between two letters or digits as in 14:30.
HALF_WIDTH = re.compile(r"(?<![A-Za-z0-9])[,:;?!()]|[,:;?!()](?![A-Za-z0-9])")


def half_width(sentence: str) -> list[str]:
    """The half-width punctuation in a Chinese sentence, each with its surroundings."""
    bare = GAP.sub("…", sentence)
    if not CHINESE.search(bare):
        return []
    return [bare[max(0, one.start() - 4) : one.end() + 4] for one in HALF_WIDTH.finditer(bare)]


def test_the_chinese_catalog_uses_full_width_punctuation() -> None:
    sentences = [message.string for message in read_catalog("zh-CN") if isinstance(message.string, str)]
    assert {sentence: found for sentence in sentences if (found := half_width(sentence))} == {}


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("版本,模块", ["版本,模块"]),
        ("共 %(count)s 个(%(cases)s)", [" … 个(…)", " 个(…)"]),
        ("例如 2026-03-01 14:30", []),
        ("您对解答是否满意？", []),
        ("Yes, please", []),
    ],
)
def test_half_width_punctuation_is_found(sentence: str, found: list[str]) -> None:
    assert half_width(sentence) == found
