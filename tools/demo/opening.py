"""Opens the hall: the first admin, keys, clerks and devices, as an admin would do it on the hub's pages.

What was drawn for the demo (names and passwords) is kept in the data folder as demo.json, so that a folder can be used
again. Devices are registered anew each time: their broker may have moved; their flash stays.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.demo.hub_api import HubApi, HubSaysNo, read_setup_token
from tools.demo.plan import Seat
from tools.demo.stage import Desk, Login, VirtualDevice

CLERKS = ("陈静", "李伟", "王芳", "张敏", "刘洋", "黄丽", "周强", "吴婷", "徐磊", "孙悦", "胡杰", "朱琳")
"""Names of clerks; from the thirteenth window on they begin again with a number."""

REGISTER_AT_ONCE = 48
"""Devices that are registered at the same time: the broker lets all that wait in with one reload."""


@dataclass(frozen=True, slots=True)
class People:
    """Who may log in: the admin, and window -> its clerk."""

    admin: Login
    clerks: dict[str, Login]


def draw_people(seats: Mapping[str, Seat], known: People | None = None) -> People:
    """Names and fresh random passwords for the clerks at `seats`; `known`: people who keep theirs."""
    before = {clerk.name: clerk for clerk in known.clerks.values()} if known else {}
    clerks = {}
    for index, (window, seat) in enumerate(seats.items()):
        again = index // len(CLERKS)
        display = CLERKS[index % len(CLERKS)] + (str(again + 1) if again else "")
        name = seat.clerk or f"clerk-{window}"
        clerks[window] = before.get(name, Login(name, _password(), display))
    return People(known.admin if known else Login("admin", _password(), "admin"), clerks)


def _password() -> str:
    return secrets.token_urlsafe(12)


def load_people(data: Path) -> tuple[People | None, str]:
    """The people of a folder that is used again, and the hall's last day there; nobody and "" in a new folder."""
    try:
        kept = json.loads((data / "demo.json").read_text("utf-8"))
    except FileNotFoundError:
        return None, ""
    clerks = {window: Login(*login) for window, login in kept["clerks"].items()}
    return People(Login(*kept["admin"]), clerks), kept["day"]


def save_people(data: Path, people: People, day: str) -> None:
    """Keeps them, and the hall's day, where only the owner of the folder can read."""
    kept = {"admin": people.admin, "clerks": people.clerks, "day": day}
    write_private(data / "demo.json", json.dumps(kept, ensure_ascii=False, indent=1))


def write_private(file: Path, text: str) -> None:
    """Writes `file` so that only its owner can read it, and in one step: nobody ever reads half of it."""
    new = file.with_name(file.name + ".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
    new.replace(file)


async def enter(api: HubApi, data: Path, people: People) -> None:
    """Makes the first admin if there is none yet, and gets a key for the demo. Raises HubSaysNo, HubIsGone."""
    admin = people.admin
    login = {"name": admin.name, "password": admin.password}
    if (data / "setup-link").exists():
        await api.post("/setup", {"token": read_setup_token(data), **login})
    await api.post("/login", login)
    key = await api.post("/keys", {"label": f"demo-{secrets.token_hex(4)}", "role": "admin"})
    api.use_key(key["token"])


async def hire(api: HubApi, desks: Sequence[Desk]) -> None:
    """Gives every clerk at a window of the page an account; one that is there already is written anew."""
    for desk in desks:
        if not desk.racked:
            name, password, display = desk.clerk
            await api.post("/users", {"name": name, "role": "clerk", "password": password, "display": display})


async def register(api: HubApi, devices: Sequence[VirtualDevice], done: Callable[[VirtualDevice], None]) -> None:
    """Registers the devices and writes each one's config.json into its flash; `done` is told of each."""
    room = asyncio.Semaphore(REGISTER_AT_ONCE)

    async def one(device: VirtualDevice) -> None:
        async with room:
            body = {"id": device.id, "role": device.role, "window": device.window}
            config: dict[str, Any] = await api.post("/devices", body)
        device.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(device.folder / "config.json", json.dumps(config))
        done(device)

    await asyncio.gather(*(one(device) for device in devices))


async def sign_in(api: HubApi, desk: Desk) -> None:
    """The clerk sits down at the window. Whoever sits there already, stays."""
    try:
        await api.post(f"/windows/{desk.window}/sign-in", {"clerk": desk.clerk.name})
    except HubSaysNo as no:
        if no.code not in ("window-taken", "clerk-elsewhere"):
            raise
