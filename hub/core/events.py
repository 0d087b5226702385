"""What happened. Past participles; the log is made of these and is the truth.

An event is stored as its kind (the class name) and its fields, without those that have their default. A field may be
added with a default; a kind or a field is never renamed, and no default is ever changed, because logs are kept.

What `decide` worked out by the rules (a place, a credit, a reason) is in the event, so that a log means the same under
later rules. Times are ms since 1970.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class HallConfigured:
    """A version of the hall file came into force. `source`: its text."""

    hall: dict[str, Any]
    source: str = ""
    by: str = "hub"
    note: str = ""


@dataclass(frozen=True, slots=True)
class DayOpened:
    """`kind`: "workday", "restday", "holiday" or "closed", with the hall's exceptions. `midnight_ms`: minute 0."""

    day: str
    kind: str = "workday"
    midnight_ms: int = 0


@dataclass(frozen=True, slots=True)
class ClerkSignedIn:
    clerk: str
    window: str


@dataclass(frozen=True, slots=True)
class ClerkSignedOut:
    clerk: str
    window: str


@dataclass(frozen=True, slots=True)
class WindowPaused:
    window: str
    clerk: str
    reason: str


@dataclass(frozen=True, slots=True)
class WindowResumed:
    window: str
    clerk: str


@dataclass(frozen=True, slots=True)
class AutomaticSet:
    window: str
    on: bool


@dataclass(frozen=True, slots=True)
class TicketDrawn:
    """`count` is the number within its service; `number` is what people see, once a day and hall.

    The effective arrival is max(`arrival_ms` or the moment of the event, `due_ms`) minus `credit_ms`, or `place_ms`
    where that is given. `due_ms`: the time of the appointment `booking`. `origin`: the visit that this one was split
    from. `check`: the pre-check it used.
    `outside`: the hall is full, and the person waits before the door. `promise`: (expected, low, high) waiting, in ms.
    """

    visit: str
    day: str
    service: str
    count: int
    number: str
    by: str
    klass: str = "walk-in"
    credit_ms: int = 0
    party: int = 1
    plan: tuple[str, ...] = ()
    arrival_ms: int = 0
    due_ms: int = 0
    booking: str = ""
    origin: str = ""
    check: str = ""
    case: str = ""
    outside: bool = False
    promise: tuple[int, ...] = ()
    place_ms: int = 0


@dataclass(frozen=True, slots=True)
class TicketAdmitted:
    """There is room again: the person comes in from before the door, and waits."""

    visit: str


@dataclass(frozen=True, slots=True)
class TicketCalled:
    """`why`: see hub.core.calling.Choice.why."""

    visit: str
    window: str
    clerk: str
    by: str
    why: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TicketRecalled:
    visit: str
    window: str
    by: str


@dataclass(frozen=True, slots=True)
class ServiceStarted:
    visit: str
    window: str
    by: str


@dataclass(frozen=True, slots=True)
class ServiceChanged:
    """The visit at the window turned out to be for another service."""

    visit: str
    window: str
    service: str
    by: str


@dataclass(frozen=True, slots=True)
class ServiceAdded:
    visit: str
    service: str
    by: str


@dataclass(frozen=True, slots=True)
class TicketFinished:
    """`implicit`: the clerk did not press *finish* but went on to the next one, or the day ended."""

    visit: str
    window: str
    by: str
    implicit: bool


@dataclass(frozen=True, slots=True)
class TicketMissed:
    visit: str
    window: str
    by: str


@dataclass(frozen=True, slots=True)
class TicketHeld:
    visit: str
    window: str
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TicketTransferred:
    """From a window to the line `line` (see hub.core.lines), for `service`, with the effective arrival `place_ms`.

    `step`: the service at this window was done, and the visit goes on to the next of its plan.
    """

    visit: str
    window: str
    line: str
    service: str
    place_ms: int
    by: str
    step: bool = False


@dataclass(frozen=True, slots=True)
class TicketMoved:
    """While waiting, to another service."""

    visit: str
    service: str
    place_ms: int
    by: str


