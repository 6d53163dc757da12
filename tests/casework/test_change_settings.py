"""The company's settings: every one of them stored and read, changed by admins, fixed by the environment, proven."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from slack_sdk import WebClient
from sqlmodel import select

from bot.casework import change_settings
from bot.casework.company_source import CompanySource, company_of
from bot.casework.records.verify_checkpoints import verify_desk
from bot.casework.steps.notify import MessageKind
from bot.settings.company_values import COMPANY_NAMES, CompanyValues
from bot.slack.identity import Identity
from bot.workflow.refusal import Refused
from storage import desk_history, epochs, people, role_origins, settings
from storage.database import Database
from storage.settings import By, Value
from storage.tables import Outgoing
from storage.vocabulary import Role
from tests.support.answers import ADMIN, ANNA, CHEN, LIN, WU
from tests.support.manual_clock import ManualClock
from tests.support.tampering import tamper

#: A text of each setting that says something else than its default.
TEXTS = {
    "FAULT_CHANNEL": "C0OTHER",
    "FAULT_ADMINS": ADMIN,
    "FAULT_CENTER_MANAGERS": "U0HUANG,S0BOSSES",
    "FAULT_SERVICE_MANAGERS": "U0CHEN, U0ZHOU",
    "FAULT_TECHNICIANS": "U0WU",
    "FAULT_TESTERS": "U0LIN,U0HE",
    "FAULT_VIEWERS": "S0QUALITY",
    "FAULT_OUR_GUESTS": "U0GUEST,W0GUEST",
    "FAULT_DEPUTIES": "center_manager:U0CHEN:2026-12-24:2027-01-02",
    "FAULT_TIMEZONE": "Asia/Shanghai",
    "FAULT_LOCALE": "zh",
    "FAULT_CALENDAR": "CN",
    "FAULT_WORKING_HOURS": "13:30-18:00, 9:00–12:00",
    "FAULT_WORKING_WEEKDAYS": "mon-sat",
    "FAULT_EXTRA_HOLIDAYS": "2026-12-24,2027-02-05:2027-02-07",
    "FAULT_EXTRA_WORKING_DAYS": "2026-12-19",
    "FAULT_NEW_NAMES": "no",
    "FAULT_DOCUMENT_PREFIX": "质量-QM.2",
    "FAULT_REMINDERS_VERY_SEVERE": "40, 70,100",
    "FAULT_REMINDERS_SEVERE": "60",
    "FAULT_REMINDERS_DEFAULT": "90,100",
    "FAULT_REPEAT_VERY_SEVERE_HOURS": "0.5",
    "FAULT_REPEAT_SEVERE_HOURS": "12",
    "FAULT_ACKNOWLEDGE_MINUTES": "20",
    "FAULT_REOPEN_DAYS": "14",
    "FAULT_UNANSWERED_REMINDERS": "2",
    "FAULT_UNANSWERED_DAYS": "10",
    "FAULT_TRIAGE_TARGET_HOURS": "1.5",
    "FAULT_SIGNING_TARGET_HOURS": "6",
    "FAULT_TARGETS": "analysis:3d,replying:none",
    "FAULT_URGENT_TRIAGE_MINUTES": "5",
    "FAULT_NEGOTIATION_REMINDER_HOURS": "48",
    "FAULT_DEFAULT_DEADLINE_DAYS": "10",
    "FAULT_HOLD_STOPS_CLOCK": "true",
    "FAULT_MAX_REPORTS_PER_HOUR": "none",
    "FAULT_MAX_EXPORTS_PER_HOUR": "7",
    "FAULT_MAX_HELP_PER_HOUR": "8",
    "FAULT_OUTSIDER_SHARE": "50",
    "FAULT_FILE_LIMIT_MB": "10",
    "FAULT_FILE_KINDS": "pdf,.PNG",
    "FAULT_KEEP_SENT_DAYS": "90",
    "FAULT_KEEP_DRAFTS_DAYS": "3",
    "FAULT_CHECKPOINT_MINUTES": "15",
    "FAULT_SHUTDOWN_SECONDS": "0",
}
HOLD = "FAULT_HOLD_STOPS_CLOCK"


class ChangedDesk:
    """A process that changes the settings of a database, and another one that reads them."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database, self.clock = database, clock
        self.own, self.other = CompanySource(), CompanySource()

    def fix(self, given: Mapping[str, str]) -> list[str]:
        """Start with this environment; return which settings that changes."""
        with self.database.write() as session:
            return change_settings.fix(session, self.own, given, self.clock.now())

    def change(
        self, to: Mapping[str, str], person: str = ADMIN, seen: Mapping[str, str] | None = None, reason: str = ""
    ) -> None:
        """Change settings as a person who was shown what is stored, or what is `seen`."""
        shown = seen if seen is not None else {name: value.text for name, value in self.stored().items()}
        with self.database.write() as session:
            change_settings.change(session, self.own, to, shown, person, self.clock.now(), reason)

    def refused(
        self, to: Mapping[str, str], person: str = ADMIN, seen: Mapping[str, str] | None = None
    ) -> dict[str | None, str]:
        """The kind of each problem by its setting, for a change that is refused."""
        before = self.stored()
        with pytest.raises(Refused) as refused:
            self.change(to, person, seen)
        assert self.stored() == before
        return {one.field: type(one.refusal).__name__ for one in refused.value.problems}

    def stored(self) -> dict[str, Value]:
        with self.database.read() as session:
            return settings.stored(session)

    def findings(self) -> list[str]:
        with self.database.read() as session:
            return [f"{one.kind}: {one.subject}" for one in verify_desk(session).findings]


