"""Virtual devices as processes of their own: the shrunk bundle on the real MicroPython with a board's heap."""

import asyncio
import base64
import json
import sys
from pathlib import Path

from firmware.config import OF_ZONE
from tests.firmware.fakes import Broker, take_packet

ROOT = Path(__file__).parent.parent
MICROPYTHON = Path(sys.executable).parent / "micropython"
HEAP = "56wK"
"""The first heap area of an ESP32 has 56,000 bytes; w doubles it where words are twice as wide."""

STATE = {
    "v": [5, 11],
    "w": "w3",
    "mode": "called",
    "number": "A012",
    "calls": 1,
    "texts": {"zh-Hans": "请A012号到3号窗口"},
    "rate": "v12",
    "before": "v11",
}
OFFERS = {
    "v": [5, 11],
    "zone": "east",
    "classes": ["walk-in||普通||Ordinary"],
    "services": [
        "company||企业登记|企業登記|Companies",
        "social||社保医保 13:00||Social 13:00",
        "house|?|不动产||Houses",
    ],
}
BOARD = {"v": [5, 11], "zone": "east", "calls": [["A012", "w3", 1], ["A011", "2", 1]]}


class SocketBroker(Broker):
    """The tests' broker on a loopback port. It answers `subscribe` with the hub's presence and the state."""

    async def listen(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer):
        wire = SocketWire(writer)
        self.wires.append(wire)
        received = b""
        while data := await reader.read(4096):
            received += data
            while packet := take_packet(received):
                received = received[len(packet) :]
                self.receive(wire, packet)
        writer.close()

    def receive(self, wire, packet):
        super().receive(wire, packet)
        if packet[0] & 0xF0 == 0x80:
            self.publish("q1/h1/hub/online", b'{"on":1,"epoch":5}')
            states = {"w/w3/state": STATE, "board/east/state": BOARD, "kiosk/east/offers": OFFERS}
            for topic, state in ((f"q1/h1/{name}", state) for name, state in states.items()):
                if topic.encode() in packet:
                    self.publish(topic, json.dumps(state).encode())

    def close(self) -> None:
        self._server.close()


class SocketWire:
    def __init__(self, writer):
        self.writer = writer

    def send(self, data):
        self.writer.write(data)


class Device:
    """One process. `lines` has what it said."""

    def __init__(self, process):
        self.process = process
        self.lines = []
        self._reading = asyncio.create_task(self._read())

    async def _read(self):
        while line := await self.process.stdout.readline():
            self.lines.append(json.loads(line))

    def tell(self, command: dict) -> None:
        self.process.stdin.write(json.dumps(command).encode() + b"\n")

    def said(self, key: str) -> list:
        return [line for line in self.lines if key in line]

    async def until(self, condition, seconds: float = 20) -> None:
        for _ in range(int(seconds / 0.02)):
            if condition():
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"it did not happen: {[{**line, 'frame': ''} for line in self.lines]}")

    async def end(self) -> int:
        """End its standard input, which ends the device; the exit status."""
        self.process.stdin.close()
        status = await asyncio.wait_for(self.process.wait(), 10)
        await self._reading
        return status


def write_config(folder: Path, role: str, port: int, **changes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    place = {"zone": "east"} if role in OF_ZONE else {"window": "w3"}
    config = {"hall": "h1", "device": "d1", "role": role, **place, "host": "127.0.0.1", "port": port}
    config |= {"client_id": "d1", **changes}
    (folder / "config.json").write_text(json.dumps(config))


async def start(folder: Path, bundle: Path | None, heap: str = HEAP) -> Device:
    """The device in `folder` on MicroPython with the code in `bundle`, or on CPython with the checkout's."""
    command = [sys.executable, "-m", "firmware.hal.pc", folder]
    environment = {"PYTHONPATH": str(ROOT)}
    if bundle:
        command = [MICROPYTHON, "-X", f"heapsize={heap}", "-m", "firmware.hal.pc", folder]
        environment = {"MICROPYPATH": f"{bundle}:.frozen"}
    pipe = asyncio.subprocess.PIPE
    return Device(await asyncio.create_subprocess_exec(*command, env=environment, cwd="/", stdin=pipe, stdout=pipe))


def is_at_work(device: Device) -> bool:
    """Whether it has shown what the broker has for it: a state, or what a kiosk offers."""
    return any(frame["version"] == STATE["v"] or frame["mode"] == "choose" for frame in device.said("frame"))


def pixels(frame: dict) -> list[str]:
    """The picture as text, one line per row, # for a lit pixel."""
    rows, stride = base64.b64decode(frame["frame"]), frame["w"] // 8
    bits = ["".join(f"{byte:08b}" for byte in rows[y * stride : (y + 1) * stride]) for y in range(frame["h"])]
    return [row.replace("0", ".").replace("1", "#") for row in bits]
