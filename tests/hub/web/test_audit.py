"""Whatever is changed is written down once: in the event log, with who asked, or in the audit."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from hub.adapters import sqlite_chain
from hub.core.hall import Admission
from hub.permissions import ROUTES
from hub.web.access import SAFE
from tests.hub.web.full_hall import full_hall
from tests.hub.web.web_hall import WebHall, web_hall

DAY = "2023-11-15"
API = "/api/v1"
Client = httpx.AsyncClient
WITHOUT_A_LOGIN = {"POST /api/v1/setup"}
"""Tried in test_setup: there must be no admin yet."""


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[WebHall]:
    rules = replace(full_hall(), admission=(Admission(("*",), mode="mixed", capacity=100),))
    source = (Path(__file__).parents[3] / "hub" / "halls" / "songshan-lake.toml").read_text("utf-8")
    async with web_hall(tmp_path, rules=replace(rules, id="songshan-lake"), source=source) as made:
        yield made


async def post(client: Client, path: str, **body) -> dict:
    answer = await client.post(f"{API}/{path}", json=body)
    assert answer.status_code < 300, (path, answer.text)
    return answer.json() if answer.content else {}


async def seen(client: Client) -> list[int]:
    windows = (await client.get(f"{API}/hall")).json()["windows"]
    return next(window["state"]["version"] for window in windows if window["id"] == "1")


async def draw(client: Client) -> str:
    return (await post(client, "tickets", service="a", party=2))["visit"]


async def sit(client: Client) -> None:
    await post(client, "windows/1/sign-in", clerk="clerk")


async def missed(client: Client) -> str:
    visit = await draw(client)
    await sit(client)
    for verb in ("next", "missed"):
        await post(client, f"windows/1/{verb}", seen=await seen(client))
    return visit


async def book(client: Client) -> dict:
    return await post(client, "bookings", service="a", day=DAY, time="09:00")


async def nothing(client: Client) -> None: ...


async def drawn(client: Client) -> dict:
    return {"visit": await draw(client)}


async def came_back(client: Client) -> dict:
    return {"visit": await missed(client)}


async def sat(client: Client) -> None:
    await sit(client)


async def paused(client: Client) -> None:
    await sit(client)
    await post(client, "windows/1/pause", reason="meal")


async def waited_for(client: Client) -> dict:
    await draw(client)
    await sit(client)
    return {"seen": await seen(client)}


async def served(client: Client) -> dict:
    visit = await draw(client)
    await sit(client)
    for verb in ("next", "start", "finish"):
        await post(client, f"windows/1/{verb}", seen=await seen(client))
    page = (await client.get(f"/t/{visit}")).text
    return {"visit": visit, "token": page.split('href="/r/')[1].split('"')[0]}


async def rated_badly(client: Client) -> dict:
    visited = await served(client)
    await post(client, f"ratings/by-link/{visited['token']}", level=1, text="slow")
    (review,) = (await client.get(f"{API}/reviews")).json()["reviews"]
    return {"review": review["review"], "verb": "verify", "seen": review["seen"]}


async def with_a_user(client: Client) -> None:
    await post(client, "users", name="sun", role="clerk", password="long enough")


async def with_a_key(client: Client) -> None:
    await post(client, "keys", label="k", role="kiosk")


async def with_a_device(client: Client) -> None:
    await post(client, "devices", id="pad-1", role="rating_pad", window="1")


Example = tuple[Callable[[Client], Awaitable[dict | None]], dict]
"""What must be before, which may name parts of path and body, and the body."""

EXAMPLES: dict[str, Example] = {
    "POST /api/v1/login": (nothing, {"name": "clerk", "password": "correct horse"}),
    "POST /api/v1/logout": (nothing, {}),
    "POST /api/v1/tickets": (nothing, {"service": "a"}),
    "POST /api/v1/tickets/{visit}/cancel": (drawn, {}),
    "POST /api/v1/tickets/{visit}/postpone": (drawn, {"minutes": 5}),
    "POST /api/v1/tickets/{visit}/return": (came_back, {}),
    "POST /api/v1/tickets/{visit}/move": (drawn, {"service": "b"}),
    "POST /api/v1/tickets/{visit}/add-service": (drawn, {"service": "b"}),
    "POST /api/v1/tickets/{visit}/case": (drawn, {"case": "2023-17"}),
    "POST /api/v1/tickets/{visit}/split": (drawn, {"parties": [1]}),
    "POST /api/v1/tickets/{visit}/rating": (served, {"level": 5}),
    "POST /api/v1/tickets/{visit}/contact": (drawn, {"contact": "by letter"}),
    "POST /api/v1/ratings/by-link/{token}": (served, {"level": 1, "text": "slow"}),
    "POST /api/v1/reviews": (nothing, {"order": "12345-1", "kind": "question", "text": "When?"}),
    "POST /api/v1/reviews/{review}/{verb}": (rated_badly, {}),
    "POST /api/v1/bookings": (nothing, {"service": "a", "day": DAY, "time": "09:00"}),
    "DELETE /api/v1/bookings/{booking}": (book, {}),
    "POST /api/v1/check-in": (book, {}),
    "POST /api/v1/pre-checks": (nothing, {"service": "b", "missing": []}),
    "POST /api/v1/windows/{window}/sign-in": (nothing, {"clerk": "clerk"}),
    "POST /api/v1/windows/{window}/sign-out": (sat, {}),
    "POST /api/v1/windows/{window}/pause": (sat, {"reason": "meal"}),
    "POST /api/v1/windows/{window}/resume": (paused, {}),
    "POST /api/v1/windows/{window}/automatic": (sat, {"on": True}),
    "POST /api/v1/windows/{window}/{verb}": (waited_for, {}),
    "POST /api/v1/users": (nothing, {"name": "sun", "role": "clerk", "password": "long enough"}),
    "DELETE /api/v1/users/{name}": (with_a_user, {}),
    "POST /api/v1/keys": (nothing, {"label": "k", "role": "kiosk"}),
    "DELETE /api/v1/keys/{label}": (with_a_key, {}),
    "POST /api/v1/devices": (nothing, {"id": "pad-1", "role": "rating_pad", "window": "1"}),
    "DELETE /api/v1/devices/{device}": (with_a_device, {}),
}
NEEDS_A_DEVICE_AT_WORK = {"POST /api/v1/devices/{device}/commands", "POST /api/v1/devices/{device}/settings"}
NEEDS_A_PRINTER = {"POST /api/v1/tickets/{visit}/slip"}
"""Changes nothing in the hall; tried in test_kiosk."""
NEEDS_A_MARK = {"POST /api/v1/marks/{mark}/{verb}"}
NEEDS_A_RELEASE = {"POST /api/v1/releases", "POST /api/v1/rollout", "POST /api/v1/rollout/{verb}"}
NEEDS_A_HALL_FILE = {"POST /api/v1/hall/config", "POST /api/v1/hall/revert"}
PATH = {"{window}": "1", "{verb}": "next", "{name}": "sun", "{label}": "k", "{device}": "pad-1"}


def counted(hall: WebHall) -> tuple[int, int]:
    """(commands that wrote events, lines of the audit)."""
    execute = hall.accounts._database.conn.execute
    (commands,) = execute("select count(distinct command_id) from log where command_id not like 'day:%'").fetchone()
    return commands, execute("select count(*) from deeds").fetchone()[0]


def test_every_route_that_changes_something_is_tried():
    unsafe = {route for route in ROUTES if route.split(" ")[0] not in SAFE}
    elsewhere = NEEDS_A_HALL_FILE | NEEDS_A_DEVICE_AT_WORK | NEEDS_A_RELEASE | NEEDS_A_MARK | NEEDS_A_PRINTER
    assert unsafe == EXAMPLES.keys() | WITHOUT_A_LOGIN | elsewhere


@pytest.mark.parametrize("route", EXAMPLES)
async def test_what_is_changed_is_written_down_once(hall: WebHall, route: str):
    prepare, body = EXAMPLES[route]
    admin = await hall.logged_in("admin")
    found = await prepare(admin) or {}
    if route.endswith("check-in"):
        hall.clock.advance(3 * 3_600_000 - 15 * 60_000)  # 08:58
        admin = await hall.logged_in("admin")
        body = {"code": found["code"]}
    if route.endswith("{verb}"):
        body = {"seen": found["seen"]}
    method, path = route.split(" ")
    for hole, value in {**PATH, **{f"{{{name}}}": str(value) for name, value in (found or {}).items()}}.items():
        path = path.replace(hole, value)
    before = counted(hall)
    answer = await admin.request(method, path, json=body)
    assert answer.status_code < 300, answer.text
    after = counted(hall)
    assert after[0] - before[0] + after[1] - before[1] == 1, (before, after)


async def test_a_hall_file_is_in_the_log_and_in_the_audit(hall: WebHall):
    admin = await hall.logged_in("admin")
    before = counted(hall)
    given = (Path(__file__).parents[3] / "hub" / "halls" / "songshan-lake.toml").read_text("utf-8")
    answer = await admin.post(f"{API}/hall/config", json={"source": given + "\n# once more\n"})
    assert answer.status_code == 200, answer.text
    after = counted(hall)
    assert (after[0] - before[0], after[1] - before[1]) == (1, 1)


async def test_the_audit_says_what_was_and_what_is(hall: WebHall):
    admin = await hall.logged_in("admin")
    await with_a_user(admin)
    await post(admin, "users", name="sun", role="manager", password="long enough", display="Sun")
    await admin.delete(f"{API}/users/sun")
    lines = (await admin.get(f"{API}/audit?limit=3")).json()
    told = [(line["action"], *(json.loads(line[side] or "{}") for side in ("before", "after"))) for line in lines]
    assert told == [
        ("user deleted", {"role": "manager", "display": "Sun"}, {}),
        (
            "user changed",
            {"role": "clerk", "display": "sun"},
            {"role": "manager", "display": "Sun", "password": "changed"},
        ),
        ("user added", {}, {"role": "clerk", "display": "sun", "password": "changed"}),
    ]
    older = (await admin.get(f"{API}/audit?before={lines[-1]['id']}")).json()
    assert older[0]["action"] == "login"


async def test_the_audit_is_a_chain(hall: WebHall):
    admin = await hall.logged_in("admin")
    await with_a_key(admin)
    file = hall.data / "hall.db"
    assert [verdict.broken for verdict in sqlite_chain.verify_file(file)] == [None, None]
    execute = hall.accounts._database.conn.execute
    execute("drop trigger deeds_no_update")
    execute("update deeds set who = 'somebody' where action = 'key added'")
    _, deeds = sqlite_chain.verify_file(file)
    assert deeds.broken is not None and "altered" in deeds.broken.words


async def test_wrong_passwords_are_in_the_audit_and_do_not_fill_it(hall: WebHall):
    for attempt in range(80):
        visitor = hall.visitor(f"10.1.0.{attempt}")
        await visitor.post(
            f"{API}/login", json={"name": "clerk" if attempt % 2 else "my password", "password": "wrong"}
        )
    execute = hall.accounts._database.conn.execute
    rows = execute("select who, address from deeds where action = 'login refused'").fetchall()
    assert len(rows) == 60
    assert rows[:2] == [("", "10.1.0.0"), ("clerk", "10.1.0.1")]


async def test_an_auditor_reads_it_and_changes_nothing(hall: WebHall):
    auditor, clerk = await hall.machine("auditor"), await hall.logged_in("clerk")
    assert (await auditor.get(f"{API}/audit")).status_code == 200
    assert (await clerk.get(f"{API}/audit")).status_code == 403
    page = (await auditor.get("/admin")).text
    assert 'id="audit"' in page and 'id="add-user"' not in page and 'id="hall-file"' not in page


async def test_each_role_sees_its_parts_of_the_page(hall: WebHall):
    parts = {"accuracy-title", "versions-title", "hall-file", "devices", "add-device", "add-user", "add-key", "audit"}
    shown = {}
    for role in ("admin", "manager", "reviewer", "auditor"):
        page = (await (await hall.machine(role)).get("/admin")).text
        shown[role] = {part for part in parts if f'="{part}"' in page}
    assert shown["admin"] == parts
    assert shown["manager"] == {"accuracy-title", "versions-title", "devices"}
    assert shown["reviewer"] == set()
    assert shown["auditor"] == {"accuracy-title", "versions-title", "audit"}
