"""What people and devices ask for. Imperatives; each carries an id, so that asking twice happens once.

`seen` is the version (hub epoch, revision) of the window that the asker saw: a command for another version is refused,
so that a double press calls one person and two clerks never get the same one. `by` says who asks: "clerk:ID",
"admin:ID", "kiosk:ID", "device:ID", "visitor" (the holder of a ticket) or "hub". Random tokens (`visit`, `booking`,
`check`, `code`) are drawn by whoever makes the command.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from hub.core.hall import WALK_IN, Hall
from hub.core.limits import Moments
from hub.core.ratings import NO_WORDS, PAD, Words

Version = tuple[int, int]


class Moment(NamedTuple):
    """Now: milliseconds since 1970 UTC, and the hall's business day as YYYY-MM-DD."""

    ms: int
    day: str


class Promise(NamedTuple):
    """A waiting time as it was told to somebody, in ms from now: what was expected, and the 80 % range."""

    expected_ms: int
    low_ms: int
    high_ms: int


@dataclass(frozen=True, slots=True)
class ConfigureHall:
    """`source`: the hall file's text, kept with the version; `note`: why it was changed."""

    id: str
    hall: Hall
    source: str = ""
    by: str = "hub"
    note: str = ""


@dataclass(frozen=True, slots=True)
class OpenDay:
    """Numbers start again; what is left of the day before is closed.

    `kind` is what the country's calendar calls the day: "workday", "restday" (a weekend) or "holiday"; the hall's own
    exceptions are applied to it. `midnight_ms`: the moment from which the day's minutes are counted.
    """

    id: str
    day: str
    kind: str = "workday"
    midnight_ms: int = 0


@dataclass(frozen=True, slots=True)
class DrawTicket:
    """`visit` is a fresh random token: the handle of the visit for its holder.

    `plan`: further services that this visit is for. `party`: people on this ticket. `check`: code of a passed
    pre-check. `promise`: the waiting time that the hub expects for it at this moment.
    """

    id: str
    visit: str
    service: str
    by: str
    klass: str = WALK_IN
    party: int = 1
    plan: tuple[str, ...] = ()
    check: str = ""
    case: str = ""
    promise: Promise | None = None


@dataclass(frozen=True, slots=True)
class ForbidDraw:
    """Whoever asked for a ticket by the command `id` has gone: it is not to be carried out any more. An `id` that was
    carried out is answered as it was then."""

    id: str


@dataclass(frozen=True, slots=True)
class BookAppointment:
    """`holder`: keyed hash of who the person is, so that a double booking is seen without knowing anybody. `kind`: what
    the country's calendar calls `day`. `minute`: when the slot begins."""

    id: str
    booking: str
    code: str
    day: str
    minute: int
    service: str
    party: int
    holder: str
    kind: str
    by: str


@dataclass(frozen=True, slots=True)
class CancelBooking:
    id: str
    booking: str
    by: str


@dataclass(frozen=True, slots=True)
class CheckIn:
    """Somebody with an appointment is here. `code` is what they were given."""

    id: str
    visit: str
    code: str
    by: str
    promise: Promise | None = None


@dataclass(frozen=True, slots=True)
class RecordPreCheck:
    """The desk looked at somebody's papers; `missing` are ids of the service's papers, empty: passed. `check` is the
    code with which a ticket can be drawn."""

    id: str
    check: str
    service: str
    missing: tuple[str, ...]
    by: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """`move`: leave the window where the clerk sits now, if nobody is there."""

    id: str
    clerk: str
    window: str
    by: str
    move: bool = False


@dataclass(frozen=True, slots=True)
class SignOut:
    id: str
    window: str
    by: str


@dataclass(frozen=True, slots=True)
class PauseWindow:
    """`reason`: an id of the hall's pauses."""

    id: str
    window: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class ResumeWindow:
    id: str
    window: str
    by: str


@dataclass(frozen=True, slots=True)
class SetAutomatic:
    """Whether the next one is called by itself when the window is free."""

    id: str
    window: str
    on: bool
    by: str


