"""Fields that several requests have, with their limits."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Literal

from fastapi import Query, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hub.core.personal import kind_in
from hub.web.accounts import NAME_CHARS
from hub.web.passwords import AT_LEAST_CHARS, AT_MOST_CHARS

KEY_CHARS = 64
"""Longest Idempotency-Key: a UUID has 36."""


class Body(BaseModel):
    """What a request brings. Unknown keys are refused: a misspelt one would be silently without effect."""

    model_config = ConfigDict(extra="forbid", strict=True)


def _checked_name(name: str) -> str:
    """A name as people write it, in one Unicode form, so that two that look the same are the same. It gets into log and
    audit, which are kept for good: nobody is called by a number of theirs, or by an address."""
    name = unicodedata.normalize("NFC", name.strip())
    if not name or not name.isprintable():
        raise ValueError("must have printable characters only")
    if kind := kind_in(name):
        raise ValueError(f"looks like a person's {kind}, and the audit would keep it for good")
    return name


Name = Annotated[str, Field(min_length=1, max_length=NAME_CHARS), AfterValidator(_checked_name)]
Password = Annotated[str, Field(min_length=AT_LEAST_CHARS, max_length=AT_MOST_CHARS)]
GivenPassword = Annotated[str, Field(max_length=AT_MOST_CHARS)]
Role = Literal["admin", "manager", "clerk", "reviewer", "auditor", "kiosk", "board", "monitor"]
Id = Annotated[str, Field(min_length=1, max_length=32)]
Party = Annotated[int, Field(ge=1, le=999)]
Case = Annotated[str, Field(max_length=64)]
Reason = Annotated[str, Field(max_length=200)]
Code = Annotated[str, Field(max_length=32)]
Handle = Annotated[str, Field(min_length=1, max_length=64)]
"""Of a visit or a booking."""
Date = Annotated[str, Field(min_length=10, max_length=10)]
Day = Annotated[str, Query(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$", description="YYYY-MM-DD; without it: today")]


Format = Annotated[Literal["json", "csv"], Query(description="csv: for a spreadsheet")]
FileFormat = Annotated[Literal["json", "csv", "xlsx"], Query(description="csv, xlsx: for a spreadsheet")]


def address_of(request: Request) -> str:
    """The network address of whoever asks."""
    return request.client.host if request.client else ""
