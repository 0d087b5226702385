"""A whole hub tells of an alarm by webhook and mail; it was raised before the hub was killed, and is told after."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from hub.adapters.mail import MailServer
from hub.adapters.sqlite_store import SqliteStore
from hub.adapters.webhook import signature
from hub.bootstrap import Settings, open_hub
from hub.cli.serve import hub
from hub.core import events
from hub.ports import Commit, Entry, Outcome
from tests.hub.adapters.tellers import mail_server, web_server
from tests.talk.hall import until
from tools.ports import free_port

HALL = Path(__file__).parents[2] / "hub" / "halls" / "songshan-lake.toml"
MAIL_LINE = 'email = "lead@songshan-lake.example"\n'


def raise_alarm(data: Path) -> None:
    data.mkdir()
    store = SqliteStore(data / "hall.db")
    raised = events.AlarmRaised("long-wait company", "long-wait", "company", 0, "lead", {"minutes": 41, "waiting": 8})
    at_ms = 1_767_600_000_000
    store.append([Commit("", at_ms, Outcome(1, 1), (Entry(1, at_ms, "", raised),))])
    store.close()


async def test_the_hub_tells_what_it_could_not_tell_before(tmp_path: Path):
    data, file = tmp_path / "data", tmp_path / "hall.toml"
    raise_alarm(data)
    with web_server() as web, mail_server() as mail:
        file.write_text(HALL.read_text("utf-8").replace(MAIL_LINE, f'{MAIL_LINE}webhook = "{web.url}"\n'), "utf-8")
        server = MailServer("127.0.0.1", mail.port, "hall@songshan-lake.example", security="none")
        addresses = (("127.0.0.1", free_port()), ("127.0.0.1", free_port()))
        async with open_hub(Settings(file, data, *addresses, mail=server)):
            await until(lambda: web.messages and mail.messages, within_s=20)
    headers, body = web.messages[0]
    secret = (data / "webhook-secret").read_text().strip().encode()
    assert headers["X-Jiaohao-Signature"] == signature(secret, headers["X-Jiaohao-Timestamp"], body)
    assert json.loads(body)["title"]["en"].endswith(": Long wait")
    assert b"lead@songshan-lake.example" in mail.messages[0][1]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--mail", "127.0.0.1:25"], "--mail-from"),
        (
            ["--mail", "mail.example:25", "--mail-from", "a@b", "--mail-user", "a", "--mail-security", "none"],
            "encrypted",
        ),
        (["--mail", "127.0.0.1:25", "--mail-from", "a@b", "--mail-password-file", "/nowhere"], "/nowhere"),
    ],
)
def test_a_mail_server_that_cannot_be_used_is_refused_at_the_start(tmp_path: Path, options: list[str], reason: str):
    said = CliRunner().invoke(hub, ["--hall", "songshan-lake", "--data", str(tmp_path / "data"), *options])
    assert said.exit_code == 2
    assert reason in said.output
