"""File names that every file system accepts."""

import pytest

from bot.documents.file import safe_name

#: Common file systems allow 255 bytes. The rest leaves room for what people put in front, like "Copy of".
MAX_NAME_BYTES = 200


@pytest.mark.parametrize("name", ["x" * 500, "华" * 300, "a" + "华" * 300, "aa" + "华" * 300, "𠮷" * 100, "é" * 150])
def test_long_names_are_cut_between_characters(name: str) -> None:
    cut = safe_name(name, "docx")
    stem, ending = cut.rsplit(".", 1)
    assert ending == "docx"
    assert name.startswith(stem)
    assert MAX_NAME_BYTES - 4 < len(cut.encode()) <= MAX_NAME_BYTES


def test_short_names_stay_whole() -> None:
    assert safe_name("BTSP-SM-T04-F1 V1 华东电信", "docx") == "BTSP-SM-T04-F1_V1_华东电信.docx"
    assert safe_name("../..", "csv") == "file.csv"
    assert safe_name("\ud800x/y\\z\n", "csv") == "x_y_z.csv"
