"""Letting boards in and throwing them out."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from hub.core import commands
from hub.core.hall import Board
from hub.web.api.devices import broker_host
from tests.hub.halls import small_hall
from tests.hub.web.web_hall import WebHall


async def register(admin: httpx.AsyncClient, **given: str) -> httpx.Response:
    return await admin.post("/api/v1/devices", json={"id": "pad-1", "role": "rating_pad", "window": "1", **given})


async def test_a_new_device_gets_its_config_once(hall: WebHall):
    admin = await hall.logged_in("admin")
    config = (await register(admin, language="en")).json()
    assert {key: config[key] for key in config if key not in ("password", "client_id")} == {
        "hall": "small",
        "device": "pad-1",
        "role": "rating_pad",
        "window": "1",
        "host": "127.0.0.1",
        "port": 1883,
        "user": "pad-1",
        "language": "en",
    }
    assert len(config["password"]) >= 32
    assert config["password"] not in (await admin.get("/api/v1/devices")).text


async def test_a_board_that_is_let_in_keeps_its_secret_as_long_as_nothing_changes(hall: WebHall):
    admin = await hall.logged_in("admin")
    board = {"board": "24:0a:c4:00:00:01", "language": "en"}
    first = (await register(admin, **board)).json()
    again = await register(admin, **board, client_id=first["client_id"])
    assert again.status_code == 201
    assert again.json() == {key: value for key, value in first.items() if key != "password"}
    assert (await admin.get("/api/v1/audit")).text.count("device registered") == 1
    for change in (
        {"role": "call_pad"},
        {"language": "zh-Hant"},
        {"board": "24:0a:c4:00:00:02"},
        {"client_id": "pad-1-0"},
    ):
        asked = {**board, "client_id": first["client_id"], **change}
        first = (await register(admin, **asked)).json()
        assert first["password"], change
        board = {key: value for key, value in asked.items() if key != "client_id"}
    await admin.delete("/api/v1/devices/pad-1")
    assert (await register(admin, **board, client_id=first["client_id"])).json()["password"]


async def test_the_list_says_which_board_a_device_is(hall: WebHall):
    admin = await hall.logged_in("admin")
    await register(admin, board="24:0a:c4:00:00:01", language="en")
    (device,) = (await admin.get("/api/v1/devices")).json()
    assert (device["board"], device["language"], device["pending"]) == ("24:0a:c4:00:00:01", "en", 0)
    assert (await register(admin, board="24-0A-C4-00-00-01")).status_code == 422


async def test_a_board_belongs_to_a_zone_and_gets_its_arrows(hall: WebHall):
    with_board = replace(small_hall(), boards={"board-1": Board("main", {"←": ("1",), "→": ("2", "3")})})
    await hall.service.handle(commands.ConfigureHall("boards", with_board))
    admin = await hall.logged_in("admin")
    board = {"id": "board-1", "role": "hall_board", "window": "", "zone": "main"}
    config = (await register(admin, **board)).json()
    assert (config["zone"], config["arrows"]) == ("main", {"←": "1", "→": "2 3"}) and "window" not in config
    (device,) = (await admin.get("/api/v1/devices")).json()
    assert (device["window"], device["zone"]) == ("", "main")
    for wrong in ({"zone": "nowhere"}, {"zone": ""}, {"window": "1"}, {"role": "call_pad"}):
        assert (await register(admin, **{**board, **wrong})).status_code == 422, wrong
    await hall.service.handle(commands.ConfigureHall("moved", replace(with_board, boards={"board-1": Board("east")})))
    assert (await register(admin, **board)).status_code == 422


def test_a_board_is_never_sent_to_everywhere():
    assert broker_host("0.0.0.0", "hall-server") == "hall-server"
    assert broker_host("::", "hall-server") == "hall-server"
    assert broker_host("10.0.0.5", "hall-server") == "10.0.0.5"


async def test_devices_are_listed_as_they_are(hall: WebHall):
    admin = await hall.logged_in("admin")
    await register(admin)
    (device,) = (await admin.get("/api/v1/devices")).json()
    assert (device["id"], device["online"], device["shown"], device["revoked"]) == ("pad-1", False, [0, 0], False)


async def test_a_revoked_device_is_out_and_stays_in_the_list(hall: WebHall):
    admin = await hall.logged_in("admin")
    await register(admin)
    assert (await admin.delete("/api/v1/devices/pad-1")).status_code == 204
    assert hall.broker.inside == set()
    assert (await admin.get("/api/v1/devices")).json()[0]["revoked"]
    assert (await admin.delete("/api/v1/devices/pad-9")).status_code == 404


@pytest.mark.parametrize("given", [{"id": "Pad 1"}, {"id": "../x"}, {"role": "toaster"}, {"window": "99"}])
async def test_what_cannot_be_a_device_is_refused(hall: WebHall, given: dict[str, str]):
    answer = await register(await hall.logged_in("admin"), **given)
    assert answer.status_code == 422
    assert hall.broker.inside == set()


async def test_a_broker_that_cannot_be_told_is_told_in_words(hall: WebHall):
    hall.broker.fail_with = "the broker at 127.0.0.1:1883 does not answer"
    answer = await register(await hall.logged_in("admin"))
    assert answer.status_code == 503
    assert "does not answer" in answer.json()["message"]["en"]
