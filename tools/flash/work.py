"""One board, from the first look until the hub sees it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from typing import Any

from tools.flash import journal, micropython, settings, wiring
from tools.flash.board import Board, BoardError, NoPrompt
from tools.flash.changes import Changes, changes, wrong
from tools.flash.devices import DeviceApi
from tools.flash.progress import Progress
from tools.flash.wish import Result, Wish
from tools.hub_client import HubError

LOOK_S = 0.3
"""How often the hub is asked whether the board is there."""

CONSOLE_LINES = 5
"""Of what a board printed that did not get through: the last ones say why."""

PAD = "rating_pad"

SPARE_BYTES = 64 * 1024
"""Flash that must stay free, for the journal and for littlefs itself."""


class Work:
    """Flashes the board at `result.port`, and writes into `result` how far it came. Raises BoardError, SettingsError,
    HubError."""

    def __init__(self, result: Result, wish: Wish, hub: DeviceApi, progress: Progress):
        self._result = result
        self._wish = wish
        self._hub = hub
        self._progress = progress

    def run(self) -> None:
        with self._opened() as board:
            self._look(board)
            old = settings.read_old(board.read(settings.CONFIG))
            found = board.files()
            self._wiring = wiring.choose(self._result.role, self._wish.wiring, board.read(wiring.FILE))
            devices = self._hub.devices()
            self._name(old, devices)
            keeps_journal = self._keeps_journal(old, devices)
            self._check_journal(board, found, keeps_journal=keeps_journal)
            if self._wish.dry:
                self._plan(found, old)
                return
            wanted = self._wanted(old, found)
            self._check_room(board, wanted, found)
            boot = self._hub.device(self._result.device)["boot"]
            if not keeps_journal and settings.PRESSES in found:
                board.remove(settings.JOURNAL)
            self._copy(board, wanted, changes(wanted, found))
            self._verify(board, wanted)
            board.restart()
            self._wait(board, boot)

    # Reaching it

    @contextlib.contextmanager
    def _opened(self) -> Iterator[Board]:
        """The board at its prompt, with a MicroPython that can load our programs."""
        try:
            board = Board(self._result.port)
        except NoPrompt as error:
            board = self._with_micropython(str(error))
        else:
            if not micropython.loads(board.about, self._wish.programs):
                try:
                    self._check_journal(board, board.files(), keeps_journal=False)
                finally:
                    board.close()
                board = self._with_micropython(f"MicroPython {board.about.micropython} is too old for the firmware")
        try:
            yield board
        finally:
            board.close()

    def _with_micropython(self, why: str) -> Board:
        port = self._result.port
        if not self._wish.image:
            raise BoardError(f"{why}; {micropython.HOW}")
        image = micropython.checked_image(self._wish.image)
        mac = micropython.read_mac(port)
        pending = sum(device["pending"] for device in self._hub.devices() if device["board"] == mac)
        if pending and not self._wish.force:
            raise BoardError(
                f"{why}, and when the hub last heard it {pending} ratings in its journal were not delivered; putting "
                "MicroPython on it erases them: --force does that"
            )
        if self._wish.dry:
            raise BoardError(f"{why}: {image.name} would be put on it, which erases it")
        self._progress.say(port, f"{why}; puts {image.name} on it")
        micropython.put(port, image)
        return Board(port)

    def _look(self, board: Board) -> None:
        result, about = self._result, board.about
        result.mac, result.chip, result.micropython = about.mac, about.chip, about.micropython
        self._progress.say(result.port, f"{about.chip}, {about.mac}, MicroPython {result.micropython}")
        if about.chip.split()[-1] != micropython.CHIP:
            raise BoardError(f"{result.port} is a {about.chip}; the firmware's pins are those of an {micropython.CHIP}")

    # Deciding

    def _name(self, old: Mapping[str, Any], devices: list[dict[str, Any]]) -> None:
        """Decide what the board is called."""
        result = self._result
        result.hall = self._hub.hall()
        place = result.window or result.zone
        result.device = result.device or settings.name_of(result.role, place, result.mac, devices, old)
        for device in devices:
            if device["board"] == result.mac and device["id"] != result.device and not device["revoked"]:
                other = device["id"]
                raise BoardError(
                    f"the board at {result.port} is {other} at the hub; first: jiaohao fleet revoke {other}"
                )

    def _keeps_journal(self, old: Mapping[str, Any], devices: list[dict[str, Any]]) -> bool:
        """Whether the board stays the pad that made the presses in its journal. As another device it would send them
        again, as its own."""
        known = {device["id"] for device in devices if not device["revoked"]}
        before = old.get("hall"), old.get("device"), old.get("role")
        return (
            before == (self._result.hall, self._result.device, PAD) and self._result.role == PAD and before[1] in known
        )

    def _check_journal(self, board: Board, found: Mapping[str, str], *, keeps_journal: bool) -> None:
        """Refuse to touch a board with ratings that were thanked for and not delivered."""
        pending = journal.count_pending(board.read(settings.PRESSES)) if settings.PRESSES in found else 0
        if not pending:
            return
        ratings = "1 rating" if pending == 1 else f"{pending} ratings"
        if keeps_journal:
            then = f"{ratings} in its journal will stay there, and are delivered when it is online"
        else:
            then = f"{ratings} in its journal are LOST, since it will no longer be the pad that made them"
        if not self._wish.force:
            raise BoardError(
                f"the board at {self._result.port} has {ratings} that no hub has acknowledged; let it run where it "
                f"reaches its hub until they are delivered, or give --force: {then}"
            )
        self._progress.say(self._result.port, then)

    def _wanted(self, old: Mapping[str, Any], found: Mapping[str, str]) -> dict[str, bytes]:
        """Every file that the board is to have; the device is registered with that. What is not given, and is on the
        board, stays."""
        result, wish = self._result, self._wish
        network = settings.network_of(old, wish.wifi)
        place = {"window": result.window, "zone": result.zone, "language": result.language}
        login = {"board": result.mac, "client_id": old.get("client_id", "") if old.get("password") else ""}
        config = self._hub.register({"id": result.device, "role": result.role, **place, **login})
        device = {settings.CONFIG: settings.config_file(config, old, network)}
        device[wiring.FILE] = self._wiring
        wiring.check_keys(self._wiring, device[settings.CONFIG])
        if "tls" in config and wish.authority:
            device[settings.AUTHORITY] = wish.authority
        elif "tls" in config and settings.AUTHORITY not in found:
            raise settings.SettingsError("the hub speaks TLS: give its authority, DATA/tls/ca.der, by --ca")
        if wish.release_key:
            device[settings.RELEASE_KEY] = wish.release_key
        return {**wish.programs, **device}

    def _plan(self, found: Mapping[str, str], old: Mapping[str, Any]) -> None:
        """What would be done, as far as it is known without registering the device."""
        wanted = {**self._wish.programs, wiring.FILE: self._wiring}
        self._note(changes(wanted, found), wanted)
        result = self._result
        same = (result.hall, result.device, result.role, result.window, result.zone)
        if tuple(old.get(key, "") for key in ("hall", "device", "role", "window", "zone")) != same:
            self._result.copied.append(settings.CONFIG)

    # Doing

    def _note(self, planned: Changes, wanted: Mapping[str, bytes]) -> None:
        self._result.copied = list(planned.copy)
        self._result.copied_bytes = sum(len(wanted[path]) for path in planned.copy)
        self._result.removed = [path for path in planned.remove if path not in planned.copy]

    def _check_room(self, board: Board, wanted: Mapping[str, bytes], found: Mapping[str, str]) -> None:
        """What is there already makes room for itself."""
        needed = SPARE_BYTES + sum(len(data) for path, data in wanted.items() if path not in found)
        if needed > board.about.free:
            raise BoardError(
                f"{self._result.port} has {board.about.free:,} bytes of flash free and needs {needed:,}; look with "
                "`mpremote fs tree`, or put MicroPython on it anew with esptool, which erases all"
            )

    def _copy(self, board: Board, wanted: Mapping[str, bytes], planned: Changes) -> None:
        self._note(planned, wanted)
        port, total = self._result.port, self._result.copied_bytes
        for path in planned.remove:
            board.remove(path)
        self._progress.begin(port, total)
        try:
            for path in planned.copy:
                board.write(path, wanted[path], lambda count: self._progress.add(port, count))
        finally:
            self._progress.end(port)
        files, removed = len(planned.copy), len(self._result.removed)
        self._progress.say(port, f"{files} files copied ({total:,} bytes), {removed} removed")

    def _verify(self, board: Board, wanted: Mapping[str, bytes]) -> None:
        if bad := wrong(wanted, board.files()):
            raise BoardError(
                f"{', '.join(bad)} on the board at {self._result.port} is not what was written: its flash is worn out, "
                "or the cable is bad; run the same command again, then take another board"
            )

    def _is_seen(self, boot: int) -> bool:
        try:
            device = self._hub.device(self._result.device)
        except HubError:  # it restarts, maybe: the board waits for it too
            return False
        return device["online"] and device["boot"] != boot

    def _wait(self, board: Board, boot: int) -> None:
        """Until the hub has heard of a start of the board that it had not heard of before."""
        deadline = time.monotonic() + self._wish.wait_s
        console = b""
        while time.monotonic() < deadline:
            time.sleep(LOOK_S)
            console += board.console()
            if self._is_seen(boot):
                self._result.online = True
                self._progress.say(self._result.port, f"{self._result.device} is online")
                return
        said = [line for line in console.decode("utf-8", "replace").splitlines() if line.strip()][-CONSOLE_LINES:]
        raise BoardError(
            f"{self._result.device} is flashed, but the hub has not seen it for {self._wish.wait_s:.0f} s; check the "
            f"Wi-Fi, and whether it reaches the broker. It said: {' | '.join(said) or 'nothing'}"
        )
