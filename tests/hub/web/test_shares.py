"""A share on a page is all of it only when it is: 1,999 of 2,000 are not 100 %."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.hub.web.web_hall import WebHall

DAY = "2023-11-15"
ALL = 2000


def put(hall: WebHall, table: str, columns: str, rows: list[tuple]) -> None:
    marks = ", ".join("?" * len(rows[0]))
    with closing(sqlite3.connect(hall.data / "hall.db")) as database, database:
        database.executemany(f"insert into {table} ({columns}) values ({marks})", rows)


def reviewed(hall: WebHall, visited: int) -> None:
    """ALL named bad ratings, of which so many were visited back."""
    columns = "review, day, kind, rating, visit, window, clerk, service, named, answered_ms, visited_ms, state"
    put(
        hall,
        "reviews",
        columns,
        [
            (f"R.{n}", DAY, "bad-rating", f"r{n}", "", "1", "li", "a", 1, 1, int(n <= visited), "closed")
            for n in range(1, ALL + 1)
        ],
    )


async def test_all_but_one_visited_back_is_not_all_and_the_one_is_named(hall: WebHall):
    reviewed(hall, ALL - 1)
    page = (await (await hall.logged_in("admin")).get("/reviews?lang=en")).text
    assert f"{ALL} named: {ALL} answered, {ALL - 1} visited back (99.9 %)" in page
    assert f": R.{ALL}</p>" in page


async def test_all_of_them_is_all(hall: WebHall):
    reviewed(hall, ALL)
    page = (await (await hall.logged_in("admin")).get("/reviews?lang=en")).text
    assert "visited back (100.0 %)" in page


async def test_all_but_one_content_is_not_all_for_everybody_to_see(hall: WebHall):
    put(
        hall,
        "ratings",
        "rating, day, window, clerk, service, level, standing, replaced_by, struck, excluded, stop_seq",
        [(f"r{n}", DAY, "1", "li", "a", 5 if n else 1, "counted", "", 0, 0, n) for n in range(ALL)],
    )
    page = (await hall.visitor().get("/results?lang=en")).text
    assert "<td>99.9 %</td>" in page and "100.0 %" not in page
