"""What is wrong with a request, as a value that becomes an answer: {code, message in every language, detail}.

Refusals by the hall's rules have their words under `refusal.CODE`, all others under `page.problem.CODE`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fastapi import Response

from hub import texts
from hub.texts import Text
from protocol.downward import LANGUAGES


class Problem(Exception):
    """Ends a request with `status`. `detail` fills the words in, and is sent along."""

    def __init__(self, status: int, code: str, *, headers: Mapping[str, str] | None = None, **detail: Any):
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers

    @property
    def message(self) -> Text:
        """What to tell people, in every language."""
        words: dict[str, Text] = {name: dict.fromkeys(LANGUAGES, str(value)) for name, value in self.detail.items()}
        return texts.say_all(f"page.problem.{self.code}", **words)

    def answer(self) -> Response:
        """The answer to a program."""
        body = {"code": self.code, "message": self.message, "detail": self.detail}
        return json_answer(body, self.status, self.headers)


def json_answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`body` as JSON."""
    return Response(encode(body), status, headers, "application/json")


def encode(value: Any) -> bytes:
    """`value` as the shortest JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
