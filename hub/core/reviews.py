"""The life of a bad rating (差评): one table, and the table is the specification.

A review is born by ReviewOpened, *open*, in the same step as the bad rating itself, or when an order comes from
outside. Every other event about it is looked up here; `decide` refuses what is not in the table, `apply` follows it.
`docs/reviews.md` is made from it.

An appeal of the rated clerk goes on beside the main path, in a table of its own: while it is *pending* nothing is
closed. Upheld, it is a proposal to strike the rating out, to which a second person must agree like to any other.
"""

from __future__ import annotations

from hub.core import events

OPEN = "open"
VERIFYING = "verifying"
LEDGER = "ledger"
RECTIFIED = "rectified"
EXPLAINED = "explained"
STRIKE_PROPOSED = "strike-proposed"
STRUCK = "struck"
ANSWERED = "answered"
VISITED = "visited"
CLOSED = "closed"
WITHDRAWN = "withdrawn"

STATES = (
    OPEN,
    VERIFYING,
    LEDGER,
    RECTIFIED,
    EXPLAINED,
    STRIKE_PROPOSED,
    STRUCK,
    ANSWERED,
    VISITED,
    CLOSED,
    WITHDRAWN,
)

APPEALABLE = (VERIFYING, LEDGER, RECTIFIED, EXPLAINED, ANSWERED, VISITED, CLOSED)
"""Where an appeal of the clerk may be upheld: once somebody has looked into it, and the rating still stands."""

ENDED = (CLOSED, WITHDRAWN)

VERDICTS = (RECTIFIED, EXPLAINED, STRUCK)
"""What came out, of which the citizen is told."""

TRANSITIONS: dict[tuple[str, type[events.Event]], str] = {
    (OPEN, events.VerificationBegun): VERIFYING,
    (OPEN, events.ReviewWithdrawn): WITHDRAWN,
    (VERIFYING, events.VerificationBegun): VERIFYING,
    (VERIFYING, events.ReviewWithdrawn): WITHDRAWN,
    (VERIFYING, events.FaultRectified): RECTIFIED,
    (VERIFYING, events.FaultPutOnLedger): LEDGER,
    (VERIFYING, events.FaultExplained): EXPLAINED,
    (VERIFYING, events.StrikeProposed): STRIKE_PROPOSED,
    (LEDGER, events.FaultPutOnLedger): LEDGER,
    (LEDGER, events.FaultRectified): RECTIFIED,
    (STRIKE_PROPOSED, events.StrikeAgreed): STRUCK,
    (STRIKE_PROPOSED, events.StrikeDeclined): VERIFYING,
    (RECTIFIED, events.CitizenAnswered): ANSWERED,
    (EXPLAINED, events.CitizenAnswered): ANSWERED,
    (STRUCK, events.CitizenAnswered): ANSWERED,
    (ANSWERED, events.CitizenVisited): VISITED,
    (ANSWERED, events.CitizenObjected): VERIFYING,
    (RECTIFIED, events.ReviewClosed): CLOSED,
    (EXPLAINED, events.ReviewClosed): CLOSED,
    (STRUCK, events.ReviewClosed): CLOSED,
    (ANSWERED, events.ReviewClosed): CLOSED,
    (VISITED, events.ReviewClosed): CLOSED,
    (CLOSED, events.ReviewReopened): OPEN,
    (WITHDRAWN, events.ReviewReopened): OPEN,
    (CLOSED, events.RectificationPublished): CLOSED,
    **{(state, events.CitizenContacted): state for state in STATES if state not in ENDED},
    **{(state, events.AppealUpheld): STRIKE_PROPOSED for state in APPEALABLE},
}
"""(state, event) -> the state after it. Who was named is visited back before it is closed; `decide` sees to that."""

NO_APPEAL = "none"
PENDING = "pending"
UPHELD = "upheld"
REJECTED = "rejected"

APPEALS: dict[tuple[str, type[events.Event]], str] = {
    (NO_APPEAL, events.ClerkAppealed): PENDING,
    (PENDING, events.AppealUpheld): UPHELD,
    (PENDING, events.AppealRejected): REJECTED,
}
"""The same of the appeal beside it: one for each review."""

MISTAKEN = "mistaken"
MALICIOUS = "malicious"
GROUNDS = (MISTAKEN, MALICIOUS)
"""Why a rating may be struck out: pressed by mistake, or to do harm."""

WAYS = ("phone", "message", "face-to-face", "letter")
"""How a citizen is spoken to. Face to face: at the hall, or at their door."""
