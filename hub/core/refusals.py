"""No, and why. A refusal is a value: the words for people are in the catalogue under `refusal.CODE`."""

from __future__ import annotations

from dataclasses import dataclass, field

CODES = (
    "unknown-service",
    "unknown-window",
    "stale",
    "nobody-waiting",
    "nobody-signed-in",
    "not-your-window",
    "nothing-called",
    "not-possible-now",
    "slip",
    "numbers-used-up",
    "window-taken",
    "clerk-elsewhere",
    "window-busy",
    "service-has-waiting",
    "window-in-use",
    "service-has-bookings",
    "unknown-ticket",
    "unknown-pause",
    "unknown-place",
    "paused",
    "not-paused",
    "not-served-here",
    "reason-needed",
    "call-again",
    "wait-for-them",
    "transfer-whereto",
    "to-itself",
    "clerk-not-here",
    "nothing-to-take-back",
    "minutes-out-of-range",
    "bad-case",
    "bad-split",
    "class-by-appointment",
    "unknown-class",
    "class-by-staff",
    "party-size",
    "service-twice",
    "appointment-only",
    "closed-until",
    "closed",
    "cut-off",
    "not-servable",
    "not-offered",
    "not-offered-until",
    "day-limit",
    "check-needed",
    "no-check-here",
    "unknown-check",
    "check-of-other",
    "check-failed",
    "check-used",
    "unknown-paper",
    "code-in-use",
    "no-such-day",
    "day-past",
    "day-too-far",
    "day-closed",
    "slot-begun",
    "booked-already",
    "no-slot",
    "slot-full",
    "unknown-booking",
    "unknown-code",
    "booking-cancelled",
    "checked-in-already",
    "appointment-passed",
    "appointment-other-day",
    "too-early",
    "day-over",
    "already-shown",
    "too-late",
    "busy",
)
"""Every reason there is."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """`code` is one of CODES; `detail` fills the words in (a number, a window, a name)."""

    code: str
    detail: dict[str, str] = field(default_factory=dict)
