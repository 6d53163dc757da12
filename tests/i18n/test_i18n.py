"""Both languages are complete, and everybody is addressed in their own language."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog

from bot.i18n import catalogs
from bot.i18n import translator as i18n
from bot.i18n.translator import LOCALES, WORDS, Translator, context_of, translator
from bot.workflow import moment_refusals
from bot.workflow import refusals as no
from bot.workflow.fields import FORMS
from bot.workflow.reasons import every_refusal
from bot.workflow.refusal import Refusal
from bot.workflow.situation import Position
from storage.vocabulary import Place, Role, Severity, State, Step, YesNo

ENGLISH, CHINESE = translator("en", "UTC"), translator("zh-CN", "Asia/Shanghai")
NOON = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def test_both_catalogs_are_complete() -> None:
    assert list(catalogs.problems()) == []


@pytest.mark.parametrize("locale", ["zh-CN", "zh_CN", "zh-Hans", "zh-TW", "zh", "ZH-hk", "zh_Hant_HK"])
def test_every_chinese_locale_is_simplified_chinese(locale: str) -> None:
    assert translator(locale, None).locale == "zh-CN"


@pytest.mark.parametrize("locale", ["en", "en-GB", "de-DE", "ja", "zhx", "", None, "xx"])
def test_any_other_language_is_english(locale: str | None) -> None:
    assert translator(locale, None).locale == "en"


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "/etc/localtime", "Asia", "", "\0"])
def test_an_unknown_zone_becomes_utc(zone: str) -> None:
    assert translator("en", zone).zone == ZoneInfo("UTC")


def test_the_settings_apply_where_slack_names_no_language_or_zone() -> None:
    assert translator(None, None, "zh-CN", "Asia/Shanghai") == CHINESE
    assert translator("en-US", "UTC", "zh-CN", "Asia/Shanghai") == ENGLISH


@pytest.mark.parametrize(
    ("locale", "zone", "written"),
    [
        ("en", "Asia/Shanghai", "22 Nov 2026, 14:00 (UTC+8)"),
        ("zh-CN", "Asia/Shanghai", "2026年11月22日 14:00（UTC+8）"),
        ("en", "UTC", "22 Nov 2026, 06:00 (UTC)"),
        ("en", "Asia/Kolkata", "22 Nov 2026, 11:30 (UTC+5:30)"),
        ("en", "America/St_Johns", "22 Nov 2026, 02:30 (UTC-3:30)"),
        ("zh-CN", "Pacific/Kiritimati", "2026年11月22日 20:00（UTC+14）"),
    ],
)
def test_a_moment_is_written_in_the_readers_zone_and_language(locale: str, zone: str, written: str) -> None:
    assert translator(locale, zone).moment(NOON) == written


def test_the_repeated_hour_in_autumn_is_told_apart_by_its_offset() -> None:
    berlin = translator("en", "Europe/Berlin")
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    assert (berlin.moment(first), berlin.moment(second)) == (
        "25 Oct 2026, 02:30 (UTC+2)",
        "25 Oct 2026, 02:30 (UTC+1)",
    )


def test_codes_lists_and_moments_in_a_sentence_are_written_for_the_reader() -> None:
    moved = no.MovedOnBy(State.TESTING, Step.SUBMIT_MODIFICATION, "<@U1>", NOON)
    assert CHINESE.refusal(moved) == (
        "该问题单状态已变为“测试中”。“提交修改”已由 <@U1> 于 2026年11月22日 14:00（UTC+8） 完成。"
    )
    yours = no.NotYours(Step.SIGN_SHEET, (Role.CENTER_MANAGER, Place.OWNER, Position.REPORTER))
    assert "客服中心经理、处理负责人、提出人" in CHINESE.refusal(yours)
    assert "Center manager, Owner of the handling, Reporter" in ENGLISH.refusal(yours)


def test_typed_text_is_not_read_as_a_placeholder() -> None:
    assert ENGLISH.refusal(no.NoSuchCase("100% %(state)s")) == (
        "There is no case 100% %(state)s, or it is not yours to read."
    )


def test_an_untranslated_sentence_stays_english() -> None:
    assert CHINESE("Not in any catalog, %(n)s times.", n=2) == "Not in any catalog, 2 times."
    assert CHINESE("50 % of it.") == "50 % of it."


class Unknown(StrEnum):
    CODE = "code"


def test_an_unknown_code_is_shown_as_it_is() -> None:
    assert CHINESE.word(Unknown.CODE) == "code"
    assert CHINESE.field(Step.ANSWER, "unheard_of") == "unheard_of"
    assert CHINESE.hint(Step.ANSWER, "unheard_of") is None


def test_the_label_of_a_form_wins_over_the_general_one() -> None:
    assert CHINESE.field(Step.REPORT, "version") == "版本"
    assert CHINESE.field(Step.RECORD_RELEASE, "version") == "发布版本"
    assert ENGLISH.hint(Step.WITHDRAW, "evidence") != ENGLISH.hint(Step.CONFIRM_FIX, "evidence")
    assert ENGLISH.hint(Step.REPORT, "summary") is None


def test_a_form_without_a_title_is_titled_by_its_step() -> None:
    assert CHINESE.title(Step.DRAFT_SHEET) == "起草任务单"
    assert CHINESE.title(Step.REPORT) == CHINESE.word(Step.REPORT) == "提出问题"


@pytest.mark.parametrize(
    ("refusal", "sentence"),
    [
        (moment_refusals.DeadlineMissing(), "记录该严重性前，请填写客户规定的解决时间。"),
        (no.ModifierCannotTest(), "该版本由您修改，须由其他测试员判定。"),
        (no.DrafterCannotSign(), "该任务单由您起草，不能由您签发。"),
        (no.MovedOn(State.CLOSED), "该问题单状态已变为“已关闭”。"),
    ],
)
def test_sentences_of_the_process_are_translated_word_for_word(refusal: Refusal, sentence: str) -> None:
    assert CHINESE.refusal(refusal) == sentence


#: process.md §2 and §8, both languages.
STATES = """
triage=Awaiting triage=待判定 | answering=Being answered=解答中 |
answer_confirming=Awaiting customer feedback=待客户评价 | sheet_drafting=Drafting task sheet=起草任务单 |
sheet_signing=Awaiting signature=任务单待签发 | analysis=Fault analysis=故障分析 |
decision=Deciding on modification=待判定是否修改软件 | handling=Handling without modification=非软件处理 |
modification=Being modified=修改中 | testing=Being tested=测试中 | manual_update=Updating manual=说明书修改 |
release=Awaiting release=待发布 | replying=Awaiting reply to customer=待回复客户 |
fix_confirming=Awaiting customer confirmation=待客户确认 | handed_over=Handed over to development=已转产品开发 |
closed=Closed=已关闭 | duplicate=Merged as duplicate=重复已合并 | withdrawn=Withdrawn=已撤销
"""
STEPS = """
report=Report a problem=提出问题 | triage=Triage=判定 | reclassify=Reclassify=重新判定 | answer=Answer=解答 |
draft_sheet=Draft=起草 | sign_sheet=Sign=签发 | return_sheet=Return with reason=退回（填写原因） |
call_discussion=Call a discussion=召集讨论 | publish_analysis=Publish report=发布报告 | pass_test=Pass=通过 |
fail_test=Fail=不通过 | record_release=Release=发布 | reply_customer=Reply to customer=回复客户 |
confirm_fix=Confirm=确认 | reject_fix=Reject the fix=不认可修复 | reopen=Reopen=重新打开 |
merge_duplicate=Merge as duplicate=合并为重复 | undo_merge=Undo merge=取消合并 | withdraw=Withdraw=撤销 |
hold=Put on hold=挂起 | resume=Resume=恢复处理 | reassign=Reassign=转派
"""


def test_states_and_steps_are_named_as_in_the_process() -> None:
    named = [line.strip().split("=") for line in STATES.split("|")]
    assert [[state, ENGLISH.word(state), CHINESE.word(state)] for state in State] == named
    for step, english, chinese in (line.strip().split("=") for line in STEPS.split("|")):
        assert (ENGLISH.word(Step(step)), CHINESE.word(Step(step))) == (english, chinese)
    assert [CHINESE.word(severity) for severity in Severity] == ["非常严重", "严重", "一般"]
    assert [CHINESE.word(answer) for answer in YesNo] == ["是", "否"]


@pytest.mark.parametrize("t", [ENGLISH, CHINESE], ids=LOCALES)
def test_labels_fit_the_limits_of_slack(t: Translator) -> None:
    for step in Step:
        assert len(t.word(step)) <= 24
        assert len(t.title(step)) <= 24
        for field in FORMS[step]:
            assert len(t.field(step, field.code)) <= 75
            assert len(t.hint(step, field.code) or "") <= 150
            assert all(len(t.word(option)) <= 75 for option in field.options or ())


@pytest.mark.parametrize("t", [ENGLISH, CHINESE], ids=LOCALES)
def test_words_of_one_kind_are_distinct(t: Translator) -> None:
    for words in WORDS:
        assert len({t.word(code) for code in words}) == len(words)


def test_every_option_of_a_form_has_a_word() -> None:
    options = {field.options for form in FORMS.values() for field in form if field.options is not None}
    assert options <= set(WORDS)
    assert len({context_of(words) for words in WORDS}) == len(WORDS)


@pytest.mark.parametrize("refusal", every_refusal(), ids=lambda refusal: refusal.__name__)
def test_every_refusal_is_translated_into_chinese(refusal: type[Refusal]) -> None:
    said = CHINESE(refusal.sentence(), **dict.fromkeys(refusal.__dataclass_fields__, "x"))
    assert any("\u4e00" <= sign <= "\u9fff" for sign in said)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_catalog_is_loaded_quickly_and_only_once(locale: str) -> None:
    i18n._catalog.cache_clear()
    start = time.process_time()
    Translator(locale, ZoneInfo("UTC")).word(State.TRIAGE)
    assert time.process_time() - start < 0.5  # about 0.02 s; a busy machine is no failure
    assert i18n._catalog(locale) is i18n._catalog(locale)


# Upkeep of the catalogs


def _code(tmp_path: Path, source: str) -> list[catalogs.UsedMessage]:
    (tmp_path / "room.py").write_text(source, "utf-8")
    return list(catalogs.used_messages(tmp_path))


def test_translated_sentences_are_found_in_every_kind_of_call(tmp_path: Path) -> None:
    source = """t("a" "b"); self.t("c", x=f(t("d"))); X = (_("e"),); t("f" if x else "g"); s("h"); t(x); t()"""
    assert {one.sentence for one in _code(tmp_path, source)} == set("cdefg") | {"ab"}


@pytest.fixture(scope="module")
def all_said() -> list[catalogs.UsedMessage]:
    """The sentences in the code, collected once."""
    return list(catalogs.used_messages())


@pytest.fixture
def said_by_the_code(monkeypatch: pytest.MonkeyPatch, all_said: list[catalogs.UsedMessage]) -> None:
    monkeypatch.setattr(catalogs, "used_messages", lambda: iter(all_said))


def _spoiled(monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Catalog], None]) -> list[str]:
    def read(locale: str) -> Catalog:
        catalog = i18n.read_catalog(locale)
        if locale == "zh-CN":
            spoil(catalog)
        return catalog

    monkeypatch.setattr(catalogs, "read_catalog", read)
    return list(catalogs.problems())


def _set(catalog: Catalog, msgid: str, text: str, context: str | None = None, *, fuzzy: bool = False) -> None:
    message = catalog.get(msgid, context) or catalog.add(msgid, context=context)
    message.string = text
    message.flags |= {"fuzzy"} if fuzzy else set()


MOVED = no.MovedOn.sentence()


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda c: c.delete("triage", "state"), "zh-CN: no translation of state 'triage'"),
        (lambda c: c.delete("cases", "hint"), "zh-CN: no translation of hint 'cases'"),
        (lambda c: c.delete(MOVED), f"zh-CN: no translation of sentence {MOVED!r}"),
        (
            lambda c: _set(c, MOVED, "状态 %(status)s"),
            f"zh-CN: other gaps in the translation of sentence {MOVED!r}",
        ),
        (
            lambda c: _set(c, "triage", "待判定", "state", fuzzy=True),
            "zh-CN: fuzzy translation of state 'triage'",
        ),
        (lambda c: _set(c, "gone", "没了", "state"), "zh-CN: obsolete: state 'gone'"),
        (lambda c: _set(c, "Gone.", "没了。"), "zh-CN: obsolete: sentence 'Gone.'"),
    ],
    ids=["word", "hint", "sentence", "gaps", "fuzzy", "obsolete word", "obsolete sentence"],
)
@pytest.mark.usefixtures("said_by_the_code")
def test_every_missing_wrong_or_obsolete_translation_is_named(
    monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Catalog], None], problem: str
) -> None:
    assert problem in _spoiled(monkeypatch, spoil)


def test_wrong_uses_in_the_code_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    said = _code(tmp_path, 't(f"x {y}"); t("%(a)s of %(b)s", a=1); t("%(a)s", **more); _("%(a)s")')
    monkeypatch.setattr(catalogs, "used_messages", lambda: iter(said))
    problems = [problem for problem in catalogs.problems() if "room.py" in problem]
    assert len(problems) == 2
    assert "f-string" in problems[0]
    assert "'%(a)s of %(b)s'" in problems[1]


@pytest.mark.long
def test_an_update_keeps_translations_and_is_idempotent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = {locale: i18n.catalog_path(locale).read_bytes() for locale in LOCALES}
    for module in (i18n, catalogs):
        monkeypatch.setattr(module, "catalog_path", lambda locale: tmp_path / locale / "faultdesk.po")
    for locale in LOCALES:
        (tmp_path / locale).mkdir()
        (tmp_path / locale / "faultdesk.po").write_bytes(before[locale])
    assert catalogs.main(["update"]) == 0
    assert {locale: (tmp_path / locale / "faultdesk.po").read_bytes() for locale in LOCALES} == before
    for locale in LOCALES:
        (tmp_path / locale / "faultdesk.po").unlink()
    assert catalogs.main(["update"]) == 0
    assert catalogs.main(["check"]) == 1


@pytest.mark.long
def test_the_command_line_checks_the_catalogs(capsys: pytest.CaptureFixture[str]) -> None:
    assert catalogs.main(["check"]) == bool(list(catalogs.problems()))
    assert capsys.readouterr().out
    assert catalogs.main(["bake"]) == 2
    assert "check|update" in capsys.readouterr().err
