"""A field map (TOML) of another platform: read, and every problem told with its line and what would be right.

docs/exchange.md tells how one is written; maps/ beside the example halls has two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from hub.config.parsing import STRICT, parsed
from hub.config.problems import HallFileError, Lines, Path, Problem, shown
from hub.config.references import Finding
from hub.config.words import Id, quoted
from hub.core import exchange, exchange_orders
from hub.core.exchange import LIST, MOMENT, OTHERS, ExchangeMap, Key, OrderField, Scalar, as_text
from hub.core.stamps import FORMS

BEIJING_MIN = 480
"""The one clock of China."""

TEXT_MAX = 10_000
"""Characters of one field: more would be no field but a file."""


def _scalar(value: Any) -> Scalar:
    if type(value) not in (str, int, bool):
        raise ValueError("must be text in quotes, a whole number, or true or false")
    return value


Value = Annotated[Any, BeforeValidator(_scalar)]
Name = Annotated[str, Field(pattern=r"^[^.\s]+(\.[^.\s]+)*$", max_length=100)]
Form = Literal["", "iso", "plain", "compact", "s", "ms"]


class Table(BaseModel):
    model_config = STRICT


class Head(Table):
    id: Id
    utc_offset_min: Annotated[int, Field(ge=-720, le=840)] = BEIJING_MIN


class Sent(Table):
    """A field that the far side gets."""

    name: Name
    from_: str = Field("", alias="from")
    constant: Value = None
    otherwise: Value = None
    codes: dict[str, Value] = {}
    time: Form = ""
    join: str | None = None
    text: bool = False
    required: bool = False
    max: Annotated[int, Field(ge=0, le=TEXT_MAX)] = 0
    cut: bool = False


class Got(Table):
    """A field of an order that the far side sends."""

    to: str
    name: Annotated[str, Field(pattern=r"^([^.\s]+(\.[^.\s]+)*)?$", max_length=100)] = ""
    constant: Value = None
    codes: dict[str, Value] = {}
    time: Form = ""


class MapFile(Table):
    map: Head
    rating: Annotated[list[Sent], Field(min_length=1)]
    order_state: list[Sent] = Field([], alias="order-state")
    order: list[Got] = []


def read_map(text: str) -> ExchangeMap:
    """The map that the TOML `text` describes. Raises HallFileError with all problems, as for a hall file."""
    file = parsed(text, MapFile)
    sent = {exchange.RATING: file.rating, exchange.ORDER_STATE: file.order_state}
    found = [finding for kind, rows in sent.items() for finding in _of_sent(kind, rows)] + list(_of_got(file.order))
    if found:
        lines = Lines(text)
        raise HallFileError(Problem(lines.of(path), shown(path), reason) for path, reason in found)
    records = {kind: tuple(_sent(row) for row in rows) for kind, rows in sent.items() if rows}
    return ExchangeMap(file.map.id, file.map.utc_offset_min, records, tuple(_got(row) for row in file.order))


def _sent(row: Sent) -> exchange.Field:
    rest = (row.codes, row.time, row.join, row.text, row.required, row.max, row.cut)
    return exchange.Field(row.name, row.from_, row.constant, row.otherwise, *rest)


def _got(row: Got) -> OrderField:
    return OrderField(row.to, row.name, row.constant, row.codes, row.time)


def _of_sent(kind: str, rows: list[Sent]) -> Iterator[Finding]:
    """What rows of fields that are sent have wrong in themselves, and with one another."""
    keys = exchange.RECORDS[kind]
    names: dict[str, int] = {}
    for index, row in enumerate(rows):
        path: Path = (kind, index)
        yield from _of_name((*path, "name"), row.name, names)
        names[row.name] = index
        if bool(row.from_) == (row.constant is not None):
            yield path, "must have either from (a key of our record) or constant (the same in each)"
        elif row.constant is not None:
            yield from _without_meaning(path, row, {"name", "constant"}, "a constant")
        elif row.from_ not in keys:
            yield (*path, "from"), f'our record has no "{row.from_}"; allowed: {quoted(keys)}'
        else:
            yield from _of_conversion(path, row, keys[row.from_])


def _of_name(path: Path, name: str, names: Mapping[str, int]) -> Iterator[Finding]:
    """A field is filled once, and is a value or an object, not both."""
    for other, index in names.items():
        if name == other or name.startswith(other + ".") or other.startswith(name + "."):
            yield path, f'"{name}" is filled by row #{index + 1} ("{other}") already'
            return


def _without_meaning(path: Path, row: BaseModel, allowed: set[str], what: str) -> Iterator[Finding]:
    for name in row.model_fields_set - allowed:
        key = type(row).model_fields[name].alias or name
        yield (*path, key), f"has no meaning for {what}; leave it out"


def _of_conversion(path: Path, row: Sent, key: Key) -> Iterator[Finding]:
    yield from _of_time(path, row.time, row.codes, key)
    if row.codes and key.kind != MOMENT:
        yield from _of_codes(path, row, key)
    if row.join is not None and key.kind != LIST:
        yield (*path, "join"), f'has a meaning only for a list; "{row.from_}" is a {key.kind}'
    if row.max and key.kind == LIST and row.join is None:
        yield (*path, "max"), "has no meaning for a list; add join, or leave it out"
    if row.cut and not row.max:
        yield (*path, "cut"), "needs max: how many characters stay"
    if row.required and row.otherwise is not None:
        yield (*path, "required"), "never counts beside otherwise; leave one of them out"


def _of_time(path: Path, time: str, codes: Mapping[str, Scalar], key: Key) -> Iterator[Finding]:
    if time and key.kind != MOMENT:
        yield (*path, "time"), "has a meaning only for a moment, whose key ends in _ms"
    if key.kind == MOMENT and not time:
        yield path, f"must have time: how a moment is written, one of {_forms()}"
    if key.kind == MOMENT and codes:
        yield (*path, "codes"), "has no meaning for a moment; leave it out"


def _forms() -> str:
    return ", ".join(f'"{form}" ({example})' for form, example in FORMS.items())


def _of_codes(path: Path, row: Sent, key: Key) -> Iterator[Finding]:
    path = (*path, "codes")
    if key.words:
        unknown = [word for word in row.codes if word not in (*key.words, OTHERS)]
        if unknown:
            yield path, f'{row.from_} is never {quoted(unknown)}; allowed: {quoted(key.words)} and "{OTHERS}"'
        missing = [word for word in key.words if word not in row.codes]
        if missing and OTHERS not in row.codes:
            yield path, f'there is no code for {quoted(missing)}; add them, or "{OTHERS}" for all others'
    for word, code in row.codes.items():
        if row.max and not row.cut and key.kind != LIST and len(as_text(code)) > row.max:
            yield path, f'the code of "{word}" has {len(as_text(code))} characters, max is {row.max}'


def _of_got(rows: list[Got]) -> Iterator[Finding]:
    keys = exchange_orders.KEYS
    seen: dict[str, int] = {}
    for index, row in enumerate(rows):
        path: Path = ("order", index)
        if row.to not in keys:
            yield (*path, "to"), f'an order of ours has no "{row.to}"; allowed: {quoted(keys)}'
            continue
        if seen.setdefault(row.to, index) != index:
            yield (*path, "to"), f'"{row.to}" is filled by row #{seen[row.to] + 1} already'
        yield from _of_order_field(path, row, keys[row.to])
    missing = [key for key in exchange_orders.REQUIRED if key not in seen]
    if rows and missing:
        yield ("order",), f"there must be a row to {quoted(missing)}"


def _of_order_field(path: Path, row: Got, key: Key) -> Iterator[Finding]:
    if bool(row.name) == (row.constant is not None):
        yield path, "must have either name (a field of theirs) or constant (the same in each order)"
    elif row.constant is not None:
        yield from _without_meaning(path, row, {"to", "constant"}, "a constant")
        yield from _of_our_words((*path, "constant"), [row.constant], key)
    else:
        yield from _of_time(path, row.time, row.codes, key)
        yield from _of_our_words((*path, "codes"), row.codes.values(), key)


def _of_our_words(path: Path, values: Any, key: Key) -> Iterator[Finding]:
    unknown = [as_text(value) for value in values if key.words and as_text(value) not in key.words]
    if unknown:
        yield path, f"there is no {quoted(unknown)} of ours; allowed: {quoted(key.words)}"
