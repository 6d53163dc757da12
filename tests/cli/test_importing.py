"""The command `faultdesk import` as operators use it."""

import sqlite3
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner, Result

from bot.cli import main
from bot.settings.declaration import WrongSettings
from storage import migrations
from storage.database import Database
from tests.support import world
from tests.support.stored_settings import store

FAULTS = "reference,product,version,summary,channel,reported_at,severity,closed_at\n"
GOOD = "HD-1,Billing,V3.2,It hangs,phone,2024-03-01 09:10,severe,2024-03-02\n"


@pytest.fixture
def desk(fresh_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a migrated database that the command line uses."""
    database = Database(fresh_url)
    migrations.upgrade(database.engine)
    database.close()
    monkeypatch.chdir(tmp_path)
    store(fresh_url, FAULT_ADMINS="S0GROUP,U0ADMIN")
    for name, value in {"DATABASE_URL": fresh_url, **world.at(world.begins())}.items():
        monkeypatch.setenv(name, value)
    return fresh_url


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main.app, ["import", *arguments])


def wrong(*arguments: str) -> str:
    """The message for a wrong setting. Such a command ends with 2 (see tests/cli/test_main.py)."""
    raised = run(*arguments).exception
    assert isinstance(raised, WrongSettings), raised
    return str(raised)


def file(name: str, text: str) -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


def counted(url: str, table: str) -> int:
    database = Database(url)
    with database.engine.connect() as connection:
        found = connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
    database.close()
    return int(found)


def test_customers_products_and_faults_are_imported_one_after_the_other(desk: str) -> None:
    done = run("customers", file("c.csv", "customer\nNanling\nHuadong\n"))
    assert (done.exit_code, done.stdout) == (0, "✓ c.csv: customers: 2 added, 0 already there\n")
    done = run("products", file("p.csv", "product,version,module,default_days\nBilling,V3.2,Rating,10\n"))
    assert "products: 1 added" in done.stdout
    assert "versions: 1 added" in done.stdout
    done = run("faults", file("f.csv", FAULTS + GOOD))
    assert (done.exit_code, done.stdout) == (0, "✓ f.csv: faults: 1 added, 0 already there\n"), done.stderr
    assert run("faults", "f.csv").stdout == "✓ f.csv: faults: 0 added, 1 already there\n"
    verified = CliRunner().invoke(main.app, ["verify"])
    assert (verified.exit_code, "✓ 1 case, 1 entry" in verified.stdout) == (0, True)


def test_a_dry_run_writes_nothing(desk: str) -> None:
    done = run("faults", file("f.csv", FAULTS + GOOD), "--dry-run")
    assert done.exit_code == 0
    assert done.stdout == "✓ f.csv: faults: 1 added, 0 already there\nA dry run: nothing was written.\n"
    assert [counted(desk, table) for table in ("cases", "products", "audit_entries", "documents")] == [0, 0, 0, 0]


def test_every_wrong_row_is_reported_and_nothing_is_written(desk: str) -> None:
    rows = "".join(f"HD-{n},Billing,V3.2,It hangs,pigeon,2024-03-01,severe,2024-03-02\n" for n in range(2, 102))
    done = run("faults", file("f.csv", FAULTS + GOOD + rows))
    assert done.exit_code == 2
    lines = done.stderr.splitlines()
    assert lines[0] == "line 3: channel: “pigeon” is none of: Phone, Mail, Chat, On site, Slack"
    assert len(lines) == 101
    assert lines[-1] == "✗ f.csv: nothing was brought in · wrong: 100 · lines: 100"
    assert counted(desk, "cases") == 0


def test_the_import_reports_in_chinese(desk: str) -> None:
    store(desk, FAULT_ADMINS="U0ADMIN", FAULT_LOCALE="zh-CN")
    done = run("faults", file("f.csv", FAULTS + GOOD), "--dry-run")
    assert done.stdout == "✓ f.csv: 故障：新增 1，已有 0\n试运行：未写入任何内容。\n"
    done = run("faults", file("f.csv", "严重性," + FAULTS.replace("severity", "关闭") + "普通," + GOOD))
    assert (done.exit_code, done.stderr.splitlines()) == (
        2,
        ["第 1 行，关闭：不是此类导入的列", "✗ f.csv: 未导入任何内容 · 错误：1 · 涉及行数：1"],
    )
    done = run("faults", file("f.csv", FAULTS + GOOD.replace("severe", "普通")))
    assert done.stderr.splitlines()[0] == "第 2 行，severity：“普通”不是下列选项之一：非常严重、严重、一般"


def test_of_many_wrong_cells_the_first_hundred_are_printed(desk: str) -> None:
    rows = "".join(GOOD.replace("HD-1", f"HD-{number}").replace("severe", "bad") for number in range(2, 1503))
    lines = run("faults", file("f.csv", FAULTS + rows)).stderr.splitlines()
    assert lines[99].startswith("line 101: severity: ")
    assert lines[100:] == [
        "and 1,401 more",
        "✗ f.csv: nothing was brought in · wrong: 1,501 · lines: 1,501",
    ]


def test_cells_that_show_no_text_are_refused(desk: str) -> None:
    book = Workbook()
    for row in (["customer"], [datetime(2026, 10, 3)], ["#N/A"], [0.3]):  # noqa: DTZ001 - as Excel has it
        book.worksheets[0].append(row)
    book.worksheets[0]["A4"].number_format = "# ?/?"
    book.save("c.xlsx")
    assert run("customers", "c.xlsx").stderr.splitlines()[:3] == [
        "line 2: customer: is a date, not text; format the cell as text and type it again",
        "line 3: customer: is the error #N/A; correct it in Excel",
        "line 4: customer: is shown in a number format that is not read; format the cell as text",
    ]


@pytest.mark.parametrize("name", ["f.csv", "f.xlsx"])
def test_a_cell_with_a_control_character_is_reported_by_line_and_column(desk: str, name: str) -> None:
    rows = [line.split(",") for line in (FAULTS + GOOD + GOOD.replace("HD-1", "HD-2")).splitlines()]
    if name == "f.csv":
        rows[2][3] = "It\0hangs"
        file(name, "".join(",".join(row) + "\n" for row in rows))
    else:
        rows[2][3] = "It_x0000_hangs"  # as Excel stores such a character
        book = Workbook()
        for row in rows:
            book.worksheets[0].append(row)
        book.save(name)
    done = run("faults", name)
    assert done.exit_code == 2
    assert done.stderr.splitlines()[0] == "line 3: summary: holds a character that is no text (U+0000); delete it"


def test_typed_text_cannot_control_the_terminal(desk: str) -> None:
    done = run("customers", file("c.csv", "customer,\x1b[31mred\u202e\nx,y\n"))
    assert done.exit_code == 2
    assert "\x1b" not in done.stderr
    assert "\u202e" not in done.stderr


def test_a_sheet_of_a_workbook_can_be_chosen(desk: str) -> None:
    book = Workbook()
    book.create_sheet("客户").append(["客户名称"])
    book["客户"].append(["华东电信"])
    book.save("b.xlsx")
    assert run("customers", "b.xlsx", "--sheet", "客户").stdout == "✓ b.xlsx: customers: 1 added, 0 already there\n"
    assert wrong("customers", "b.xlsx").startswith("b.xlsx: is empty")


def test_the_import_is_recorded_under_an_admin_or_the_named_person(desk: str) -> None:
    run("faults", file("f.csv", FAULTS + GOOD))
    run("faults", file("g.csv", FAULTS + GOOD.replace("HD-1", "HD-2")), "--by", "U0HUANG")
    database = Database(desk)
    with database.engine.connect() as connection:
        names = connection.exec_driver_sql("SELECT person_id FROM audit_entries ORDER BY id").scalars().all()
    database.close()
    assert names == ["U0ADMIN", "U0HUANG"]
    assert wrong("faults", "f.csv", "--by", "me").startswith("--by: me is no Slack user id")
    store(desk)
    assert wrong("faults", "f.csv").startswith("--by: say who brings them in")


def test_files_and_databases_that_cannot_be_used_are_reported(
    desk: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert wrong("customers", "nowhere.csv") == "nowhere.csv: No such file or directory"
    assert wrong("customers", str(tmp_path)).endswith("Is a directory")
    file("c.csv", "customer\nNanling\n")
    monkeypatch.setenv("DATABASE_URL", "sqlite:///nowhere.db")
    assert wrong("customers", "c.csv").startswith("DATABASE_URL: ")
    sqlite3.connect("old.db").execute("CREATE TABLE t (x)").connection.close()
    monkeypatch.setenv("DATABASE_URL", "sqlite:///old.db")
    assert "faultdesk migrate" in wrong("customers", "c.csv")


def test_no_import_runs_beside_a_bot_that_uses_the_sqlite_file(
    sqlite_url: str, desk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    serving = Database(sqlite_url)
    serving.take_ownership()
    assert "the bot is running" in wrong("customers", file("c.csv", "customer\nNanling\n"))
    serving.close()
    assert run("customers", "c.csv").exit_code == 0
