"""Every route of the API's own description, asked with what a machine makes up: no mistake of the hub, and no answer
that the description does not have."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from hub.core.hall import Hall
from tests.hub.web.full_hall import full_hall
from tests.hub.web.web_hall import HOST, WebHall, web_hall

EXAMPLES = 10
"""For each route; each is asked by one of WHO."""

WHO = ("admin", "manager", "clerk", "kiosk", "nobody")
ENDLESS = "/api/v1/live"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]

KNOWN = {"window": "1", "visit": "A001", "verb": "next", "name": "wang", "label": "machine-kiosk", "device": "pad-1"}
"""What there is, or every path would end at "not found"."""


@dataclass
class Asker:
    """Asks a hall that runs, one request after the other."""

    runner: asyncio.Runner
    hall: WebHall
    clients: dict[str, httpx.AsyncClient]

    def ask(self, who: str, case: schemathesis.Case) -> httpx.Response | None:
        """The answer; None for what cannot be sent over HTTP at all."""
        given = case.as_transport_kwargs(base_url=HOST)
        wanted = {name: given[name] for name in ("method", "url", "params", "json") if given.get(name) is not None}
        if isinstance(given.get("data"), bytes | str):
            wanted["content"] = given["data"]
        headers = {
            key: value for key, value in given["headers"].items() if key.lower() in ("content-type", "idempotency-key")
        }
        try:
            return self.runner.run(self.clients[who].request(**wanted, headers=headers))
        except (UnicodeError, httpx.InvalidURL):
            return None


async def prepared(hall: WebHall) -> dict[str, httpx.AsyncClient]:
    clients = {who: await hall.machine(who) for who in WHO[:4]} | {"nobody": hall.visitor()}
    admin = clients["admin"]
    await admin.post("/api/v1/devices", json={"id": "pad-1", "role": "rating_pad", "window": "1"})
    await admin.post("/api/v1/windows/1/sign-in", json={"clerk": "clerk"})
    for _ in range(3):
        await admin.post("/api/v1/tickets", json={"service": "a"})
    return clients


@contextlib.contextmanager
def asking(folder: Path, rules: Hall) -> Iterator[Asker]:
    with asyncio.Runner() as runner:
        opened = web_hall(folder, rules=rules)
        hall = runner.run(opened.__aenter__())
        try:
            yield Asker(runner, hall, runner.run(prepared(hall)))
        finally:
            runner.run(opened.__aexit__(None, None, None))


@pytest.fixture(scope="module")
def asker(tmp_path_factory) -> Iterator[Asker]:
    with asking(tmp_path_factory.mktemp("hall"), full_hall()) as made:
        yield made


def test_no_route_answers_with_a_mistake_of_the_hub(asker: Asker):
    described = asker.runner.run(asker.clients["admin"].get("/api/v1/openapi.json")).json()
    schema = schemathesis.openapi.from_dict(described)
    statuses: set[int] = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path != ENDLESS:
            statuses |= tried(asker, operation)
    assert statuses >= {200, 201, 204, 401, 403, 404, 409, 422}, statuses


def tried(asker: Asker, operation) -> set[int]:
    """The statuses with which the route answered."""
    statuses: set[int] = set()

    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(), who=st.sampled_from(WHO), real=st.booleans())
    def holds(case: schemathesis.Case, who: str, real: bool) -> None:
        if real and case.path_parameters:
            case.path_parameters.update({name: KNOWN[name] for name in case.path_parameters if name in KNOWN})
        answer = asker.ask(who, case)
        if answer is None:
            return
        statuses.add(answer.status_code)
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as failures:
            raise AssertionError(f"{operation.label} as {who}: {failures.exceptions}") from None

    holds()
    return statuses
