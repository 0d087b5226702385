"""Who may do what: one module for routes, topics and pages. Pure data; everything that lets somebody in asks it.

`ROUTES` has every route of the web app and the roles that may use it (hub.web.access asks it, and an app with a route
that is not in it does not start). `device_topics` has what a device may write and read over MQTT; both brokers'
configurations are made from it. docs/permissions.md is made from both by `python -m tools.guides`.
"""

from __future__ import annotations

from dataclasses import dataclass

from protocol import topics
from protocol.board import board_state
from protocol.hub_time import hub_time
from protocol.kiosk import offers_topic
from protocol.rating_code import rating_code_topic
from protocol.waiting import waiting_topic

ADMIN = "admin"
"""Looks after the system: users, keys, devices, the hall file."""
MANAGER = "manager"
"""Runs the hall of the day: every window and visit, alarms, figures."""
CLERK = "clerk"
"""Serves at a window."""
REVIEWER = "reviewer"
"""Looks into ratings, and into what they are about."""
AUDITOR = "auditor"
"""Reads what was done by whom, and changes nothing."""
KIOSK = "kiosk"
BOARD = "board"
MONITOR = "monitor"
"""A program that watches the hub."""

PEOPLE = frozenset({ADMIN, MANAGER, CLERK, REVIEWER, AUDITOR})
ROLES = (ADMIN, MANAGER, CLERK, REVIEWER, AUDITOR, KIOSK, BOARD, MONITOR)
"""What somebody, or a machine, can be."""

APPLICANT = "applicant"
"""Whoever comes without a login. Whose ticket it is shows the secret in its link."""
PASSER_BY = "passer-by"
"""The same, where the board is open to all."""
NEIGHBOUR = "neighbour"
"""The same, from the hub's own machine, and not through a proxy."""

Roles = frozenset[str]
ANYBODY: Roles = frozenset({*ROLES, PASSER_BY, APPLICANT})
KNOWN: Roles = frozenset(ROLES)
STAFF: Roles = frozenset({ADMIN, MANAGER, CLERK})
LEADS: Roles = frozenset({ADMIN, MANAGER})
OFFICE: Roles = PEOPLE - {CLERK}
READS_FIGURES: Roles = LEADS | {AUDITOR}
REVIEWS: Roles = LEADS | {REVIEWER}
"""Look into bad ratings and answer them; the rules keep everybody from their own."""
READS_REVIEWS: Roles = REVIEWS | {AUDITOR}
READS_AUDIT: Roles = frozenset({ADMIN, AUDITOR})
DRAWS: Roles = STAFF | {KIOSK}
WATCHES: Roles = PEOPLE | {BOARD, PASSER_BY}
CHOOSES: Roles = WATCHES | DRAWS
ADMINS: Roles = frozenset({ADMIN})
MONITORS: Roles = frozenset({MONITOR, NEIGHBOUR})
READS_HEALTH: Roles = PEOPLE | {MONITOR}
"""Anybody sees whether the hall can be served; these, what is wrong."""

