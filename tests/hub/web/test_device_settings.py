"""Settings that an admin pushes to a device, as the API takes them."""

import pytest

from hub.ports import NoAnswer
from protocol.upward import Hello
from tests.hub.web.web_hall import web_hall

API = "/api/v1"
SETTINGS = f"{API}/devices/pad-1/settings"


class Orders:
    """A device that takes settings, or raises `refuses`."""

    def __init__(self):
        self.pushed = []
        self.refuses = None
        self.diaries = {}

    async def push(self, device, rev, changes):
        if self.refuses:
            raise self.refuses
        self.pushed.append((device, rev, changes))


@pytest.fixture
async def hall(tmp_path):
    async with web_hall(tmp_path) as hall:
        hall.broker.orders = Orders()
        hall.admin = await hall.logged_in("admin")
        body = {"id": "pad-1", "role": "rating_pad", "window": "1"}
        (await hall.admin.post(f"{API}/devices", json=body)).raise_for_status()
        hall.desk = hall.app.state.web.devices
        hall.desk.seen["pad-1"].online = True
        hall.desk.seen["pad-1"].hello = Hello("rating_pad", "1", "esp32", "0.1", "core", 3, "soft", 4)
        yield hall


async def push(hall, force=False, **changes):
    return await hall.admin.post(SETTINGS, json={"set": changes, "force": force})


async def test_a_device_takes_them_under_the_next_revision_and_the_audit_says_which(hall):
    done = await push(hall, language="en", keys=4)
    assert (done.status_code, done.json()) == (200, {"rev": 5})
    assert hall.broker.orders.pushed == [("pad-1", 5, {"language": "en", "keys": 4})]
    assert hall.desk.devices["pad-1"].language == "en"
    line = (await hall.admin.get(f"{API}/audit?limit=1")).json()[0]
    assert (line["action"], line["subject"]) == ("device settings", "pad-1")
    assert (line["before"], line["after"]) == ('{"window": "1"}', '{"language": "en", "keys": "4"}')


async def test_the_password_of_a_network_is_nowhere_but_at_the_device(hall):
    (await push(hall, wifi={"ssid": "hall", "password": "HUNTER2"})).raise_for_status()
    assert hall.broker.orders.pushed[0][2]["wifi"]["password"] == "HUNTER2"
    assert "HUNTER2" not in (await hall.admin.get(f"{API}/audit?limit=5")).text
    assert "HUNTER2" not in (await hall.admin.get(f"{API}/devices")).text


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"volume": 3}, "volume"),
        ({"password": "x"}, "password"),
        ({"zone": "east"}, "zone"),
        ({"window": "9"}, "window"),
    ],
)
async def test_what_such_a_device_has_not_is_refused_by_name(hall, changes, where):
    refused = await push(hall, **changes)
    assert (refused.status_code, refused.json()["detail"]["where"]) == (422, where)
    assert hall.broker.orders.pushed == []


async def test_what_the_device_refuses_changes_nothing_here_either(hall):
    hall.broker.orders.refuses = NoAnswer("pad-1: keys: must be 2 to 5")
    refused = await push(hall, window="2", language="en")
    assert refused.status_code == 504 and "must be 2 to 5" in refused.json()["message"]["en"]
    assert (hall.desk.devices["pad-1"].window, hall.desk.devices["pad-1"].language) == ("1", "zh-Hans")


async def test_a_device_moves_with_its_rights(hall):
    (await push(hall, window="2")).raise_for_status()
    assert hall.broker.rights == {"pad-1": "2"} and hall.desk.devices["pad-1"].window == "2"
    assert hall.desk.seen["pad-1"].online, "it is the same device"


async def test_nobody_at_the_window_is_interrupted_unless_it_must_be(hall):
    clerk = await hall.logged_in("clerk")
    await clerk.post(f"{API}/windows/1/sign-in", json={})
    seen = (await hall.admin.get(f"{API}/hall")).json()["windows"][0]["state"]["version"]
    (await hall.admin.post(f"{API}/tickets", json={"service": "a"})).raise_for_status()
    (await clerk.post(f"{API}/windows/1/next", json={"seen": seen})).raise_for_status()
    refused = await push(hall, keys=4)
    assert (refused.status_code, refused.json()["code"]) == (409, "device-busy")
    (await push(hall, force=True, keys=4)).raise_for_status()


async def test_a_broker_that_cannot_be_told_leaves_all_as_it_was(hall):
    hall.broker.fail_with = "gone"
    assert (await push(hall, window="2")).status_code == 503
    assert hall.desk.devices["pad-1"].window == "1" and hall.broker.orders.pushed == []


async def test_a_device_that_is_away_is_not_told_later(hall):
    hall.desk.seen["pad-1"].online = False
    assert (await push(hall, keys=4)).json()["code"] == "device-away"
    assert (await hall.admin.post(f"{API}/devices/nobody/settings", json={"set": {"keys": 4}})).status_code == 404


async def test_a_clerk_pushes_nothing(hall):
    clerk = await hall.logged_in("clerk")
    assert (await clerk.post(SETTINGS, json={"set": {"keys": 4}})).status_code == 403
