"""Lines of the log: nobody adds one of their own, and none holds a secret."""

from __future__ import annotations

import json
import logging
import secrets

import pytest

from hub.adapters.log_lines import HIDDEN, JsonLines, TextLines, one_line, without_secrets

EVIL = "wang\nCRITICAL root: all is lost\r\x1b[31m\x07\x9b\u2028\u202egnaw\x00\ufeff"


def record(message: str, *arguments: object, error: BaseException | None = None, **extra: object) -> logging.LogRecord:
    trace = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord("hub.test", logging.WARNING, "file.py", 1, message, arguments, trace)
    vars(made).update(extra)
    return made


def raised(words: str) -> ValueError:
    try:
        raise ValueError(words)
    except ValueError as error:
        return error


@pytest.mark.parametrize("form", [TextLines(), JsonLines()], ids=["text", "json"])
def test_control_characters_make_no_line_and_colour_nothing(form: logging.Formatter):
    line = form.format(record("no user %s here", EVIL))
    assert line.isprintable()
    assert line.startswith(("WARNING hub.test: no user wang", "{"))


def test_a_traceback_cannot_be_mistaken_for_a_line_of_the_log():
    first, *others = TextLines().format(record("broke", error=raised(EVIL))).split("\n")
    assert first == "WARNING hub.test: broke"
    assert len(others) > 3
    assert all(line.startswith("  | ") and line.isprintable() for line in others)


def test_a_json_line_has_time_level_logger_message_and_fields():
    line = json.loads(JsonLines().format(record("drew %s", "A001", window="3", error=raised("no"))))
    assert line["time"].endswith("Z") and len(line["time"]) == len("2026-03-04T09:00:00.000Z")
    assert (line["level"], line["logger"], line["message"]) == ("WARNING", "hub.test", "drew A001")
    assert line["fields"]["window"] == "3"
    assert line["fields"]["traceback"].endswith("ValueError: no")


def test_json_says_what_was_said():
    assert json.loads(JsonLines().format(record("%s", EVIL)))["message"] == EVIL


def test_what_is_usual_stays_as_it_is():
    for words in (
        "找不到 A012 的窗口",
        "quarantined a message on 'q1/north/d/0123456789abcdef0123456789abcdef/up/events'",
    ):
        assert one_line(without_secrets(words)) == words


@pytest.mark.parametrize("size", [24, 32])
def test_no_secret_that_is_drawn_gets_through(size: int):
    for _ in range(10_000):
        secret = secrets.token_urlsafe(size)
        assert secret not in without_secrets(f"could not log in with {secret}, sorry")


@pytest.mark.parametrize(
    "words",
    [
        "Authorization: Bearer {}",
        "GET /setup?token={} HTTP/1.1",
        "{{'password': '{}'}}",
        'password="{}"',
        "secret = {}",
        "AGE-SECRET-KEY-1{}",
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----",
    ],
)
def test_what_is_called_a_secret_is_struck_out_however_short(words: str):
    shown = without_secrets(words.format("HUNTER2"))
    assert "HUNTER2" not in shown and HIDDEN in shown


def test_a_traceback_and_fields_hold_no_secret():
    secret = secrets.token_urlsafe(32)
    made = record("broke", error=raised(secret), token=secret)
    for form in (TextLines(), JsonLines()):
        assert secret not in form.format(made)


def test_other_libraries_write_through_it_too(capsys: pytest.CaptureFixture[str]):
    """A process of its own would cost half a second; the root logger is put back by hand."""
    from hub.adapters.log_lines import write_log

    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        write_log("json", "info")
        logging.getLogger("uvicorn.error").info("hello\n%s", "you")
    finally:
        logging.captureWarnings(False)
        root.handlers[:] = before
        root.setLevel(level)
    assert json.loads(capsys.readouterr().err)["message"] == "hello\nyou"
    with pytest.raises(ValueError):
        write_log("text", "LOUD")
