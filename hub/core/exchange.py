"""What goes to another platform, in its words: a field map as data, and what it makes of our records.

Every province has its own names, codes and limits for the same things, so a map says, for each field of the far side,
where it comes from and how it is converted. A map was checked when it was read (hub.config.exchange_map); here it is
applied. What does not fit is told with what would be right, and never sent half.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hub.core.reviews import STATES
from hub.core.stamps import stamp

TEXT = "text"
NUMBER = "number"
YES_NO = "yes-no"
LIST = "list"
MOMENT = "moment"
"""What a value of ours is: a str, an int, a bool, a list of str, ms since 1970. "", [] and the moment 0 are none."""

_TYPES = {TEXT: (str,), NUMBER: (int,), YES_NO: (bool,), LIST: (list, tuple), MOMENT: (int,)}


class Key(NamedTuple):
    """A key of one of our records: what its values are; `words`: all that there are, as text, where they are known."""

    kind: str
    words: tuple[str, ...] = ()


RATING = "rating"
ORDER_STATE = "order-state"

CHANNELS = ("pad", "phone", "kiosk", "staff", "pc", "sms", "call")
"""How a rating can come; STAFF entered what somebody said. Halls have some of them."""

RECORDS: dict[str, dict[str, Key]] = {
    RATING: {
        "rating": Key(TEXT),
        "case": Key(TEXT),
        "item_code": Key(TEXT),
        "item_name": Key(TEXT),
        "step": Key(NUMBER),
        "channel": Key(TEXT, CHANNELS),
        "level": Key(NUMBER, ("1", "2", "3", "4", "5")),
        "reasons": Key(LIST),
        "text": Key(TEXT),
        "rated_ms": Key(MOMENT),
        "clerk_number": Key(TEXT),
        "clerk_name": Key(TEXT),
        "window": Key(TEXT),
        "department_code": Key(TEXT),
        "district_code": Key(TEXT),
        "named": Key(YES_NO, ("true", "false")),
        "attempt": Key(NUMBER),
    },
    ORDER_STATE: {
        "order": Key(TEXT),
        "rating": Key(TEXT),
        "state": Key(TEXT, STATES),
        "result": Key(TEXT),
        "text": Key(TEXT),
        "by": Key(TEXT),
        "due_ms": Key(MOMENT),
        "changed_ms": Key(MOMENT),
    },
}
"""Kind of record -> its keys. `reasons` are codes of the hall's list; `attempt` is 1, and one more for each correction;
`state` is that of the review, `result` one of reviews.VERDICTS or empty."""

OTHERS = "*"
"""In a code table: every value that is not named."""

Scalar = str | int | bool


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the far side. `name`: theirs; with dots it stands in objects ("case.number"). Its value is that of
    `key` in our record, or `constant` when `key` is empty; `otherwise` when we have none.

    `codes`: our value, as text -> theirs; of each in a list. `time`: one of stamps.FORMS. `join`: what stands between
    the values of a list that is one text there; None: a list. `as_text`: a number in quotes. `most`: characters that a
    text may have, 0: any number; a text that is too long is cut if `cut`, else refused: half a code is another code."""

    name: str
    key: str = ""
    constant: Scalar | None = None
    otherwise: Scalar | None = None
    codes: Mapping[str, Scalar] = field(default_factory=dict)
    time: str = ""
    join: str | None = None
    as_text: bool = False
    required: bool = False
    most: int = 0
    cut: bool = False


@dataclass(frozen=True, slots=True)
class OrderField:
    """A field of an order that the far side sends. `name`: theirs, with dots as above. It becomes `key` of ours (see
    hub.core.exchange_orders); `codes`: their value, as text -> ours; `time`: in which form of stamps.FORMS it is.
    `constant`: what ours always is, with an empty `name`."""

    key: str
    name: str = ""
    constant: Scalar | None = None
    codes: Mapping[str, Scalar] = field(default_factory=dict)
    time: str = ""


