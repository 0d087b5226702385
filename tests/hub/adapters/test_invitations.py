"""Who left a contact and did not rate is invited once: over a gateway that refuses, stalls and repeats, over restarts,
and not any more who has rated meanwhile or whose contact was deleted. The contact lies in one table only."""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hub.adapters.invitations import Invitations, _addressed
from hub.adapters.mail import Mail, MailServer
from hub.adapters.outbox import GIVE_UP_MS, Connector, Outbox, pause_ms
from hub.adapters.sqlite_answers import SqliteAnswers
from hub.adapters.sqlite_figures import SqliteFigures
from hub.adapters.webhook import Webhook, signature
from hub.core import commands
from hub.core.retention import DAY_MS
from tests.hub.adapters.tellers import STALL, mail_server, web_server
from tests.hub.adapters.test_outbox import SECRET, hall
from tests.hub.web.test_ratings import API, rate, served
from tests.hub.web.web_hall import WebHall, web_hall
from tests.talk.hall import until

PHONE = "138 0013 8000"
DIGITS = "13800138000"
NOW_MS = 1_767_600_000_000


@dataclass
class Guest:
    """Somebody who was served in a hall, left a contact, and is due to be invited; and how invitations go out there.
    The time stands still until it is set."""

    hall: WebHall
    visit: str
    token: str
    gateway: str = ""
    connectors: dict[str, Connector] = field(default_factory=dict)
    pages: str = "https://hall.example"
    now_ms: int = NOW_MS

    @contextlib.asynccontextmanager
    async def inviting(self) -> AsyncIterator[None]:
        file = self.hall.data / "hall.db"
        link = lambda visit: f"{self.pages}/r/{self.token}" if self.pages else ""  # noqa: E731
        made = Invitations(file, self.connectors, self.gateway, link, hall, lambda: self.now_ms, poll_s=0.01)
        running = asyncio.create_task(made.run())
        yield
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    def by_web(self, url: str, timeout_s: float = 5) -> None:
        self.gateway = url
        self.connectors["webhook"] = Webhook(SECRET, timeout_s)

    def line(self, column: str):
        with sqlite3.connect(self.hall.data / "hall.db") as connection:
            found = connection.execute(f"select {column} from outbox where channel = 'invitation'").fetchall()
        assert len(found) == 1
        return found[0][0]

    async def attempts(self, count: int) -> None:
        """Waits until so many attempts were made and written down."""
        await until(lambda: self.line("attempts") == count, within_s=20)


@contextlib.asynccontextmanager
async def guest(folder: Path, contact: str = PHONE) -> AsyncIterator[Guest]:
    async with web_hall(folder) as office:
        visit, token = await served(office)
        answer = await office.visitor().post(f"{API}/tickets/{visit}/contact", json={"contact": contact})
        assert answer.status_code == 201
        office.clock.advance(DAY_MS + 1)
        await office.service.handle(commands.LookAround("a day later"))
        found = Guest(office, visit, token)
        found.now_ms = found.line("raised_ms")
        yield found


async def test_the_gateway_gets_a_signed_invitation_in_three_languages(tmp_path: Path):
    async with guest(tmp_path) as it:
        with web_server() as server:
            it.by_web(server.url)
            async with it.inviting():
                await it.attempts(1)
        (headers, body) = server.messages[0]
        told = json.loads(body)
        assert it.line("state") == "sent"
        assert headers["X-Jiaohao-Signature"] == signature(SECRET, headers["X-Jiaohao-Timestamp"], body)
        assert told["id"] == headers["X-Jiaohao-Delivery"] == it.line("delivery")
        link = f"https://hall.example/r/{it.token}"
        assert (told["contact"], told["link"], told["names"]["zh-Hans"]) == (DIGITS, link, "小厅")
        assert told["text"]["zh-Hans"] == f"小厅：您来办过事，满意吗？请评价：{link}"
        assert told["text"]["en"].endswith(link) and set(told["text"]) == {"zh-Hans", "zh-Hant", "en"}
        assert it.visit not in body.decode(), "the handle gives up the ticket"


