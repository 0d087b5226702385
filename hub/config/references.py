"""Every id that a hall file names must be in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from hub.config.problems import Path
from hub.config.tables import File, Window
from hub.config.words import ALL, WINDOWS_MAX, quoted, window_ids
from hub.core import legible
from hub.core.hall import APPOINTMENT, WALK_IN

Finding = tuple[Path, str]
"""Where, and what is wrong there and what would be right."""

NAMED_MAX = 12
"""Allowed ids that a message names: a hall with 222 windows has too many to read."""


BOARD_SIDES = ("left", "right", "ahead", "behind")


def class_ids(file: File) -> list[str]:
    """The classes of the hall. Walk-in is always there; appointments where they can be booked."""
    return list(dict.fromkeys((WALK_IN, *([APPOINTMENT] if file.slots else []), *file.classes)))


def expanded(file: File) -> tuple[dict[str, Window], list[Finding]]:
    """Window id -> its table, with one for each of a range; and what is wrong with the ranges."""
    windows: dict[str, Window] = {}
    keys: dict[str, str] = {}
    findings: list[Finding] = []
    for key, window in file.windows.items():
        for one in window_ids(key):
            if keys.setdefault(one, key) != key:
                findings.append((("windows", key), f"window {one} is in windows.{keys[one]} already"))
                break
            windows[one] = window
    if len(windows) > WINDOWS_MAX:
        findings.append((("windows",), f"{len(windows)} windows; a hall has {WINDOWS_MAX} at most"))
    return windows, findings


def unknown_ids(file: File, windows: Collection[str], people: Collection[str] = ()) -> Iterator[Finding]:
    """Ids that point at nothing. `people`: contacts that are known, besides those of the file."""
    yield from _of_services_and_windows(file)
    yield from _of_boards(file, windows)
    yield from _of_rules(file, windows)
    yield from _of_plans(file, windows)
    for index, alarm in enumerate(file.alarms):
        yield from _look_up(("alarms", index, "services"), alarm.services, file.services, "service", ALL)
        yield from _look_up(("alarms", index, "to"), alarm.to, (*file.contacts, *people), "contact")


def _of_services_and_windows(file: File) -> Iterator[Finding]:
    for key, service in file.services.items():
        if service.group:
            yield from _look_up(("services", key, "group"), [service.group], file.groups, "group")
        if service.department:
            yield from _look_up(("services", key, "department"), [service.department], file.departments, "department")
    for key, window in file.windows.items():
        yield from _look_up(("windows", key, "services"), window.services, file.services, "service", ALL)
        taken = file.services if ALL in window.services else window.services
        for service in window.prefer.keys() - set(taken):
            reason = f'the window does not take the service "{service}"; it takes {quoted(taken)}'
            yield ("windows", key, "prefer", service), reason
        yield from _look_up(("windows", key, "only"), window.only, class_ids(file), "class")
        if window.zone != "main":
            yield from _look_up(("windows", key, "zone"), [window.zone], file.zones, "zone")


def _of_boards(file: File, windows: Collection[str]) -> Iterator[Finding]:
    for key, board in file.boards.items():
        if board.zone != "main":
            yield from _look_up(("boards", key, "zone"), [board.zone], file.zones, "zone")
        if bool(board.distance_m) != bool(board.width_mm):
            missing, given = ("width_mm", "distance_m") if board.distance_m else ("distance_m", "width_mm")
            yield ("boards", key, missing), f"is needed beside {given}"
        elif board.width_mm < legible.least_width_mm(board.distance_m):
            tall, least = legible.capital_mm(board.distance_m), legible.least_width_mm(board.distance_m)
            reason = f"must be at least {least}: from {board.distance_m} m letters are {tall:.0f} mm tall"
            yield ("boards", key, "width_mm"), reason
        seen: dict[str, str] = {}
        for side in BOARD_SIDES:
            yield from _look_up(("boards", key, side), _ids(getattr(board, side)), windows, "window")
            for window in _ids(getattr(board, side)):
                if seen.setdefault(window, side) != side:
                    yield ("boards", key, side), f'window "{window}" is {seen[window]} already'


def _of_rules(file: File, windows: Collection[str]) -> Iterator[Finding]:
    for index, rule in enumerate(file.conditions):
        path = ("conditions", index)
        yield from _look_up((*path, "windows"), _ids(rule.windows), windows, "window", ALL)
        yield from _look_up((*path, "services"), rule.services, file.services, "service", ALL)
        yield from _look_up((*path, "classes"), rule.classes, class_ids(file), "class", ALL)
    for index, rule in enumerate(file.ratios):
        path = ("ratios", index)
        yield from _look_up((*path, "windows"), _ids(rule.windows), windows, "window", ALL)
        for place, share in enumerate(rule.shares):
            of_share = (*path, "shares", place)
            yield from _look_up((*of_share, "services"), share.services, file.services, "service", ALL)
            yield from _look_up((*of_share, "classes"), share.classes, class_ids(file), "class", ALL)


def _of_plans(file: File, windows: Collection[str]) -> Iterator[Finding]:
    for key, clerk in file.clerks.items():
        yield from _look_up(("clerks", key, "services"), clerk.services, file.services, "service", ALL)
    for index, row in enumerate(file.slots):
        yield from _look_up(("slots", index, "services"), row.services, file.services, "service", ALL)
    for index, row in enumerate(file.shifts):
        path = ("shifts", index)
        yield from _look_up((*path, "windows"), _ids(row.windows), windows, "window", ALL)
        yield from _look_up((*path, "services"), row.services, file.services, "service", ALL)
        yield from _look_up((*path, "clerks"), row.clerks.values(), file.clerks, "clerk")
        staffed = windows if ALL in row.windows else _ids(row.windows)
        for window in row.clerks.keys() - set(staffed):
            yield (*path, "clerks"), f'window "{window}" is not among the windows of this shift: {_some(staffed)}'


def _ids(words: Iterable[str]) -> list[str]:
    return [one for word in words for one in window_ids(word)]


def _look_up(path: Path, ids: Iterable[str], known: Collection[str], what: str, *also: str) -> Iterator[Finding]:
    """One finding, about the first of `ids` that is not known: more would say the same of a range."""
    for one in ids:
        if one not in known and one not in also:
            allowed = _some((*known, *also))
            yield path, f'there is no {what} "{one}"; ' + (f"allowed: {allowed}" if allowed else "the file has none")
            return


def _some(ids: Iterable[str]) -> str:
    ids = list(ids)
    more = len(ids) - NAMED_MAX
    return quoted(ids[:NAMED_MAX]) + (f" and {more} more" if more > 0 else "")