@dataclass(frozen=True, slots=True)
class ExchangeMap:
    """How a platform wants it. `offset_min`: its clock, in minutes from UTC. `records`: kind of record -> fields."""

    id: str
    offset_min: int
    records: Mapping[str, tuple[Field, ...]]
    orders: tuple[OrderField, ...] = ()


class FieldProblem(NamedTuple):
    """Why a field cannot be filled; `right`: what would be."""

    field: str
    reason: str
    right: str

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}; {self.right}"


class _UnfitError(Exception):
    """(reason, what would be right)."""


def apply_map(
    exchange: ExchangeMap, record: Mapping[str, Any], kind: str = RATING
) -> dict[str, Any] | list[FieldProblem]:
    """Our `record` in the far side's words, or everything that does not fit."""
    made: dict[str, Any] = {}
    problems = []
    fields = exchange.records.get(kind)
    if not fields:
        return [FieldProblem(kind, "the map has no fields for it", f"it must have [[{kind}]]")]
    for each in fields:
        try:
            value = _value(each, record, RECORDS[kind], exchange.offset_min)
        except _UnfitError as unfit:
            problems.append(FieldProblem(each.name, *unfit.args))
            continue
        if value is not None:
            _put(made, each.name, value)
    return problems or made


def _value(each: Field, record: Mapping[str, Any], keys: Mapping[str, Key], offset_min: int) -> Any:
    """What goes into the field; None: nothing, it is left out."""
    if not each.key:
        return each.constant
    ours, key = record.get(each.key), keys[each.key]
    _check(each.key, ours, key)
    if not ours and key.kind not in (NUMBER, YES_NO):
        if each.otherwise is None and each.required:
            raise _UnfitError(f"{each.key} is empty", "it must have a value, or the map says what else is sent")
        return each.otherwise
    made = _converted(each, ours, offset_min)
    return _fitted(each, made) if isinstance(made, str) else made


def _check(name: str, ours: Any, key: Key) -> None:
    if type(ours) not in _TYPES[key.kind]:  # not isinstance: True is no number
        raise _UnfitError(f"{name} is {type(ours).__name__}", f"it must be {key.kind}")
    if key.words and as_text(ours) not in key.words:
        raise _UnfitError(f"{name} is {as_text(ours)}", f"it must be one of {', '.join(key.words)}")


def _converted(each: Field, ours: Any, offset_min: int) -> Any:
    if each.time:
        made = _stamped(ours, each.time, offset_min)
    elif isinstance(ours, list | tuple):
        made = [_coded(each, one) for one in ours]
        if each.join is not None:
            made = each.join.join(as_text(one) for one in made)
    else:
        made = _coded(each, ours)
    return as_text(made) if each.as_text and not isinstance(made, list) else made


def _stamped(ms: int, form: str, offset_min: int) -> str | int:
    try:
        return stamp(ms, form, offset_min)
    except OverflowError:
        raise _UnfitError(f"{ms} is no moment of the calendar", "it must be ms since 1970") from None


def _coded(each: Field, ours: Scalar) -> Scalar:
    if not each.codes:
        return ours
    code = each.codes.get(as_text(ours), each.codes.get(OTHERS))
    if code is None:
        known = ", ".join(each.codes)
        raise _UnfitError(f"there is no code for {each.key} {as_text(ours)}", f"the map has codes for {known}")
    return code


def _fitted(each: Field, text: str) -> str:
    if not each.most or len(text) <= each.most:
        return text
    if each.cut:
        return text[: each.most]
    raise _UnfitError(f"{each.key} has {len(text)} characters", f"it may have {each.most}")


def _put(made: dict[str, Any], name: str, value: Any) -> None:
    *outer, last = name.split(".")
    for part in outer:
        made = made.setdefault(part, {})
    made[last] = value


def as_text(value: Scalar) -> str:
    """As it is written in a code table: true, false, 5, pad."""
    return str(value).lower() if isinstance(value, bool) else str(value)
