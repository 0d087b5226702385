"""Reports that make themselves, night after night, in a folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest

from hub.adapters.report_folder import ReportFolder
from hub.adapters.sqlite_answers import SqliteAnswers
from hub.adapters.sqlite_figures import SqliteFigures
from hub.core.commands import Moment
from tests.hub.halls import small_hall
from tests.hub.reports.played import DAYS, NOW


@dataclass
class Nights:
    """A folder of reports, and the day it is."""

    folder: Path
    maker: ReportFolder
    now: Moment = NOW

    async def made(self, day: str = "") -> list[str]:
        """What is made on `day`, one after the other."""
        if day:
            self.now = Moment(self.now.ms + 86_400_000, day)
        names = []
        while period := await self.maker.make_next():
            names.append(period.name)
        return names


@pytest.fixture
def nights(played: Path, tmp_path: Path) -> Nights:
    folder = tmp_path / "reports"
    figures, answers = SqliteFigures(played), SqliteAnswers(played)
    maker = ReportFolder(folder, figures, answers, lambda: DAYS, small_hall, lambda: made.now)
    made = Nights(folder, maker)
    return made


async def test_each_day_and_month_that_is_over_gets_its_report_once_and_again_when_it_is_final(nights: Nights):
    assert await nights.made() == DAYS[::-1]
    assert await nights.made() == []
    assert await nights.made("2026-03-13") == DAYS[:1], "no rating can come any more for the first day"
    assert await nights.made("2026-04-01") == [*DAYS[:0:-1], "2026-03"]
    assert await nights.made("2026-04-02") == []
    assert await nights.made("2026-04-11") == ["2026-03"]


async def test_a_report_in_the_folder_has_every_form_and_names_no_clerk(nights: Nights):
    await nights.made()
    folder = nights.folder / DAYS[0]
    tables = json.loads((folder / "report.json").read_text("utf-8"))["tables"]
    assert tables["hall"][0]["served"] > 400 and "clerk" not in tables
    names = {"report.html", "report.json", "report.xlsx", *(f"{by}.csv" for by in tables)}
    assert {file.name for file in folder.iterdir()} == names
    assert len(openpyxl.load_workbook(folder / "report.xlsx").sheetnames) > len(tables)
    assert (folder / "hour.csv").read_text("utf-8-sig").count("\n") == 1 + len(tables["hour"])
    for file in folder.iterdir():
        assert file.stat().st_mode & 0o077 == 0, "only the hub reads it"


async def test_what_was_cut_off_or_cannot_be_read_is_made_anew(nights: Nights):
    await nights.made()
    first, second, third = (nights.folder / day / "report.json" for day in DAYS)
    first.unlink()
    second.write_text('{"final": tr', "utf-8")
    third.write_text("[]", "utf-8")
    assert await nights.made() == DAYS[::-1]
    assert json.loads(second.read_text("utf-8"))["period"] == DAYS[1]


async def test_without_a_hall_there_is_nothing_to_make(played: Path, tmp_path: Path):
    answers = SqliteAnswers(played)
    maker = ReportFolder(tmp_path / "x", SqliteFigures(played), answers, lambda: DAYS, lambda: None, lambda: NOW)
    assert await maker.make_next() is None
    assert not (tmp_path / "x").exists()