@pytest.fixture
def desk(fresh_url: str) -> Iterator[ChangedDesk]:
    database = Database(fresh_url)
    made = ChangedDesk(database, ManualClock())
    made.fix({"FAULT_ADMINS": ADMIN, "FAULT_TECHNICIANS": WU})
    yield made
    database.close()


def test_a_text_is_listed_for_each_setting() -> None:
    assert TEXTS.keys() == set(COMPANY_NAMES)


@pytest.mark.parametrize("name", COMPANY_NAMES)
def test_each_setting_is_stored_and_read_as_the_environment_gives_it(desk: ChangedDesk, name: str) -> None:
    desk.fix({name: TEXTS[name]})
    with desk.database.read() as session:
        assert desk.other.of(session) == company_of(CompanyValues.read({name: TEXTS[name]}))
        assert desk.other.of(session) != company_of(CompanyValues.read({}))
    assert desk.findings() == []


def test_all_settings_together_are_read_as_the_environment_gives_them(desk: ChangedDesk) -> None:
    assert set(desk.fix(TEXTS)) == set(COMPANY_NAMES) - {"FAULT_ADMINS", "FAULT_TECHNICIANS"}, (
        "apart from the same ones"
    )
    with desk.database.read() as session:
        assert desk.other.of(session) == company_of(CompanyValues.read(TEXTS))
    assert desk.fix(TEXTS) == [], "storing them again changes nothing"


def test_the_settings_are_made_anew_only_when_one_has_changed(desk: ChangedDesk) -> None:
    with desk.database.read() as session:
        first = desk.other.of(session)
        assert desk.other.of(session) is first
    desk.change({HOLD: "true"})
    with desk.database.read() as session:
        second = desk.other.of(session)
    assert (first.policy.hold_stops_clock, second.policy.hold_stops_clock) == (False, True)
    assert second.calendar is first.calendar, "with the timetables of its years"


