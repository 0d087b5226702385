"""A key for each booked day: the same until the day is over, and then gone."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from hub.adapters import day_keys
from hub.adapters.day_keys import KEY_BYTES, DayKeys

DAY = "2026-03-04"


def test_a_key_stays_the_same_and_each_day_has_its_own(tmp_path: Path):
    keys = DayKeys(tmp_path / "keys")
    key = keys.key(DAY)
    assert len(key) == KEY_BYTES and key != keys.key("2026-03-05")
    assert DayKeys(tmp_path / "keys").key(DAY) == key
    assert [oct(path.stat().st_mode & 0o777) for path in (tmp_path / "keys", tmp_path / "keys" / DAY)] == [
        "0o700",
        "0o600",
    ]


def test_a_day_that_is_over_has_another_key_afterwards(tmp_path: Path):
    keys = DayKeys(tmp_path / "keys")
    before, today = keys.key("2026-03-03"), keys.key(DAY)
    assert (keys.forget(DAY), keys.forget(DAY)) == (1, 0)
    assert keys.key(DAY) == today
    assert keys.key("2026-03-03") != before


def test_nothing_is_there_before_somebody_books(tmp_path: Path):
    assert DayKeys(tmp_path / "keys").forget(DAY) == 0
    assert not (tmp_path / "keys").exists()


def test_a_half_written_key_is_made_anew(tmp_path: Path):
    (tmp_path / DAY).write_bytes(b"half")
    assert len(DayKeys(tmp_path).key(DAY)) == KEY_BYTES
    assert len((tmp_path / DAY).read_bytes()) == KEY_BYTES


def test_a_key_that_cannot_be_kept_is_known_until_the_hub_ends(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    (tmp_path / "keys").write_text("not a folder")
    keys = DayKeys(tmp_path / "keys")
    assert keys.key(DAY) == keys.key(DAY)
    assert "cannot be kept" in caplog.text


def test_asking_for_every_day_there_is_does_not_fill_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(day_keys, "KEYS", 5)
    keys = DayKeys(tmp_path)
    for each in range(9):
        keys.key((date(2026, 1, 1) + timedelta(each)).isoformat())
    assert len(list(tmp_path.iterdir())) == len(keys._keys) == 5
