"""Tells kiosks what one can come for: the services of their zone, and the classes that they may give."""

from __future__ import annotations

import asyncio

from hub.core import schedule
from hub.core.hall import APPOINTMENT, WALK_IN, Hall
from hub.core.state import State
from hub.devices.kiosks import ROLE
from hub.devices.registry import Registry
from hub.ports import Clock, Publisher
from hub.service import HallService
from hub.texts import catalogue
from hub.views import refusal_words
from protocol.kiosk import CODE_NEEDED, OFFERS, Offers, encode_offers, entry, offers_topic
from protocol.limits import DOWN_BYTES, TEXT_CHARS

EVERY_S = 2
"""What is offered changes with the minute and with who signs in at a window, and the rules have the last word."""

NOT_TODAY = "×"
"""Beside a service that is over for today."""

AGAIN = 30
"""After so many rounds all is said again: what was said while the broker was away is lost."""


async def tell_offers(publisher: Publisher, service: HallService, registry: Registry, clock: Clock) -> None:
    """Runs until cancelled."""
    while True:
        told: dict[str, Offers] = {}
        for _ in range(AGAIN):
            for topic, offers in _of_all(service.state, registry, clock.now().ms).items():
                if topic not in told or told[topic][2:] != offers[2:]:
                    publisher.publish(topic, encode_offers(offers), retain=True)
                    told[topic] = offers
            await asyncio.sleep(EVERY_S)


def _of_all(state: State, registry: Registry, now_ms: int) -> dict[str, Offers]:
    """Topic -> what is offered there, of every zone that has a kiosk."""
    hall = state.hall
    if hall is None or not state.day:  # a hub that starts for the first time opens its day with its first command
        return {}
    kiosks = [it for it in registry.devices.values() if it.role == ROLE and not it.revoked_ms]
    zones = {it.zone for it in kiosks} & {*hall.zones}
    return {offers_topic(hall.id, zone): offers_of(state, hall, zone, now_ms) for zone in sorted(zones)}


def offers_of(state: State, hall: Hall, zone: str, now_ms: int) -> Offers:
    """What the kiosks of a zone offer now. What does not fit into one message is left out, from the end."""
    minute = state.minute(now_ms)
    closed = _closed(state, hall, minute)
    services = [] if closed else _services(state, hall, zone, minute)
    offers = Offers((state.epoch, now_ms // 1000), zone, closed, _classes(hall)[:OFFERS], services[:OFFERS])
    while len(encode_offers(offers)) > DOWN_BYTES and offers.services:
        offers = offers._replace(services=offers.services[:-1])
    return offers


def _classes(hall: Hall) -> list[str]:
    """The classes that somebody may choose at a kiosk, beginning with the one that is none."""
    by_code = (WALK_IN, APPOINTMENT)
    chosen = [it for it in hall.classes.values() if ROLE in it.by and it.id not in by_code]
    return [entry(WALK_IN, "", catalogue()["slip.walk-in"]), *(entry(it.id, "", it.names) for it in chosen)]


def _services(state: State, hall: Hall, zone: str, minute: int) -> list[str]:
    if schedule.admission(hall, state.day, state.kind).mode == "appointment-only":
        return []
    of_zone = {service for window in hall.windows.values() if window.zone == zone for service in window.services}
    return [
        entry(it.id, CODE_NEEDED if it.pre_check else "", it.names, _when(state, hall, it.id, minute))
        for it in hall.services.values()
        if it.id in of_zone
    ]


def _when(state: State, hall: Hall, service: str, minute: int) -> str:
    """From when on it is offered; empty: now."""
    offered = schedule.next_offered(hall, service, state.day, state.kind, minute)
    if offered is None:
        return NOT_TODAY
    return "" if offered == minute else schedule.clock(offered)


def _closed(state: State, hall: Hall, minute: int) -> dict[str, str]:
    """Why nobody gets a ticket at this hour, language -> text; empty: somebody does."""
    if schedule.is_open(hall, state.day, state.kind, minute):
        return {}
    opens = schedule.next_open(hall, state.day, state.kind, minute)
    code, detail = ("closed", {}) if opens is None else ("closed-until", {"from": schedule.clock(opens)})
    return {language: text[:TEXT_CHARS] for language, text in refusal_words(code, detail, hall).items()}
