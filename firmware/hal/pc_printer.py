"""The printer of a virtual kiosk: what it prints is said to the supervisor, which may take its paper away."""

from binascii import b2a_base64


class PcPrinter:
    """As firmware.hal.drivers.escpos.Printer; `write(message)` says something to the supervisor."""

    def __init__(self, write):
        self._write = write
        self.wrong = ""
        self.listener = None

    def print(self, slip: bytes, done) -> None:
        if not self.wrong:
            self._write({"printed": b2a_base64(slip).decode().rstrip()})
        done(self.wrong)

    def be(self, wrong: str) -> None:
        """From now on this is wrong with it, or nothing."""
        self.wrong = wrong
        if self.listener:
            self.listener(wrong)
