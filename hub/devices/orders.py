"""What an admin asks of one device, and what it answers: asked at once or not at all."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from hub.ports import Publisher
from protocol import topics, upkeep
from protocol.errors import ProtocolError
from protocol.upkeep import Answer, Command

ANSWER_S = 8
"""A board answers within a second; one that is busy with a handshake or its flash takes some more."""

LINES_KEPT = 200
"""Lines of a device's log, while somebody reads along."""

FRAME_BYTES = 128 * 1024
"""The largest glass whose bits are taken."""

log = logging.getLogger(__name__)


class NoAnswer(Exception):
    """The device did not answer in time, or cannot do that; the text says which."""


@dataclass(slots=True)
class Glass:
    """What a device has on its glass: `rows` of width / 8 bytes each, a bit per pixel, the highest on the left."""

    width: int = 0
    height: int = 0
    rows: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class _Asked:
    device: str
    answer: asyncio.Future[Answer]
    glass: Glass = field(default_factory=Glass)


@dataclass(slots=True)
class Diary:
    """The log of a device as far as it was told: `lines` are (number, text), the number growing. `crash`: the traceback
    of what it fell over last; empty: nothing since the hub started."""

    lines: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=LINES_KEPT))
    crash: list[str] = field(default_factory=list)
    count: int = 0


class Orders:
    """Asks devices of the hall. `new_id` gives ids that were never given before."""

    def __init__(self, publisher: Publisher, hall: str, new_id: Callable[[], str]):
        self._publisher = publisher
        self._hall = hall
        self._new_id = new_id
        self._asked: dict[str, _Asked] = {}
        self.diaries: dict[str, Diary] = {}

    async def ask(self, device: str, verb: str, seconds: int = 0) -> tuple[Answer, Glass]:
        """What the device says, and its glass if it was asked for that. Raises NoAnswer."""
        command = Command(self._new_id(), verb, seconds)
        asked = _Asked(device, asyncio.get_running_loop().create_future())
        self._asked[command.id] = asked
        try:
            topic = topics.down(self._hall, device, "command")
            self._publisher.publish(topic, upkeep.encode_command(command), retain=False)
            answer = await asyncio.wait_for(asked.answer, ANSWER_S)
        except TimeoutError as error:
            raise NoAnswer(f"{device} has not answered for {ANSWER_S} s") from error
        finally:
            del self._asked[command.id]
        if answer.error:
            raise NoAnswer(f"{device}: {answer.error}")
        return answer, asked.glass

    def answered(self, device: str, payload: bytes) -> None:
        """Raises ProtocolError."""
        answer = upkeep.read_answer(payload)
        asked = self._of(device, answer.id)
        if asked and not asked.answer.done():
            asked.answer.set_result(answer)

    def framed(self, device: str, payload: bytes) -> None:
        """A strip of a glass. Raises ProtocolError."""
        frame = upkeep.read_frame(payload)
        asked = self._of(device, frame.id)
        if asked is None:
            return
        glass = asked.glass
        room = min(frame.width * frame.height // 8, FRAME_BYTES)
        if frame.at != len(glass.rows) or frame.at + len(frame.rows) > room:
            raise ProtocolError("at", "must go on where the strip before it ended, within the glass")
        glass.width, glass.height = frame.width, frame.height
        glass.rows += frame.rows

    def logged(self, device: str, payload: bytes) -> None:
        """Lines of a log. Raises ProtocolError."""
        told = upkeep.read_log(payload)
        diary = self.diaries.setdefault(device, Diary())
        for line in told.lines:
            diary.count += 1
            diary.lines.append((diary.count, line))
        if told.crash:
            diary.crash = told.crash
            log.error("%s started again after %s", device, told.crash[-1])

    def _of(self, device: str, id: str) -> _Asked | None:
        """What was asked under that id of that device: nobody answers for another."""
        asked = self._asked.get(id)
        return asked if asked and asked.device == device else None
