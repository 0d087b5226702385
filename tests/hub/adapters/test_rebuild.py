"""The projections are made again from the log, and what had been wrong with them is told."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from click.testing import CliRunner

from tests.hub.adapters.test_projections import dump, stored
from tests.hub.halls import Play
from tools.cli import main


def told(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def busy() -> Play:
    """A hall in which five people were called, and one waits."""
    play = Play()
    play.sign_in()
    for seq in range(5):
        visit = play.draw()
        play.press("next")
        play.rate(visit, seq=seq)
    play.draw()
    return play


def spoilt(folder: Path) -> dict[str, list[tuple]]:
    """A hall's database in `folder` with three wrong tables; what they should say."""
    store = stored(busy(), folder / "hall.db")
    right = dump(folder / "hall.db")
    store.close()
    connection = sqlite3.connect(folder / "hall.db")
    connection.execute("update tickets set state = 'lost' where visit in (select visit from tickets limit 3)")
    connection.execute("delete from calls where revision in (select revision from calls limit 2)")
    connection.execute("insert into days values ('1999-01-01', 1, 'workday', 0, 0)")
    connection.commit()
    connection.close()
    return right


def test_check_tells_what_is_wrong_and_changes_nothing(tmp_path: Path):
    spoilt(tmp_path)
    before = dump(tmp_path / "hall.db")
    status, said = told("rebuild", "--check", "--data", str(tmp_path))
    assert status == 1
    assert "tickets: 0 rows missing, 0 too many, 3 different" in said
    assert "calls: 2 rows missing, 0 too many, 0 different" in said
    assert "days: 0 rows missing, 1 too many, 0 different" in said
    assert "ratings" not in said
    assert dump(tmp_path / "hall.db") == before


def test_rebuild_tells_the_same_and_puts_it_right(tmp_path: Path):
    right = spoilt(tmp_path)
    status, said = told("rebuild", "--data", str(tmp_path))
    assert (status, "3 different" in said) == (0, True)
    assert {table: sorted(rows, key=repr) for table, rows in dump(tmp_path / "hall.db").items()} == {
        table: sorted(rows, key=repr) for table, rows in right.items()
    }
    status, said = told("rebuild", "--check", "--data", str(tmp_path))
    assert (status, "every table was as the log says" in said) == (0, True)


def test_verify_names_the_row_and_what_to_do(tmp_path: Path):
    stored(busy(), tmp_path / "hall.db").close()
    status, said = told("verify", "--data", str(tmp_path))
    assert (status, "log: " in said, " rows hold, head " in said) == (0, True, True)
    head = next(line.split("head ")[1] for line in said.splitlines() if line.startswith("log"))
    assert told("verify", "--data", str(tmp_path), "--expect", head)[0] == 0
    connection = sqlite3.connect(tmp_path / "hall.db")
    connection.execute("update log set body = body || ' ' where seq = 5")
    connection.commit()
    connection.close()
    status, said = told("verify", "--data", str(tmp_path))
    assert status == 1
    assert "row 5 of the table log was altered" in said
    assert "jiaohao restore" in said
    status, said = told("verify", "--json", "--data", str(tmp_path))
    assert (status, '"what": "altered", "row": 5' in said) == (1, True)


def test_what_is_wrong_with_the_call_is_a_line(tmp_path: Path):
    assert told("verify", "--data", str(tmp_path)) == (
        2,
        f"error: there is no hall.db in {tmp_path}; --data must be the data folder of a hub\n",
    )
    assert told("verify", "--data", str(tmp_path), "--expect", "x")[0] == 2
