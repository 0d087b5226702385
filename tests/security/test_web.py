"""Whoever should not, cannot: the pages and the API, attacked the way such systems are."""

from __future__ import annotations

import ast
import asyncio
import json
import logging
import re
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from hub.adapters.log_lines import FORMS, JsonLines, TextLines
from hub.core.tickets import CALLED, WAITING
from hub.permissions import APPLICANT, ROUTES, may
from hub.web import live, passwords
from hub.web.access import SAFE
from hub.web.app import end_streams
from hub.web.handles import Handles
from hub.web.problems import Problem
from tests.hub.web.full_hall import full_hall
from tests.hub.web.test_audit import EXAMPLES, PATH, counted
from tests.hub.web.web_hall import HOST, PASSWORD, WebHall, web_hall

ROOT = Path(__file__).parents[2]
API = "/api/v1"
UNSAFE = [route for route in ROUTES if route.split(" ")[0] not in SAFE]


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[WebHall]:
    async with web_hall(tmp_path, rules=full_hall()) as made:
        yield made


def path_of(route: str) -> tuple[str, str]:
    """Method and path with what there is in the place of names."""
    method, path = route.split(" ")
    for hole, value in {**PATH, "{visit}": "A001", "{booking}": "x", "{version}": "1"}.items():
        path = path.replace(hole, value)
    return method, path.replace("/static", "/static/css/base.css")


# -- 01


async def test_01_default_passwords(tmp_path: Path):
    """A fresh hub lets nobody in, whatever the usual passwords are; and no secret is in what we ship."""
    async with web_hall(tmp_path, has_users=False) as fresh:
        for name in ("admin", "root", "jiaohao"):
            for password in ("admin", "password", name):
                answer = await fresh.visitor(f"10.9.{len(name)}.{len(password)}").post(
                    f"{API}/login", json={"name": name, "password": password}
                )
                assert answer.status_code in (401, 422, 429), (name, password)
        assert fresh.accounts.users() == [] and fresh.accounts.tokens() == []


async def test_01_default_passwords_of_devices_are_drawn_for_each(hall: WebHall):
    admin = await hall.logged_in("admin")
    board = {"role": "rating_pad", "window": "1"}
    told = [(await admin.post(f"{API}/devices", json={"id": f"pad-{n}", **board})).json() for n in range(50)]
    again = (await admin.post(f"{API}/devices", json={"id": "pad-0", **board})).json()
    drawn = [config[key] for config in (*told, again) for key in ("password", "client_id")]
    assert len(set(drawn)) == len(drawn), "two devices share a secret"
    assert all(len(config["password"]) >= 32 for config in told), "24 random bytes"
    assert not any(config["device"] in config["password"] for config in told)


def test_01_default_passwords_are_nowhere_in_what_is_shipped():
    word = re.compile(r"""(password|secret|token)["']?\s*[:=]\s*["'][A-Za-z0-9+/_-]{6,}["']""", re.IGNORECASE)
    found = [
        f"{file.relative_to(ROOT)}: {line.strip()}"
        for folder in ("hub", "firmware", "protocol", "tools")
        for file in (ROOT / folder).rglob("*.py")
        for line in file.read_text("utf-8").splitlines()
        if word.search(line)
    ]
    assert found == ['hub/web/accounts.py: after={**_about(user), "password": "changed"},']


# -- 03


@pytest.mark.parametrize("mode", [{}, {"secure": True}, {"open_board": True}, {"proxy": "10.0.0.9"}])
async def test_03_routes_without_login(tmp_path: Path, mode: dict):
    """However the hub is deployed: who has no login gets what the table gives to an applicant, and nothing else."""
    async with web_hall(tmp_path, rules=full_hall(), **mode) as hall:
        end_streams(hall.app)
        visitor = hall.visitor("10.0.0.9" if "proxy" in mode else "10.0.0.1", **proxied(mode))
        for route in ROUTES:
            method, path = path_of(route)
            body = {"json": {"nothing": 1}} if method == "POST" else {}
            answer = await visitor.request(method, path, **body)
            allowed = may(APPLICANT, route) or ("open_board" in mode and may("passer-by", route))
            refused = answer.status_code in (401, 403) or answer.headers.get("location", "").startswith("/login?")
            assert refused != allowed, (route, answer.status_code)


