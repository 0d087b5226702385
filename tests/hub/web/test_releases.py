"""Releases and the roll-out over the API: who may, what is taken, what is said."""

from __future__ import annotations

from base64 import b64encode

import pytest

from hub.adapters.release_file import pack
from tools.release import keys

MADE = 1_800_000_000


@pytest.fixture
def content(hall):
    """A release in base64; the hub knows its key."""
    keys.make_keys(hall.data, b"")
    private = keys.load_private(hall.data / "release.key", b"")
    about = {"made": MADE, "oldest": MADE, "version": "9", "hardware": ["esp32"], "expires": 0}
    packed = pack({"firmware/a.mpy": b"a" * 40_000}, about, lambda message: keys.sign(private, message))
    return b64encode(packed).decode()


async def test_a_release_is_added_rolled_out_paused_and_resumed(hall, content):
    admin = await hall.machine("admin")
    assert (await admin.get("/api/v1/rollout")).json()["state"] == "none"
    added = await admin.post("/api/v1/releases", json={"content": content})
    assert added.status_code == 201 and added.json()["made"] == MADE
    assert [release["made"] for release in (await admin.get("/api/v1/releases")).json()] == [MADE]
    window = next(iter(hall.service.state.windows))
    for name in ("pad-1", "pad-2"):
        body = {"id": name, "role": "rating_pad", "window": window}
        assert (await admin.post("/api/v1/devices", json=body)).status_code == 201
    begun = (await admin.post("/api/v1/rollout", json={"release": MADE})).json()
    assert begun["state"] == "running" and begun["waves"] == [1, 1] and begun["boards"]["waits"] == 2
    paused = (await admin.post("/api/v1/rollout/pause", json={})).json()
    assert (paused["state"], paused["why"]) == ("stopped", "it was paused")
    assert (await admin.post("/api/v1/rollout/resume", json={})).json()["state"] == "running"
    said = [deed["action"] for deed in (await admin.get("/api/v1/audit")).json()]
    assert {"release added", "roll-out begun", "roll-out: pause", "roll-out: resume"} <= set(said)


async def test_what_is_not_signed_by_our_key_or_is_not_there_is_refused_in_words(hall, content):
    admin = await hall.machine("admin")
    for spoiled in (content[:-400], "A" * 400, "not base64!"):
        answer = await admin.post("/api/v1/releases", json={"content": spoiled})
        assert answer.status_code == 422 and answer.json()["code"] == "release", answer.text
    answer = await admin.post("/api/v1/rollout", json={"release": MADE})
    assert answer.status_code == 422 and "cannot read" in answer.json()["message"]["en"]


async def test_only_an_admin_hands_out_releases(hall, content):
    manager = await hall.machine("manager")
    assert (await manager.get("/api/v1/rollout")).status_code == 200
    for path, body in (("releases", {"content": content}), ("rollout", {"release": MADE}), ("rollout/pause", {})):
        assert (await manager.post(f"/api/v1/{path}", json=body)).status_code == 403
