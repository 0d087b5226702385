"""Where a demo lives: its folder and its ports, all on loopback."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tools.ports import free_port

LOOPBACK = "127.0.0.1"


class StartFailed(Exception):
    """The demo cannot start. The text is for people."""


@dataclass(frozen=True, slots=True)
class Place:
    """`http` and `mqtt` are the hub's ports, `twin` is the port of the twin's page."""

    data: Path
    http: int = field(default_factory=free_port)
    mqtt: int = field(default_factory=free_port)
    twin: int = field(default_factory=free_port)

    @property
    def hub_url(self) -> str:
        return f"http://{LOOPBACK}:{self.http}"

    @property
    def twin_url(self) -> str:
        return f"http://{LOOPBACK}:{self.twin}"

    @property
    def hall_file(self) -> Path:
        """The hall file at the demo's pace."""
        return self.data / "hall.toml"

    @property
    def hub_log(self) -> Path:
        return self.data / "hub.log"

    @property
    def broker(self) -> Path:
        """The folder of the hub's own broker."""
        return self.data / "broker"

    @property
    def pids(self) -> Path:
        return self.data / "pids.json"

    def flash(self, device: str) -> Path:
        """The folder that is the device's flash."""
        return self.data / "devices" / device


def find_place(data: Path | None, stack: ExitStack) -> Place:
    """A place in the folder `data`; without one in a temporary folder that goes with `stack`. Raises StartFailed."""
    if data is None:
        folder = Path(tempfile.mkdtemp(prefix="jiaohao-demo-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        return Place(folder)
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = stack.enter_context((data / "demo.lock").open("wb"))
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise StartFailed(f"another demo uses the data folder {data}; stop it, or give another --data") from error
    except OSError as error:
        raise StartFailed(f"cannot use the data folder {data}: {error.strerror}; it must be writable") from error
    return Place(data.resolve())
