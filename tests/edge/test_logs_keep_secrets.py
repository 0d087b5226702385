"""A whole run of the hub at its most talkative, and a look for every secret that was used in all that was written."""

from __future__ import annotations

import json
from pathlib import Path

import aiomqtt
import pytest
from edge_brokers import until
from whole_hub import WholeHub, board, whole_hub


async def use_everything(hub: WholeHub) -> None:
    """Logins right and wrong, keys drawn and deleted, boards let in, refused and thrown out, nonsense of all kinds."""
    with hub.client() as anybody:
        for password in ("Tr0ub4dor-and-3", "x\nCRITICAL root: forged"):
            hub.secrets[f"wrong {password}"] = password
            anybody.post("/api/v1/login", json={"name": "chief\nCRITICAL root: forged", "password": password})
        anybody.post("/api/v1/login", json={"name": "chief", "password": hub.secrets["password"], "more": 1})
        anybody.get("/setup", params={"token": hub.secrets["setup token"]})
    with hub.client(hub.admin) as admin:
        new = {"name": "wang", "role": "clerk", "password": "batteries not included"}
        hub.secrets["password of wang"] = new["password"]
        assert admin.post("/api/v1/users", json=new).status_code == 201
        hub.secrets["key of a board"] = admin.post("/api/v1/keys", json={"label": "b", "role": "board"}).json()["token"]
        admin.delete("/api/v1/keys/b")
        assert admin.post("/api/v1/tickets", json={"service": "a"}).status_code == 201
    with hub.client(hub.secrets["key of a board"]) as gone:
        assert gone.get("/api/v1/hall").status_code == 401
    config = hub.register("pad1", "rating_pad")
    async with board(config) as pad:
        await pad.rate(1)
        await pad.say("hello", b"\x1b[31m\n{")
        await pad.say("events", hub.secrets["key"].encode())
        await until(lambda: len(pad.acked) == 16 and hub.metrics()["jiaohao_quarantined_messages_total"] == 2, 60)
    with hub.client(hub.admin) as admin:
        admin.delete("/api/v1/devices/pad1").raise_for_status()
    with pytest.raises(aiomqtt.MqttError):
        async with aiomqtt.Client(
            config["host"],
            config["port"],
            username=config["user"],
            password=config["password"],
            identifier=config["client_id"],
        ):
            pass


async def test_nothing_that_is_written_holds_a_secret(tmp_path: Path):
    async with whole_hub(tmp_path, "--log", "json", JIAOHAO_LOG="DEBUG") as hub:
        await use_everything(hub)
        hub.ask_to_end()
        assert await hub.ended() == 0
    logins = json.loads((tmp_path / "data" / "broker" / "logins.json").read_text())
    hub.secrets["the hub's password at the broker"] = logins["password"]
    written = {"stdout": hub.said, "stderr": hub.logged}
    written |= {
        file.name: file.read_text(errors="replace") for file in (tmp_path / "data" / "broker").glob("nats*.*og")
    }
    written |= {"nats.out": (tmp_path / "data" / "broker" / "nats.out").read_text(errors="replace")}
    assert len(hub.secrets) == 11, sorted(hub.secrets)
    found = [(what, where) for what, value in hub.secrets.items() for where, text in written.items() if value in text]
    # The server names the client id of a login that it refuses, here of a device that was thrown out. Only the hub may
    # read that file, and the id alone opens nothing.
    assert [each for each in found if each != ("client id of pad1", "nats.log")] == []

    lines = [json.loads(line) for line in hub.logged.splitlines()]
    assert {"INFO", "WARNING"} <= {line["level"] for line in lines}
    assert not [line for line in lines if line["level"] == "CRITICAL"]
    assert hub.logged.replace("\n", "").isprintable()
