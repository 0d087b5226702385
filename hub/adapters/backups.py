"""The backups that a hub makes by itself: one an hour, the tail of the last one every two seconds, old ones deleted.

All of it is in a thread and a process of their own, and nothing that goes wrong there stops the hall: it is told in the
hub's log, on the admin's page and to monitors, and tried again. The first backup of each business day, which begins at
night, is restored as a whole and its tables compared with its log.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from hub.adapters.backup_file import Backup, BackupError, backups_in, make_folder, read_recipients
from hub.adapters.backup_process import Order
from hub.adapters.backup_tail import Tail
from hub.core.commands import Moment
from hub.core.keeping import HOUR_MS, keep

TAIL_S = 2
"""What is lost at most, and the time to write it down."""

FIRST_S = 0.2
"""Between two looks while there is no tail yet."""

AGAIN_MS = 60_000
"""After a backup that failed, before the next try."""

SILENT_S = 60
"""A folder that does not answer for so long is told: a share that went away may hang for ever."""

LEFT_S = 86_400
"""A work folder this old was left behind by a process that was killed."""

STOP_S = 5

log = logging.getLogger(__name__)


class Backups:
    """BackupState of the hub in `data`. `now` is the hall's clock. Raises BackupError for a wrong recipient."""

    def __init__(
        self,
        data: Path,
        folder: Path,
        recipients: tuple[str, ...],
        hall: str,
        hall_file: Path,
        now: Callable[[], Moment],
    ):
        self._data, self._folder, self._hall, self._hall_file = data, folder, hall, hall_file
        self._texts, self._recipients = recipients, read_recipients(recipients)
        self._now = now
        self._tail: Tail | None = None
        self._making: subprocess.Popen[str] | None = None
        self._order: tuple[Moment, bool] | None = None
        self._errors = {"backup": "", "tail": ""}
        self._next_ms = 0
        self._tested_day = ""
        self._turn_s = time.monotonic()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="backups", daemon=True)
        self.last_good_ms = 0
        self.tail_ms = 0
        self.tested_ms = 0

    @property
    def last_error(self) -> str:
        """What is wrong now, in words; empty: nothing."""
        silent_s = time.monotonic() - self._turn_s
        if silent_s > SILENT_S:
            return f"the folder for backups {self._folder} has not answered for {int(silent_s)} s"
        return "; ".join(filter(None, self._errors.values()))

    def start(self) -> None:
        """To be called when the hall is configured."""
        self._turn_s = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        """Writes down the last of it. To be called when the last commit is on disk."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(STOP_S)
        if self._making:
            self._making.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._making.wait(STOP_S)  # it removes what it has unpacked

    def _run(self) -> None:
        ending = False
        while not ending:
            self._turn_s = time.monotonic()
            self._errors["backup"] = self._try("backup", self._back_up) or self._errors["backup"]
            self._errors["tail"] = self._try("tail", self._write_tail)
            ending = self._ending.wait(TAIL_S if self._tail else FIRST_S)
        self._try("tail", self._write_tail)

    def _try(self, what: str, step: Callable[[], None]) -> str:
        """What went wrong, or empty. One problem is one line of the log, however often it is met."""
        try:
            step()
            return ""
        except (BackupError, OSError) as problem:
            error = str(problem)
        except Exception as problem:  # the outermost loop: whatever it was, the next try may go well
            log.exception("a mistake in the backups")
            error = f"a mistake in the hub: {problem!r}"
        if what == "backup":
            self._next_ms = self._now().ms + AGAIN_MS
        if error != self._errors[what]:
            log.error("%s", error)
        return error

    def _back_up(self) -> None:
        """Looks for what there is, begins a backup when it is time, and takes over one that is made."""
        if self._making:
            self._take_over()
            return
        now = self._now()
        if self._ending.is_set() or now.ms < self._next_ms:
            return
        make_folder(self._folder)
        found = backups_in(self._folder, self._hall)
        if found and (self._tail is None or self._tail.backup.file != found[-1].file):
            self._tail = None  # somebody made one beside the hub, and a restore takes the newest
            self._go_on(found[-1])
        if self._tail is None or not 0 <= now.ms - self.last_good_ms < HOUR_MS:
            self._order = now, now.day != self._tested_day
            order = Order(
                str(self._data), str(self._folder), list(self._texts), now.ms, str(self._hall_file), self._order[1]
            )
            self._making = subprocess.Popen(
                order.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )

    def _go_on(self, newest: Backup) -> None:
        """Takes up the tail of the newest backup where it was left, if it is of this very log. One that cannot be read
        is told and left alone: a new backup has its own."""
        if newest.encrypted != bool(self._recipients) or not newest.tail.exists():
            return
        try:
            tail = Tail(newest, self._data, self._recipients)
            fits = tail.fits()
        except BackupError as error:
            log.warning("%s; another backup is made", error)
            return
        if fits:
            self._tail, self.last_good_ms = tail, newest.created_ms
            self._errors["backup"] = ""

    def _take_over(self) -> None:
        """Once the process has ended: the tail of the backup before is finished, and the new one's begins."""
        assert self._making is not None and self._order is not None
        if self._making.poll() is None:
            return
        said, error = self._making.communicate()
        made, self._making = self._making, None
        now, thorough = self._order
        if made.returncode:
            last = error.strip().splitlines()[-1:] or [f"it ended with {made.returncode}"]
            raise BackupError(f"no backup was made: {last[0]}")
        backup = next(b for b in backups_in(self._folder, self._hall) if str(b.file) == said.strip())
        self._errors["tail"] = self._try("tail", self._write_tail)  # whatever it says, the new one is made
        self._tail = Tail(backup, self._data, self._recipients)
        self.last_good_ms, self._errors["backup"] = now.ms, ""
        if thorough:
            self._tested_day, self.tested_ms = now.day, now.ms
        self._prune()

    def _write_tail(self) -> None:
        if self._tail:
            now_ms = self._now().ms
            self._tail.catch_up(now_ms)
            self.tail_ms = now_ms

    def _prune(self) -> None:
        found = backups_in(self._folder, self._hall)
        kept = keep((backup.created_ms for backup in found), self._now().ms)
        for backup in found:
            if backup.created_ms not in kept:
                for file in (backup.file, backup.tail, backup.sum):
                    file.unlink(missing_ok=True)
        for left in (*self._folder.glob(".jiaohao-*"), *self._data.glob(".jiaohao-*")):
            if time.time() - left.stat().st_mtime > LEFT_S:
                shutil.rmtree(left, ignore_errors=True)
