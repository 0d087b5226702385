"""Devices with a mistake that looks right as long as nothing fails. A harness that cannot catch them proves nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

from tools import bundle
from tools.demo import runtime

CHANGES = {
    "erase-on-puback": (
        (
            "firmware/mqtt.py",
            '            self._outbox.acknowledge(int.from_bytes(body[:2], "big"))\n',
            '            packet_id = int.from_bytes(body[:2], "big")\n'
            "            for entry in self._outbox.entries:\n"
            '                if entry.packet_id == packet_id and entry.topic.endswith("/events"):\n'
            "                    self.on_puback()\n"
            "            self._outbox.acknowledge(packet_id)\n",
        ),
        (
            "firmware/link.py",
            "        self.client = self._make_client(config, tls, chance)\n",
            "        self.client = self._make_client(config, tls, chance)\n"
            '        self.client.on_puback = getattr(sender, "erase", lambda: None)\n',
        ),
        (
            "firmware/ratings_out.py",
            "    def take_ack(self, ack) -> None:\n",
            "    def erase(self) -> None:\n"
            "        self._journal.settle(self.sent)\n\n"
            "    def take_ack(self, ack) -> None:\n",
        ),
        (
            "firmware/ratings_out.py",
            "            presses = self._journal.oldest(EVENTS_PER_BATCH, now_ms)\n",
            "            presses = self._journal.oldest(EVENTS_PER_BATCH, now_ms)\n"
            "            self.sent = [press.seq for press in presses]\n",
        ),
    )
}
"""Mistake -> (file, what stands there once, what stands there instead)."""


def change(mistake: str, texts: dict[str, str]) -> dict[str, str]:
    """The programs with the mistake in them. Raises RuntimeProblem when they are not what it was made for."""
    changed = dict(texts)
    for file, right, wrong in CHANGES[mistake]:
        if changed[file].count(right) != 1:
            raise runtime.RuntimeProblem(f"the mistake {mistake} no longer fits {file}: bring its text up to date")
        changed[file] = changed[file].replace(right, wrong)
    return changed


def make(mistake: str, folder: Path) -> runtime.Runtime:
    """Programs with the mistake, in `folder`, which is made. Raises RuntimeProblem."""
    micropython = runtime.find_micropython()
    try:
        if micropython is None:
            return runtime.on_cpython(_sources(mistake, folder))
        bundle.build(folder, lambda texts: change(mistake, texts))
    except RuntimeError as error:
        raise runtime.RuntimeProblem(f"cannot compile the devices with the mistake: {error}") from error
    return runtime.on_micropython(micropython, folder)


def _sources(mistake: str, folder: Path) -> Path:
    """The sources of a device with the mistake, in `folder`."""
    for package in bundle.PACKAGES:
        shutil.copytree(bundle.ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in change(mistake, bundle.texts()).items():
        (folder / name).write_text(text, "utf-8")
    return folder
