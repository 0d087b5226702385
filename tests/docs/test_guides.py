"""Pages that are made from the program say what the program does."""

from __future__ import annotations

import re
from pathlib import Path

from hub.core import marking, ratings, reviews, tickets
from hub.core.deciding import reviews as deciding_reviews
from tools import guides, ratings_guide, reviews_guide
from tools.wiring_guide import wiring_page


def test_the_life_of_a_ticket_is_the_table():
    assert (guides.DOCS / "tickets.md").read_text("utf-8") == guides.tickets_page()


def test_the_life_of_a_bad_rating_is_what_the_rules_answer():
    assert (guides.DOCS / "reviews.md").read_text("utf-8") == reviews_guide.reviews_page()


def test_every_state_of_a_bad_rating_and_every_refusal_is_on_its_page():
    page = reviews_guide.reviews_page()
    assert set(reviews_guide.MEANING) == set(reviews.STATES)
    source = Path(deciding_reviews.__file__).read_text("utf-8")
    codes = set(re.findall(r'Refusal\(\s*"([a-z-]+)"', source)) | {"text-too-long", "visit-first", "answer-first"}
    assert len(codes) > 10
    assert [code for code in sorted(codes) if f"`{code}`" not in page] == []


def test_how_a_rating_is_counted_is_told_with_the_programs_numbers():
    assert (guides.DOCS / "ratings.md").read_text("utf-8") == ratings_guide.ratings_page()
    assert tuple(ratings_guide._CHANNEL) == ratings.CHANNELS
    assert set(ratings_guide.RULES) == set(marking.RULES)


def test_the_wires_are_those_that_boards_open():
    assert (guides.DOCS / "wiring.md").read_text("utf-8") == wiring_page()


def test_every_state_can_be_reached_and_has_a_meaning():
    reached = {tickets.WAITING, tickets.OUTSIDE, *tickets.TRANSITIONS.values()}
    assert reached == set(tickets.STATES) == set(guides._MEANING)


def test_what_is_kept_of_people_is_told_as_the_job_deletes_it():
    assert (guides.DOCS / "privacy.md").read_text("utf-8") == guides.privacy_page()


def test_who_may_do_what_is_told_as_the_hub_asks():
    assert (guides.DOCS / "permissions.md").read_text("utf-8") == guides.permissions_page()


def test_the_reasons_in_the_docs_are_what_the_rules_say():
    assert (guides.DOCS / "why.md").read_text("utf-8") == guides.why_page()


def test_the_clips_to_record_are_those_that_announcers_say():
    assert (guides.DOCS / "announcements.md").read_text("utf-8") == guides.announcements_page()
