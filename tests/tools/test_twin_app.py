"""The twin's routes: what they tell, what they do, and whom they refuse."""

import asyncio
import json
from itertools import repeat

import httpx
import pytest

from protocol.downward import LANGUAGES
from tests.hub.halls import small_hall
from tests.tools.test_robot import ORDINARY
from tools.demo.opening import draw_people
from tools.demo.plan import Seat
from tools.demo.robot import Robot
from tools.demo.stage import ROLES, Desk, Stage, VirtualDevice
from tools.twin import views
from tools.twin.app import BODY_BYTES, PAGES, Twin
from tools.twin.feed import Feed

OURS = "127.0.0.1:8123"
PEOPLE = draw_people({"1": Seat("", ("a", "b"))})


class FakeChild:
    """A device's process that only remembers what was written to it."""

    def __init__(self):
        self.pid = 1
        self.written = []

    def write(self, line):
        self.written.append(json.loads(line))
        return True

    def pull(self):
        self.pid = None

    def plug(self):
        self.pid = 1


@pytest.fixture
def stage(tmp_path):
    devices = {role: VirtualDevice(f"{role.replace('_', '-')}-1", role, "1", tmp_path) for role in ROLES}
    desk = Desk("1", PEOPLE.clerks["1"], Robot(repeat(ORDINARY), 1), devices)
    made = Stage(small_hall(), {"1": desk})
    for device in made.devices.values():
        device.child = FakeChild()
        made.changed(device)
    made.set_phase("open")
    return made


@pytest.fixture
def twin(stage):
    async def draw(service):
        return f"{service}-1"

    scene = views.scene(stage, PEOPLE, {"board": "http://127.0.0.1:1/board"}, 1.0, "cpython")
    return Twin(stage, scene, draw, [OURS])


def ask(twin, method, path, body=None, *, host=OURS, origin=f"http://{OURS}"):
    async def asked():
        headers = {"Host": host, **({"Origin": origin} if origin else {})}
        transport = httpx.ASGITransport(app=twin.app)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{OURS}") as http:
            return await http.request(method, path, json=body, headers=headers)

    return asyncio.run(asked())


def test_the_page_and_its_parts_are_there(twin):
    for path in ("/", "/static/twin.js", "/static/twin.css", "/static/icon.svg", "/api/scene"):
        answer = ask(twin, "GET", path, origin=None)
        assert answer.status_code == 200
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "unsafe-inline" not in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"


def test_a_key_is_pressed(twin, stage):
    answer = ask(twin, "POST", "/api/press", {"device": "call-pad-1", "key": 0})
    assert answer.status_code == 204
    assert stage.devices["call-pad-1"].child.written == [{"key": 0}]


@pytest.mark.parametrize("body", [{"device": "call-pad-1", "key": 5}, {"device": "window-display-1", "key": 0}])
def test_a_key_that_is_not_there_is_not_pressed(twin, body):
    assert ask(twin, "POST", "/api/press", body).status_code == 409


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/press", {"device": "nobody", "key": 0}, 404),
        ("/api/press", {"device": "call-pad-1", "key": "0"}, 422),
        ("/api/press", {"device": "call-pad-1"}, 422),
        ("/api/plug", {"device": "nobody", "plugged": True}, 404),
        ("/api/robot", {"window": "nowhere", "on": True}, 404),
        ("/api/ticket", {"service": 3}, 422),
    ],
)
def test_what_makes_no_sense_is_refused(twin, path, body, status):
    assert ask(twin, "POST", path, body).status_code == status


@pytest.mark.parametrize("path", ["/", "/api/scene", "/api/live", "/static/twin.js"])
def test_a_name_that_was_rebound_to_this_machine_sees_nothing(twin, path):
    answer = ask(twin, "GET", path, host="evil.example:8123")
    assert answer.status_code == 403 and "password" not in answer.text


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://127.0.0.1:9999", f"https://{OURS}"])
def test_another_sites_page_presses_nothing(twin, stage, origin):
    answer = ask(twin, "POST", "/api/press", {"device": "call-pad-1", "key": 0}, origin=origin)
    assert answer.status_code == 403
    assert stage.devices["call-pad-1"].child.written == []


def test_a_body_has_a_limit(twin):
    assert ask(twin, "POST", "/api/press", {"device": "x" * BODY_BYTES, "key": 0}).status_code == 403


def test_a_plug_is_pulled_and_put_in_again(twin, stage):
    device = stage.devices["rating-pad-1"]
    assert ask(twin, "POST", "/api/plug", {"device": device.id, "plugged": False}).status_code == 204
    assert (device.face.plugged, device.child.pid) == (False, None)
    stage.changed(device)
    assert ask(twin, "POST", "/api/press", {"device": device.id, "key": 0}).status_code == 409
    ask(twin, "POST", "/api/plug", {"device": device.id, "plugged": True})
    assert (device.face.plugged, device.child.pid) == (True, 1)


def test_the_robot_can_be_sent_away(twin, stage):
    assert ask(twin, "POST", "/api/robot", {"window": "1", "on": False}).status_code == 204
    assert not stage.desks["1"].robot_on


def test_a_ticket_is_drawn(twin):
    assert ask(twin, "POST", "/api/ticket", {"service": "person"}).json() == {"number": "person-1"}


@pytest.mark.parametrize("phase", ["starting", "draining", "over"])
def test_nothing_is_done_while_the_hall_is_not_open(twin, stage, phase):
    stage.set_phase(phase)
    for path, body in (
        ("press", {"device": "call-pad-1", "key": 0}),
        ("plug", {"device": "call-pad-1", "plugged": False}),
        ("ticket", {"service": "person"}),
    ):
        assert ask(twin, "POST", f"/api/{path}", body).status_code == 409


def test_every_text_is_there_in_every_language():
    for key, text in views.texts().items():
        assert sorted(text) == sorted(LANGUAGES), key


async def test_a_page_is_told_everything_first_and_then_what_changed(stage):
    feed = Feed(stage)
    lines = feed.lines()
    first = await anext(lines)
    assert first.count("event: device") == 3 and "event: hall" in first and "event: window" in first
    for _ in range(1000):
        stage.tell("device", "call-pad-1")
    again = await anext(lines)
    assert again.count("event:") == 1 and '"id": "call-pad-1"' in again
    feed.close()
    assert [line async for line in lines] == []


async def test_a_page_that_went_away_is_forgotten(stage):
    feed = Feed(stage)
    lines = feed.lines()
    await anext(lines)
    await lines.aclose()
    assert stage.watchers == []


async def test_there_is_room_for_so_many_pages(twin):
    answers = [await twin.live() for _ in range(PAGES)]
    with pytest.raises(Exception, match="503"):
        await twin.live()
    assert len(answers) == PAGES
