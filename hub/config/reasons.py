"""Reasons that are offered after a level, for halls that have no list of their own. The words are in the catalogue.

Their choice follows what people complain of in public reports: how they were spoken to, how long it took, what they
were not told, and what was asked of them beyond the published guide. A list that changes gets another version; a rating
keeps the version by which it was chosen.
"""

from __future__ import annotations

REASONS_VERSION = "usual-1"

_GOOD = (5, 4)
_FAIR = (3,)
_BAD = (2, 1)

REASONS: dict[str, tuple[int, ...]] = {
    "friendly": _GOOD,
    "quick": _GOOD,
    "clear": _GOOD,
    "one-visit": _GOOD,
    "could-be-quicker": _FAIR,
    "could-be-clearer": _FAIR,
    "unfriendly": _BAD,
    "slow": _BAD,
    "long-wait": _BAD,
    "not-told": _BAD,
    "several-visits": _BAD,
    "more-papers": _BAD,
    "not-accepted": _BAD,
    "other": (*_GOOD, *_FAIR, *_BAD),
}
"""Reason -> the levels that it is offered with."""
