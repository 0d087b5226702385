"""Users and keys, and the audit of what was done to them."""

from __future__ import annotations

import asyncio
from sqlite3 import IntegrityError

import httpx
import pytest

from tests.hub.web.web_hall import PASSWORD, WebHall


async def add(admin: httpx.AsyncClient, **given: str) -> httpx.Response:
    return await admin.post("/api/v1/users", json={"name": "sun", "role": "clerk", "password": PASSWORD, **given})


def deeds(hall: WebHall) -> list[tuple]:
    """The audit, without what the tests wrote to begin with."""
    return hall.accounts._database.execute(
        "select who, action, subject, address from deeds where who != 'test'"
    ).fetchall()


async def test_a_new_user_can_log_in_and_the_password_is_never_told(hall: WebHall):
    admin = await hall.logged_in("admin")
    answer = await add(admin, display="孙")
    assert answer.status_code == 201
    assert answer.json() == {"name": "sun", "role": "clerk", "display": "孙"}
    await hall.logged_in("sun")
    assert "argon2" not in (await admin.get("/api/v1/users")).text


async def test_a_new_password_ends_the_logins_of_the_old(hall: WebHall):
    admin, clerk = await hall.logged_in("admin"), await hall.logged_in("clerk")
    assert (await add(admin, name="clerk", password="another horse")).status_code == 200
    assert (await clerk.get("/api/v1/me")).status_code == 401
    await hall.logged_in("clerk", "another horse")


async def test_a_deleted_user_is_out_at_once(hall: WebHall):
    admin, clerk = await hall.logged_in("admin"), await hall.logged_in("clerk")
    assert (await admin.delete("/api/v1/users/clerk")).status_code == 204
    assert (await clerk.get("/api/v1/me")).status_code == 401


async def test_the_last_admin_cannot_go(hall: WebHall):
    admin = await hall.logged_in("admin")
    assert (await admin.delete("/api/v1/users/admin")).json()["code"] == "last-admin"
    assert (await add(admin, name="admin")).json()["code"] == "last-admin"


async def test_two_admins_who_throw_each_other_out_at_once_leave_one(hall: WebHall):
    admin = await hall.logged_in("admin")
    await add(admin, role="admin")
    sun = await hall.logged_in("sun")
    answers = await asyncio.gather(admin.delete("/api/v1/users/sun"), sun.delete("/api/v1/users/admin"))
    assert sorted(answer.status_code for answer in answers) == [204, 409]
    await add(one := admin if answers[0].is_success else sun, name="li", role="admin")
    li, name = await hall.logged_in("li"), (await one.get("/api/v1/me")).json()["name"]
    await asyncio.gather(add(one, name="li"), add(li, name=name))
    assert [user.role for user in hall.accounts.users()].count("admin") == 1


async def test_a_label_that_several_ask_for_at_once_is_one_key(hall: WebHall):
    admin = await hall.logged_in("admin")
    asked = [admin.post("/api/v1/keys", json={"label": "k", "role": "kiosk"}) for _ in range(3)]
    assert sorted(answer.status_code for answer in await asyncio.gather(*asked)) == [201, 409, 409]
    assert len(hall.accounts.tokens()) == 2, "the admin's login and one key"


async def test_who_is_deleted_while_a_request_is_still_being_sent_does_nothing_by_it(hall: WebHall):
    admin, clerk = await hall.logged_in("admin"), await hall.logged_in("clerk")
    body = b'{"service":"a"}'

    async def slow():
        yield body[:5]
        await admin.delete("/api/v1/users/clerk")
        yield body[5:]

    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    assert (await clerk.post("/api/v1/tickets", content=slow(), headers=headers)).status_code == 401
    assert hall.service.state.tickets == {}


@pytest.mark.parametrize(
    "given",
    [{"password": "1234567"}, {"role": "king"}, {"name": ""}, {"name": "a\nb"}, {"x": "y"}]
    + [{field: text} for field in ("name", "display") for text in ("13812345678", "li.min@hall.example")],
)
async def test_what_cannot_be_a_user_is_refused_with_the_place(hall: WebHall, given: dict[str, str]):
    answer = await add(await hall.logged_in("admin"), **given)
    assert answer.status_code == 422
    assert answer.json()["detail"]["where"].startswith("body.")
    assert PASSWORD not in answer.text


async def test_a_key_works_until_it_is_deleted(hall: WebHall):
    admin, kiosk = await hall.logged_in("admin"), await hall.machine("kiosk")
    hall.clock.advance(1000 * 86_400_000)
    assert (await kiosk.get("/api/v1/me")).json()["role"] == "kiosk"
    assert (await kiosk.post("/api/v1/logout", json={})).status_code == 204
    assert (await kiosk.get("/api/v1/me")).status_code == 200
    admin = await hall.logged_in("admin")
    assert (await admin.delete("/api/v1/keys/machine-kiosk")).status_code == 204
    assert (await kiosk.get("/api/v1/me")).status_code == 401


async def test_a_key_cannot_have_the_name_of_a_user_nor_a_user_that_of_a_key(hall: WebHall):
    await hall.machine("clerk")
    admin = await hall.logged_in("admin")
    assert (await admin.post("/api/v1/keys", json={"label": "clerk", "role": "clerk"})).status_code == 409
    assert (await add(admin, name="machine-clerk")).status_code == 409


async def test_whatever_an_admin_changes_is_one_line_of_the_audit(hall: WebHall):
    admin = await hall.logged_in("admin")
    await add(admin)
    await admin.post("/api/v1/keys", json={"label": "k", "role": "kiosk"})
    await admin.post("/api/v1/devices", json={"id": "pad-1", "role": "rating_pad", "window": "1"})
    await admin.delete("/api/v1/devices/pad-1")
    await admin.delete("/api/v1/keys/k")
    await admin.delete("/api/v1/users/sun")
    assert [(action, subject) for _, action, subject, _ in deeds(hall)] == [
        ("login", ""),
        ("user added", "sun"),
        ("key added", "k"),
        ("device registered", "pad-1"),
        ("device revoked", "pad-1"),
        ("key deleted", "k"),
        ("user deleted", "sun"),
    ]
    assert {(who, address) for who, _, _, address in deeds(hall)} == {
        ("admin", "10.0.0.1"),
        ("admin:admin", "10.0.0.1"),
    }


async def test_what_is_refused_is_not_in_the_audit(hall: WebHall):
    clerk = await hall.logged_in("clerk")
    await add(clerk)
    await clerk.delete("/api/v1/users/wang")
    assert [action for _, action, _, _ in deeds(hall)] == ["login"]


@pytest.mark.parametrize("change", ["update deeds set who = 'x'", "delete from deeds"])
async def test_the_audit_can_only_grow(hall: WebHall, change: str):
    await hall.logged_in("admin")
    with pytest.raises(IntegrityError, match="append-only"):
        hall.accounts._database.execute(change)
