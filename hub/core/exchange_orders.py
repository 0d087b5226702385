"""What another platform asks of the hall: orders (工单) about bad ratings, read in our words by a map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.core.exchange import MOMENT, OTHERS, TEXT, YES_NO, ExchangeMap, FieldProblem, Key, OrderField, Scalar, as_text
from hub.core.limits import KINDS
from hub.core.stamps import FORMS, read_stamp

ID_CHARS = 64
"""Of the far side's name for an order, and of our rating in it."""

TEXT_CHARS = 4000
"""Of each text in an order; what is longer is cut, since the order must be answered whatever its length."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order. `order`: its name at the far side. `rating`: which of our ratings it is about; empty: none that we
    sent. `kind`: one of hub.core.limits.KINDS. `named`: whether the citizen can be spoken to; `name` and `contact` are
    personal data, and must not be in the log. `received_ms`: when the far side got it, `due_ms`: until when it wants
    an answer; 0: it does not say."""

    order: str
    kind: str
    rating: str = ""
    case: str = ""
    title: str = ""
    text: str = ""
    named: bool = False
    name: str = ""
    contact: str = ""
    received_ms: int = 0
    due_ms: int = 0


KEYS: dict[str, Key] = {
    "order": Key(TEXT),
    "kind": Key(TEXT, KINDS),
    "rating": Key(TEXT),
    "case": Key(TEXT),
    "title": Key(TEXT),
    "text": Key(TEXT),
    "named": Key(YES_NO, ("true", "false")),
    "name": Key(TEXT),
    "contact": Key(TEXT),
    "received_ms": Key(MOMENT),
    "due_ms": Key(MOMENT),
}
"""What an order has of ours."""

REQUIRED = ("order", "kind")
"""Without these it is none."""

_IDS = ("order", "rating", "case")


class _UnfitError(Exception):
    """(reason, what would be right)."""


def read_order(exchange: ExchangeMap, raw: Any) -> Order | list[FieldProblem]:
    """The order that the far side sent as `raw` (JSON as Python has it), or everything that cannot be read."""
    if not isinstance(raw, dict):
        return [FieldProblem("order", f"is {type(raw).__name__}", "it must be an object")]
    values: dict[str, Any] = {}
    problems = []
    for each in exchange.orders:
        try:
            value = _value(each, _found(raw, each.name), exchange.offset_min)
        except _UnfitError as unfit:
            problems.append(FieldProblem(each.name, *unfit.args))
            continue
        if value is not None:
            values[each.key] = value
    return problems or Order(**values)


def _found(raw: Mapping[str, Any], name: str) -> Any:
    """What stands at `name`; None: nothing."""
    value: Any = raw
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _value(each: OrderField, theirs: Any, offset_min: int) -> Any:
    if not each.name:
        return each.constant
    if theirs in (None, ""):
        if each.key in REQUIRED:
            raise _UnfitError("is empty", f"it must be there: it is our {each.key}")
        return None
    if not isinstance(theirs, str | int):
        raise _UnfitError(f"is {type(theirs).__name__}", "it must be a text or a whole number")
    ours = _coded(each, theirs)
    key = KEYS[each.key]
    if key.words and as_text(ours) not in key.words:
        raise _UnfitError(f"is {_shown(ours)}", f"it must be one of {', '.join(key.words)}, or have a code in the map")
    if key.kind == MOMENT:
        return _moment(as_text(ours), each.time, offset_min)
    if key.kind == YES_NO:
        return as_text(ours) == "true"
    return _text(each.key, as_text(ours))


def _coded(each: OrderField, theirs: Scalar) -> Scalar:
    if not each.codes:
        return theirs
    code = each.codes.get(as_text(theirs), each.codes.get(OTHERS))
    if code is None:
        raise _UnfitError(f"is {_shown(theirs)}, for which there is no code", f"the map has {', '.join(each.codes)}")
    return code


def _moment(text: str, form: str, offset_min: int) -> int:
    try:
        return read_stamp(text, form, offset_min)
    except ValueError:
        raise _UnfitError(f"is {_shown(text)}", f"it must be a time such as {FORMS[form]}") from None


def _text(key: str, text: str) -> str:
    if key in _IDS and len(text) > ID_CHARS:
        raise _UnfitError(f"has {len(text)} characters", f"it may have {ID_CHARS}")
    return text[:TEXT_CHARS]


def _shown(value: Scalar) -> str:
    """For the words of a problem, which are kept."""
    return as_text(value)[:ID_CHARS]
