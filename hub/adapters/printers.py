"""Receipt printers beside kiosks whose page is in a browser: over the network (raw, port 9100), or at the hub's USB.

The printer is asked for paper first, and again after the slip: what is sent into a printer without paper stays in its
memory, and comes out for somebody else. Some printers never answer such questions; they are believed. One that has
answered once and then says nothing hangs.

python-escpos is imported only in a hub that has a printer: it takes 17 MB and a tenth of a second, and makes a folder
for temporary files that it leaves behind.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.ports import NotPrinted

if TYPE_CHECKING:
    from escpos.printer import File, Network

ANSWER_S = 3
"""How long a printer may take to be reached, and for each piece. Somebody stands before the kiosk."""

PORT = 9100
"""Where network printers take what they are to print."""


@dataclass(frozen=True, slots=True)
class PrinterPlace:
    """The printer beside a kiosk. `kiosk`: the user as which the kiosk logs in. `host` and `port`, or `file` of the
    hub's own USB such as /dev/usb/lp0. `paper`: mm."""

    kiosk: str
    paper: int
    host: str = ""
    port: int = PORT
    file: str = ""


class ReceiptPrinters:
    """All of the hall's. One slip at a time for each printer: what comes together would be printed mixed."""

    def __init__(self, places: Iterable[PrinterPlace]):
        self._places = {place.kiosk: place for place in places}
        self._locks = {kiosk: threading.Lock() for kiosk in self._places}
        self._answered: set[str] = set()
        if self._places:
            _import_library()

    def paper(self, kiosk: str) -> int:
        """Width in mm; 0: no printer stands there."""
        place = self._places.get(kiosk)
        return place.paper if place else 0

    async def print(self, kiosk: str, slip: bytes) -> None:
        """Raises NotPrinted."""
        await asyncio.to_thread(self._print, self._places[kiosk], slip)

    def _print(self, place: PrinterPlace, slip: bytes) -> None:
        from escpos.exceptions import DeviceNotFoundError

        with self._locks[place.kiosk]:
            try:
                with _opened(place) as printer:
                    self._look_for_paper(place, printer)
                    printer._raw(slip)
                    self._look_for_paper(place, printer)
            except (OSError, DeviceNotFoundError) as error:
                raise NotPrinted("silent") from error

    def _look_for_paper(self, place: PrinterPlace, printer: Network | File) -> None:
        from escpos.constants import RT_MASK_NOPAPER, RT_STATUS_PAPER

        if place.file:
            return
        try:
            status = printer.query_status(RT_STATUS_PAPER)
        except TimeoutError:
            if place.kiosk in self._answered:
                raise
            return
        if not status:
            raise NotPrinted("silent")  # it has hung up
        self._answered.add(place.kiosk)
        if status[0] & RT_MASK_NOPAPER == RT_MASK_NOPAPER:
            raise NotPrinted("paper")


@contextmanager
def _opened(place: PrinterPlace) -> Iterator[Network | File]:
    from escpos.printer import File, Network

    printer = File(place.file, auto_flush=True) if place.file else Network(place.host, place.port, timeout=ANSWER_S)
    printer.open()
    try:
        yield printer
    finally:
        printer.close()


def _import_library() -> None:
    """With another place for temporary files, since the library makes a folder when it is imported. At the start, while
    nothing else makes any."""
    usual = tempfile.tempdir
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder
        try:
            import escpos.printer  # noqa: F401
        finally:
            tempfile.tempdir = usual