ROUTES: dict[str, Roles] = {
    "GET /": ANYBODY,
    "GET /login": ANYBODY,
    "GET /setup": ANYBODY,
    "GET /board": WATCHES,
    "GET /hall": CHOOSES,
    "GET /clerk": STAFF,
    "GET /desk": STAFF,
    "GET /kiosk": DRAWS,
    "GET /manager": LEADS,
    "GET /admin": OFFICE,
    "GET /t/{visit}": ANYBODY,
    "GET /t/{visit}/code.svg": ANYBODY,
    "GET /r/{token}": ANYBODY,
    "GET /Q/{token}": ANYBODY,
    "GET /results": ANYBODY,
    "GET /reviews": READS_REVIEWS,
    "GET /reviews/{review}": READS_REVIEWS,
    "GET /report": OFFICE,
    "GET /reports/{period}": OFFICE,
    "GET /static": ANYBODY,
    "GET /metrics": MONITORS,
    "GET /healthz": ANYBODY,
    "GET /api/v1/openapi.json": PEOPLE,
    "GET /api/v1/health": ANYBODY,
    "POST /api/v1/setup": ANYBODY,
    "POST /api/v1/login": ANYBODY,
    "POST /api/v1/logout": KNOWN,
    "GET /api/v1/me": KNOWN,
    "GET /api/v1/hall": WATCHES,
    "GET /api/v1/live": WATCHES,
    "GET /api/v1/services": CHOOSES,
    "GET /api/v1/occupancy": CHOOSES,
    "GET /api/v1/alarms": PEOPLE,
    "POST /api/v1/tickets": DRAWS,
    "GET /api/v1/tickets": LEADS,
    "GET /api/v1/tickets/{visit}": ANYBODY,
    "GET /api/v1/tickets/{visit}/why": STAFF,
    "POST /api/v1/tickets/{visit}/cancel": ANYBODY,
    "POST /api/v1/tickets/{visit}/postpone": ANYBODY,
    "POST /api/v1/tickets/{visit}/return": STAFF,
    "POST /api/v1/tickets/{visit}/move": STAFF,
    "POST /api/v1/tickets/{visit}/add-service": STAFF,
    "POST /api/v1/tickets/{visit}/case": STAFF,
    "POST /api/v1/tickets/{visit}/split": STAFF,
    "POST /api/v1/tickets/{visit}/rating": STAFF,
    "POST /api/v1/tickets/{visit}/slip": DRAWS,
    "POST /api/v1/tickets/{visit}/contact": ANYBODY,
    "GET /api/v1/ratings/by-link/{token}": ANYBODY,
    "POST /api/v1/ratings/by-link/{token}": ANYBODY,
    "GET /api/v1/results": ANYBODY,
    "GET /api/v1/reviews": READS_REVIEWS,
    "POST /api/v1/reviews": REVIEWS,
    "GET /api/v1/reviews/{review}": READS_REVIEWS,
    "POST /api/v1/reviews/{review}/{verb}": REVIEWS | {CLERK},
    "GET /api/v1/my-reviews": frozenset({CLERK}),
    "GET /api/v1/marks": READS_REVIEWS,
    "POST /api/v1/marks/{mark}/{verb}": REVIEWS,
    "GET /api/v1/to-call": REVIEWS,
    "GET /api/v1/tables/{by}": OFFICE,
    "GET /api/v1/reports/{period}": OFFICE,
    "GET /api/v1/why": STAFF,
    "GET /api/v1/slots": DRAWS,
    "GET /api/v1/bookings": STAFF,
    "POST /api/v1/bookings": STAFF,
    "DELETE /api/v1/bookings/{booking}": STAFF,
    "POST /api/v1/check-in": DRAWS,
    "POST /api/v1/pre-checks": STAFF,
    "GET /api/v1/windows/{window}/line": STAFF,
    "POST /api/v1/windows/{window}/sign-in": STAFF,
    "POST /api/v1/windows/{window}/sign-out": STAFF,
    "POST /api/v1/windows/{window}/pause": STAFF,
    "POST /api/v1/windows/{window}/resume": STAFF,
    "POST /api/v1/windows/{window}/automatic": STAFF,
    "POST /api/v1/windows/{window}/{verb}": STAFF,
    "GET /api/v1/hall/config": READS_FIGURES,
    "POST /api/v1/hall/config": ADMINS,
    "GET /api/v1/hall/versions": READS_FIGURES,
    "GET /api/v1/hall/versions/{version}": READS_FIGURES,
    "POST /api/v1/hall/revert": ADMINS,
    "GET /api/v1/accuracy": READS_FIGURES,
    "GET /api/v1/periods": READS_FIGURES,
    "GET /api/v1/figures": OFFICE,
    "GET /api/v1/calls": READS_FIGURES,
    "GET /api/v1/ratings": OFFICE,
    "GET /api/v1/quarantine": READS_AUDIT,
    "GET /api/v1/audit": READS_AUDIT,
    "GET /api/v1/users": ADMINS,
    "POST /api/v1/users": ADMINS,
    "DELETE /api/v1/users/{name}": ADMINS,
    "GET /api/v1/keys": ADMINS,
    "POST /api/v1/keys": ADMINS,
    "DELETE /api/v1/keys/{label}": ADMINS,
    "GET /api/v1/devices": LEADS,
    "POST /api/v1/devices": ADMINS,
    "DELETE /api/v1/devices/{device}": ADMINS,
    "POST /api/v1/devices/{device}/commands": ADMINS,
    "POST /api/v1/devices/{device}/settings": ADMINS,
    "GET /api/v1/devices/{device}/log": ADMINS,
    "GET /api/v1/releases": LEADS,
    "POST /api/v1/releases": ADMINS,
    "GET /api/v1/rollout": LEADS,
    "POST /api/v1/rollout": ADMINS,
    "POST /api/v1/rollout/{verb}": ADMINS,
}
"""Method and path -> the roles that may. Ratings are not for clerks: they must not see who pressed what."""


def may(role: str, route: str) -> bool:
    """Whether the role may use the route. Raises KeyError for a route that there is not."""
    return role in ROUTES[route]


@dataclass(frozen=True, slots=True)
class TopicRights:
    """What may be written and read, as topics; a level `+` stands for any one level."""

    writes: tuple[str, ...]
    reads: tuple[str, ...]


DOWN = ("ack", "command", "settings", "update", "piece", "ticket")
"""What the hub writes under a device's `down/`. The device reads all that is there: one subscription costs a board less
than five."""


def device_topics(hall: str, device: str, window: str, zone: str = "") -> TopicRights:
    """The rights of one device: it writes under its own `up/`, each topic by its exact name, and reads what is for it,
    the state of its window, how many wait there and its code for rating, or the last calls of its zone and what kiosks
    offer there, whether the hub is there, and what time it is."""
    reads = [topics.down(hall, device, "+"), topics.hub_online(hall), hub_time(hall)]
    if window:
        reads += [topics.window_state(hall, window), waiting_topic(hall, window), rating_code_topic(hall, window)]
    if zone:
        reads += [board_state(hall, zone), offers_topic(hall, zone)]
    return TopicRights(tuple(topics.up(hall, device, name) for name in topics.UP), tuple(reads))


def hub_topics(hall: str) -> TopicRights:
    """The rights of the hub: it reads what devices write, and clears what the broker retains of those that are gone; it
    writes all the others."""
    up = tuple(topics.up(hall, "+", name) for name in topics.UP)
    down = tuple(topics.down(hall, "+", name) for name in DOWN)
    of_windows = (topics.window_state(hall, "+"), waiting_topic(hall, "+"), rating_code_topic(hall, "+"))
    states = (*of_windows, board_state(hall, "+"), offers_topic(hall, "+"))
    writes = (*up, *down, *states, topics.hub_online(hall), hub_time(hall))
    return TopicRights(writes, (topics.up(hall, "+", "+"),))  # one filter, so that a device's messages keep their order
