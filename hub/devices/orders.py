"""What an admin asks of one device, and what it answers: asked at once or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.core.personal import masked
from hub.ports import Diary, Glass, NoAnswer, Publisher
from protocol import settings, topics, upkeep
from protocol.errors import ProtocolError
from protocol.limits import DOWN_BYTES
from protocol.upkeep import Answer, Command

ANSWER_S = 8
"""A board answers within a second; one that is busy with a handshake or its flash takes some more."""

PUSHES = 3
"""So often settings are sent: a device whose rights have just changed may be cut off at that moment, and comes back."""

NOTE_AGAIN_MS = 60_000
"""The hub's log has what a board fell over at most this often."""

FRAME_BYTES = 128 * 1024
"""The largest glass whose bits are taken."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Asked:
    device: str
    answer: asyncio.Future[Answer]
    glass: Glass = field(default_factory=Glass)


class Orders:
    """Asks devices of the hall. `new_id` gives ids that were never given before, `now_ms` hub time."""

    def __init__(self, publisher: Publisher, hall: str, new_id: Callable[[], str], now_ms: Callable[[], int]):
        self._publisher = publisher
        self._hall = hall
        self._new_id = new_id
        self._now_ms = now_ms
        self._noted_ms: dict[str, int] = {}
        self._asked: dict[str, _Asked] = {}
        self.diaries: dict[str, Diary] = {}

    async def ask(self, device: str, verb: str, seconds: int = 0) -> tuple[Answer, Glass]:
        """What the device says, and its glass if it was asked for that. Raises NoAnswer."""
        id = self._new_id()
        return await self._ask(device, "command", id, upkeep.encode_command(Command(id, verb, seconds)))

    async def push(self, device: str, rev: int, changes: Mapping[str, Any]) -> None:
        """Has the device take settings, and start again with them; see protocol/settings.py. Raises NoAnswer, with why
        it does not."""
        id = self._new_id()
        payload = settings.encode_push(id, rev, dict(changes))
        if len(payload) > DOWN_BYTES:
            raise NoAnswer(f"{device}: so many settings at a time do not fit into a message")
        await self._ask(device, "settings", id, payload, tries=PUSHES)

    async def _ask(self, device: str, name: str, id: str, payload: bytes, tries: int = 1) -> tuple[Answer, Glass]:
        asked = _Asked(device, asyncio.get_running_loop().create_future())
        self._asked[id] = asked
        try:
            answer = await self._answer(asked, topics.down(self._hall, device, name), payload, tries)
        except TimeoutError as error:
            raise NoAnswer(f"{device} has not answered for {ANSWER_S * tries} s") from error
        finally:
            del self._asked[id]
        if answer.error:
            raise NoAnswer(f"{device}: {answer.error}")
        return answer, asked.glass

    async def _answer(self, asked: _Asked, topic: str, payload: bytes, tries: int) -> Answer:
        """Raises TimeoutError."""
        for _ in range(tries):
            self._publisher.publish(topic, payload, retain=False)
            with contextlib.suppress(TimeoutError):
                return await asyncio.wait_for(asyncio.shield(asked.answer), ANSWER_S)
        raise TimeoutError

    def heard(self, device: str, kind: str, payload: bytes) -> None:
        """Takes what a device says of its own accord or as an answer. Raises ProtocolError."""
        readers = {"answer": self._answered, "frame": self._framed, "log": self._logged}
        if kind not in readers:
            raise ProtocolError("topic", "is not read")
        readers[kind](device, payload)

    def _answered(self, device: str, payload: bytes) -> None:
        answer = upkeep.read_answer(payload)
        asked = self._of(device, answer.id)
        if asked and not asked.answer.done():
            asked.answer.set_result(answer)

    def _framed(self, device: str, payload: bytes) -> None:
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

    def _logged(self, device: str, payload: bytes) -> None:
        told = upkeep.read_log(payload)
        diary = self.diaries.setdefault(device, Diary())
        for line in told.lines:
            diary.count += 1
            diary.lines.append((diary.count, line))
        if told.crash:
            diary.crash = told.crash
            self._note(device, told.crash[-1])

    def _note(self, device: str, crash: str) -> None:
        """In the hub's log, which no board may fill."""
        now_ms = self._now_ms()
        if now_ms - self._noted_ms.get(device, -NOTE_AGAIN_MS) >= NOTE_AGAIN_MS:
            self._noted_ms[device] = now_ms
            log.error("%s started again after %s", device, masked(crash))

    def _of(self, device: str, id: str) -> _Asked | None:
        """What was asked under that id of that device: nobody answers for another."""
        asked = self._asked.get(id)
        return asked if asked and asked.device == device else None
