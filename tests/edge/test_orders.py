"""An admin asks a device at work: hub, broker and MicroPython are real."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from pathlib import Path

import httpx
from click.testing import CliRunner, Result

from tests.virtual import start
from tools.bench.hall import bench_hub
from tools.cli import main
from tools.demo import runtime

PATIENCE_S = 15


async def test_an_admin_sees_its_glass_reads_its_log_and_starts_it_anew(tmp_path: Path):
    async with bench_hub(tmp_path, 1) as hub:
        headers = {"Authorization": f"Bearer {hub.admin}"}
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{hub.port}/api/v1", headers=headers, timeout=20
        ) as admin:
            body = {"id": "display-1", "role": "window_display", "window": "1"}
            config = (await admin.post("/devices", json=body)).raise_for_status().json()
            folder = tmp_path / "display"
            folder.mkdir()
            (folder / "config.json").write_text(json.dumps(config))
            device = await start(folder, Path(runtime.find().environment["MICROPYPATH"].partition(":")[0]))
            try:
                await device.until(lambda: any(frame["version"][0] for frame in device.said("frame")))

                async def ask(verb: str, s: int = 1) -> httpx.Response:
                    return await admin.post("/devices/display-1/commands", json={"verb": verb, "s": s})

                async with asyncio.timeout(PATIENCE_S):
                    while (answer := await ask("frame")).status_code == 409:
                        await asyncio.sleep(0.1)
                glass = answer.raise_for_status().json()["glass"]
                shown = device.said("frame")[-1]
                assert (glass["width"], glass["height"]) == (shown["w"], shown["h"])
                assert b64decode(glass["rows"]) == b64decode(shown["frame"])
                facts = (await ask("self-test")).raise_for_status().json()["facts"]
                assert facts["glass"] == "answers" and facts["heap"] > 0 and facts["flash"] > 0
                before = len(device.said("frame"))
                (await ask("identify", 1)).raise_for_status()
                await device.until(lambda: len(device.said("frame")) >= before + 3)
                await device.until(lambda: device.said("frame")[-1]["frame"] == shown["frame"])
                (await ask("logs", 60)).raise_for_status()
                device.process.stdin.write(b"rubbish\n")
                async with asyncio.timeout(PATIENCE_S):
                    while not (told := (await admin.get("/devices/display-1/log")).json())["lines"]:
                        await asyncio.sleep(0.1)
                assert "not a command" in told["lines"][-1]["text"] and told["crash"] == []
                key = tmp_path / "key"
                key.write_text(hub.admin)

                async def fleet(*arguments: str) -> Result:
                    given = ["fleet", *arguments, "--hub", f"http://127.0.0.1:{hub.port}", "--key-file", str(key)]
                    return await asyncio.to_thread(CliRunner().invoke, main, given)

                said = await fleet("frame", "display-1", "--png", str(tmp_path / "glass.png"))
                assert said.exit_code == 0 and len(said.output.splitlines()) == 2 + glass["height"] // 2
                assert {"█", "▀", "▄"} & set(said.output) and (tmp_path / "glass.png").read_bytes()[1:4] == b"PNG"
                said = await fleet("doctor", "display-1")
                assert said.exit_code == 0, said.output
                assert "nothing is wrong with display-1" in said.output and "heap" in said.output
                reading = asyncio.create_task(fleet("logs", "display-1", "--seconds", "4"))
                await asyncio.sleep(2)
                device.process.stdin.write(b"more rubbish\n")
                assert "not a command" in (await reading).output
                said = await fleet("watch", "--seconds", "1")
                assert said.exit_code == 0 and "display-1" in said.output and "online" in said.output
                assert (await admin.post("/devices/nobody/commands", json={"verb": "frame"})).status_code == 404
                (await ask("reboot")).raise_for_status()
                assert await asyncio.wait_for(device.process.wait(), PATIENCE_S) == 0
            finally:
                if device.process.returncode is None:
                    device.process.kill()
                await device.process.wait()
            async with asyncio.timeout(PATIENCE_S):
                while (await admin.get("/devices")).json()[0]["online"]:
                    await asyncio.sleep(0.1)
            assert (await ask("frame")).status_code == 409