def proxied(mode: dict) -> dict[str, str]:
    """What the visitor's browser, or the proxy, says besides."""
    if "secure" in mode:
        return {"Origin": HOST.replace("http:", "https:")}
    return {"X-Forwarded-For": "10.0.0.1", "X-Forwarded-Proto": "https"} if "proxy" in mode else {}


@pytest.mark.parametrize(
    "path",
    ["/docs", "/redoc", "/openapi.json", "/debug", "/api", "/static/", "/static/../app.py", "/.git/config", "/env"],
)
async def test_03_routes_without_login_that_nobody_meant_are_not_there(hall: WebHall, path: str):
    assert (await hall.visitor().get(path)).status_code == 404


# -- 06


async def test_06_stream_without_login(hall: WebHall, monkeypatch):
    """A live page opens for who may see it, from our own page; and ends with the login, within a minute."""
    assert live.CHECK_S + live.BEAT_S + live.PACE_S <= 60, "a quiet page is looked at after its sign of life"
    assert (await hall.visitor().get(f"{API}/live")).status_code == 401
    assert (await (await hall.machine("kiosk")).get(f"{API}/live")).status_code == 403
    clerk = await hall.logged_in("clerk")
    async with asyncio.timeout(10):  # let in, it would never end
        foreign = await clerk.get(f"{API}/live", headers={"Origin": "http://evil.test"})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "wrong-origin")
    monkeypatch.setattr(live, "CHECK_S", 0)
    monkeypatch.setattr(live, "BEAT_S", 0.01)
    reading = asyncio.create_task(clerk.get(f"{API}/live"))
    await asyncio.sleep(0.2)
    assert not reading.done()
    admin = await hall.logged_in("admin")
    await admin.post(f"{API}/users", json={"name": "clerk", "role": "clerk", "password": "another one"})
    await asyncio.wait_for(reading, 10)


# -- 07


async def test_07_somebody_elses_window(hall: WebHall):
    """A clerk presses at her own window only, and cannot touch who is called or served at another one."""
    admin, liar, owner = await hall.logged_in("admin"), await hall.logged_in("wang"), await hall.logged_in("clerk")
    await admin.post(f"{API}/tickets", json={"service": "a", "party": 2})
    assert (await owner.post(f"{API}/windows/1/sign-in", json={})).status_code == 200
    seen = hall.service.state.version("1")
    called = await owner.post(f"{API}/windows/1/next", json={"seen": seen})
    assert called.status_code == 200
    seen = hall.service.state.version("1")
    before = counted(hall)[0]
    bodies = {"sign-in": {}, "sign-out": {}, "pause": {"reason": "meal"}, "resume": {}, "automatic": {"on": True}}
    verbs = ("next", "recall", "start", "finish", "missed", "hold", "take-back-call", "pick", "transfer")
    more = {"pick": {"visit": "A001", "reason": "x"}, "transfer": {"service": "b"}}
    bodies |= {verb: {"seen": seen, **more.get(verb, {})} for verb in verbs}
    for verb, body in bodies.items():
        answer = await liar.post(f"{API}/windows/1/{verb}", json=body)
        assert answer.status_code in (403, 409), (verb, answer.text)
    actions = {
        "cancel": {},
        "return": {},
        "postpone": {"minutes": 5},
        "move": {"service": "b"},
        "split": {"parties": [1]},
    }
    actions |= {"add-service": {"service": "b"}, "case": {"case": "2023-17"}}
    for action, body in actions.items():
        answer = await liar.post(f"{API}/tickets/A001/{action}", json=body)
        assert answer.status_code in (403, 409), (action, answer.text)
    assert counted(hall)[0] == before
    (ticket,) = hall.service.state.tickets.values()
    assert (ticket.state, ticket.window) == (CALLED, "1")
    manager = await hall.machine("manager")
    assert (await manager.post(f"{API}/windows/1/recall", json={"seen": seen})).status_code == 200


# -- 08


