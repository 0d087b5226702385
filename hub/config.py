"""The hall file: TOML in, a checked Hall out, or every problem with its line, its reason and what would be right."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from hub.core import hall
from protocol.errors import ProtocolError
from protocol.limits import NUMBER_CHARS, TEXT_CHARS
from protocol.numbers import checked_prefix, format_number
from protocol.topics import checked_id

ANY_SERVICE = "*"
"""In a window's list of services: every service of the hall (无差别综合窗口)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a hall file. `line` counts from 1; 0 when it is nowhere in particular."""

    line: int
    where: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.where}: {self.reason}" if self.line else f"{self.where}: {self.reason}"


class HallFileError(Exception):
    """The hall file cannot be used; `problems` has all of it, in the order of the lines."""

    def __init__(self, problems: list[Problem]):
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def _by_protocol(check: Any) -> Any:
    """A pydantic check out of one of the protocol's: the wire and the file have the same rules."""

    def checked(value: str) -> str:
        try:
            return check(value)
        except ProtocolError as error:
            raise ValueError(error.reason) from error

    return AfterValidator(checked)


def _zone_known(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError('must be a time zone such as "Asia/Shanghai"') from error
    return name


Id = Annotated[str, _by_protocol(lambda value: checked_id(value, "id"))]
Prefix = Annotated[str, _by_protocol(checked_prefix)]
NameText = Annotated[str, Field(min_length=1, max_length=TEXT_CHARS // 2)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Names(_Table):
    zh_hans: NameText = Field(alias="zh-Hans")
    zh_hant: NameText = Field(alias="zh-Hant")
    en: NameText


class _Hall(_Table):
    id: Id
    name: _Names
    timezone: Annotated[str, AfterValidator(_zone_known)]
    day_starts: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "04:00"
    slip_guard_ms: Annotated[int, Field(ge=0, le=60_000)] = 1500


class _Service(_Table):
    name: _Names
    prefix: Prefix
    start: Annotated[int, Field(ge=0)] = 1
    end: Annotated[int, Field(ge=1)] = 999
    step: Annotated[int, Field(ge=1)] = 1
    width: Annotated[int, Field(ge=1, le=NUMBER_CHARS)] = 3


class _Window(_Table):
    name: _Names
    zone: Id = "main"
    services: Annotated[list[str], Field(min_length=1)]


class _File(_Table):
    hall: _Hall
    services: Annotated[dict[Id, _Service], Field(min_length=1)]
    windows: Annotated[dict[Id, _Window], Field(min_length=1)]


def read_hall(text: str) -> hall.Hall:
    """The hall that the TOML `text` describes. Raises HallFileError with all problems."""
    try:
        parsed = _File.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise HallFileError([_syntax_problem(error)]) from error
    except ValidationError as error:
        lines = _Lines(text)
        raise HallFileError(sorted((_schema_problem(e, lines) for e in error.errors()), key=_line)) from error
    problems = sorted(_cross_check(parsed, _Lines(text)), key=_line)
    if problems:
        raise HallFileError(problems)
    return _build(parsed)


def _line(problem: Problem) -> int:
    return problem.line


def _syntax_problem(error: tomllib.TOMLDecodeError) -> Problem:
    found = re.search(r"at line (\d+)", str(error))
    return Problem(int(found[1]) if found else 0, "TOML", str(error))


def _schema_problem(error: Any, lines: _Lines) -> Problem:
    path = tuple(str(part) for part in error["loc"] if part != "[key]")
    reason = error["msg"].removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        reason = f"unknown key; allowed here: {', '.join(_allowed_keys(path))}"
    elif error["type"] == "missing":
        reason = "is missing"
    elif error["type"] == "string_pattern_mismatch":
        reason = 'must be a time such as "04:00"'
    return Problem(lines.of(path), ".".join(path), reason)


_TABLES: dict[str, type[_Table]] = {"hall": _Hall, "services": _Service, "windows": _Window}


def _allowed_keys(path: tuple[str, ...]) -> list[str]:
    table: type[_Table] = _File
    if len(path) > 1:
        table = _Names if path[-2] == "name" else _TABLES[path[0]]
    return [field.alias or name for name, field in table.model_fields.items()]


def _cross_check(file: _File, lines: _Lines) -> list[Problem]:
    """What no single value can tell: prefixes used twice, services that do not exist, numbers that do not fit."""
    problems = []
    owners: dict[str, str] = {}
    for key, service in file.services.items():
        other = owners.setdefault(service.prefix, key)
        if other != key:
            reason = f'"{service.prefix}" is the prefix of services.{other} already; each service needs its own'
            problems.append(Problem(lines.of(("services", key, "prefix")), f"services.{key}.prefix", reason))
        if service.end < service.start or len(format_number(service.prefix, service.end, service.width)) > NUMBER_CHARS:
            reason = f"numbers run from start to end and have at most {NUMBER_CHARS} characters with their prefix"
            problems.append(Problem(lines.of(("services", key, "end")), f"services.{key}.end", reason))
    for key, window in file.windows.items():
        for service in window.services:
            if service not in file.services and service != ANY_SERVICE:
                allowed = ", ".join(f'"{name}"' for name in (*file.services, ANY_SERVICE))
                reason = f'there is no service "{service}"; allowed: {allowed}'
                problems.append(Problem(lines.of(("windows", key, "services")), f"windows.{key}.services", reason))
    return problems


def _build(file: _File) -> hall.Hall:
    services = {
        key: hall.Service(key, _names(s.name), s.prefix, s.start, s.end, s.step, s.width)
        for key, s in file.services.items()
    }
    windows = {
        key: hall.Window(
            key, _names(w.name), w.zone, tuple(services) if ANY_SERVICE in w.services else tuple(w.services)
        )
        for key, w in file.windows.items()
    }
    about = file.hall
    return hall.Hall(
        about.id, _names(about.name), about.timezone, about.day_starts, about.slip_guard_ms, services, windows
    )


def _names(names: _Names) -> dict[str, str]:
    return names.model_dump(by_alias=True)


class _Lines:
    """Finds the line of a value: the last header or key line that matches its path. tomllib does not tell lines."""

    def __init__(self, text: str):
        self._lines: dict[tuple[str, ...], int] = {}
        table: tuple[str, ...] = ()
        for number, line in enumerate(text.splitlines(), 1):
            if header := re.match(r"\s*\[([^\[\]]+)\]", line):
                table = _path(header[1])
                for depth in range(1, len(table) + 1):
                    self._lines.setdefault(table[:depth], number)
            elif key := re.match(r"\s*([\w\-.\"]+)\s*=", line):
                self._lines.setdefault((*table, *_path(key[1])), number)

    def of(self, path: tuple[str, ...]) -> int:
        """The line of `path`, or of the nearest table around it; 0 when there is none."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 0)


def _path(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip('"') for part in dotted.split("."))
