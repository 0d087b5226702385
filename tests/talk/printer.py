"""A receipt printer as the network sees one: it listens, takes what comes, and says whether it has paper."""

from __future__ import annotations

import contextlib
import socket
import threading

ASK_PAPER = b"\x10\x04\x04"  # DLE EOT 4
PAPER, NO_PAPER = b"\x12", b"\x72"


class NetworkPrinter:
    """On a free port of loopback. `says`: what it answers to the question for paper; empty: nothing. `hangs`: it takes
    nothing more."""

    def __init__(self, says: bytes = PAPER):
        self.says = says
        self.hangs = False
        self.printed = b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            with line:
                while piece := line.recv(65536):
                    if self.hangs:
                        continue
                    asked = piece.count(ASK_PAPER)
                    self.printed += piece.replace(ASK_PAPER, b"")
                    if self.says:
                        line.sendall(self.says * asked)

    def close(self) -> None:
        with contextlib.suppress(OSError):  # it was closed before
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
