"""docs/api.md names what there is, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from hub.permissions import ROUTES

API = "/api/v1"
DOCS = Path(__file__).parents[3] / "docs" / "api.md"


def test_the_docs_name_every_request_and_no_other():
    table = DOCS.read_text("utf-8").split("## What can be asked")[1].split("\n## ")[0]
    named = {f"{method} {API}{path}" for method, path in re.findall(r"`(GET|POST|DELETE) (/[^?` ]+)", table)}
    assert named == {route for route in ROUTES if f" {API}" in route}