async def test_a_gateway_that_refuses_and_stalls_gets_the_same_invitation_later(tmp_path: Path):
    async with guest(tmp_path) as it:
        with web_server(500, 302, STALL) as server:
            it.by_web(server.url, timeout_s=1)
            async with it.inviting():
                for attempt in (1, 2, 3):
                    await it.attempts(attempt)
                    assert it.line("state") == "waiting"
                    it.now_ms += pause_ms(attempt - 1)
                await it.attempts(4)
        assert it.line("state") == "sent"
        assert {headers["X-Jiaohao-Delivery"] for headers, _ in server.messages} == {it.line("delivery")}


async def test_after_a_day_it_is_given_up_and_counted_and_whom_to_call_says_so(tmp_path: Path):
    async with guest(tmp_path) as it:
        with web_server(500, 500) as server:
            it.by_web(server.url)
            async with it.inviting():
                await it.attempts(1)
                it.now_ms += GIVE_UP_MS
                await it.attempts(2)
        assert it.line("state") == "given-up"
        it.hall.clock.advance(2 * DAY_MS)
        await it.hall.service.handle(commands.LookAround("three days later"))
        (row,) = SqliteAnswers(tmp_path / "hall.db").to_call()
        assert (row["visit"], row["contact"], row["invitation"]) == (it.visit, PHONE, "given-up")


@pytest.mark.parametrize("is_refused_first", [False, True])
async def test_who_has_rated_meanwhile_is_not_invited(tmp_path: Path, is_refused_first: bool):
    async with guest(tmp_path) as it:
        with web_server(*[500] * is_refused_first) as server:
            it.by_web(server.url)
            if is_refused_first:
                async with it.inviting():
                    await it.attempts(1)
            assert (await rate(it.hall, it.token, level=5)).status_code == 201
            it.now_ms += pause_ms(0)
            async with it.inviting():
                await it.attempts(1 + is_refused_first)
        assert it.line("state") == "rated"
        assert len(server.messages) == is_refused_first


async def test_whose_contact_was_deleted_is_not_invited(tmp_path: Path):
    async with guest(tmp_path) as it:
        with sqlite3.connect(tmp_path / "hall.db") as connection:
            connection.execute("update words set name = '', contact = ''")
        with web_server() as server:
            it.by_web(server.url)
            async with it.inviting():
                await it.attempts(1)
        assert it.line("state") == "forgotten" and server.messages == []


async def test_an_address_is_written_to_by_mail(tmp_path: Path):
    async with guest(tmp_path, "wang.fang@example.invalid") as it:
        with mail_server(451) as server:
            it.connectors["email"] = Mail(MailServer("127.0.0.1", server.port, "hall@example.invalid", security="none"))
            async with it.inviting():
                await it.attempts(1)
                assert "wang.fang" not in it.line("error")
                it.now_ms += pause_ms(0)
                await it.attempts(2)
        assert it.line("state") == "sent"
        mails = [email.message_from_bytes(body, policy=email.policy.default) for _, body in server.messages]
        assert {mail["To"] for mail in mails} == {"wang.fang@example.invalid"}
        assert {mail["Message-ID"] for mail in mails} == {f"<{it.line('delivery')}@small.jiaohao.invalid>"}
        assert f"https://hall.example/r/{it.token}" in mails[-1].get_content()


@pytest.mark.parametrize(
    ("contact", "pages", "why"),
    [
        (PHONE, "https://hall.example", "there is no gateway for messages: see --invitations-webhook"),
        ("wang@example.invalid", "https://hall.example", "there is no mail server: see --mail"),
        ("微信", "https://hall.example", "the contact is neither a phone number nor an e-mail address"),
        (PHONE, "", "phones do not reach the hall's pages: see --public-url"),
    ],
)
async def test_without_a_way_nothing_is_sent_and_the_table_says_why(tmp_path: Path, contact: str, pages: str, why: str):
    async with guest(tmp_path, contact) as it:
        it.pages = pages
        async with it.inviting():
            await it.attempts(1)
        assert (it.line("state"), it.line("error")) == ("no-address", why)
        it.hall.clock.advance(2 * DAY_MS)
        await it.hall.service.handle(commands.LookAround("three days later"))
        (row,) = SqliteAnswers(tmp_path / "hall.db").to_call()
        assert row["contact"] == contact


