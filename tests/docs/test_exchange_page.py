"""What the page on the exchange says of maps and messages is what the program does."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

from hub.adapters.province import LATER, Province
from hub.config.exchange_map import Got, Sent, read_map
from hub.core.exchange import ORDER_STATE, RATING, RECORDS, apply_map
from hub.core.exchange_orders import KEYS
from hub.core.stamps import FORMS
from tests.hub.exchange import rating

PAGE = (Path(__file__).parents[2] / "docs" / "exchange.md").read_text("utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


def rows(after: str, columns: int) -> list[list[str]]:
    """The table that follows the text `after`, without its head."""
    table = PAGE.split(after, 1)[1].split("|---", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split("|", columns - 1)] for line in table.splitlines()[1:]]


def keys(after: str, columns: int = 3) -> list[str]:
    return [row[0].strip("`") for row in rows(after, columns)]


def test_every_key_of_a_record_is_told_with_its_kind_and_its_words():
    for after, known in (
        ("Keys of a `rating`", RECORDS[RATING]),
        ("Keys of an `order-state`", RECORDS[ORDER_STATE]),
        ("`order` and `kind` must be there", KEYS),
    ):
        assert keys(after) == list(known)
        for (_, kind, told), key in zip(rows(after, 3), known.values(), strict=True):
            assert kind == key.kind
            if key.words and key.kind == "text":
                assert re.findall(r"`([^`]+)`", told) == list(key.words)


def test_every_key_of_a_row_is_told():
    sent = [field.alias or name for name, field in Sent.model_fields.items()]
    assert sorted(keys("became of its order:", 2)) == sorted(sent)
    assert set(Got.model_fields) <= {*sent, "to"}
    for form, example in FORMS.items():
        assert f"`{form}`" in PAGE and (form in ("s", "ms") or example in PAGE)


def test_the_example_is_a_map_and_makes_what_is_said():
    made = apply_map(read_map(block("toml")), rating(level=2, text="慢" * 600))
    assert made == {"evaluateId": "rating-pad-1:7:3", "satisfaction": "4", "evaContent": "慢" * 500}


def test_the_codes_that_mean_later_are_told():
    assert f"| {', '.join(str(code) for code in LATER)} | not now" in PAGE


def test_the_check_takes_a_message_and_refuses_a_changed_or_old_one():
    example = json.loads(block("json"))
    hall, _, id = example["id"].partition("/")
    requests = []
    far = Province("http://127.0.0.1:1", hall, b"secret")
    far._answer = lambda request: requests.append(request) or b'{"order_no": "1", "state": "x"}'
    now_ms = int(time.time() * 1000)
    for ms in (now_ms, now_ms - 600_000):
        far.send(example["kind"], id, example["data"], ms)
    (headers, body), (old_headers, _) = [
        ({key.title(): value for key, value in request.header_items()}, request.data) for request in requests
    ]
    told: dict = {}
    exec(block("python"), told)
    check = told["is_from_the_hall"]
    assert json.loads(body) == example
    assert check("secret", headers, body)
    assert not check("secret", headers, body + b" ") and not check("secret", old_headers, body)
