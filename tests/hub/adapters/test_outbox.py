"""Alarms reach people: over a web server and a mail server that refuse, stall and then accept, and over a kill."""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import json
import signal
import smtplib
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hub.adapters.mail import Mail, MailServer
from hub.adapters.outbox import GIVE_UP_MS, MOST_S, DeliveryError, Letter, Outbox, pause_ms
from hub.adapters.sqlite_figures import SqliteFigures
from hub.adapters.sqlite_store import SqliteStore
from hub.adapters.webhook import Webhook, signature, signing_secret
from hub.config import Contact
from hub.core import events
from hub.core.hall import Hall
from hub.ports import Commit, Entry, Outcome
from tests.hub.adapters.tellers import STALL, mail_server, web_server
from tests.hub.core.test_alarms import rule
from tests.hub.halls import small_hall
from tests.talk.hall import until

NOW_MS = 1_767_600_000_000
SECRET = b"a secret of the hall"


def hall() -> Hall:
    rules = tuple(rule(kind) for kind in ("wait", "service", "unstaffed", "idle", "contact", "answer"))
    return replace(small_hall(), alarms=rules)


class Office:
    """A hall's outbox; the time stands still until it is set."""

    def __init__(self, folder: Path):
        self.file = folder / "hall.db"
        self.now_ms = NOW_MS
        self.contacts: dict[str, Contact] = {}
        self.connectors = {}
        self.store = SqliteStore(self.file)
        self.seq = 0

    def raise_alarm(
        self, to: str = "zhao", rule: str = "wait", subject: str = "a", level: int = 0, minutes: int = 10
    ) -> None:
        self.write(
            events.AlarmRaised(f"{rule} {subject}", rule, subject, level, to, {"minutes": minutes, "waiting": 8})
        )

    def write(self, event: events.Event) -> None:
        self.seq += 1
        entry = Entry(self.seq, self.now_ms, "", event)
        self.store.append([Commit("", self.now_ms, Outcome(self.seq, self.seq), (entry,))])

    @contextlib.asynccontextmanager
    async def open(self):
        outbox = Outbox(self.file, self.connectors, lambda: self.contacts, hall, lambda: self.now_ms, poll_s=0.01)
        running = asyncio.create_task(outbox.run())
        yield
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    def lines(self, column: str, channel: str) -> list:
        with sqlite3.connect(self.file) as connection:
            rows = connection.execute(f"select {column} from outbox where channel = ? order by rowid", (channel,))
            return [row[0] for row in rows]

    async def attempts(self, count: int, channel: str = "webhook") -> None:
        """Waits until so many attempts were made and written down."""
        await until(lambda: self.lines("attempts", channel) == [count], within_s=20)


@pytest.fixture
def office(tmp_path: Path):
    office = Office(tmp_path)
    yield office
    office.store.close()


def by_web(office: Office, url: str, timeout_s: float = 5) -> None:
    office.contacts["zhao"] = Contact("zhao", "赵", webhook=url)
    office.connectors["webhook"] = Webhook(SECRET, timeout_s)


def by_mail(office: Office, port: int, timeout_s: float = 5) -> None:
    office.contacts["zhao"] = Contact("zhao", "赵", email="zhao@example.invalid")
    server = MailServer("127.0.0.1", port, "hall@example.invalid", security="none")
    office.connectors["email"] = Mail(server, timeout_s)