def test_settings_of_a_database_that_lost_the_last_change_are_read_though_another_has_its_number(
    desk: ChangedDesk,
) -> None:
    with desk.database.read() as session:
        before, last = settings.version(session), desk_history.last(session)
    desk.change({HOLD: "true"})
    with desk.database.read() as session:
        assert desk.other.of(session).policy.hold_stops_clock
    assert last
    tamper(  # as a standby or a backup lacks it
        desk.database,
        f"DELETE FROM desk_entries WHERE seq > {last.seq}",
        f"DELETE FROM settings WHERE name = '{HOLD}'",
        f"UPDATE epochs SET settings_version = '{before}'",
    )
    desk.change({"FAULT_LOCALE": "zh-CN"})
    with desk.database.read() as session:
        company = desk.other.of(session)
    assert (company.locale, company.policy.hold_stops_clock) == ("zh-CN", False)
    assert desk.findings() == []


def test_a_new_epoch_keeps_the_settings(desk: ChangedDesk) -> None:
    desk.change({HOLD: "true"})
    with desk.database.write() as session:
        epochs.begin(session, desk.clock.now())
    with desk.database.read() as session:
        assert desk.other.of(session).policy.hold_stops_clock
    assert desk.findings() == []


def test_what_was_read_in_a_change_that_is_rolled_back_counts_nowhere(desk: ChangedDesk) -> None:
    with desk.database.write() as session:
        settings.change(session, HOLD, None, Value("true"), By(ADMIN), desk.clock.now())
        desk.other.of(session)
        session.rollback()
    with desk.database.read() as session:
        assert not desk.other.of(session).policy.hold_stops_clock
    desk.change({"FAULT_LOCALE": "zh-CN"})
    with desk.database.read() as session:
        assert not desk.other.of(session).policy.hold_stops_clock


@pytest.mark.database("postgresql")
def test_a_transaction_has_the_same_settings_from_beginning_to_end(desk: ChangedDesk) -> None:
    with desk.database.write() as step:
        first = desk.other.of(step)
        desk.change({HOLD: "true"})
        with desk.database.read() as session:
            assert desk.other.of(session) != first
        assert desk.other.of(step) is first


@pytest.mark.database("postgresql")
def test_a_process_knows_which_version_it_read_while_another_process_changed_it(desk: ChangedDesk) -> None:
    with desk.database.write() as step:
        before = settings.version(step)
        desk.change({HOLD: "true"})
        assert desk.other.of(step).policy.hold_stops_clock, "as its other reads, it sees what is committed"
        with desk.database.read() as session:
            assert settings.version(session) != before
            assert desk.other.of(session) is desk.other.of(step)


def test_a_change_that_is_rolled_back_counts_nowhere(desk: ChangedDesk) -> None:
    with desk.database.write() as session:
        change_settings.change(session, desk.own, {HOLD: "true"}, {}, ADMIN, desk.clock.now())
        session.rollback()
    desk.change({"FAULT_LOCALE": "zh-CN"})
    with desk.database.read() as session:
        assert not desk.own.of(session).policy.hold_stops_clock
        assert desk.own.of(session).locale == "zh-CN"


def test_each_change_is_an_entry_with_who_when_from_and_to(desk: ChangedDesk) -> None:
    desk.change({HOLD: "true"}, reason="The customers asked for it")
    desk.clock.move(minutes=1)
    desk.change({HOLD: ""})
    with desk.database.read() as session:
        *_, first, second = settings.history(session)
        last = desk_history.last(session)
    assert (first.by, first.name, first.before, first.after) == (
        By(ADMIN, "The customers asked for it"),
        HOLD,
        None,
        Value("true"),
    )
    assert (second.at - first.at, second.before, second.after) == (timedelta(minutes=1), "true", None)
    assert last is not None
    assert json.loads(last.data) == {"setting": HOLD, "from": "true", "to": None, "fixed": False}
    assert HOLD not in desk.stored(), "a default is not stored"
    assert desk.findings() == []


