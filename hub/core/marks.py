"""What becomes of a mark on ratings: one table. Ratings are excluded by two people, and never by the program.

A mark says that ratings look as if no applicant had pressed them (see hub.core.marking). They count until somebody
proposes to exclude them and somebody else agrees; both figures, with them and without, are shown from then on.
"""

from __future__ import annotations

from hub.core import events

MARKED = "marked"
PROPOSED = "proposed"
EXCLUDED = "excluded"
KEPT = "kept"
STATES = (MARKED, PROPOSED, EXCLUDED, KEPT)

TRANSITIONS: dict[tuple[str, type[events.Event]], str] = {
    (MARKED, events.ExclusionProposed): PROPOSED,
    (MARKED, events.ExclusionDeclined): KEPT,
    (PROPOSED, events.ExclusionAgreed): EXCLUDED,
    (PROPOSED, events.ExclusionDeclined): MARKED,
    (EXCLUDED, events.ExclusionDeclined): MARKED,
    (KEPT, events.ExclusionProposed): PROPOSED,
}
"""(state, event) -> the state after it. Who finds ratings excluded wrongly declines that: they count again."""
