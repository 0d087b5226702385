"""Marks on the page of those who look into them: what was found in words, and leaving ratings out by two people."""

from __future__ import annotations

import re

import pytest

from hub.core import commands
from hub.core.commands import Moment
from hub.core.marking import RULES
from hub.core.marks import TRANSITIONS
from hub.texts import catalogue
from hub.web.pages.reviews import evidence_words
from protocol.downward import LANGUAGES
from tests.hub.web.web_hall import WebHall

API = "/api/v1"
MARK = "2023-11-15-1"


async def marked(hall: WebHall) -> None:
    """Three presses at a window where nobody was served; the day after they are marked."""
    now_ms = hall.clock.now().ms
    for seq in range(3):
        at_ms = now_ms + seq * 61_000
        await hall.service.handle(commands.RecordRating(f"p{seq}", "pad", 1, seq, "1", "", 5, at_ms, at_ms))
    hall.clock.moment = Moment(now_ms + 86_400_000, "2023-11-16")
    await hall.service.handle(commands.LookAround("a new day"))
    assert MARK in hall.service.state.marks


async def page_of(browser) -> str:
    answer = await browser.get("/reviews?lang=en")
    assert answer.status_code == 200
    return answer.text.partition("<script")[0]


def verbs_on(page: str) -> list[str]:
    return re.findall(r'name="verb" value="(\w+)"', page)


async def test_what_was_found_is_a_sentence_and_who_proposed_needs_another_person(hall: WebHall):
    await marked(hall)
    admin, other = await hall.logged_in("admin"), await hall.machine("reviewer")
    page = await page_of(admin)
    assert "3 presses within 2 min 2 s while nobody was being served" in page
    assert "span_s" not in page and verbs_on(page) == ["exclude", "decline"]

    without = await admin.post(f"{API}/marks/{MARK}/exclude", json={})
    assert (without.status_code, without.json()["code"]) == (409, "words-needed")
    said = {"text": "The <b>camera</b> shows the clerk."}
    assert (await admin.post(f"{API}/marks/{MARK}/exclude", json=said)).status_code == 200
    mine, theirs = await page_of(admin), await page_of(other)
    assert verbs_on(mine) == ["decline"] and "Waits for another person" in mine
    assert verbs_on(theirs) == ["agree", "decline"] and "Waits for another person" not in theirs
    assert "<dd>admin:admin</dd>" in theirs and "The &lt;b&gt;camera" in theirs
    assert (await admin.post(f"{API}/marks/{MARK}/agree", json={})).json()["code"] == "second-person"
    assert (await other.post(f"{API}/marks/{MARK}/agree", json={})).status_code == 200

    page = await page_of(admin)
    assert re.search(
        r"Proposed by</dt><dd>admin:admin</dd>\s*<dt>Agreed by</dt><dd>reviewer:machine-reviewer</dd>", page
    )
    assert verbs_on(page) == ["decline"] and "Count them again" in page
    (row,) = (await admin.get(f"{API}/marks?first=2023-11-15")).json()
    assert (row["proposed_by"], row["decided_by"]) == ("admin:admin", "reviewer:machine-reviewer")


async def test_who_only_reads_sees_marks_and_no_buttons(hall: WebHall):
    await marked(hall)
    page = await page_of(await hall.machine("auditor"))
    assert "3 presses" in page and verbs_on(page) == []


async def test_what_was_proposed_anew_waits_for_another_person_again(hall: WebHall):
    await marked(hall)
    admin, other = await hall.logged_in("admin"), await hall.machine("reviewer")
    await admin.post(f"{API}/marks/{MARK}/exclude", json={"text": "a child"})
    await other.post(f"{API}/marks/{MARK}/agree", json={})
    await admin.post(f"{API}/marks/{MARK}/decline", json={"text": "I was wrong"})
    page = await page_of(other)
    assert "Kept by</dt><dd>admin:admin</dd>" in page and "I was wrong" in page
    await other.post(f"{API}/marks/{MARK}/exclude", json={"text": "again"})
    assert "Kept by" not in await page_of(other) and verbs_on(await page_of(admin)) == ["agree", "decline"]


async def test_the_tables_made_again_from_the_log_name_both_people(hall: WebHall):
    await marked(hall)
    admin, other = await hall.logged_in("admin"), await hall.machine("reviewer")
    await admin.post(f"{API}/marks/{MARK}/exclude", json={"text": "a child"})
    await other.post(f"{API}/marks/{MARK}/agree", json={})
    assert not hall.store.rebuild_and_compare().differences


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_evidence_of_every_rule_leaves_no_hole(rule: str, language: str):
    figures = ("presses", "of", "bad", "rated", "served", "others_percent", "span_s", "delay_ms")
    evidence = dict.fromkeys(figures, 75) | {"level": 5, "before": 1, "after": 5}
    for found in (evidence, {name: value for name, value in evidence.items() if name != "served"}):
        if "served" in found and rule != "unlike":
            continue
        words = evidence_words(rule, found, language)
        assert words and "{" not in words


def test_every_step_that_a_mark_allows_has_a_name():
    verbs = {"ExclusionProposed": "exclude", "ExclusionAgreed": "agree", "ExclusionDeclined": "decline"}
    for state, event in TRANSITIONS:
        assert f"mark.verb.{state}.{verbs[event.__name__]}" in catalogue()
