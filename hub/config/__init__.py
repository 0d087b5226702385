"""The hall file: TOML in, a checked Hall out, or every problem with its line, its reason and what would be right.

    words, tables   the types of single values, and the tables and keys that there are (pydantic)
    references      ids that must be in the file
    checks          rows that contradict one another
    rehearsal       whether days and hours fit together, tried on every sort of day
    build           to the core's Hall

All problems of one of these stages are told at once; the next stage needs a file that passed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable
from typing import Any

from pydantic import ValidationError

from hub.config.build import build
from hub.config.checks import contradictions
from hub.config.contacts import Contact, can_be_left_out, without_contacts
from hub.config.problems import HallFileError, Lines, Path, Problem, shown
from hub.config.references import Finding, expanded, unknown_ids
from hub.config.rehearsal import misfits
from hub.config.tables import File, Table, keys_of, table_at
from hub.core.hall import Hall
from hub.core.personal import kind_in

__all__ = ["Contact", "HallFileError", "Problem", "read_contacts", "read_hall", "without_contacts"]


def read_hall(text: str, people: Collection[str] = ()) -> Hall:
    """The hall that the TOML `text` describes. `people`: contacts that are known, though they may be left out of the
    text. Raises HallFileError with all problems."""
    file = _parsed(text)
    windows, findings = expanded(file)
    _refuse(text, [*findings, *unknown_ids(file, windows, people), *contradictions(file, windows)])
    if not can_be_left_out(text):
        _refuse(text, [(("contacts",), "must be tables of their own, [contacts.ID]: they are kept out of the log")])
    _refuse_personal(text)
    hall = build(file, windows)
    _refuse(text, misfits(hall))
    return hall


def read_contacts(text: str) -> dict[str, Contact]:
    """Who can be told of alarms, by id. Raises HallFileError."""
    return {key: Contact(key, **one.model_dump()) for key, one in _parsed(text).contacts.items()}


def _parsed(text: str) -> File:
    try:
        return File.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise HallFileError([_syntax_problem(error)]) from error
    except RecursionError as error:
        raise HallFileError([Problem(0, "TOML", "has brackets within brackets that never end")]) from error
    except ValidationError as error:
        lines = Lines(text)
        raise HallFileError(_schema_problem(one, lines) for one in error.errors()) from error


def _refuse(text: str, findings: Iterable[Finding]) -> None:
    """Raises HallFileError when there are findings."""
    found = list(findings)
    if found:
        lines = Lines(text)
        raise HallFileError(Problem(lines.of(path), shown(path), reason) for path, reason in found)


def _refuse_personal(text: str) -> None:
    """Raises HallFileError for what is a person's, comments too: all but the contacts is kept in the log."""
    lines = enumerate(without_contacts(text).splitlines(), start=1)
    found = [(number, kind) for number, line in lines if (kind := kind_in(line))]
    if found:
        reason = "is kept for years with this version of the file: take it out, or put it into a [contacts.ID]"
        raise HallFileError(Problem(number, f"a person's {kind}", reason) for number, kind in found)


def _syntax_problem(error: tomllib.TOMLDecodeError) -> Problem:
    found = re.search(r"at line (\d+)", str(error))
    return Problem(int(found[1]) if found else 0, "TOML", str(error))


_WANTED = {
    "missing": "is missing",
    "string_type": 'must be text in quotes, such as "text"',
    "int_type": "must be a whole number, without quotes",
    "bool_type": "must be true or false",
    "list_type": 'must be a list, such as ["one", "two"]',
    "dict_type": "must be a table",
}
"""pydantic's types of errors -> what would be right, in the words of somebody who edits a file."""


def _schema_problem(error: Any, lines: Lines) -> Problem:
    path: Path = tuple(part for part in error["loc"] if part != "[key]")
    reason = _WANTED.get(error["type"]) or error["msg"].removeprefix("Value error, ")
    reason = re.sub(r"^(Input|List|String) should", "must", reason)
    if error["type"] == "extra_forbidden":
        reason = f"unknown key; allowed here: {', '.join(keys_of(table_at(path[:-1])))}"
    elif error["type"] == "model_type":
        table: type[Table] = table_at(path)
        reason = f"must be a table with the keys {', '.join(keys_of(table))}"
    return Problem(lines.of(path), shown(path), reason)