@dataclass(frozen=True, slots=True)
class CallNext:
    id: str
    window: str
    seen: Version
    by: str


@dataclass(frozen=True, slots=True)
class PickTicket:
    """Calls a chosen ticket out of order, or takes one back from hold. `reason` is kept."""

    id: str
    window: str
    seen: Version
    by: str
    visit: str
    reason: str


@dataclass(frozen=True, slots=True)
class Recall:
    id: str
    window: str
    seen: Version
    by: str


@dataclass(frozen=True, slots=True)
class StartService:
    id: str
    window: str
    seen: Version
    by: str


@dataclass(frozen=True, slots=True)
class FinishService:
    """With further services in the visit's plan, the person goes on to wait for the next of them."""

    id: str
    window: str
    seen: Version
    by: str


@dataclass(frozen=True, slots=True)
class MarkMissed:
    id: str
    window: str
    seen: Version
    by: str


@dataclass(frozen=True, slots=True)
class HoldTicket:
    """Parks the visit at the window: the person fetches something and comes back."""

    id: str
    window: str
    seen: Version
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TransferTicket:
    """Sends the visit at the window on, to exactly one of `service`, `to_window`, `to_clerk`.

    `place`: "credit" (as if arrived the transfer credit ago), "first", "last", or "keep" (the place of the first
    arrival). None is worth more than the hall's largest credit.
    """

    id: str
    window: str
    seen: Version
    by: str
    service: str = ""
    to_window: str = ""
    to_clerk: str = ""
    place: str = "credit"


@dataclass(frozen=True, slots=True)
class ChangeService:
    """The person at the window is here for something else, which is done here too."""

    id: str
    window: str
    seen: Version
    by: str
    service: str


@dataclass(frozen=True, slots=True)
class TakeBackCall:
    """A slip of the finger, step back 1: the called person waits again, at the very same place; who was called from
    hold is on hold again. An automatic window stops being one."""

    id: str
    window: str
    seen: Version
    by: str


@dataclass(frozen=True, slots=True)
class TakeBackStart:
    """Step back 2: the service has not begun; the person is still on the way."""

    id: str
    window: str
    seen: Version
    by: str


@dataclass(frozen=True, slots=True)
class TakeBackFinish:
    """Step back 3: the visit that just ended here goes on, while nobody else is at the window."""

    id: str
    window: str
    seen: Version
    by: str


@dataclass(frozen=True, slots=True)
class TakeBackMissed:
    """Step back 4: the person who was just marked missed here has come, while nobody else is at the window."""

    id: str
    window: str
    seen: Version
    by: str


@dataclass(frozen=True, slots=True)
class CancelTicket:
    """The person goes without being served."""

    id: str
    visit: str
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReturnTicket:
    """Somebody who missed their call, or was on hold, is back and waits."""

    id: str
    visit: str
    by: str


@dataclass(frozen=True, slots=True)
class PostponeTicket:
    """ "I need `minutes` more": the waiting person lets others go first."""

    id: str
    visit: str
    minutes: int
    by: str


@dataclass(frozen=True, slots=True)
class MoveTicket:
    """A manager sends a waiting person to another service; the place is kept."""

    id: str
    visit: str
    service: str
    by: str


@dataclass(frozen=True, slots=True)
class AddService:
    """The visit is for `service` too, after what it is for already."""

    id: str
    visit: str
    service: str
    by: str


@dataclass(frozen=True, slots=True)
class NoteCase:
    """`case`: the number of the matter in another system."""

    id: str
    visit: str
    case: str
    by: str


@dataclass(frozen=True, slots=True)
class SplitTicket:
    """A waiting group goes to several windows: `parties` people on each of the new tickets `visits`, which have the
    same place; the rest stays on the first one."""

    id: str
    visit: str
    visits: tuple[str, ...]
    parties: tuple[int, ...]
    by: str


