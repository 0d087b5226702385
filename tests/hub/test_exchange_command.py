"""`jiaohao exchange`: what an admin sees and does, on a hall's own database, and what the audit has of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from hub.adapters import sqlite_exchange as table
from hub.adapters.sqlite_accounts import SqliteAccounts
from hub.adapters.sqlite_store import SqliteStore, connect
from hub.cli.exchange import SAMPLE, exchange
from hub.core.exchange import RATING, RECORDS
from tests.hub.exchange import MAPS, RATED_MS, rating

DAY_MS = 24 * 3600 * 1000


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Three ratings refused on three days in a row, and one that waits."""
    SqliteStore(tmp_path / "hall.db").close()
    database = connect(tmp_path / "hall.db")
    for number in range(4):
        made_ms = RATED_MS + number * DAY_MS
        table.post(database.conn.execute, RATING, f"r{number}", f"r{number}", rating(text="王小明"), made_ms)
        if number < 3:
            table.refused(database.conn, f"r{number}", f"answered 422: no such item {number}\x1b[2J")
    database.close()
    return tmp_path


def run(*arguments: object) -> tuple[int, str]:
    shown = CliRunner().invoke(exchange, [str(one) for one in arguments])
    return shown.exit_code, shown.output


def states(data: Path) -> list[str]:
    database = connect(data / "hall.db")
    rows = database.conn.execute("select state from exchange order by id").fetchall()
    database.close()
    return [state for (state,) in rows]


def audit(data: Path) -> list[tuple[str, str, str]]:
    accounts = SqliteAccounts(data / "hall.db")
    deeds = [(deed.who, deed.action, deed.subject) for _, deed in accounts.deeds(1 << 60, 9)]
    accounts.close()
    return deeds


def test_what_waits_and_what_was_refused(data: Path):
    code, shown = run("status", "--data", data)
    assert code == 0 and re.fullmatch(r"waiting: 1, the oldest since 2026-03-0\d \d\d:\d\d\nrefused: 3\n", shown)
    code, shown = run("refused", "--data", data, "--most", 2)
    assert code == 0 and re.findall(r"^\S+", shown, re.MULTILINE) == ["r0", "r1"]
    assert "no such item 1" in shown and "\x1b" not in shown and "王" not in shown
    assert "item_code" in run("refused", "--data", data, "--content")[1]


def test_refused_things_are_sent_again_by_id_and_the_audit_says_so(data: Path):
    assert run("replay", "--data", data, "r1", "r3") == (0, "1 will be sent again\n")
    assert states(data) == ["refused", "waiting", "refused", "waiting"]
    assert audit(data) == [("machine", "exchange replayed", "r1, r3")]


def test_refused_things_of_a_span_are_sent_again(data: Path):
    assert run("replay", "--data", data, "--from", "2026-03-05", "--to", "2026-03-08")[1] == "2 will be sent again\n"
    assert states(data) == ["refused", "waiting", "waiting", "waiting"]


def test_a_thing_is_set_aside(data: Path):
    assert run("set-aside", "--data", data, "r0") == (0, "1 set aside\n")
    assert states(data) == ["set-aside", "refused", "refused", "waiting"]
    assert audit(data) == [("machine", "exchange set aside", "r0")]


def test_what_changes_nothing_is_not_in_the_audit(data: Path):
    assert run("set-aside", "--data", data, "r9") == (0, "0 set aside\n")
    assert audit(data) == []


@pytest.mark.parametrize("given", [[], ["--from", "2026-03-05"], ["r1", "--from", "2026-03-05", "--to", "2026-03-06"]])
def test_what_is_to_be_sent_again_must_be_clear(data: Path, given: list[str]):
    code, shown = run("replay", "--data", data, *given)
    assert code == 2 and "give ids, or --from and --to" in shown
    assert states(data).count("refused") == 3


def test_a_folder_without_a_hall(tmp_path: Path):
    code, shown = run("status", "--data", tmp_path)
    assert code == 2 and "there is no hall.db" in shown


def test_a_map_is_checked_with_a_rating_that_has_every_key():
    assert set(SAMPLE) == set(RECORDS[RATING])
    code, shown = run("check", "guangdong-like")
    assert code == 0 and json.loads(shown)["satisfaction"] == "4"


def test_a_wrong_map_is_told_with_its_lines(tmp_path: Path):
    wrong = tmp_path / "wrong.toml"
    wrong.write_text((MAPS / "guangdong-like.toml").read_text("utf-8").replace('from = "level"', 'from = "levl"'))
    code, shown = run("check", wrong)
    assert code == 2 and re.search(r'line \d+: rating #7.from: our record has no "levl"', shown)
    code, shown = run("check", "nowhere")
    assert code == 2 and "guangdong-like, nested-like" in shown
