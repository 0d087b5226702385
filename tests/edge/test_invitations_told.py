"""A whole hub invites by message who left a contact before it was killed; the link is the one to its rating."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from hub.adapters.day_keys import DayKeys
from hub.adapters.secret_file import keep_secret
from hub.adapters.sqlite_store import SqliteStore
from hub.adapters.webhook import signature
from hub.bootstrap import Settings, open_hub
from hub.core import events
from hub.core.ratings import Words
from hub.ports import Commit, Entry, Outcome
from hub.starting import StartError
from hub.web.handles import Handles
from tests.hub.adapters.tellers import web_server
from tests.talk.hall import until
from tools.ports import free_port

HALL = Path(__file__).parents[2] / "hub" / "halls" / "songshan-lake.toml"
VISIT = "AAECAwQFBgcICQoLDA0ODw"
AT_MS = int(time.time() * 1000)  # a contact of long ago would be deleted at the start


def leave_contact(data: Path) -> None:
    data.mkdir()
    store = SqliteStore(data / "hall.db")
    said = ((events.ContactLeft(VISIT), Words(contact="13800138000")), (events.RatingInvited(VISIT), Words()))
    for seq, (event, words) in enumerate(said, 1):
        store.append([Commit("", AT_MS, Outcome(seq, seq), (Entry(seq, AT_MS, "", event),), words)])
    store.close()


def settings(data: Path, gateway: str, public_url: str) -> Settings:
    where = (("127.0.0.1", free_port()), ("127.0.0.1", free_port()))
    return Settings(HALL, data, *where, public_url=public_url, invitations=gateway)


async def test_the_hub_invites_whom_it_could_not_invite_before(tmp_path: Path):
    data = tmp_path / "data"
    leave_contact(data)
    with web_server() as gateway:
        async with open_hub(settings(data, gateway.url, "https://hall.example")):
            await until(lambda: gateway.messages, within_s=20)
    headers, body = gateway.messages[0]
    told = json.loads(body)
    secret = (data / "invitations-secret").read_text().strip().encode()
    assert headers["X-Jiaohao-Signature"] == signature(secret, headers["X-Jiaohao-Timestamp"], body)
    assert (told["contact"], told["id"]) == ("13800138000", f"2-{AT_MS}")
    handles = Handles(keep_secret(data / "secret"), DayKeys(data / "day-keys"))
    assert handles.rated_visit(told["link"].removeprefix("https://hall.example/r/")) == VISIT
    assert VISIT not in body.decode(), "the handle gives up the ticket"


@pytest.mark.parametrize(
    ("gateway", "pages", "reason"),
    [
        ("https://gateway.example/sms", "", "--public-url"),
        ("http://gateway.example/sms", "https://hall.example", "https://"),
    ],
)
async def test_a_gateway_that_cannot_be_used_is_refused_at_the_start(
    tmp_path: Path, gateway: str, pages: str, reason: str
):
    with pytest.raises(StartError, match=reason):
        async with open_hub(settings(tmp_path / "data", gateway, pages)):
            pass