async def test_the_contact_is_in_no_line_and_in_no_log(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """Also not when the gateway says it back, or something breaks in between."""
    caplog.set_level("DEBUG")
    async with guest(tmp_path) as it:
        with web_server(500) as server:
            it.by_web(server.url)
            async with it.inviting():
                await it.attempts(1)
                it.now_ms += GIVE_UP_MS + pause_ms(0)
                await it.attempts(2)
        with sqlite3.connect(tmp_path / "hall.db") as connection:
            for table in ("outbox", "log", "commands", "invitations", "tickets"):
                rows = repr(connection.execute(f"select * from {table}").fetchall())
                assert PHONE not in rows and DIGITS not in rows, table
            assert PHONE in repr(connection.execute("select contact from words").fetchall())
        assert PHONE not in caplog.text and DIGITS not in caplog.text


async def test_alarms_and_invitations_leave_each_other_alone(tmp_path: Path):
    """A gateway that stalls holds up no alarm, and figures of one are not of the other."""
    async with guest(tmp_path) as it:
        figures = SqliteFigures(tmp_path / "hall.db")
        alarms = Outbox(tmp_path / "hall.db", {}, dict, hall, lambda: it.now_ms, poll_s=0.01)
        running = asyncio.create_task(alarms.run())
        with web_server(STALL) as server:
            it.by_web(server.url)
            async with it.inviting():
                await until(lambda: server.messages, within_s=20)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert it.line("state") == "waiting"
        assert figures.outbox() == {"waiting": 0, "given-up": 0}
        assert figures.invitations() == {"waiting": 1, "given-up": 0} and figures.untold() == []


KILLED = """
import asyncio, sys
from pathlib import Path
from hub.adapters.invitations import Invitations
from hub.adapters.webhook import Webhook
from tests.hub.adapters.test_outbox import SECRET, hall

file, url, now_ms = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
link = "https://hall.example/r/x".format
asyncio.run(Invitations(file, {"webhook": Webhook(SECRET)}, url, link, hall, lambda: now_ms, poll_s=0.01).run())
"""


async def test_a_kill_between_sending_and_writing_it_down_loses_nothing(tmp_path: Path):
    """The gateway has it and has not answered; after the restart it gets it again, under the same name."""
    async with guest(tmp_path) as it:
        with web_server(STALL) as server:
            it.by_web(server.url)
            asked = [sys.executable, "-c", KILLED, str(tmp_path / "hall.db"), server.url, str(it.now_ms)]
            hub = subprocess.Popen(asked)
            await until(lambda: server.messages, within_s=20)
            hub.send_signal(signal.SIGKILL)
            hub.wait()
            assert it.line("state") == "waiting"
            async with it.inviting():
                await it.attempts(1)
        assert it.line("state") == "sent"
        assert [headers["X-Jiaohao-Delivery"] for headers, _ in server.messages] == [it.line("delivery")] * 2


async def test_making_the_tables_again_invites_nobody_twice(tmp_path: Path):
    async with guest(tmp_path) as it:
        with web_server() as server:
            it.by_web(server.url)
            async with it.inviting():
                await it.attempts(1)
            it.hall.store.rebuild()
            async with it.inviting():
                await asyncio.sleep(0.1)
        assert (it.line("state"), len(server.messages)) == ("sent", 1)


@pytest.mark.parametrize(
    ("left", "channel", "number_or_address"),
    [
        ("13800138000", "webhook", ""),
        ("+86 138-0013-8000", "webhook", ""),
        ("１３８００１３８０００", "webhook", ""),
        ("0769-22223333", "webhook", ""),
        (" wang@example.com ", "email", "wang@example.com"),
        ("a@example.com, b@example.com", "", None),
        ("a@example.com\nBcc: b@example.com", "", None),
        ("微信 wang", "", None),
        ("12", "", None),
    ],
)
def test_which_way_a_contact_is_reached(left: str, channel: str, number_or_address: str | None):
    found, to = _addressed(left, "https://gateway.example")
    assert found == channel
    if number_or_address is not None:
        assert to.email == number_or_address


@pytest.mark.parametrize("url", ["http://gateway.example/sms", "ftp://127.0.0.1/", "gateway.example"])
def test_numbers_go_to_a_gateway_over_tls_only(tmp_path: Path, url: str):
    with pytest.raises(ValueError, match="https://"):
        Invitations(tmp_path / "hall.db", {}, url, str, hall, lambda: 0)