async def test_08_guessed_ticket_link(hall: WebHall):
    """The link of a ticket cannot be guessed, nor looked for; it shows nobody's name and is over with the day."""
    kiosk, visitor = await hall.machine("kiosk"), hall.visitor()
    visit = (await kiosk.post(f"{API}/tickets", json={"service": "a"})).json()["visit"]
    shown = await visitor.get(f"{API}/tickets/{visit}")
    assert shown.status_code == 200 and shown.headers["referrer-policy"] == "no-referrer"
    assert not {"clerk", "case", "name"} & shown.json().keys()
    assert (await visitor.get(f"{API}/tickets/A001")).status_code == 404, "a number is no secret"
    statuses = [(await visitor.get(f"{API}/tickets/{secrets.token_urlsafe(16)}")).status_code for _ in range(1000)]
    assert set(statuses) == {404, 429} and statuses.count(404) < 100
    assert (await hall.visitor("10.0.0.2").get(f"{API}/tickets/{visit}")).status_code == 200, (
        "others are not locked out"
    )
    hall.clock.advance(60_001)
    assert (await visitor.get(f"{API}/tickets/{visit}")).status_code == 200
    hall.clock.moment = hall.clock.moment._replace(ms=hall.clock.moment.ms + 86_400_000, day="2023-11-16")
    await kiosk.post(f"{API}/tickets", json={"service": "a"})
    assert (await hall.visitor("10.0.0.3").get(f"{API}/tickets/{visit}")).status_code == 404


def test_08_guessed_ticket_link_has_no_pattern():
    handles = Handles(b"s" * 32, None)  # type: ignore[arg-type] - the keys of days are for bookings
    drawn = [handles.token(f"ticket:{count}") for count in range(100_000)]
    assert len(set(drawn)) == len(drawn) and {len(token) for token in drawn} == {22}
    for place in range(21):  # the last character has four bits only
        counts = [sum(token[place] == letter for token in drawn[:20_000]) for letter in "AZaz09-_"]
        assert min(counts) > 200 and max(counts) < 430, (place, counts)
    assert drawn != sorted(drawn)


# -- 11


@pytest.mark.parametrize("route", sorted(EXAMPLES))
async def test_11_forged_request(hall: WebHall, route: str):
    """What another site's page can make a browser send changes nothing."""
    browser = await hall.logged_in("admin")
    prepare, body = EXAMPLES[route]
    found = await prepare(browser) or {}
    method, path = route.split(" ")
    for hole, value in {**PATH, **{f"{{{name}}}": str(value) for name, value in found.items()}}.items():
        path = path.replace(hole, value)
    before = counted(hall)
    text = json.dumps(body)
    del browser.headers["Origin"]
    forged = [
        {"headers": {"Content-Type": "application/json"}},
        {"headers": {"Content-Type": "application/json", "Origin": "http://evil.test"}},
        {"headers": {"Content-Type": "application/json", "Origin": "null"}},
        {"headers": {"Content-Type": "text/plain", "Origin": "http://evil.test"}},
        {"headers": {"Content-Type": "application/x-www-form-urlencoded", "Origin": HOST}},
        {"headers": {"Content-Type": "text/plain", "Origin": HOST}},
    ]
    if method == "DELETE":  # a form cannot send it, and it has no body
        forged = forged[:3]
    for how in forged:
        answer = await browser.request(method, path, content=text, **how)
        assert answer.status_code in (403, 415), (how, answer.text)
    assert counted(hall) == before


# -- 12: tests/security/test_exports.py

# -- 17


async def test_17_brute_force_and_lock_out(hall: WebHall, monkeypatch):
    """Ten thousand guesses in a day: about one a minute is looked at; the owner gets in at once from elsewhere."""
    looked = 0

    async def counted_look(hashed: str | None, password: str) -> bool:
        nonlocal looked
        looked += 1
        return hashed is not None and password == PASSWORD

    monkeypatch.setattr(passwords, "is_right", counted_look)
    accounts, refused = hall.app.state.web.accounts, set()
    for guess in range(10_000):
        try:
            await accounts.log_in("clerk", f"guess {guess}", "10.6.6.6")
        except Problem as problem:
            refused.add(problem.status)
        hall.clock.advance(8_640)
    assert refused == {401, 429} and looked <= 24 * 60 + 10
    assert (
        await hall.visitor("10.0.0.7").post(f"{API}/login", json={"name": "clerk", "password": PASSWORD})
    ).is_success


# -- 18

INJECTIONS = (
    "'; drop table log; --",
    '" or 1=1 --',
    "1); delete from deeds; --",
    "$(touch /tmp/x)",
    "`id`",
    "| rm -rf /",
    "..\\..\\hall.db",
    "{{7*7}}",
    "%s%n",
    "A001' union select password from users --",
)


