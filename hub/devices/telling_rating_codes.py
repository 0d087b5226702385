"""Tells window displays and rating pads the QR code with which the last visit is rated by phone."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlsplit

import segno

from hub.devices.registry import Registry
from hub.ports import Publisher
from hub.service import HallService
from hub.views import to_rate
from protocol.rating_code import BASE64_CHARS, NO_CODE, RatingCode, encode, rating_code_topic

EVERY_S = 1
"""Whoever was served gets up meanwhile; a code of before is not shown beside a new state, however late this comes."""

AGAIN = 60
"""After so many rounds all is said again: what was said while the broker was away is lost."""

SHOWN_BY = ("window_display", "rating_pad")


def short_link(pages: str, code: str) -> str:
    """The link on displays. In capitals, if the address has no path, whose case matters: these take three quarters of
    the room in a QR code, and with a host of 24 characters it still fits on a pad."""
    link = f"{pages}/Q/{code}"
    return link if urlsplit(pages).path else link.upper()


@lru_cache(512)
def qr_code(link: str) -> str:
    """The modules as in protocol.rating_code; empty when the link is too long for a board. The lowest error correction:
    a glass has no creases and no dirt that is not wiped off, and each version more costs a pad the code."""
    code = segno.make_qr(link, error="L")
    bits = "".join(str(module) for row in code.matrix for module in row)
    size = -(-len(bits) // 8)
    made = base64.b64encode(int(bits.ljust(8 * size, "0"), 2).to_bytes(size, "big")).decode()
    return made if len(made) <= BASE64_CHARS else ""


async def tell_rating_codes(
    publisher: Publisher, service: HallService, registry: Registry, link: Callable[[str], str]
) -> None:
    """`link`: visit -> where it is rated by phone; empty: nowhere. Runs until cancelled."""
    while True:
        told: dict[str, bytes] = {}
        for _ in range(AGAIN):
            for topic, payload in _codes(service, registry, link).items():
                if told.get(topic) != payload:
                    publisher.publish(topic, payload, retain=True)
                    told[topic] = payload
            await asyncio.sleep(EVERY_S)


def _codes(service: HallService, registry: Registry, link: Callable[[str], str]) -> dict[str, bytes]:
    """Topic -> what is to be said there, of every window with a board that may show it."""
    state = service.state
    if state.hall is None:
        return {}
    boards = [it for it in registry.devices.values() if it.role in SHOWN_BY and not it.revoked_ms]
    said = {}
    for window in sorted({board.window for board in boards} & state.windows.keys()):
        visit = to_rate(state, window)
        url = link(visit) if visit else ""
        code = qr_code(url) if url else ""
        about = RatingCode(state.version(window), code) if code else NO_CODE
        said[rating_code_topic(state.hall.id, window)] = encode(about)
    return said
