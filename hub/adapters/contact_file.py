"""Who can be told of alarms: read from the hall file, which may be changed while the hub runs."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from hub.config import Contact, HallFileError, read_contacts

log = logging.getLogger(__name__)


class ContactFile:
    """The contacts in `file`, as they were when it could last be read. For one thread."""

    def __init__(self, file: Path):
        self._file = file
        self._text = ""
        self._contacts: Mapping[str, Contact] = {}

    def contacts(self) -> Mapping[str, Contact]:
        """Reads the file again if it was changed."""
        try:
            text = self._file.read_text("utf-8")
            if text != self._text:
                self._contacts, self._text = read_contacts(text), text
        except (HallFileError, OSError, UnicodeDecodeError) as error:
            log.warning("the contacts in %s cannot be read, the ones from before are used: %s", self._file, error)
        return self._contacts