@dataclass(frozen=True, slots=True)
class LookAround:
    """Time has passed: what became due by itself (alarms, appointments that nobody kept)?"""

    id: str


@dataclass(frozen=True, slots=True)
class RecordRating:
    """Somebody said how it was. From a pad or kiosk it is a press, named for ever by (device, epoch, seq), and its `id`
    is DEVICE:EPOCH:SEQ; otherwise these are empty, and the rating is named by `id`. It was pressed between the two
    times, in ms. `stop`: which of the visit's stops, from 0; -1: the last one at `window`. `case`: which of its cases;
    None: the one that was noted last. `limits`: when limits end that begin now; the hub fills them in, here and below.
    `role`: what the board is now, empty where no board sent it; `as_pad`: from when until when it was the rating pad of
    `window`.
    """

    id: str
    device: str
    epoch: int
    seq: int
    window: str
    visit: str
    level: int
    earliest_ms: int
    latest_ms: int
    channel: str = PAD
    stop: int = -1
    case: str | None = None
    reasons: tuple[str, ...] = ()
    words: Words = NO_WORDS
    by: str = ""
    limits: Moments = ()
    role: str = ""
    as_pad: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class LeaveContact:
    """The holder of the visit may be asked by message how it was."""

    id: str
    visit: str
    words: Words
    by: str


@dataclass(frozen=True, slots=True)
class OpenReview:
    """An order of another system, such as the 12345 hotline: somebody complains, or asks. `kind`: one of
    hub.core.limits.KINDS. Window, clerk and service as far as they are known. `due_ms`: when the other system wants its
    answer, 0: it does not say; the earlier limit counts."""

    id: str
    order: str
    kind: str
    named: bool
    by: str
    window: str = ""
    clerk: str = ""
    service: str = ""
    rating: str = ""
    words: Words = NO_WORDS
    limits: Moments = ()
    due_ms: int = 0


@dataclass(frozen=True, slots=True)
class ActOnReview:
    """One step of a review by somebody of the hall, who saw it as it was after the log position `seen`."""

    id: str
    review: str
    seen: int
    by: str
    words: Words = NO_WORDS
    limits: Moments = ()


@dataclass(frozen=True, slots=True)
class BeginVerification(ActOnReview): ...


@dataclass(frozen=True, slots=True)
class ContactCitizen(ActOnReview):
    how: str = ""


@dataclass(frozen=True, slots=True)
class RectifyFault(ActOnReview): ...


@dataclass(frozen=True, slots=True)
class PutFaultOnLedger(ActOnReview):
    """`days`: working days that it takes."""

    days: int = 0


@dataclass(frozen=True, slots=True)
class ExplainFault(ActOnReview): ...


@dataclass(frozen=True, slots=True)
class ProposeStrike(ActOnReview):
    ground: str = ""


@dataclass(frozen=True, slots=True)
class AgreeToStrike(ActOnReview): ...


@dataclass(frozen=True, slots=True)
class DeclineStrike(ActOnReview): ...


@dataclass(frozen=True, slots=True)
class AnswerCitizen(ActOnReview):
    how: str = ""


@dataclass(frozen=True, slots=True)
class VisitCitizen(ActOnReview):
    """`content`: whether the citizen is, with the answer."""

    how: str = ""
    content: bool = True


@dataclass(frozen=True, slots=True)
class CloseReview(ActOnReview): ...


@dataclass(frozen=True, slots=True)
class ReopenReview(ActOnReview): ...


@dataclass(frozen=True, slots=True)
class PublishRectification(ActOnReview): ...


@dataclass(frozen=True, slots=True)
class Appeal(ActOnReview): ...


@dataclass(frozen=True, slots=True)
class UpholdAppeal(ActOnReview):
    ground: str = ""


@dataclass(frozen=True, slots=True)
class RejectAppeal(ActOnReview): ...


@dataclass(frozen=True, slots=True)
class ActOnMark:
    """One step toward excluding marked ratings from the figures, or toward leaving them in."""

    id: str
    mark: str
    by: str
    words: Words = NO_WORDS


