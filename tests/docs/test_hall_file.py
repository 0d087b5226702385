"""docs/hall-file.md tells every table and key of a hall file as the program has it, and its examples are a hall."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic.fields import FieldInfo

from hub.config import parsing, read_contacts, read_hall, tables
from hub.config.words import time_of

FILE = Path(__file__).parent.parent.parent / "docs/hall-file.md"
PAGE = FILE.read_text("utf-8")
HEADING = re.compile(r"^## `(\[[^`\n]+)`\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)

SECTIONS = dict(HEADING.findall(PAGE))
EXAMPLES = "\n".join(re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL))

BARE = {tables.Names, tables.File}
"""Tables that have no heading: names are told at the top, and the file is the page."""


def path_of(heading: str) -> tuple[str | int, ...]:
    """Where a table with this heading stands: [[x]] in an array, [x.ID] in a table of tables."""
    keys = heading.strip("[]").split(".")
    return tuple(part for key in keys for part in ((key, 0) if heading.startswith("[[") else (key,)))


TABLES: dict[str, type[tables.Table]] = {
    heading: parsing.table_at(path_of(heading), tables.File) for heading in SECTIONS
}
FIELDS = [
    pytest.param(heading, field.alias or name, field, id=f"{heading} {field.alias or name}")
    for heading, table in TABLES.items()
    for name, field in table.model_fields.items()
]


def row_of(heading: str, key: str) -> list[str]:
    """The cells of a key's row: key, type, default, meaning."""
    (row,) = [line for line in SECTIONS[heading].splitlines() if line.startswith(f"| `{key}` |")]
    return [cell.strip() for cell in row.strip("|").split(" | ")]


def default_of(key: str, field: FieldInfo) -> str:
    """A key's default, as it is written in the file."""
    if field.is_required():
        return "required"
    value: Any = time_of(field.default) if key in ("begins", "ends") else field.default
    return f"`{json.dumps(value)}`"


def bounds_of(field: FieldInfo) -> list[str]:
    """The numbers and words between which a value must be."""
    limits = [getattr(limit, name) for limit in field.metadata for name in ("ge", "le") if hasattr(limit, name)]
    inner = [field.annotation, *get_args(field.annotation)]
    return [str(limit) for limit in limits] + [
        word for kind in inner if get_origin(kind) is Literal for word in get_args(kind)
    ]


def test_every_table_has_a_heading():
    assert set(tables.Table.__subclasses__()) - BARE == set(TABLES.values())


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_key_has_its_row_and_no_other_has(heading):
    told = re.findall(r"^\| `([^`]+)` \|", SECTIONS[heading], re.MULTILINE)
    assert told == parsing.keys_of(TABLES[heading])


@pytest.mark.parametrize(("heading", "key", "field"), FIELDS)
def test_a_row_tells_the_default_and_the_bounds(heading, key, field):
    _, kind, default, _ = row_of(heading, key)
    assert default == default_of(key, field)
    assert [bound for bound in bounds_of(field) if bound not in kind] == []


@pytest.mark.parametrize(("heading", "key", "field"), FIELDS)
def test_every_key_is_in_an_example(heading, key, field):
    assert re.search(rf"(^|[{{ .]){key}( = |\])", EXAMPLES, re.MULTILINE)


def test_the_examples_are_a_hall():
    hall = read_hall(EXAMPLES)
    assert (hall.id, len(hall.windows), len(read_contacts(EXAMPLES))) == ("town", 6, 2)


def test_every_link_leads_somewhere():
    linked = re.findall(r"\]\(([^)#]+)\)", PAGE)
    assert [link for link in linked if not (FILE.parent / link).exists()] == []
