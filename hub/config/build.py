"""A checked hall file as the Hall of the core."""

from __future__ import annotations

from collections.abc import Iterable

from hub.config import tables
from hub.config.reasons import REASONS, REASONS_VERSION
from hub.config.tables import File
from hub.config.words import ALL, window_ids
from hub.core import hall, limits, ratings, retention
from hub.core.hall import APPOINTMENT, WALK_IN, Names
from hub.texts import catalogue
from protocol.ratings import LEVELS

WALK_IN_NAMES: Names = {"zh-Hans": "现场取号", "zh-Hant": "現場取號", "en": "Walk-in"}
APPOINTMENT_NAMES: Names = {"zh-Hans": "预约", "zh-Hant": "預約", "en": "Appointment"}

APPOINTMENT_CREDIT_MIN = 30


def build(file: File, windows: dict[str, tables.Window]) -> hall.Hall:
    """`windows`: with the ranges expanded. Nothing is wrong any more."""
    about = file.hall
    return hall.Hall(
        about.id,
        _names(about.name),
        about.timezone,
        about.day_starts,
        about.slip_guard_ms,
        services={key: _service(key, service) for key, service in file.services.items()},
        windows={key: _window(key, window, file) for key, window in windows.items()},
        languages=tuple(about.languages),
        country=file.calendar.country,
        exceptions=dict(file.calendar.exceptions),
        classes=_classes(file),
        conditions=tuple(_condition(rule) for rule in file.conditions),
        ratios=tuple(_ratio(rule) for rule in file.ratios),
        calls=hall.Calls(**file.calls.model_dump()),
        opening=tuple(hall.Opening(tuple(row.days), row.begins, row.ends) for row in file.opening),
        shifts=tuple(_shift(row, windows) for row in file.shifts),
        admission=tuple(_admission(row) for row in file.admission),
        slots=tuple(_slots(row) for row in file.slots),
        alarms=tuple(_alarm(rule) for rule in file.alarms),
        clerks={key: _taken(clerk.services, file) for key, clerk in file.clerks.items()},
        pauses={key: _names(pause.name) for key, pause in file.pauses.items()},
        groups={key: _names(group.name) for key, group in file.groups.items()},
        zone_names={key: _names(zone.name) for key, zone in file.zones.items()},
        retention=retention.Retention(**file.retention.model_dump()),
        clerk_numbers={key: clerk.number for key, clerk in file.clerks.items() if clerk.number},
        boards={key: _board(board) for key, board in file.boards.items()},
        ratings=_ratings(file),
        departments={key: hall.Department(key, _names(it.name), it.code) for key, it in file.departments.items()},
        region=hall.Region(file.region.code, _names(file.region.name)) if file.region else hall.Region(),
    )


def _names(names: tables.Names) -> Names:
    return names.model_dump(by_alias=True)


def _some(words: list[str]) -> tuple[str, ...]:
    """A rule's ids; empty for all of them."""
    return () if ALL in words else tuple(words)


def _windows(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for word in words for one in window_ids(word)))


def _taken(services: list[str], file: File) -> tuple[str, ...]:
    return tuple(file.services) if ALL in services else tuple(services)


def _service(key: str, service: tables.Service) -> hall.Service:
    plain = service.model_dump(exclude={"name", "papers"})
    papers = {paper: _names(name) for paper, name in service.papers.items()}
    return hall.Service(id=key, names=_names(service.name), papers=papers, **plain)


def _window(key: str, window: tables.Window, file: File) -> hall.Window:
    return hall.Window(
        key,
        {language: text.replace("{n}", key) for language, text in _names(window.name).items()},
        window.zone,
        _taken(window.services, file),
        dict(window.prefer),
        tuple(window.only),
        window.else_any,
        window.mobile,
    )


def _board(board: tables.Board) -> hall.Board:
    sides = {"←": board.left, "→": board.right, "↑": board.ahead, "↓": board.behind}
    arrows = {arrow: _windows(words) for arrow, words in sides.items() if words}
    return hall.Board(board.zone, arrows, board.distance_m, board.width_mm)


def _ratings(file: File) -> ratings.RatingRules:
    """The file's reasons, or those that come along."""
    own = [ratings.Reason(key, _names(it.name), tuple(it.levels)) for key, it in file.reasons.items()]
    plain = file.ratings.model_dump(exclude={"scores", "reasons_version"})
    return ratings.RatingRules(
        **plain,
        scores={str(level): points for level, points in zip(LEVELS, file.ratings.scores, strict=True)},
        reasons_version=file.ratings.reasons_version if own else REASONS_VERSION,
        reasons=tuple(own or _usual_reasons()),
        reviews=limits.ReviewRules(_limits(file)),
    )


def _usual_reasons() -> list[ratings.Reason]:
    found = catalogue()
    return [ratings.Reason(key, found[f"reason.{key}"], levels) for key, levels in REASONS.items()]


def _limits(file: File) -> dict[str, limits.Limits]:
    own = {kind: limits.Limits(it.contact_days, it.answer_days) for kind, it in file.limits.items()}
    return {**limits.DEFAULT_LIMITS, **own}


def _classes(file: File) -> dict[str, hall.TicketClass]:
    """The file's, and those that every hall has. A check-in makes an appointment, nobody gives that class by hand."""
    classes = {WALK_IN: hall.TicketClass(WALK_IN, WALK_IN_NAMES)}
    if file.slots:
        classes[APPOINTMENT] = hall.TicketClass(APPOINTMENT, APPOINTMENT_NAMES, APPOINTMENT_CREDIT_MIN, ())
    for key, klass in file.classes.items():
        classes[key] = hall.TicketClass(key, _names(klass.name), klass.credit_min, tuple(klass.by))
    return classes


def _condition(rule: tables.Condition) -> hall.Condition:
    plain = rule.model_dump(exclude={"name", "windows", "services", "classes"})
    windows = () if ALL in rule.windows else _windows(rule.windows)
    return hall.Condition(
        names=_names(rule.name), windows=windows, services=_some(rule.services), classes=_some(rule.classes), **plain
    )


def _ratio(rule: tables.Ratio) -> hall.Ratio:
    shares = (hall.Share(share.count, _some(share.classes), _some(share.services)) for share in rule.shares)
    windows = () if ALL in rule.windows else _windows(rule.windows)
    return hall.Ratio(rule.id, _names(rule.name), tuple(shares), windows)


def _shift(row: tables.Shift, windows: Iterable[str]) -> hall.Shift:
    staffed = tuple(windows) if ALL in row.windows else _windows(row.windows)
    return hall.Shift(tuple(row.days), row.begins, row.ends, staffed, _some(row.services), dict(row.clerks))


def _admission(row: tables.Admission) -> hall.Admission:
    return hall.Admission(tuple(row.days), **row.model_dump(exclude={"days"}))


def _slots(row: tables.Slots) -> hall.Slots:
    return hall.Slots(tuple(row.days), row.begins, row.ends, row.every_min, row.quota, _some(row.services))


def _alarm(rule: tables.Alarm) -> hall.AlarmRule:
    return hall.AlarmRule(
        rule.id, _names(rule.name), rule.kind, rule.minutes, tuple(rule.to), _some(rule.services), rule.next_after_min
    )
