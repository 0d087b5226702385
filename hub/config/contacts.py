"""Who is told of an alarm, and how. Personal data: it is no part of the core's Hall, and must not be in the log."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody who can be told. `email` and `webhook` may be empty, but never both."""

    id: str
    name: str
    email: str = ""
    webhook: str = ""


def without_contacts(text: str) -> str:
    """The hall file without its [contacts.…] tables; the other lines keep their numbers."""
    kept, inside = [], False
    for line in text.splitlines():
        if header := re.match(r"\s*\[\[?\s*([^\[\]]+)\]", line):
            inside = header[1].split(".")[0].strip().strip("\"'") == "contacts"
        kept.append("" if inside else line)
    return "\n".join(kept) + "\n"


def can_be_left_out(text: str) -> bool:
    """Whether `without_contacts` leaves all the rest of `text`, and nothing of the contacts."""
    rest = {key: value for key, value in tomllib.loads(text).items() if key != "contacts"}
    try:
        return tomllib.loads(without_contacts(text)) == rest
    except tomllib.TOMLDecodeError:
        return False
