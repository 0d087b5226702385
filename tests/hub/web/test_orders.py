"""What an admin asks of a device, as the API tells it."""

from base64 import b64encode

import pytest

from hub.ports import Diary, Glass, NoAnswer
from protocol.upkeep import Answer
from tests.hub.web.web_hall import web_hall

API = "/api/v1"

COMMANDS = f"{API}/devices/pad-1/commands"


class Orders:
    """Answers as `answer`, or raises it."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []
        self.diaries = {}

    async def ask(self, device, verb, seconds=0):
        self.asked.append((device, verb, seconds))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
async def hall(tmp_path):
    async with web_hall(tmp_path) as hall:
        hall.broker.orders = Orders(
            (Answer("c1", "", {"heap": 5, "note": "call 13800138000"}), Glass(8, 2, bytearray(b"ab")))
        )
        admin = await hall.logged_in("admin")
        body = {"id": "pad-1", "role": "rating_pad", "window": "1"}
        (await admin.post(f"{API}/devices", json=body)).raise_for_status()
        hall.app.state.web.devices.seen["pad-1"].online = True
        yield hall


async def test_a_device_does_it_and_the_audit_says_who_asked(hall):
    admin = await hall.logged_in("admin")
    answer = (await admin.post(COMMANDS, json={"verb": "self-test"})).json()
    assert answer == {"facts": {"heap": 5, "note": "call 13…00"}, "glass": None}
    (await admin.post(COMMANDS, json={"verb": "identify", "s": 30})).raise_for_status()
    assert hall.broker.orders.asked == [("pad-1", "self-test", 10), ("pad-1", "identify", 30)]
    line = (await admin.get(f"{API}/audit?limit=1")).json()[0]
    assert (line["action"], line["subject"]) == ("device asked: identify", "pad-1")


async def test_its_glass_comes_as_bits(hall):
    admin = await hall.logged_in("admin")
    glass = (await admin.post(COMMANDS, json={"verb": "frame"})).json()["glass"]
    assert glass == {"width": 8, "height": 2, "rows": b64encode(b"ab").decode()}


@pytest.mark.parametrize(
    "path, body, status",
    [
        ("nobody", {"verb": "reboot"}, 404),
        ("pad-1", {"verb": "explode"}, 422),
        ("pad-1", {"verb": "logs", "s": 601}, 422),
        ("pad-1", {"verb": "logs", "s": 0}, 422),
    ],
)
async def test_what_cannot_be_asked_is_told(hall, path, body, status):
    admin = await hall.logged_in("admin")
    assert (await admin.post(f"{API}/devices/{path}/commands", json=body)).status_code == status
    assert hall.broker.orders.asked == []


async def test_a_device_that_is_away_or_silent_is_told(hall):
    admin = await hall.logged_in("admin")
    hall.broker.orders.answer = NoAnswer("pad-1 has not answered for 8 s")
    answer = await admin.post(COMMANDS, json={"verb": "reboot"})
    assert (answer.status_code, answer.json()["code"]) == (504, "no-answer")
    assert "has not answered for 8 s" in answer.json()["message"]["en"]
    hall.app.state.web.devices.seen["pad-1"].online = False
    answer = await admin.post(COMMANDS, json={"verb": "reboot"})
    assert (answer.status_code, answer.json()["code"]) == (409, "device-away")


async def test_its_log_is_read_line_by_line(hall):
    admin = await hall.logged_in("admin")
    path = f"{API}/devices/pad-1/log"
    assert (await admin.get(path)).json() == {"lines": [], "crash": []}
    diary = hall.broker.orders.diaries["pad-1"] = Diary()
    diary.lines += [(1, "one"), (2, "two")]
    diary.crash = ["ValueError: x"]
    assert (await admin.get(f"{path}?after=1")).json() == {
        "lines": [{"number": 2, "text": "two"}],
        "crash": ["ValueError: x"],
    }
    assert (await admin.get(f"{API}/devices/nobody/log")).status_code == 404
