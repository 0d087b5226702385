"""What of the log goes to the province: ratings that count, and what became of its orders. Written into the table
`exchange` in the transaction of the event, so that none is lost and none is sent that did not happen."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hub.adapters import sqlite_exchange, sqlite_periods
from hub.core import events
from hub.core.exchange import ORDER_STATE, RATING
from hub.core.hall import Hall
from hub.core.ratings import COUNTS, Words
from hub.core.reviews import VERDICTS
from hub.ports import Entry

Execute = Callable[..., Any]


_EXCHANGES = "exchanges"


def begin(execute: Execute) -> None:
    """Writes down that this hall has a province: what a restore brings back is then for it too."""
    execute("insert or ignore into meta values (?, '1')", (_EXCHANGES,))


def has_begun(execute: Execute) -> bool:
    return execute("select 1 from meta where key = ?", (_EXCHANGES,)).fetchone() is not None


class Posting:
    """Follows the log, and puts in what its entries have for the province."""

    def __init__(self, execute: Execute):
        self._execute = execute
        self._hall: Hall | None = None

    def follow(self, entry: Entry, words: Words) -> None:
        """The next entry, whose tables are written already; `words` were written with it."""
        if isinstance(entry.event, events.HallConfigured) or self._hall is None:
            self._hall = sqlite_periods.hall_at(self._execute, entry.seq + 1)
        if self._hall:
            _post(self._execute, entry, words, self._hall)


def _post(execute: Execute, entry: Entry, words: Words, hall: Hall) -> None:
    event = entry.event
    if isinstance(event, events.RatingRecorded) and event.standing in COUNTS:
        subject = f"{event.visit}:{event.stop}:{event.case}"
        sqlite_exchange.post(execute, RATING, event.rating, subject, _rating(event, words, hall), entry.at_ms)
    elif hasattr(event, "review") and not isinstance(event, events.ReviewOpened):
        _post_states(execute, entry, words, hall)


def _rating(event: events.RatingRecorded, words: Words, hall: Hall) -> dict[str, Any]:
    service = hall.services.get(event.service)
    department = hall.departments.get(service.department) if service else None
    return {
        "rating": event.rating,
        "case": event.case,
        "item_code": service.item_code if service else "",
        "item_name": service.names["zh-Hans"] if service else "",
        "step": event.stop + 1,
        "channel": event.channel,
        "level": event.level,
        "reasons": list(event.reasons),
        "text": words.text,
        "rated_ms": event.latest_ms,
        "clerk_number": hall.clerk_numbers.get(event.clerk, ""),
        "clerk_name": event.clerk,
        "window": event.window,
        "department_code": department.code if department else "",
        "district_code": hall.region.code,
        "named": event.named,
        "attempt": event.attempt,
    }


def _post_states(execute: Execute, entry: Entry, words: Words, hall: Hall) -> None:
    """Of each order about the review: where it is now. Who did it is told by the number that everybody may read."""
    event: Any = entry.event
    query = "select orders, rating, state, answer_due_ms, ledger_due_ms from reviews where review = ?"
    orders, rating, state, answer_due_ms, ledger_due_ms = execute(query, (event.review,)).fetchone()
    name = getattr(event, "by", "").partition(":")[2]
    for order in json.loads(orders):
        record = {
            "order": order,
            "rating": rating,
            "state": state,
            "result": state if state in VERDICTS else "",
            "text": words.text,
            "by": hall.clerk_numbers.get(name, ""),
            "due_ms": ledger_due_ms or answer_due_ms,
            "changed_ms": entry.at_ms,
        }
        sqlite_exchange.post(execute, ORDER_STATE, f"{order}:{entry.seq}", order, record, entry.at_ms)