@dataclass(frozen=True, slots=True)
class ProposeExclusion(ActOnMark): ...


@dataclass(frozen=True, slots=True)
class AgreeToExclusion(ActOnMark): ...


@dataclass(frozen=True, slots=True)
class DeclineExclusion(ActOnMark): ...


@dataclass(frozen=True, slots=True)
class ConfirmShown:
    """A display reports that its glass shows `version` of its window."""

    id: str
    device: str
    window: str
    version: Version


@dataclass(frozen=True, slots=True)
class NoteRestored:
    """The log was set back: it ends at `since_ms`, and what happened after that is lost. `epoch` is the hub's new one;
    `per_hour`: service -> how fast its numbers were given (see restoring.per_hour)."""

    id: str
    epoch: int
    since_ms: int
    per_hour: Mapping[str, int]


Press = CallNext | Recall | StartService | FinishService | MarkMissed
"""What needs nothing said with it: a key on a call pad."""

TakeBack = TakeBackCall | TakeBackStart | TakeBackFinish | TakeBackMissed
AtWindow = Press | PickTicket | HoldTicket | TransferTicket | ChangeService | TakeBack
"""What a clerk does at a window, having seen it."""

OfVisit = CancelTicket | ReturnTicket | PostponeTicket | MoveTicket | AddService | NoteCase | SplitTicket
"""What is done with a visit that is not at a window, or from elsewhere."""

OfAppointment = BookAppointment | CancelBooking | CheckIn | RecordPreCheck
OfRating = RecordRating | LeaveContact | OpenReview | ActOnReview | ActOnMark
Limited = RecordRating | OpenReview | ActOnReview
"""What may begin a limit in working days."""

Worded = RecordRating | LeaveContact | OpenReview | ActOnReview | ActOnMark
"""What somebody may say in words with; these are kept apart from the log."""

OfWindow = SignIn | SignOut | PauseWindow | ResumeWindow | SetAutomatic
Command = (
    ConfigureHall
    | OpenDay
    | DrawTicket
    | ForbidDraw
    | OfAppointment
    | OfWindow
    | AtWindow
    | OfVisit
    | LookAround
    | OfRating
    | ConfirmShown
    | NoteRestored
)

VERBS: dict[str, type[Press]] = {
    "next": CallNext,
    "recall": Recall,
    "start": StartService,
    "finish": FinishService,
    "missed": MarkMissed,
}
"""The keys that every call pad has -> the command it means."""

PAD_VERBS: dict[str, type[Press | HoldTicket | TakeBack]] = {
    **VERBS,
    "hold": HoldTicket,
    "take-back-call": TakeBackCall,
    "take-back-start": TakeBackStart,
    "take-back-finish": TakeBackFinish,
    "take-back-missed": TakeBackMissed,
}
"""What needs no more words at a call pad; see protocol.verbs, which has the pauses too."""

PAGE_VERBS: dict[str, type[AtWindow]] = {
    **PAD_VERBS,
    "pick": PickTicket,
    "transfer": TransferTicket,
    "change-service": ChangeService,
}
"""The same for the page, where more can be said."""

REVIEW_VERBS: dict[str, type[ActOnReview]] = {
    "verify": BeginVerification,
    "contact": ContactCitizen,
    "rectify": RectifyFault,
    "ledger": PutFaultOnLedger,
    "explain": ExplainFault,
    "strike": ProposeStrike,
    "agree": AgreeToStrike,
    "decline": DeclineStrike,
    "answer": AnswerCitizen,
    "visit": VisitCitizen,
    "close": CloseReview,
    "reopen": ReopenReview,
    "publish": PublishRectification,
    "appeal": Appeal,
    "uphold": UpholdAppeal,
    "reject": RejectAppeal,
}
"""What is done with a review, by the word in the address of its request."""

MARK_VERBS: dict[str, type[ActOnMark]] = {
    "exclude": ProposeExclusion,
    "agree": AgreeToExclusion,
    "decline": DeclineExclusion,
}
