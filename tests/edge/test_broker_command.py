"""`jiaohao broker`: certificates are made and renewed, a broker is looked at, a mosquitto is made safe."""

from __future__ import annotations

import asyncio
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from edge_brokers import HALL, device_login

from hub.adapters import ca
from hub.adapters.mosquitto import OutsideBroker
from hub.adapters.mqtt import open_client
from hub.cli.broker import broker
from protocol import topics
from tools.mosquitto import program
from tools.ports import free_port


def run(*arguments: object) -> Result:
    return CliRunner().invoke(broker, [str(argument) for argument in arguments])


async def checked(url: str, *arguments: object) -> Result:
    """What `check` says, once somebody listens."""
    for _ in range(200):
        said = await asyncio.to_thread(run, "check", url, *arguments)
        if "nobody listens" not in said.output:
            return said
        await asyncio.sleep(0.05)
    raise AssertionError(said.output)


def test_certificates_are_made_renewed_and_replaced(tmp_path: Path):
    made = run("init", "--data", tmp_path, "--host", "hall.example", "--host", "192.0.2.7")
    assert made.exit_code == 0, made.output
    first = ca.load(tmp_path)
    assert first.fingerprint in made.output and str(first.files.for_boards) in made.output
    assert run("init", "--data", tmp_path, "--host", "hall.example").exit_code == 2
    renewed = run("renew", "--data", tmp_path, "--host", "new.example")
    assert renewed.exit_code == 0 and first.fingerprint in renewed.output
    assert "no longer for hall.example, 192.0.2.7: boards whose config.json has" in renewed.output
    assert ca.load(tmp_path).hosts[0] == "new.example"
    replaced = run("renew", "--data", tmp_path, "--new-ca")
    assert replaced.exit_code == 0 and first.fingerprint not in replaced.output
    assert "no longer" not in replaced.output
    assert ca.load(tmp_path).hosts[0] == "new.example"
    first.files.broker.write_text("nothing")
    assert run("renew", "--data", tmp_path, "--host", "new.example").exit_code == 0, "as the refusal advises"
    assert first.files.trusted.read_text().count("BEGIN CERTIFICATE") == 2, "the one before stays trusted"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["renew"], "jiaohao broker init"),
        (["init", "--host", "no name"], "is no host name"),
        (["mosquitto-config"], "jiaohao broker init"),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path: Path, arguments: list[str], words: str):
    said = run(*arguments, "--data", tmp_path)
    assert said.exit_code == 2 and words in said.output and "Traceback" not in said.output


def test_nobody_there_is_not_safe():
    port = free_port()
    said = run("check", f"mqtt://127.0.0.1:{port}")
    assert said.exit_code == 1 and f"nobody listens at 127.0.0.1:{port}" in said.output


async def test_mosquitto_with_our_configuration_is_safe_and_serves(tmp_path: Path):
    """Made by us, run by mosquitto, looked at from outside, and used by the hub's adapter over TLS."""
    port = free_port()
    run("init", "--data", tmp_path, "--host", "hall.example")
    written = run("mosquitto-config", "--data", tmp_path, "--listen", f"127.0.0.1:{port}", "--user", "root")
    assert written.exit_code == 0, written.output
    password_file, trusted = tmp_path / "mosquitto" / "admin-password", ca.files_of(tmp_path).trusted
    assert password_file.stat().st_mode & 0o777 == 0o600
    assert password_file.read_text().strip() not in written.output
    url = f"mqtts://localhost:{port}"
    command = [program("mosquitto"), "-c", tmp_path / "mosquitto" / "mosquitto.conf"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            secrets = ["--broker-ca", trusted, "--broker-password-file", password_file]
            said = await checked(url, *secrets)
            assert said.exit_code == 0, said.output
            assert said.output.count("ok ") == 6 and "what everybody may do" in said.output
            assert (await checked(url)).exit_code == 1, "an authority that nobody told of is not trusted"
            adapter = OutsideBroker(url, "jiaohao", password_file.read_text().strip(), HALL, str(trusted))
            await adapter.start()
            login = device_login("pad-1")
            await adapter.grant(login)
            as_board = replace(adapter.hub_login, user="pad-1", password=login.password, client_id=login.client_id)
            async with open_client(as_board) as board:
                await board.publish(topics.up(HALL, "pad-1", "events"), b"here", qos=1)
        finally:
            process.terminate()


async def test_a_broker_that_is_open_is_found_out(tmp_path: Path):
    port = free_port()
    file = tmp_path / "open.conf"
    file.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    command = [program("mosquitto"), "-c", file]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            said = await checked(f"mqtt://127.0.0.1:{port}")
            assert said.exit_code == 1 and "WRONG a login without a name: is let in" in said.output
        finally:
            process.terminate()
