"""The hall at a glance, for staff and for everybody, and the health of the hub."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from protocol.downward import LANGUAGES
from tests.hub.web.test_windows import draw, press, sit_down
from tests.hub.web.web_hall import WebHall, web_hall


async def test_the_hall_has_services_and_windows_with_their_states(hall: WebHall):
    await draw(hall, 2)
    clerk, seen = await sit_down(hall)
    await press(clerk, "next", seen)
    told = (await clerk.get("/api/v1/hall")).json()
    assert (told["id"], told["epoch"]) == ("small", 7)
    assert [(service["id"], service["prefix"], service["waiting"]) for service in told["services"]] == [
        ("a", "A", 1),
        ("b", "B", 0),
    ]
    first = told["windows"][0]
    assert (first["id"], first["clerk"], first["waiting"], first["state"]["number"]) == ("1", "clerk", 1, "A001")
    assert set(first["state"]) == {"version", "window", "mode", "number", "calls", "texts"}
    assert set(first["state"]["texts"]) == set(LANGUAGES)


async def test_the_tokens_of_visits_are_nowhere_in_it(hall: WebHall):
    await draw(hall)
    clerk, seen = await sit_down(hall)
    visit = (await press(clerk, "next", seen)).json()["visit"]
    assert visit not in (await clerk.get("/api/v1/hall")).text


async def test_who_serves_where_is_for_staff_only(hall: WebHall):
    await sit_down(hall, "wang")
    board = await hall.machine("board")
    assert "wang" not in (await board.get("/api/v1/hall")).text
    assert "wang" in (await (await hall.logged_in("clerk")).get("/api/v1/hall")).text


async def test_what_is_not_on_disk_yet_is_not_seen(hall: WebHall, monkeypatch):
    """The service decides ahead of its disk; pages must not show what a failing disk will take back."""
    seen_while_writing = []
    append = hall.store.append

    def look_then_append(commits):
        seen_while_writing.append(hall.app.state.web.picture.window("1", staff=True))
        append(commits)

    await draw(hall)
    clerk, seen = await sit_down(hall)
    monkeypatch.setattr(hall.store, "append", look_then_append)
    await press(clerk, "next", seen)
    assert b"A001" not in seen_while_writing[0]
    assert b"A001" in hall.app.state.web.picture.window("1", staff=True)


async def test_an_open_board_is_open(tmp_path: Path):
    async with web_hall(tmp_path, open_board=True) as hall:
        assert (await hall.visitor().get("/api/v1/hall")).status_code == 200
        assert (await hall.visitor().get("/board")).status_code == 200
        assert (await hall.visitor().get("/api/v1/me")).status_code == 401


async def test_health_tells_when_the_machine_s_clock_was_set(hall: WebHall):
    for drift_ms, minutes in ((0, 0), (599_000 - 30_000, 0), (3_600_000, 60), (-86_400_000, -1440)):
        hall.clock.drift_ms = drift_ms
        assert (await hall.visitor().get("/api/v1/health")).json()["clock_set_min"] == minutes


async def test_health_tells_what_is_wrong_with_the_broker(hall: WebHall):
    admin = await hall.logged_in("admin")
    healthy = (await admin.get("/api/v1/health")).json()
    assert healthy["ok"] and healthy["broker"] == {"connected": True, "error": ""}
    hall.broker.connected, hall.broker.last_error, hall.broker.quarantined = False, "nobody answers", 3
    ill = (await admin.get("/api/v1/health")).json()
    assert not ill["ok"]
    assert (ill["broker"]["error"], ill["quarantined"]) == ("nobody answers", 3)
    for stranger in (hall.visitor(), await hall.machine("kiosk")):
        told = (await stranger.get("/api/v1/health")).json()
        assert (told["ok"], told["broker"]) == (False, {"connected": False, "error": None})
        assert (told["quarantined"], told["clones"], told["locked_out"]) == (None, None, None)


@dataclass
class BackupsNow:
    last_good_ms: int = 1_767_580_000_000
    tail_ms: int = 1_767_580_002_000
    tested_ms: int = 0
    last_error: str = ""


async def test_everybody_sees_whether_backups_fail_and_admins_why(hall: WebHall):
    admin = await hall.logged_in("admin")
    assert '<p id="backup">There are no backups' in (await admin.get("/admin", headers={"Accept-Language": "en"})).text
    assert (await hall.visitor().get("/api/v1/health")).json()["backup"] is None
    backups = BackupsNow()
    hall.app.state.web = replace(hall.app.state.web, backups=backups)
    assert (await hall.visitor().get("/api/v1/health")).json()["backup"] == {
        "last_good_ms": backups.last_good_ms,
        "tail_ms": backups.tail_ms,
        "tested_ms": 0,
        "failing": False,
    }
    assert "Last good backup: 2026-01-05" in (await admin.get("/admin", headers={"Accept-Language": "en"})).text
    backups.last_error = "cannot write /mnt/<share>"
    answer = await hall.visitor().get("/api/v1/health")
    assert answer.json()["backup"]["failing"] and "share" not in answer.text
    page = (await admin.get("/admin", headers={"Accept-Language": "en"})).text
    assert "Backups fail: cannot write /mnt/&lt;share&gt;. Last good backup: 2026-01-05" in page


async def test_admins_are_told_that_the_data_was_set_back(hall: WebHall):
    admin = await hall.logged_in("admin")
    assert '<p role="alert">At' not in (await admin.get("/admin", headers={"Accept-Language": "en"})).text
    hall.broker.set_back_ms = 1_767_580_000_000
    assert '<p role="alert">At 2026-01-05' in (await admin.get("/admin", headers={"Accept-Language": "en"})).text
