"""What the page on invitations shows to whoever writes the gateway's side is true."""

from __future__ import annotations

import json
import re
from pathlib import Path

from hub.adapters.invitations import _addressed, _letter
from hub.adapters.sqlite_outbox import INVITATION, Delivery
from hub.adapters.webhook import Webhook
from hub.config import read_hall

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "invitations.md").read_text("utf-8")


def test_the_example_is_what_is_sent():
    hall = read_hall((ROOT / "hub" / "halls" / "songshan-lake.toml").read_text("utf-8"))
    found = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert found
    example = json.loads(found[1])
    delivery = Delivery(example["id"], INVITATION, "", "", "visit", 0, {}, example["raised_ms"], 0)
    _, to = _addressed(example["contact"], "https://gateway.example/jiaohao")
    letter = _letter(hall, to, delivery, example["link"], example["contact"], example["raised_ms"])
    request = Webhook(b"secret")._request(letter)
    assert isinstance(request.data, bytes)
    told = json.loads(request.data)
    assert told["text"].pop("en") == example["text"].pop("en")
    for texts in (told["names"], told["title"], told["text"]):
        texts.update(dict.fromkeys(("zh-Hans", "zh-Hant"), "…"))
    assert told["names"].keys() == example["names"].keys()
    assert told["title"].pop("en") and example["title"].pop("en")
    assert told | {"names": example["names"]} == example