def test_a_text_that_stays_the_same_is_no_change(desk: ChangedDesk) -> None:
    desk.change({HOLD: "true"})
    with desk.database.read() as session:
        before = settings.version(session)
    desk.change({HOLD: " true "})
    with desk.database.read() as session:
        assert settings.version(session) == before


def test_only_admins_change_settings(desk: ChangedDesk) -> None:
    assert desk.refused({HOLD: "true"}, WU) == {None: "AdminsOnly"}


def test_wrong_texts_are_refused_at_their_settings_and_nothing_is_stored(desk: ChangedDesk) -> None:
    wrong = {"FAULT_TIMEZONE": "Mars/Base", "FAULT_REOPEN_DAYS": "0", "FAULT_LOCALE": "zh-CN"}
    assert desk.refused(wrong) == {"FAULT_TIMEZONE": "NotTimeZone", "FAULT_REOPEN_DAYS": "SpanOutOfRange"}


def test_a_text_that_contradicts_another_setting_is_refused(desk: ChangedDesk) -> None:
    desk.change({"FAULT_EXTRA_WORKING_DAYS": "2026-12-24"})
    assert desk.refused({"FAULT_EXTRA_HOLIDAYS": "2026-12-24"}) == {"FAULT_EXTRA_WORKING_DAYS": "DayOffAsWell"}


@pytest.mark.database("postgresql")
def test_starts_at_the_same_time_store_the_settings_once(fresh_url: str) -> None:
    database = Database(fresh_url)
    desk = ChangedDesk(database, ManualClock())
    given = {"FAULT_ADMINS": ADMIN, "FAULT_TESTERS": LIN, "FAULT_LOCALE": "zh-CN"}
    identity = Identity(database, WebClient(), desk.clock, desk.other)
    with ThreadPoolExecutor(8) as pool:
        seeded = [pool.submit(identity.seed) for _ in range(4)]
        changed = list(pool.map(lambda _number: desk.fix(given), range(4)))
    assert [one.result() for one in seeded] == [None] * 4
    assert sorted(map(len, changed)) == [0, 0, 0, 3]
    assert desk.findings() == []
    database.close()


def test_the_second_of_two_admins_sees_what_the_first_has_changed(desk: ChangedDesk) -> None:
    seen = {name: value.text for name, value in desk.stored().items()}
    desk.change({"FAULT_REOPEN_DAYS": "14", "FAULT_LOCALE": "zh-CN"}, seen=seen)
    assert desk.refused({"FAULT_REOPEN_DAYS": "7", "FAULT_LOCALE": "zh-CN"}, seen=seen) == {
        "FAULT_REOPEN_DAYS": "ChangedMeanwhile"
    }, "both chose the same language"


def test_what_the_environment_sets_cannot_be_changed_until_it_is_gone(desk: ChangedDesk) -> None:
    desk.fix({"FAULT_ADMINS": ADMIN, "FAULT_REOPEN_DAYS": "14"})
    assert desk.refused({"FAULT_REOPEN_DAYS": "7"}) == {"FAULT_REOPEN_DAYS": "FixedByEnvironment"}
    assert desk.fix({"FAULT_ADMINS": ADMIN}) == ["FAULT_REOPEN_DAYS"]
    assert desk.stored()["FAULT_REOPEN_DAYS"] == Value("14"), "its value stays"
    desk.change({"FAULT_REOPEN_DAYS": "7"})
    assert desk.fix({"FAULT_ADMINS": ADMIN}) == []
    assert desk.stored()["FAULT_REOPEN_DAYS"] == Value("7")
    assert desk.findings() == []


