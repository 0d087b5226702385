"""How the hub writes its log: a line of text, or a line of JSON, for each thing that happened.

A line stays a line and shows what it is: control characters of whoever caused it, such as a line break in a name, are
written as escapes, so that nobody can add a line of their own or colour a terminal. What looks like a secret is struck
out. Nobody is meant to log one; this is for the day on which a library or a traceback does.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime

FORMS = ("text", "json")

HIDDEN = "[secret]"

# C0, DEL and C1 controls; line separators; marks that turn the direction of text around, so that it reads as another.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")

_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_AGE_KEY = re.compile(r"AGE-SECRET-KEY-1[0-9A-Z]+", re.IGNORECASE)
_NAMED = re.compile(
    r"(?i)\b(bearer |(?:token|password|passwd|secret|cookie|authorization)[\"']?\s*[=:]\s*)(?:(?:bearer|basic) )?\S+"
)
_LONG = re.compile(r"[A-Za-z0-9_-]{32,}")
"""Every secret that the hub draws has 32 characters of the URL-safe alphabet, or more."""


def without_secrets(text: str) -> str:
    """`text` with what looks like a secret struck out."""
    for pattern in (_PRIVATE_KEY, _AGE_KEY):
        text = pattern.sub(HIDDEN, text)
    text = _NAMED.sub(rf"\1{HIDDEN}", text)
    return _LONG.sub(lambda found: HIDDEN if _is_drawn(found[0]) else found[0], text)


def _is_drawn(word: str) -> bool:
    """Whether a long word mixes cases as chance does. Names of devices and digests are of one case."""
    return word != word.lower() and word != word.upper()


def one_line(text: str) -> str:
    """`text` with its control characters written as Python writes them: \\n, \\x1b, \\u2028."""
    return _CONTROLS.sub(lambda found: repr(found[0])[1:-1], text)


class TextLines(logging.Formatter):
    """LEVEL logger: message. The lines of a traceback follow, and begin with a bar, as no other line does."""

    def format(self, record: logging.LogRecord) -> str:
        said = f"{record.levelname} {record.name}: {record.getMessage()}"
        trace = without_secrets(_trace(self, record)).splitlines()
        return "\n  | ".join(one_line(line) for line in (without_secrets(said), *trace))


class JsonLines(logging.Formatter):
    """{time (UTC), level, logger, message, fields}; `fields` has what was given as `extra`, and the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        given = {name: value for name, value in vars(record).items() if name not in _USUAL}
        fields = {name: without_secrets(str(value)) for name, value in given.items()}
        if trace := _trace(self, record):
            fields["traceback"] = without_secrets(trace)
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "time": at.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
            "fields": fields,
        }
        # JSON itself escapes what is below a space; the others would still turn or end the line of whoever looks at it.
        return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(line, ensure_ascii=False))


_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What every record has."""


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    if record.exc_info:
        return formatter.formatException(record.exc_info)
    return formatter.formatStack(record.stack_info) if record.stack_info else ""


def write_log(form: str, level: str) -> None:
    """From now on the log of this process goes to stderr in lines of `form`. Raises ValueError for an unknown level."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)