@dataclass(frozen=True, slots=True)
class TicketPostponed:
    visit: str
    place_ms: int
    by: str


@dataclass(frozen=True, slots=True)
class TicketReturned:
    """Back from *missed* or *on hold*, waiting, with the effective arrival `place_ms`."""

    visit: str
    place_ms: int
    by: str


@dataclass(frozen=True, slots=True)
class TicketQueuedOutside:
    """Back from *missed* while the hall is full: waits before the door, with the effective arrival `place_ms`."""

    visit: str
    place_ms: int
    by: str


@dataclass(frozen=True, slots=True)
class CallTakenBack:
    visit: str
    window: str
    by: str


@dataclass(frozen=True, slots=True)
class StartTakenBack:
    visit: str
    window: str
    by: str


@dataclass(frozen=True, slots=True)
class FinishTakenBack:
    visit: str
    window: str
    by: str


@dataclass(frozen=True, slots=True)
class MissTakenBack:
    visit: str
    window: str
    by: str


@dataclass(frozen=True, slots=True)
class TicketCancelled:
    visit: str
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TicketExpired:
    """The day ended before the ticket was served."""

    visit: str


@dataclass(frozen=True, slots=True)
class PartyChanged:
    """`party` people are left on the ticket: the others were split off."""

    visit: str
    party: int
    by: str


@dataclass(frozen=True, slots=True)
class CaseNoted:
    visit: str
    case: str
    by: str


@dataclass(frozen=True, slots=True)
class AppointmentBooked:
    """`slot`: key of the quota it counts for (see hub.core.schedule)."""

    booking: str
    code: str
    day: str
    minute: int
    service: str
    party: int
    holder: str
    slot: str
    by: str


@dataclass(frozen=True, slots=True)
class BookingCancelled:
    booking: str
    by: str


@dataclass(frozen=True, slots=True)
class BookingLapsed:
    """Nobody came."""

    booking: str


@dataclass(frozen=True, slots=True)
class PreCheckPassed:
    check: str
    service: str
    by: str


@dataclass(frozen=True, slots=True)
class PreCheckFailed:
    check: str
    service: str
    missing: tuple[str, ...]
    by: str


@dataclass(frozen=True, slots=True)
class AlarmRaised:
    """`alarm`: rule and subject, one key while it lasts. `subject`: a service, a window or a visit. `to`: whom to tell.
    `level`: 0 for the first person, 1 for the next … `figures`: what was measured, for the words."""

    alarm: str
    rule: str
    subject: str
    level: int
    to: str
    figures: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AlarmCleared:
    alarm: str


@dataclass(frozen=True, slots=True)
class RatingRecorded:
    """`standing`: see hub.core.ratings. `rating` names it for ever; empty in logs of before: then it is
    DEVICE:EPOCH:SEQ, the name of the press. `stop`: which of the visit's stops, from 0; -1: none, or not noted then.
    `case`: for which of its cases; `reasons`: out of the list of that version; `replaces`: the rating that it counts in
    the place of. `named`: the applicant gave a name, `words`: wrote something; both are kept apart from the log. `by`:
    who of the hall entered it for somebody. `sitting`: who sat at the window of a press that has no visit. `sender`:
    role of the board that sent it, if that cannot have been the rating pad of the window; else empty."""

    device: str
    epoch: int
    seq: int
    visit: str
    window: str
    clerk: str
    service: str
    level: int
    earliest_ms: int
    latest_ms: int
    standing: str
    rating: str = ""
    channel: str = "pad"
    stop: int = -1
    case: str = ""
    attempt: int = 1
    replaces: str = ""
    reasons: tuple[str, ...] = ()
    reasons_version: str = ""
    named: bool = False
    words: bool = False
    by: str = ""
    sitting: str = ""
    sender: str = ""


@dataclass(frozen=True, slots=True)
class ContactLeft:
    """Somebody left a way to be asked how it was. What it is, is kept apart from the log."""

    visit: str


@dataclass(frozen=True, slots=True)
class RatingInvited:
    """Nobody pressed for this visit: its holder is asked by message."""

    visit: str