def test_roles_of_the_environment_come_and_go_with_it_and_those_given_in_slack_stay(desk: ChangedDesk) -> None:
    with desk.database.write() as session:
        people.replace_grants(session, "slack", [people.Grant(CHEN, Role.TECHNICIAN)])
    assert holding(desk, Role.TECHNICIAN) == {WU, CHEN}
    desk.fix({"FAULT_ADMINS": ADMIN, "FAULT_TECHNICIANS": ANNA})
    assert holding(desk, Role.TECHNICIAN) == {ANNA, CHEN}
    desk.fix({"FAULT_ADMINS": ADMIN})
    assert holding(desk, Role.TECHNICIAN) == {CHEN}
    assert "FAULT_TECHNICIANS" not in desk.stored()


def test_a_group_that_gets_another_role_keeps_its_members(desk: ChangedDesk) -> None:
    desk.fix({"FAULT_ADMINS": ADMIN, "FAULT_TESTERS": "S0GROUP"})
    with desk.database.write() as session:
        people.replace_grants(session, role_origins.origin_of("S0GROUP"), [people.Grant(WU, Role.TESTER)])
    desk.fix({"FAULT_ADMINS": ADMIN, "FAULT_VIEWERS": "S0GROUP"})
    assert (holding(desk, Role.TESTER), holding(desk, Role.VIEWER)) == (set(), {WU})
    desk.fix({"FAULT_ADMINS": ADMIN})
    assert holding(desk, Role.VIEWER) == set()


def test_admins_are_told_of_a_role_that_a_change_leaves_vacant(desk: ChangedDesk) -> None:
    desk.fix({"FAULT_ADMINS": ADMIN})
    with desk.database.read() as session:
        told = session.exec(select(Outgoing).where(Outgoing.view == MessageKind.ROLE_VACANT)).all()
    assert Role.TECHNICIAN in {json.loads(row.arguments)["role"] for row in told}


def holding(desk: ChangedDesk, role: Role) -> set[str]:
    with desk.database.read() as session:
        return set(people.holding(session, role, desk.own.of(session).today(desk.clock.now())))


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE settings SET value = '99' WHERE name = 'FAULT_REOPEN_DAYS'", ["setting_changed: FAULT_REOPEN_DAYS"]),
        ("UPDATE settings SET fixed = TRUE WHERE name = 'FAULT_REOPEN_DAYS'", ["setting_changed: FAULT_REOPEN_DAYS"]),
        ("DELETE FROM settings WHERE name = 'FAULT_ADMINS'", ["setting_changed: FAULT_ADMINS"]),
        (
            "INSERT INTO settings (name, value, fixed) VALUES ('FAULT_VIEWERS', 'U0SPY', TRUE)",
            ["setting_changed: FAULT_VIEWERS"],
        ),
        ("UPDATE epochs SET settings_version = 'other'", ["column_changed: epochs.settings_version"]),
    ],
)
def test_a_setting_that_is_not_as_the_history_says_is_found(
    desk: ChangedDesk, statement: str, found: list[str]
) -> None:
    desk.change({"FAULT_REOPEN_DAYS": "14"})
    tamper(desk.database, statement)
    assert desk.findings() == found


def test_an_entry_that_was_changed_is_found(desk: ChangedDesk) -> None:
    desk.change({"FAULT_REOPEN_DAYS": "14"})
    tamper(desk.database, "UPDATE desk_entries SET data = replace(data, '14', '41') WHERE data LIKE '%REOPEN%'")
    assert desk.findings() == ["desk_entry_changed: 3", "setting_changed: FAULT_REOPEN_DAYS"]


def test_an_unusable_stored_text_counts_as_the_default_so_that_the_desk_goes_on(desk: ChangedDesk) -> None:
    with desk.database.write() as session:
        for name, value in (("FAULT_REOPEN_DAYS", "soon"), ("FAULT_TIMEZONE", "Asia/Shanghai"), ("FAULT_NEW", "1")):
            settings.change(session, name, None, Value(value), By(ADMIN), desk.clock.now())
    with desk.database.read() as session:
        company = desk.other.of(session)
    assert (company.policy.reopen_within, company.zone) == (timedelta(days=30), ZoneInfo("Asia/Shanghai"))
