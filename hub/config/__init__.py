"""The hall file: TOML in, a checked Hall out, or every problem with its line, its reason and what would be right.

    words, tables   the types of single values, and the tables and keys that there are (pydantic)
    parsing         from text to these tables
    references      ids that must be in the file
    checks          rows that contradict one another
    rehearsal       whether days and hours fit together, tried on every sort of day
    build           to the core's Hall

All problems of one of these stages are told at once; the next stage needs a file that passed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from hub.config.build import build
from hub.config.checks import contradictions
from hub.config.contacts import Contact, can_be_left_out, without_contacts
from hub.config.parsing import parsed
from hub.config.problems import HallFileError, Lines, Problem, shown
from hub.config.references import Finding, expanded, unknown_ids
from hub.config.rehearsal import misfits
from hub.config.tables import File
from hub.core.hall import Hall
from hub.core.personal import kind_in

__all__ = ["Contact", "HallFileError", "Problem", "read_contacts", "read_hall", "without_contacts"]


def read_hall(text: str, people: Collection[str] = ()) -> Hall:
    """The hall that the TOML `text` describes. `people`: contacts that are known, though they may be left out of the
    text. Raises HallFileError with all problems."""
    file = parsed(text, File)
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
    return {key: Contact(key, **one.model_dump()) for key, one in parsed(text, File).contacts.items()}


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