@dataclass(frozen=True, slots=True)
class CallListed:
    """Nobody answered the invitation: the holder is on the list of those to be called."""

    visit: str


@dataclass(frozen=True, slots=True)
class RatingsMarked:
    """`ratings` look as if no applicant had pressed them, by the rule `rule` of hub.core.marking; `evidence`: what was
    measured. They count as before until two people have excluded them."""

    mark: str
    rule: str
    window: str
    clerk: str
    ratings: tuple[str, ...]
    evidence: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExclusionProposed:
    mark: str
    by: str
    words: bool = False


@dataclass(frozen=True, slots=True)
class ExclusionAgreed:
    """By a second person: the mark's ratings are in no figure but the one with everything."""

    mark: str
    by: str


@dataclass(frozen=True, slots=True)
class ExclusionDeclined:
    """They are honest after all."""

    mark: str
    by: str
    words: bool = False


@dataclass(frozen=True, slots=True)
class ReviewOpened:
    """A bad rating is to be answered. `kind` is one of hub.core.limits.KINDS. `rating`: which one; empty: the order
    `order` of another system. `named`: the citizen can be spoken to. Limits end at `contact_due_ms`, `answer_due_ms`;
    0: none. `words`: there is a text with it, kept apart from the log."""

    review: str
    kind: str
    rating: str
    visit: str
    stop: int
    window: str
    clerk: str
    service: str
    level: int
    named: bool
    contact_due_ms: int
    answer_due_ms: int
    order: str = ""
    words: bool = False
    by: str = "hub"


@dataclass(frozen=True, slots=True)
class ReviewWithdrawn:
    """The citizen corrected the rating at once, to one that is not bad."""

    review: str
    rating: str


@dataclass(frozen=True, slots=True)
class ReviewReopened:
    """A new word of the citizen (the remark `rating`), or somebody of the hall (`by`)."""

    review: str
    by: str
    contact_due_ms: int
    answer_due_ms: int
    rating: str = ""
    words: bool = False


@dataclass(frozen=True, slots=True)
class OrderAttached:
    """Another system has an order about what this review is about already. The earlier limits count."""

    review: str
    order: str
    by: str
    named: bool
    contact_due_ms: int
    answer_due_ms: int
    words: bool = False


@dataclass(frozen=True, slots=True)
class VerificationBegun:
    """`by` looks into it, and is not who was rated."""

    review: str
    by: str


@dataclass(frozen=True, slots=True)
class CitizenContacted:
    """Spoken to for the first time. `how`: one of hub.core.reviews.WAYS; here and in the next ones."""

    review: str
    by: str
    how: str
    words: bool = False


@dataclass(frozen=True, slots=True)
class FaultRectified:
    """Put right."""

    review: str
    by: str
    words: bool = False


@dataclass(frozen=True, slots=True)
class FaultPutOnLedger:
    """Cannot be put right at once: for a reason that is written down, until `due_ms`."""

    review: str
    by: str
    due_ms: int
    words: bool = False


@dataclass(frozen=True, slots=True)
class FaultExplained:
    """There is no legal ground for what was asked for."""

    review: str
    by: str
    words: bool = False


@dataclass(frozen=True, slots=True)
class StrikeProposed:
    """`ground`: one of hub.core.reviews.GROUNDS."""

    review: str
    by: str
    ground: str
    words: bool = False


@dataclass(frozen=True, slots=True)
class StrikeAgreed:
    """By a second person: the rating is in no figure but the one with everything. It is never deleted."""

    review: str
    by: str


@dataclass(frozen=True, slots=True)
class StrikeDeclined:
    review: str
    by: str
    words: bool = False


@dataclass(frozen=True, slots=True)
class CitizenAnswered:
    review: str
    by: str
    how: str
    words: bool = False


@dataclass(frozen=True, slots=True)
class CitizenVisited:
    """Asked again after the answer, and content with it."""

    review: str
    by: str
    how: str
    words: bool = False


@dataclass(frozen=True, slots=True)
class CitizenObjected:
    """Asked again after the answer, and not content with it: it is looked into once more."""

    review: str
    by: str
    how: str
    answer_due_ms: int
    words: bool = False


