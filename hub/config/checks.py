"""What no single value of a hall file can tell: rows that contradict themselves or one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from hub.config.problems import Path
from hub.config.references import Finding
from hub.config.tables import Condition, File, Service, Shift, Slots, Window
from hub.config.words import ALL, minute_of, time_of, window_ids
from hub.core.hall import WALK_IN
from protocol.limits import NUMBER_CHARS
from protocol.numbers import format_number


def contradictions(file: File, windows: dict[str, Window]) -> Iterator[Finding]:
    """All of them; `windows` with the ranges expanded."""
    yield from _prefixes(file)
    for key, service in file.services.items():
        yield from _numbers(("services", key), service)
    yield from _windows(file)
    yield from _nobody_takes(file, windows.values())
    if WALK_IN in file.classes and file.classes[WALK_IN].credit_min:
        yield ("classes", WALK_IN, "credit_min"), "must be 0: the credits of all others are counted from walk-in"
    yield from _rules(file)
    yield from _hours(file)
    yield from _admission(file)
    yield from _clerks(file)
    yield from _alarms(file)
    yield from _ratings(file)


def _prefixes(file: File) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for key, service in file.services.items():
        other = owners.setdefault(service.prefix, key)
        if other != key:
            reason = f'"{service.prefix}" is the prefix of services.{other} already; each service needs its own'
            yield ("services", key, "prefix"), reason


def _numbers(path: Path, service: Service) -> Iterator[Finding]:
    if service.end < service.start or len(format_number(service.prefix, service.end, service.width)) > NUMBER_CHARS:
        reason = f"numbers run from start to end and have at most {NUMBER_CHARS} characters with their prefix"
        yield (*path, "end"), reason
        return
    count = (service.end - service.start) // service.step + 1
    if service.per_day > count:
        yield (*path, "per_day"), f"there are only {count} numbers from start to end by step"
    if bool(service.papers) != service.pre_check:
        reason = "papers are what a pre-check looks at: give both papers and pre_check = true, or neither"
        yield (*path, "papers" if service.papers else "pre_check"), reason


def _windows(file: File) -> Iterator[Finding]:
    for key, window in file.windows.items():
        if len(window_ids(key)) > 1 and not all("{n}" in text for text in window.name.model_dump().values()):
            yield ("windows", key, "name"), "the names of a range must have {n} where the window's number is to stand"
        if window.else_any and not window.only:
            yield ("windows", key, "else_any"), 'has a meaning only with "only"; leave it out'


def _nobody_takes(file: File, windows: Iterable[Window]) -> Iterator[Finding]:
    """A window that is kept for some classes may never call the others: their waiting would have no bound."""
    taken = {service for window in windows if not window.only for service in window.services}
    for key in file.services:
        if ALL not in taken and key not in taken:
            reason = 'no window without "only" takes it: somebody who waits for it might never be called'
            yield ("services", key), reason


def _rules(file: File) -> Iterator[Finding]:
    rules = [("conditions", index, rule) for index, rule in enumerate(file.conditions)]
    rules += [("ratios", index, rule) for index, rule in enumerate(file.ratios)]
    owners: dict[str, tuple[str, int]] = {}
    for kind, index, rule in rules:
        if owners.setdefault(rule.id, (kind, index)) != (kind, index):
            yield (kind, index, "id"), f'"{rule.id}" is the id of another rule already; each needs its own'
    for index, rule in enumerate(file.conditions):
        yield from _condition(("conditions", index), rule)
    for index, rule in enumerate(file.ratios):
        for place, share in enumerate(rule.shares[:-1]):
            if ALL in share.classes and ALL in share.services:
                reason = "a share without classes and services is for all others; it must be the last"
                yield ("ratios", index, "shares", place), reason
    for (_, one), (later, other) in combinations(enumerate(file.ratios), 2):
        if common := _common(one.windows, other.windows):
            where = f"window {common}" if common != ALL else "every window"
            yield ("ratios", later, "windows"), f'the ratio "{one.id}" holds at {where} already; a window has one'


def _condition(path: Path, rule: Condition) -> Iterator[Finding]:
    if not (rule.waits_over_min or rule.waiting_over or rule.ends):
        yield path, "asks nothing; give waits_over_min, waiting_over, or begins and ends"
    if rule.begins or rule.ends:
        yield from _span(path, rule.begins, rule.ends)


def _common(one: list[str], other: list[str]) -> str:
    """A window that both lists name; "*" for all; empty for none."""
    if ALL in one and ALL in other:
        return ALL
    ids, others = ([window for word in words for window in window_ids(word)] for words in (one, other))
    if ALL in ids or ALL in others:
        return others[0] if ALL in ids else ids[0]
    return next((window for window in ids if window in others), "")


def _span(path: Path, begins: int, ends: int) -> Iterator[Finding]:
    if ends <= begins:
        reason = f"ends at {time_of(ends)}, but begins at {time_of(begins)}; it must end later on the same day"
        yield (*path, "ends"), reason


def _hours(file: File) -> Iterator[Finding]:
    day_starts = minute_of(file.hall.day_starts)
    for table, rows in (("opening", file.opening), ("shifts", file.shifts), ("slots", file.slots)):
        for index, row in enumerate(rows):
            yield from _span((table, index), row.begins, row.ends)
            if row.begins < day_starts:
                reason = f"is before the business day starts, at {file.hall.day_starts} (hall.day_starts)"
                yield (table, index, "begins"), reason
    for index, row in enumerate(file.slots):
        yield from _fitting(("slots", index, "every_min"), row)


def _fitting(path: Path, row: Slots) -> Iterator[Finding]:
    length = row.ends - row.begins
    rest = length % row.every_min
    if length <= 0 or not rest:
        return
    ends = [time_of(row.ends - rest)] if length > rest else []
    ends += [time_of(row.ends - rest + row.every_min)] if row.ends - rest + row.every_min <= minute_of("24:00") else []
    fitting = f"; ends would be {' or '.join(ends)}" if ends else ""
    span = f"{time_of(row.begins)} and {time_of(row.ends)}"
    yield path, f"slots of {row.every_min} minutes do not fit between {span}{fitting}"


def _admission(file: File) -> Iterator[Finding]:
    for index, row in enumerate(file.admission):
        path = ("admission", index)
        if row.mode != "walk-in" and not file.slots:
            yield (*path, "mode"), f'"{row.mode}" needs appointments; add [[slots]]'
        if row.overtime_min and not row.servable:
            yield (*path, "overtime_min"), "counts only with servable = true"
        if "*" in row.days and index < len(file.admission) - 1:
            yield (*path, "days"), 'the first row that matches counts, so the rows after "*" never do; put it last'


def _clerks(file: File) -> Iterator[Finding]:
    for index, row in enumerate(file.shifts):
        sits: dict[str, str] = {}
        for window, clerk in row.clerks.items():
            if sits.setdefault(clerk, window) != window:
                yield ("shifts", index, "clerks"), f'"{clerk}" is at the windows {sits[clerk]} and {window} at once'
    for (first, one), (second, other) in combinations(enumerate(file.shifts), 2):
        for clerk in _at_two_windows(one, other):
            yield ("shifts", second, "clerks"), f'"{clerk}" sits at another window then, by shifts #{first + 1}'


def _at_two_windows(one: Shift, other: Shift) -> list[str]:
    """Clerks whom two rows want at two windows at the same time."""
    if set(one.days).isdisjoint(other.days) or one.ends <= other.begins or other.ends <= one.begins:
        return []
    sits = {clerk: window for window, clerk in one.clerks.items()}
    return [clerk for window, clerk in other.clerks.items() if sits.get(clerk, window) != window]


def _alarms(file: File) -> Iterator[Finding]:
    ids: set[str] = set()
    for index, alarm in enumerate(file.alarms):
        if alarm.id in ids:
            yield ("alarms", index, "id"), f'"{alarm.id}" is the id of another alarm already; each needs its own'
        ids.add(alarm.id)
    for key, contact in file.contacts.items():
        if not (contact.email or contact.webhook):
            yield ("contacts", key), "cannot be told of anything; give email, webhook or both"


def _ratings(file: File) -> Iterator[Finding]:
    if file.ratings.scores != sorted(file.ratings.scores, reverse=True):
        yield ("ratings", "scores"), "a better level must not have fewer points than a worse one"
    if file.reasons and not file.ratings.reasons_version:
        yield ("reasons",), 'need ratings.reasons_version, such as "2026-1": figures say by which list people chose'
    if file.ratings.reasons_version and not file.reasons:
        yield ("ratings", "reasons_version"), "names a list of reasons, and the file has none; add [reasons.ID]"
    for kind, limit in file.limits.items():
        if limit.answer_days < limit.contact_days:
            reason = f"is before the first contact, after {limit.contact_days} working days"
            yield ("limits", kind, "answer_days"), reason