async def test_a_webhook_is_signed_and_tells_in_three_languages(office: Office):
    with web_server() as server:
        by_web(office, server.url)
        async with office.open():
            office.raise_alarm()
            await office.attempts(1)
    assert office.lines("state", "webhook") == ["sent"]
    headers, body = server.messages[0]
    assert headers["X-Jiaohao-Timestamp"] == str(NOW_MS // 1000)
    assert headers["X-Jiaohao-Signature"] == signature(SECRET, headers["X-Jiaohao-Timestamp"], body)
    told = json.loads(body)
    assert told["id"] == headers["X-Jiaohao-Delivery"] == f"1-{NOW_MS}"
    assert (told["rule"], told["subject"], told["level"], told["to"]) == ("wait", "a", 0, "zhao")
    assert told["text"]["zh-Hans"] == "a：等候已达10分钟，8人在等"
    assert told["text"]["en"] == "a: 10 minutes of waiting, 8 in line"


async def test_who_answers_a_bad_rating_is_told_which_and_of_no_person(office: Office):
    number = "A012"
    office.write(events.DayOpened("2026-01-05", "workday", NOW_MS))
    office.write(events.TicketDrawn("v1", "2026-01-05", "a", 12, number, "kiosk:k"))
    rated = ("bad-rating", "r1", "v1", 0, "1", "clerk-li", "a", 1, True)
    office.write(events.ReviewOpened("R.1", *rated, NOW_MS, NOW_MS))
    with web_server() as server:
        by_web(office, server.url)
        async with office.open():
            office.raise_alarm(rule="contact", subject="R.1", minutes=-120)
            await office.attempts(1)
    told = json.loads(server.messages[0][1])
    window = hall().windows["1"].names["en"]
    assert told["text"]["en"] == f"Bad rating R.1 · {window} · {number}: 2 h 0 min left for the first contact"
    assert told["subject"] == "R.1" and b"clerk-li" not in server.messages[0][1]


def test_a_changed_body_or_time_has_another_signature():
    assert len({signature(SECRET, "1", b"a"), signature(SECRET, "2", b"a"), signature(SECRET, "1", b"b")}) == 3


async def test_a_web_server_that_refuses_and_stalls_gets_the_same_delivery_later(office: Office):
    with web_server(500, 302, STALL) as server:
        by_web(office, server.url, timeout_s=1)
        async with office.open():
            office.raise_alarm()
            for attempt in (1, 2, 3):
                await office.attempts(attempt)
                assert office.lines("state", "webhook") == ["waiting"]
                office.now_ms += pause_ms(attempt - 1)
            await office.attempts(4)
    assert office.lines("state", "webhook") == ["sent"]
    assert {headers["X-Jiaohao-Delivery"] for headers, _ in server.messages} == {f"1-{NOW_MS}"}
    assert len({headers["X-Jiaohao-Timestamp"] for headers, _ in server.messages}) == 4


async def test_nobody_there_is_said_in_the_table_and_tried_again_after_the_pause(office: Office):
    with web_server() as server:
        pass
    by_web(office, server.url)
    async with office.open():
        office.raise_alarm()
        await office.attempts(1)
        assert "refused" in office.lines("error", "webhook")[0]
        assert office.lines("next_ms", "webhook") == [NOW_MS + 5000]


async def test_a_mail_server_that_refuses_and_stalls_gets_the_same_mail_later(office: Office):
    with mail_server(451, STALL) as server:
        by_mail(office, server.port, timeout_s=1)
        async with office.open():
            office.raise_alarm(level=1)
            for attempt in (1, 2):
                await office.attempts(attempt, "email")
                assert office.lines("state", "email") == ["waiting"]
                office.now_ms += pause_ms(attempt - 1)
            await office.attempts(3, "email")
    assert office.lines("state", "email") == ["sent"]
    mails = [email.message_from_bytes(body, policy=email.policy.default) for _, body in server.messages]
    assert {mail["Message-ID"] for mail in mails} == {f"<1-{NOW_MS}@small.jiaohao.invalid>"}
    text = mails[-1].get_content().replace("\r\n", "\n")
    assert mails[-1]["Subject"] == "小厅：wait / 小厅: wait"
    assert "a：等候已达10分钟，8人在等\n已通知1人，仍未解决" in text
    assert "a: 10 minutes of waiting, 8 in line\n1 told before you; it still lasts" in text


def test_a_mail_server_without_tls_gets_neither_password_nor_mail():
    with mail_server() as server:
        asked = Mail(MailServer("127.0.0.1", server.port, "hall@example.invalid", "hall", "secret", "starttls"))
        to = Contact("zhao", "赵", email="zhao@example.invalid")
        with pytest.raises(DeliveryError, match="STARTTLS"):
            asked.send(Letter("1-1", "small", to, {"en": "title"}, {"en": "text"}, {"raised_ms": NOW_MS}, NOW_MS))
    assert server.messages == []


def test_an_address_that_a_mail_server_refuses_is_not_repeated(monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise smtplib.SMTPRecipientsRefused({"zhao@example.invalid": (550, b"nobody <zhao@example.invalid>")})

    monkeypatch.setattr(smtplib.SMTP, "send_message", refuse)
    to = Contact("zhao", "赵", email="zhao@example.invalid")
    with mail_server() as server, pytest.raises(DeliveryError) as refused:
        asked = Mail(MailServer("127.0.0.1", server.port, "hall@example.invalid", security="none"))
        asked.send(Letter("1-1", "small", to, {"en": "x"}, {"en": "x"}, {"raised_ms": 0}, 0))
    assert "550" in str(refused.value) and "@" not in str(refused.value)


async def test_one_server_that_stalls_holds_up_nobody_else(office: Office):
    with web_server(STALL) as slow, web_server() as quick:
        by_web(office, slow.url)
        office.contacts["qian"] = Contact("qian", "钱", webhook=quick.url)
        async with office.open():
            office.raise_alarm("zhao")
            office.raise_alarm("qian")
            await until(lambda: office.lines("state", "webhook") == ["waiting", "sent"], within_s=4)


async def test_after_a_day_it_is_given_up_and_the_table_says_so(office: Office):
    with web_server(500, 500) as server:
        by_web(office, server.url)
        async with office.open():
            office.raise_alarm()
            await office.attempts(1)
            office.now_ms += GIVE_UP_MS
            await office.attempts(2)
    assert office.lines("state", "webhook") == ["given-up"]
    assert office.lines("error", "webhook") == ["answered 500"]


async def test_what_has_no_address_is_settled(office: Office):
    async with office.open():
        office.raise_alarm("nobody")
        await office.attempts(1, "webhook")
        await office.attempts(1, "email")
    assert office.lines("state", "webhook") == office.lines("state", "email") == ["no-address"]
    assert [(line["person"], line["channel"], line["state"]) for line in SqliteFigures(office.file).untold()] == [
        ("nobody", "", "no-address")
    ]


async def test_who_was_told_in_one_way_needs_no_other(office: Office):
    with web_server() as server:
        by_web(office, server.url)
        async with office.open():
            office.raise_alarm()
            await office.attempts(1, "webhook")
            await office.attempts(1, "email")
    assert office.lines("state", "email") == ["no-address"] and SqliteFigures(office.file).untold() == []


async def test_an_alarm_for_nobody_is_not_told(office: Office):
    office.raise_alarm(to="")
    assert office.lines("state", "webhook") == []


async def test_making_the_tables_again_tells_nobody_twice(office: Office):
    with web_server() as server:
        by_web(office, server.url)
        async with office.open():
            office.raise_alarm()
            await office.attempts(1)
        office.store.rebuild()
        async with office.open():
            office.raise_alarm("nobody")
            await until(lambda: office.lines("state", "webhook") == ["sent", "no-address"])
    assert len(server.messages) == 1


async def test_what_could_not_be_foreseen_is_told_later_and_stops_nothing(office: Office, caplog):
    class Broken:
        def address(self, contact: Contact) -> str:
            return contact.webhook

        def send(self, letter) -> None:
            raise ZeroDivisionError

    by_web(office, "http://127.0.0.1:9/")
    office.connectors["webhook"] = Broken()
    async with office.open():
        office.raise_alarm()
        await office.attempts(1)
        with web_server() as server:
            by_web(office, server.url)
            office.now_ms += 5000
            await office.attempts(2)
    assert office.lines("state", "webhook") == ["sent"]
    assert "unforeseen" in caplog.text


KILLED = """
import asyncio, sys
from pathlib import Path
from hub.adapters.outbox import Outbox
from hub.adapters.webhook import Webhook
from hub.config import Contact
from tests.hub.adapters.test_outbox import NOW_MS, SECRET, hall

contacts = {"zhao": Contact("zhao", "zhao", webhook=sys.argv[2])}
connectors = {"webhook": Webhook(SECRET)}
asyncio.run(Outbox(Path(sys.argv[1]), connectors, lambda: contacts, hall, lambda: NOW_MS, poll_s=0.01).run())
"""


async def test_a_kill_between_telling_and_writing_it_down_loses_nothing(office: Office):
    """The server has it and has not answered; after the restart it gets it again, under the same name."""
    with web_server(STALL) as server:
        by_web(office, server.url)
        office.raise_alarm()
        hub = subprocess.Popen([sys.executable, "-c", KILLED, str(office.file), server.url])
        await until(lambda: server.messages, within_s=20)
        hub.send_signal(signal.SIGKILL)
        hub.wait()
        assert office.lines("state", "webhook") == ["waiting"]
        async with office.open():
            await office.attempts(1)
    assert office.lines("state", "webhook") == ["sent"]
    assert [headers["X-Jiaohao-Delivery"] for headers, _ in server.messages] == [f"1-{NOW_MS}"] * 2


def test_pauses_grow_up_to_an_hour():
    pauses = [pause_ms(attempts) for attempts in range(100)]
    assert pauses[:3] == [5000, 10_000, 20_000]
    assert pauses[-1] == max(pauses) == MOST_S * 1000


def test_the_secret_is_drawn_once_and_only_its_owner_reads_it(tmp_path: Path):
    file = tmp_path / "webhook-secret"
    assert signing_secret(file) == signing_secret(file)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_webhook_goes_to_the_web_only(office: Office):
    by_web(office, "file:///etc/passwd")
    letter = Letter("1-1", "small", office.contacts["zhao"], {}, {}, {}, NOW_MS)
    with pytest.raises(DeliveryError, match="not an address of a webhook"):
        office.connectors["webhook"].send(letter)
