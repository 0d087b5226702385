"""What the page on alarms shows to whoever writes the other side is true."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

from hub.adapters.outbox import Letter
from hub.adapters.webhook import Webhook, signing_secret
from hub.config import Contact

PAGE = (Path(__file__).parents[2] / "docs" / "alarms.md").read_text("utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


def test_the_check_in_the_docs_takes_a_message_and_refuses_a_changed_or_old_one(tmp_path: Path):
    secret = signing_secret(tmp_path / "webhook-secret")
    to = Contact("lead", "Li Min", webhook="http://town.example/alarm")
    example = json.loads(block("json"))
    facts = {key: example[key] for key in ("rule", "subject", "level", "figures", "raised_ms")}

    def headers_and_body(now_ms: int) -> tuple[dict[str, str], bytes]:
        letter = Letter(example["id"], example["hall"], to, example["title"], example["text"], facts, now_ms)
        request = Webhook(secret)._request(letter)
        assert isinstance(request.data, bytes)
        return {key.title(): value for key, value in request.header_items()}, request.data

    told: dict = {}
    exec(block("python"), told)
    check = told["is_from_the_hall"]
    now_ms = int(time.time() * 1000)
    headers, body = headers_and_body(now_ms)
    assert json.loads(body) == example
    assert check(secret.decode(), headers, body)
    assert not check(secret.decode(), headers, body + b" ")
    assert not check(secret.decode(), *headers_and_body(now_ms - 600_000))
