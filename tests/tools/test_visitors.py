"""The entrance: what is asked of the hub, in which order, for each way of coming."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import pytest

from hub.adapters.clock import midnight_ms
from hub.config import read_hall
from hub.core.commands import Moment
from tests.tools.halls import source_of
from tools.demo.crowd import Arrival
from tools.demo.hub_api import HubApi, HubSaysNo
from tools.demo.visitors import Drawn, Visitors

DAY = "2026-11-20"
ZONE = ZoneInfo("Asia/Shanghai")
WITH_APPOINTMENT = Arrival(0, "person", booked=True)


class Entrance:
    """A hub that says yes to everything but `full` slots; `asked` are the paths and bodies of what it was asked."""

    def __init__(self, name="dongguan-citizens"):
        self.asked = []
        self.full = ()
        self.now = "09:15"
        self.visitors = Visitors(
            HubApi("http://127.0.0.1:1", httpx.MockTransport(self._answer)),
            read_hall(source_of(name)),
            self._moment,
            lambda day: midnight_ms(ZONE, day),
            lambda day: "workday",
        )

    def _moment(self):
        return Moment(round(datetime.fromisoformat(f"{DAY}T{self.now}").replace(tzinfo=ZONE).timestamp() * 1000), DAY)

    def _answer(self, request):
        body = json.loads(request.content)
        self.asked.append((request.url.path.removeprefix("/api/v1"), body))
        if body.get("time") in self.full:
            return httpx.Response(409, json={"code": "slot-full", "message": {"en": "full"}})
        number = len(self.asked)
        said = {"visit": f"v{number}", "number": f"A{number}", "code": f"c{number}"}
        return httpx.Response(201, json=said)

    @property
    def paths(self):
        return [path for path, _ in self.asked]


async def test_somebody_who_just_comes_draws_with_class_and_party():
    entrance = Entrance()
    assert await entrance.visitors.come(Arrival(0, "person", "priority", 2, ("police",))) == Drawn("v1", "A1")
    body = {"service": "person", "class": "priority", "party": 2, "plan": ["police"], "check": ""}
    assert entrance.asked == [("/tickets", body)]


async def test_papers_are_shown_until_none_is_missing_and_then_a_ticket_is_drawn():
    entrance = Entrance("changchun-jingkai")
    await entrance.visitors.come(Arrival(0, "instant", missing=("form",)))
    assert entrance.paths == ["/pre-checks", "/pre-checks", "/tickets"]
    assert [body.get("missing") for _, body in entrance.asked] == [["form"], [], None]
    assert entrance.asked[-1][1]["check"] == "c2"


async def test_an_appointment_is_booked_for_the_next_time_and_kept_by_its_code():
    entrance = Entrance()
    assert await entrance.visitors.come(WITH_APPOINTMENT)
    later, own, check_in = entrance.asked
    assert own[0] == later[0] == "/bookings" and own[1]["time"] == "09:30" and own[1]["day"] == DAY
    assert own[1]["id_number"] != later[1]["id_number"]
    assert check_in == ("/check-in", {"code": "c2"})


async def test_who_booked_earlier_comes_when_it_is_their_time():
    entrance = Entrance()
    await entrance.visitors.come(WITH_APPOINTMENT)
    entrance.now = "09:35"
    entrance.asked.clear()
    await entrance.visitors.come(WITH_APPOINTMENT)
    assert entrance.asked[-1] == ("/check-in", {"code": "c1"})
    assert [body["time"] for path, body in entrance.asked if path == "/bookings"] == ["10:00"]


async def test_who_cannot_book_goes_away():
    entrance = Entrance()
    entrance.full = ("09:30",)
    assert await entrance.visitors.come(WITH_APPOINTMENT) is None
    assert "/check-in" not in entrance.paths


async def test_between_two_times_nobody_checks_in():
    entrance = Entrance()
    entrance.now = "09:01"
    assert await entrance.visitors.come(WITH_APPOINTMENT) is None
    assert entrance.paths == ["/bookings"]


async def test_a_refusal_is_told_on():
    api = HubApi("http://127.0.0.1:1", httpx.MockTransport(lambda _: httpx.Response(409, json={"code": "closed"})))
    visitors = Visitors(api, read_hall(source_of("zengcheng")), lambda: Moment(0, DAY), lambda day: 0, lambda day: "")
    with pytest.raises(HubSaysNo):
        await visitors.draw("social")