async def test_18_injection(hall: WebHall):
    """What looks like SQL, shell or a template is a name that nobody has, in every place that takes text."""
    admin = await hall.machine("admin")
    described = (await admin.get(f"{API}/openapi.json")).json()
    tables = hall.accounts._database.conn.execute
    rows = {name: tables(f"select count(*) from {name}").fetchone() for name in ("log", "users", "deeds")}
    for path, methods in described["paths"].items():
        for method, about in methods.items():
            if path.endswith("/live"):
                continue
            for text in INJECTIONS:
                filled = re.sub(r"\{\w+\}", quote(text, safe="").replace("\\", r"\\"), path)
                asked = {each["name"]: text for each in about.get("parameters", ()) if each["in"] == "query"}
                body = {"json": filled_in(described, about, text)} if method == "post" else {}
                answer = await admin.request(method, filled, params=asked, **body)
                assert answer.status_code < 500, (method, path, text)
                assert "49" not in answer.text or "{{7*7}}" not in text or "7*7" in answer.text
    after = {name: tables(f"select count(*) from {name}").fetchone() for name in rows}
    assert after["log"] == rows["log"], "nothing of it did anything in the hall"
    assert after["users"][0] >= rows["users"][0]


def filled_in(described: dict, about: dict, text: str) -> dict:
    """A body in which every text is `text`."""
    if "requestBody" not in about:
        return {}
    schema = about["requestBody"]["content"]["application/json"]["schema"]
    while "$ref" in schema:
        schema = described["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    schema = schema.get("anyOf", [schema])[0]
    return {name: text for name, field in schema.get("properties", {}).items() if "string" in json.dumps(field)}


def calls_in(folder: str):
    """(file, call) of every call with a dotted name."""
    for file in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield file, node


@pytest.mark.parametrize("folder", ["hub", "tools", "firmware"])
def test_18_injection_into_a_shell_is_not_possible(folder: str):
    """No shell is ever started, so a port or a file with a strange name is only a name."""
    starters = {"run", "Popen", "check_output", "check_call", "call"}
    for file, call in calls_in(folder):
        name = ast.unparse(call.func)
        assert name not in ("os.system", "os.popen", "asyncio.create_subprocess_shell"), f"{file}:{call.lineno}"
        assert not any(word.arg == "shell" for word in call.keywords), f"{file}:{call.lineno}"
        if name.startswith("subprocess.") and call.func.attr in starters:
            assert not isinstance(call.args[0], ast.Constant | ast.JoinedStr), (
                f"{file}:{call.lineno}: a text, not a list"
            )


# -- 19

NASTY = "li\nERROR hub: all is lost\r\x1b[2J\x1b]0;owned\x07\u202e\x00\x85"


@pytest.mark.parametrize("form", FORMS)
def test_19_log_injection(form: str):
    """Whatever somebody called themselves, a line of the log is one line, and does nothing to a terminal."""
    record = logging.LogRecord("hub", logging.WARNING, "x.py", 1, "wrong password for %s", (NASTY,), None)
    line = (JsonLines() if form == "json" else TextLines()).format(record)
    assert all(character.isprintable() for character in line), line
    assert "all is lost" in line, "what was said is still there, on the same line"


async def test_19_log_injection_by_names_is_refused(hall: WebHall):
    admin = await hall.logged_in("admin")
    for field in ("name", "display"):
        body = {"name": "sun", "role": "clerk", "password": "long enough", field: "li\nadmin"}
        assert (await admin.post(f"{API}/users", json=body)).status_code == 422
    assert (await admin.post(f"{API}/keys", json={"label": "k\x1b[2J", "role": "kiosk"})).status_code == 422
    lines = (await admin.get(f"{API}/audit")).json()
    assert all(str(value).isprintable() for line in lines for value in line.values())


async def test_tickets_are_still_given_after_all_this(hall: WebHall):
    """The hall itself is never in the way of anything above."""
    kiosk = await hall.machine("kiosk")
    assert (await kiosk.post(f"{API}/tickets", json={"service": "a"})).status_code == 201
    assert [ticket.state for ticket in hall.service.state.tickets.values()] == [WAITING]
    assert isinstance(kiosk, httpx.AsyncClient)
