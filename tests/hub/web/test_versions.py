"""The hall file over the API: checked, applied, compared, taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from hub.config import read_hall
from tests.hub.web.test_windows import draw
from tests.hub.web.web_hall import WebHall, web_hall

SOURCE = """\
[hall]
id = "small"
name = { zh-Hans = "小厅", zh-Hant = "小厅", en = "小厅" }
timezone = "Asia/Shanghai"
day_starts = "04:00"
slip_guard_ms = 0

[services.a]
name = { zh-Hans = "甲", zh-Hant = "甲", en = "甲" }
prefix = "A"
end = 999

[services.b]
name = { zh-Hans = "乙", zh-Hant = "乙", en = "乙" }
prefix = "B"
end = 999

[windows.1]
name = { zh-Hans = "1号窗口", zh-Hant = "1号窗口", en = "1号窗口" }
services = ["*"]
"""

WITHOUT_A = SOURCE.replace(
    '[services.a]\nname = { zh-Hans = "甲", zh-Hant = "甲", en = "甲" }\nprefix = "A"\nend = 999\n\n', ""
)
WIDER = SOURCE.replace(
    "[windows.1]", '[windows.2]\nname = { zh-Hans = "2", zh-Hant = "2", en = "2" }\nservices = ["b"]\n\n[windows.1]'
)
CONTACT = '\n[contacts.lead]\nname = "王主任"\nemail = "lead@example.org"\n'
ALARM = """
[[alarms]]
id = "long"
name = { zh-Hans = "久等", zh-Hant = "久等", en = "long wait" }
kind = "wait"
minutes = 30
to = ["lead"]
"""


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[WebHall]:
    async with web_hall(tmp_path, rules=read_hall(SOURCE), source=SOURCE) as made:
        yield made


@pytest.fixture
async def admin(hall: WebHall) -> httpx.AsyncClient:
    return await hall.logged_in("admin")


async def apply(admin: httpx.AsyncClient, source: str, query: str = "", note: str = "") -> httpx.Response:
    return await admin.post(f"/api/v1/hall/config{query}", json={"source": source, "note": note})


async def test_the_file_in_force_is_told(admin: httpx.AsyncClient):
    told = (await admin.get("/api/v1/hall/config")).json()
    assert (told["source"], told["by"]) == (SOURCE, "hub")


async def test_a_file_that_is_only_checked_changes_nothing(hall: WebHall, admin: httpx.AsyncClient):
    answer = (await apply(admin, WIDER, "?dry=1")).json()
    assert not answer["applied"]
    assert "+[windows.2]" in answer["diff"]
    assert "2" not in hall.service.state.windows
    assert len((await admin.get("/api/v1/hall/versions")).json()) == 1


async def test_a_file_that_is_applied_is_in_force_and_in_the_list(hall: WebHall, admin: httpx.AsyncClient):
    answer = (await apply(admin, WIDER, note="a second window")).json()
    assert answer["applied"]
    assert "2" in hall.service.state.windows
    newest, oldest = (await admin.get("/api/v1/hall/versions")).json()
    assert (newest["version"], newest["by"], newest["note"]) == (answer["version"], "admin:admin", "a second window")
    assert newest["version"] > oldest["version"]
    assert (await admin.get("/api/v1/hall/config")).json()["source"] == WIDER


async def test_every_problem_has_its_line(admin: httpx.AsyncClient):
    answer = await apply(admin, SOURCE.replace('services = ["*"]', 'services = ["c"]'))
    assert answer.status_code == 422
    problems = {problem["line"]: problem["reason"] for problem in answer.json()["problems"]}
    assert '"c"' in problems[20]
    assert f"line {min(problems)}" in answer.json()["message"]["en"]


async def test_what_people_wait_for_cannot_be_removed(hall: WebHall, admin: httpx.AsyncClient):
    await draw(hall)
    for dry in ("?dry=1", ""):
        answer = await apply(admin, WITHOUT_A, dry)
        assert (answer.status_code, answer.json()["code"]) == (409, "service-has-waiting")


async def test_the_file_of_another_hall_is_refused(admin: httpx.AsyncClient):
    answer = await apply(admin, SOURCE.replace('id = "small"', 'id = "large"'))
    assert (answer.status_code, answer.json()["code"]) == (409, "other-hall")


async def test_a_version_can_be_compared_and_taken_back(hall: WebHall, admin: httpx.AsyncClient):
    first = (await admin.get("/api/v1/hall/config")).json()["version"]
    second = (await apply(admin, WIDER)).json()["version"]
    told = (await admin.get(f"/api/v1/hall/versions/{second}")).json()
    assert (told["against"], "+[windows.2]" in told["diff"]) == (first, True)
    answer = (await admin.post("/api/v1/hall/revert", json={"version": first})).json()
    assert "-[windows.2]" in answer["diff"]
    assert "2" not in hall.service.state.windows
    newest, *_ = (await admin.get("/api/v1/hall/versions")).json()
    assert newest["note"] == f"revert to {first}"


async def test_a_version_that_is_not_there(admin: httpx.AsyncClient):
    assert (await admin.get("/api/v1/hall/versions/999")).status_code == 404
    assert (await admin.post("/api/v1/hall/revert", json={"version": 999})).status_code == 404


async def test_contacts_are_not_kept_and_need_not_come_again(hall: WebHall, admin: httpx.AsyncClient):
    assert (await apply(admin, SOURCE + ALARM)).status_code == 422
    assert (await apply(admin, SOURCE + ALARM + CONTACT)).json()["applied"]
    stored = (await admin.get("/api/v1/hall/config")).json()["source"]
    assert "lead@example.org" not in stored
    assert (await apply(admin, stored.replace("minutes = 30", "minutes = 40"))).json()["applied"]


async def test_a_file_may_come_as_it_is(admin: httpx.AsyncClient):
    plain = {"Content-Type": "text/plain; charset=utf-8"}
    answer = await admin.post("/api/v1/hall/config?dry=1", content=WIDER.encode(), headers=plain)
    assert "+[windows.2]" in answer.json()["diff"]
    answer = await admin.post("/api/v1/hall/config", content=b"\xff", headers=plain)
    assert answer.status_code == 422
    assert (await admin.post("/api/v1/users", content=b"x", headers=plain)).status_code == 415


async def test_a_large_file_fits_here_and_nowhere_else(admin: httpx.AsyncClient):
    large = SOURCE + "# " + 200_000 * "x" + "\n"
    assert (await apply(admin, large, "?dry=1")).status_code == 200
    assert (await apply(admin, SOURCE + "# " + 270_000 * "x", "?dry=1")).status_code == 413
    assert (await admin.post("/api/v1/users", json={"name": 20_000 * "x"})).status_code == 413


async def test_a_version_that_no_log_can_have_is_refused(admin: httpx.AsyncClient):
    assert (await admin.get(f"/api/v1/hall/versions/{10**30}")).status_code == 422
    assert (await admin.get(f"/api/v1/hall/versions/1?against={10**30}")).status_code == 422
    assert (await admin.post("/api/v1/hall/revert", json={"version": 10**30})).status_code == 422


async def test_brackets_that_never_end_are_a_problem_of_the_file(admin: httpx.AsyncClient):
    answer = await admin.post("/api/v1/hall/config", json={"source": "a = " + "[" * 10_000})
    assert (answer.status_code, answer.json()["code"]) == (422, "hall-file")
