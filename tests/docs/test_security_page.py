"""SECURITY.md says whom to tell of a weakness, or that there is nobody, and what to do then."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "SECURITY.md").read_text("utf-8")
NOBODY = "NOBODY YET"


def test_there_is_one_contact_or_it_is_said_that_there_is_none():
    (contact,) = re.findall(r"^> Contact: (.+)$", PAGE, re.MULTILINE)
    if contact == NOBODY:
        assert f"as long as it says {NOBODY}, nobody has taken that on" in PAGE.replace("\n", " ")
    else:
        assert re.search(r"@|https://", contact), "nobody can write to that"
    assert re.search(r"whoever gives out a copy\s+fills that in", (ROOT / "README.md").read_text("utf-8"))


def test_finders_admins_and_distributors_find_what_to_do():
    reporting = PAGE.partition("## Reporting")[2].partition("\n## ")[0]
    for who in ("You found a weakness", "You run a hall", "You give out copies"):
        assert f"**{who}.**" in reporting


def test_every_link_leads_somewhere():
    linked = re.findall(r"\]\(([^)#]+)\)", PAGE)
    assert linked
    assert [link for link in linked if not (ROOT / link).exists()] == []