@dataclass(frozen=True, slots=True)
class ReviewClosed:
    review: str
    by: str


@dataclass(frozen=True, slots=True)
class RectificationPublished:
    """What was done about it may be read by everybody, in words that name nobody."""

    review: str
    by: str
    words: bool = False


@dataclass(frozen=True, slots=True)
class ClerkAppealed:
    review: str
    by: str
    words: bool = False


@dataclass(frozen=True, slots=True)
class AppealUpheld:
    """Which proposes to strike the rating out; a second person is still to agree."""

    review: str
    by: str
    ground: str
    words: bool = False


@dataclass(frozen=True, slots=True)
class AppealRejected:
    review: str
    by: str
    words: bool = False


@dataclass(frozen=True, slots=True)
class NumberShown:
    """The display at the window reported that its glass shows this very call (`revision`)."""

    visit: str
    window: str
    device: str
    revision: int


@dataclass(frozen=True, slots=True)
class HubRestored:
    """The log was set back to an earlier moment: what happened between `since_ms` and now is not in it. From here on
    the hub has the epoch `epoch`. `counts`: service -> the number up to which nobody is given one today, since somebody
    may hold it (see hub.core.restoring)."""

    epoch: int
    since_ms: int
    counts: dict[str, int] = field(default_factory=dict)


Event = (
    HallConfigured
    | DayOpened
    | ClerkSignedIn
    | ClerkSignedOut
    | WindowPaused
    | WindowResumed
    | AutomaticSet
    | TicketDrawn
    | TicketAdmitted
    | TicketCalled
    | TicketRecalled
    | ServiceStarted
    | ServiceChanged
    | ServiceAdded
    | TicketFinished
    | TicketMissed
    | TicketHeld
    | TicketTransferred
    | TicketMoved
    | TicketPostponed
    | TicketReturned
    | TicketQueuedOutside
    | CallTakenBack
    | StartTakenBack
    | FinishTakenBack
    | MissTakenBack
    | TicketCancelled
    | TicketExpired
    | PartyChanged
    | CaseNoted
    | AppointmentBooked
    | BookingCancelled
    | BookingLapsed
    | PreCheckPassed
    | PreCheckFailed
    | AlarmRaised
    | AlarmCleared
    | RatingRecorded
    | ContactLeft
    | RatingInvited
    | CallListed
    | RatingsMarked
    | ExclusionProposed
    | ExclusionAgreed
    | ExclusionDeclined
    | ReviewOpened
    | ReviewWithdrawn
    | ReviewReopened
    | OrderAttached
    | VerificationBegun
    | CitizenContacted
    | FaultRectified
    | FaultPutOnLedger
    | FaultExplained
    | StrikeProposed
    | StrikeAgreed
    | StrikeDeclined
    | CitizenAnswered
    | CitizenVisited
    | CitizenObjected
    | ReviewClosed
    | RectificationPublished
    | ClerkAppealed
    | AppealUpheld
    | AppealRejected
    | NumberShown
    | HubRestored
)

KINDS: dict[str, type[Event]] = {kind.__name__: kind for kind in Event.__args__}


def _default(of: Any) -> Any:
    return of.default_factory() if of.default_factory is not MISSING else of.default


_FIELDS = {kind: tuple((each.name, _default(each)) for each in fields(kind)) for kind in KINDS.values()}
_TUPLES = {
    kind.__name__: [each.name for each in fields(kind) if str(each.type).startswith("tuple")] for kind in KINDS.values()
}


def to_record(event: Event) -> tuple[str, dict[str, Any]]:
    """(kind, fields) of `event`, for the log."""
    kind = type(event)
    record = {name: value for name, default in _FIELDS[kind] if (value := getattr(event, name)) != default}
    return kind.__name__, record


def from_record(kind: str, record: dict[str, Any]) -> Event:
    """The event that `to_record` wrote. Raises KeyError for a kind that this version does not know."""
    for name in _TUPLES[kind]:
        if name in record:
            record[name] = tuple(record[name])
    return KINDS[kind](**record)
