"""TOML to tables that pydantic has checked, or every problem with its line, its reason and what would be right."""

from __future__ import annotations

import re
import tomllib
from types import UnionType
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError

from hub.config.problems import HallFileError, Lines, Path, Problem, shown

STRICT = ConfigDict(extra="forbid", strict=True)
"""Of every table: an unknown key is a slip of the finger, and "1" is no number."""

Root = TypeVar("Root", bound=BaseModel)


def parsed(text: str, root: type[Root]) -> Root:
    """The TOML `text` as the table `root`, which is the whole file. Raises HallFileError with all problems."""
    try:
        return root.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise HallFileError([_syntax_problem(error)]) from error
    except RecursionError as error:
        raise HallFileError([Problem(0, "TOML", "has brackets within brackets that never end")]) from error
    except ValidationError as error:
        lines = Lines(text)
        raise HallFileError(_schema_problem(one, lines, root) for one in error.errors()) from error


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


def _schema_problem(error: Any, lines: Lines, root: type[BaseModel]) -> Problem:
    path: Path = tuple(part for part in error["loc"] if part != "[key]")
    reason = _WANTED.get(error["type"]) or error["msg"].removeprefix("Value error, ")
    reason = re.sub(r"^(Input|List|String) should", "must", reason)
    if error["type"] == "extra_forbidden":
        reason = f"unknown key; allowed here: {', '.join(keys_of(table_at(path[:-1], root)))}"
    elif error["type"] == "model_type":
        reason = f"must be a table with the keys {', '.join(keys_of(table_at(path, root)))}"
    return Problem(lines.of(path), shown(path), reason)


def keys_of(table: type[BaseModel]) -> list[str]:
    """Its keys as they are written in the file."""
    return [field.alias or name for name, field in table.model_fields.items()]


def table_at(path: Path, root: type[BaseModel]) -> Any:
    """What stands at `path` in a file that is `root`: a table, or the type of a value."""
    kind: Any = root
    for part in path:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            fields = {field.alias or name: field.annotation for name, field in kind.model_fields.items()}
            kind = fields.get(str(part))
        else:
            kind = get_args(kind)[-1]
        if get_origin(kind) in (Annotated, UnionType):
            kind = get_args(kind)[0]
    return kind
