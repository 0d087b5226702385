"""Rating by link, by staff for somebody, and answering what was bad: through the app, as people do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.core import commands
from hub.core.commands import Moment
from hub.core.ratings import RatingRules
from tests.hub.halls import small_hall
from tests.hub.web.test_windows import draw, press, sit_down, version
from tests.hub.web.web_hall import WebHall, web_hall

API = "/api/v1"


async def served(hall: WebHall) -> tuple[str, str]:
    """A visit that `clerk` served at window 1: its token, and that of its link."""
    await draw(hall, 1)
    clerk, seen = await sit_down(hall)
    called = await press(clerk, "next", seen)
    visit = called.json()["visit"]
    started = await press(clerk, "start", version(called))
    await press(clerk, "finish", version(started))
    return visit, hall.app.state.web.handles.rating_token(visit)


async def rate(hall: WebHall, token: str, **body):
    return await hall.visitor().post(f"{API}/ratings/by-link/{token}", json=body)


async def test_the_ticket_of_who_was_served_leads_to_the_rating(hall: WebHall):
    visit, token = await served(hall)
    assert f'href="/r/{token}"' in (await hall.visitor().get(f"/t/{visit}")).text
    page = await hall.visitor().get(f"/r/{token}?lang=en")
    assert page.status_code == 200 and "Very dissatisfied" in page.text and visit not in page.text


async def test_a_link_counts_once_is_corrected_for_a_minute_and_takes_remarks_after_that(hall: WebHall):
    _, token = await served(hall)
    standings = []
    for wait_ms in (0, 30_000, 120_000):
        hall.clock.advance(wait_ms)
        standings.append((await rate(hall, token, level=4)).json()["standing"])
    assert standings == ["counted", "correction", "remark"]
    offered = (await hall.visitor().get(f"{API}/ratings/by-link/{token}")).json()
    assert [stop["rated"] for stop in offered["stops"]] == [[{"case": "", "level": 4}]]


async def test_a_request_that_is_sent_again_is_one_rating(hall: WebHall):
    _, token = await served(hall)
    visitor = hall.visitor(**{"Idempotency-Key": "abc"})
    answers = [await visitor.post(f"{API}/ratings/by-link/{token}", json={"level": 5}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()


async def test_who_waits_or_is_served_cannot_be_rated_before(hall: WebHall):
    await draw(hall, 1)
    visit = next(iter(hall.service.state.tickets))
    token = hall.app.state.web.handles.rating_token(visit)
    assert (await rate(hall, token, level=5)).json()["code"] == "not-served-yet"


@pytest.mark.parametrize("token", ["AAAAAAAAAAAAAAAAAAAAAA", "short", "'; drop table ratings", "%00"])
async def test_a_guessed_link_is_nothing(hall: WebHall, token: str):
    assert (await hall.visitor().get(f"/r/{token}")).status_code == 404
    assert (await rate(hall, token, level=5)).status_code == 404


async def test_who_guesses_links_has_to_wait(hall: WebHall):
    for _ in range(60):
        await hall.visitor().get("/r/AAAAAAAAAAAAAAAAAAAAAA")
    assert (await hall.visitor().get("/r/AAAAAAAAAAAAAAAAAAAAAA")).status_code == 429


async def test_the_link_gives_the_ticket_away_to_nobody(hall: WebHall):
    """Who photographs a display can rate, and neither see nor give up the ticket."""
    visit, token = await served(hall)
    assert token != visit
    assert (await hall.visitor().get(f"/t/{token}")).status_code == 404
    assert (await hall.visitor().post(f"{API}/tickets/{token}/cancel", json={})).status_code == 404


@pytest.mark.parametrize(("day", "status"), [("2023-11-25", 201), ("2023-11-26", 410)])
async def test_a_link_is_good_for_ten_days_and_then_over(hall: WebHall, day: str, status: int):
    _, token = await served(hall)
    hall.clock.moment = Moment(hall.clock.now().ms, day)
    await hall.service.handle(commands.LookAround("a new day"))
    assert (await rate(hall, token, level=5)).status_code == status


async def test_a_hall_may_let_it_be_over_sooner(tmp_path):
    async with web_hall(tmp_path, rules=replace(small_hall(), ratings=RatingRules(link_days=1))) as hall:
        _, token = await served(hall)
        hall.clock.moment = Moment(hall.clock.now().ms, "2023-11-17")
        await hall.service.handle(commands.LookAround("a new day"))
        answer = await rate(hall, token, level=5)
        assert (answer.status_code, answer.json()["code"]) == (410, "rating-link-over")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"level": 5, "text": "长" * 10_000}, 409, "text-too-long"),
        ({"level": 9}, 422, "invalid"),
        ({}, 422, "invalid"),
        ({"level": 5, "stop": 7}, 409, "not-served-yet"),
        ({"level": 5, "case": "X"}, 409, "unknown-case"),
        ({"level": 5, "reasons": ["nonsense"]}, 409, "unknown-reason"),
        ({"level": 5, "lvel": 5}, 422, "invalid"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_kept(hall: WebHall, body: dict, status: int, code: str):
    _, token = await served(hall)
    answer = await rate(hall, token, **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not hall.service.state.given


async def test_staff_enter_a_rating_but_not_their_own(hall: WebHall):
    visit, _ = await served(hall)
    clerk, wang = await hall.logged_in("clerk"), await hall.logged_in("wang")
    assert (await clerk.post(f"{API}/tickets/{visit}/rating", json={"level": 5})).json()["code"] == "own-rating"
    assert (await wang.post(f"{API}/tickets/{visit}/rating", json={"level": 4})).status_code == 201
    (row,) = (await (await hall.logged_in("admin")).get(f"{API}/ratings")).json()
    assert (row["channel"], row["by"], row["level"]) == ("staff", "clerk:wang", 4)


async def reviewer(hall: WebHall):
    return await hall.machine("reviewer")


async def act(browser, review: str, verb: str, **body):
    now = (await browser.get(f"{API}/reviews/{review}")).json()
    return await browser.post(f"{API}/reviews/{review}/{verb}", json={"seen": now.get("seen", 0), **body})


async def test_a_bad_rating_goes_from_the_phone_to_its_answer(hall: WebHall):
    _, token = await served(hall)
    said = {"level": 1, "text": "<b>慢</b>", "name": "王芳", "contact": "13800138000"}
    await rate(hall, token, **said)
    office = await hall.logged_in("admin")
    listed = (await office.get(f"{API}/reviews")).json()
    assert (listed["reviews"][0]["text"], listed["sums"]["named"], listed["missing"]) == ("<b>慢</b>", 1, ["R.1"])
    verbs = []
    for verb, more in (
        ("verify", {}),
        ("contact", {"how": "phone"}),
        ("rectify", {"text": "a second clerk at noon"}),
        ("answer", {"how": "phone", "text": "told her"}),
        ("visit", {"how": "face-to-face"}),
        ("close", {}),
        ("publish", {"text": "A second clerk at noon. Call 13800138000."}),
    ):
        answer = await act(office, "R.1", verb, **more)
        assert answer.status_code == 200, answer.text
        verbs.append(answer.json()["verbs"])
    assert "close" in verbs[4] and "reopen" in verbs[5]
    page = (await office.get("/reviews/R.1?lang=en")).text
    assert "&lt;b&gt;慢" in page and "<b>慢" not in page and "王芳" in page
    told = (await hall.visitor().get(f"{API}/results")).json()
    assert told["rectified"][0]["text"].startswith("A second clerk") and "13800138000" not in str(told)
    public = (await hall.visitor().get("/results?lang=en")).text
    assert "A second clerk" in public and "王芳" not in public and "clerk</td>" not in public
    listed = (await office.get(f"{API}/reviews?first=2023-11-15&last=2023-11-15")).json()
    assert (listed["sums"]["named_visited"], listed["missing"]) == (1, [])


async def test_the_clerk_appeals_and_sees_no_more_than_that(hall: WebHall):
    _, token = await served(hall)
    await rate(hall, token, level=1, text="rude")
    clerk, wang, office = [await hall.logged_in(name) for name in ("clerk", "wang", "admin")]
    assert (await clerk.get(f"{API}/my-reviews")).json() == []
    await act(office, "R.1", "verify")
    (mine,) = (await clerk.get(f"{API}/my-reviews")).json()
    assert mine.keys() == {"review", "service", "state", "appeal", "seen"}
    assert (await clerk.get(f"{API}/reviews/R.1")).status_code == 403
    assert (await clerk.post(f"{API}/reviews/R.1/close", json={"seen": mine["seen"]})).status_code == 403
    body = {"seen": mine["seen"], "text": "It was the printer."}
    assert (await wang.post(f"{API}/reviews/R.1/appeal", json=body)).json()["code"] == "not-your-review"
    assert (await clerk.post(f"{API}/reviews/R.1/appeal", json=body)).status_code == 200
    assert (await office.get(f"{API}/reviews/R.1")).json()["appeal"] == "pending"


async def test_striking_out_takes_two_people_and_both_figures_are_shown(hall: WebHall):
    _, token = await served(hall)
    await rate(hall, token, level=1)
    office, other = await hall.logged_in("admin"), await reviewer(hall)
    await act(office, "R.1", "verify")
    await act(office, "R.1", "strike", ground="malicious", text="sent by a rival")
    assert (await act(office, "R.1", "agree")).json()["code"] == "second-person"
    assert (await act(other, "R.1", "agree")).status_code == 200
    (row,) = (await office.get(f"{API}/tables/clerk")).json()
    assert (row["rated"], row["satisfied"], row["set_aside"], row["satisfied_with_all"]) == (0, None, 1, 0.0)


async def test_two_reviewers_at_once_are_told(hall: WebHall):
    _, token = await served(hall)
    await rate(hall, token, level=1)
    office = await hall.logged_in("admin")
    seen = (await office.get(f"{API}/reviews/R.1")).json()["seen"]
    await office.post(f"{API}/reviews/R.1/verify", json={"seen": seen})
    again = await office.post(f"{API}/reviews/R.1/explain", json={"seen": seen, "text": "no"})
    assert again.json()["code"] == "review-changed"


async def test_a_table_of_figures_by_anything_and_as_a_sheet(hall: WebHall):
    _, token = await served(hall)
    await rate(hall, token, level=4)
    office = await hall.logged_in("admin")
    for by in (
        "clerk",
        "window",
        "zone",
        "service",
        "group",
        "department",
        "hall",
        "region",
        "hour",
        "day",
        "week",
        "month",
    ):
        (row,) = (await office.get(f"{API}/tables/{by}")).json()
        assert (row["served"], row["rated"], row["small"]) == (1, 1, True)
        assert (await office.get(f"/report?by={by}")).status_code == 200
    assert "satisfied_range_low" in (await office.get(f"{API}/tables/clerk?format=csv")).text
    assert (await office.get(f"{API}/tables/shoe-size")).status_code == 404
    assert (await office.get(f"{API}/tables/day?first=2023-11-15&last=2023-11-14")).status_code == 422


async def test_staff_rate_the_last_stop_and_are_told_where_it_was(hall: WebHall):
    await draw(hall, 1)
    clerk, seen = await sit_down(hall)
    called = await press(clerk, "next", seen)
    number = called.json()["window"]["state"]["number"]
    started = await press(clerk, "start", version(called))
    wang, seen = await sit_down(hall, "wang", "2")
    moved = await clerk.post(f"{API}/windows/1/transfer", json={"seen": version(started), "to_clerk": "wang"})
    assert moved.status_code == 200, moved.text
    called = await press(wang, "next", seen, window="2")
    await press(wang, "start", version(called), window="2")
    body = {"level": 4}
    assert (await wang.post(f"{API}/tickets/{number}/rating", json=body)).json()["code"] == "own-rating"
    answer = await clerk.post(f"{API}/tickets/{number}/rating", json=body)
    assert (answer.status_code, answer.json()["standing"], answer.json()["window"]) == (201, "counted", "2")
    first = await wang.post(f"{API}/tickets/{number}/rating", json=body | {"stop": 0})
    assert (first.status_code, first.json()["window"]) == (201, "1")


@pytest.mark.parametrize("path", ["ratings/by-link/{token}", "tickets/{visit}/rating", "tickets/{number}/rating"])
async def test_the_clerk_of_a_visit_rates_it_for_nobody_in_any_way(hall: WebHall, path: str):
    """Also not through the link, in the browser that they are logged in with; another one's is marked as theirs."""
    visit, token = await served(hall)
    number = hall.service.state.tickets[visit].number
    address = f"{API}/{path.format(visit=visit, token=token, number=number)}"
    clerk, wang = await hall.logged_in("clerk"), await hall.logged_in("wang")
    for stop in ({}, {"stop": 0}):
        refused = await clerk.post(address, json={"level": 5, **stop})
        assert (refused.status_code, refused.json()["code"]) == (409, "own-rating")
    assert (await wang.post(address, json={"level": 4})).status_code == 201
    (row,) = (await (await hall.logged_in("admin")).get(f"{API}/ratings")).json()
    assert (row["channel"], row["by"]) == ("staff", "clerk:wang")


async def test_the_desk_leaves_a_contact_for_somebody(hall: WebHall):
    visit, _ = await served(hall)
    number = hall.service.state.tickets[visit].number
    clerk = await hall.logged_in("clerk")
    assert (await clerk.post(f"{API}/tickets/{number}/contact", json={"contact": "13800138000"})).status_code == 201
    assert visit in hall.service.state.contacts
    assert 'id="contact-for"' in (await clerk.get("/desk")).text


async def test_what_is_said_in_the_steps_of_an_order_makes_no_second_line_of_it(hall: WebHall):
    office = await hall.logged_in("admin")
    order = {"order": "12345-7", "kind": "complaint", "text": "Why so slow?", "name": "王芳"}
    assert (await office.post(f"{API}/reviews", json=order)).status_code == 201
    await act(office, "R.1", "verify")
    await act(office, "R.1", "contact", how="phone", text="told her that we look into it")
    told = (await office.get(f"{API}/reviews")).json()
    assert [(row["review"], row["text"], row["name"]) for row in told["reviews"]] == [("R.1", "Why so slow?", "王芳")]
    assert told["missing"] == ["R.1"]


async def test_who_is_to_be_called_is_listed_for_reviewers(hall: WebHall):
    visit, _ = await served(hall)
    left = {"contact": "13800138000", "name": '"><img src=x>'}
    assert (await hall.visitor().post(f"{API}/tickets/{visit}/contact", json=left)).status_code == 201
    office = await hall.logged_in("admin")
    assert "13800138000" not in (await office.get("/reviews")).text
    for _ in range(5):  # a day later they are invited, two days after that to be called
        hall.clock.advance(24 * 3_600_000)
        await hall.service.handle(commands.LookAround(""))
    page = (await (await hall.logged_in("admin")).get("/reviews?lang=en")).text
    assert "13800138000" in page and "To be called" in page and "<img src=x" not in page
    auditor = await hall.machine("auditor")
    assert "13800138000" not in (await auditor.get("/reviews")).text


async def test_what_cannot_be_done_now_names_the_state_in_words(hall: WebHall):
    _, token = await served(hall)
    await rate(hall, token, level=1)
    office = await hall.logged_in("admin")
    told = (await act(office, "R.1", "close")).json()
    assert (told["code"], "新收" in told["message"]["zh-Hans"]) == ("review-not-now", True), told


async def test_who_took_a_bad_rating_back_at_once_is_owed_no_answer(hall: WebHall):
    _, token = await served(hall)
    await rate(hall, token, level=1, name="王芳", contact="13800138000")
    office = await hall.logged_in("admin")
    assert (await office.get(f"{API}/reviews")).json()["missing"] == ["R.1"]
    await rate(hall, token, level=5)
    told = (await office.get(f"{API}/reviews?first=2023-11-15&last=2023-11-15")).json()
    assert (told["reviews"][0]["state"], told["missing"]) == ("withdrawn", [])
    assert (told["sums"]["opened"], told["sums"]["named"]) == (1, 0)


async def test_the_code_on_displays_leads_to_the_link_while_the_visit_is_there(hall: WebHall):
    visit, token = await served(hall)
    code = hall.app.state.web.handles.display_code(visit)
    led = await hall.visitor().get(f"/Q/{code}")
    assert (led.status_code, led.headers["location"]) == (303, f"/r/{token}")
    await hall.service.handle(commands.SignOut("", "1", "clerk:clerk"))
    assert (await hall.visitor().get(f"/Q/{code}")).status_code == 404


@pytest.mark.parametrize("code", ["AAAAAAAAAAAA", "A", "Ä", "%00"])
async def test_a_guessed_code_is_nothing_and_who_guesses_has_to_wait(hall: WebHall, code: str):
    await served(hall)
    for _ in range(60):
        assert (await hall.visitor().get(f"/Q/{code}")).status_code == 404
    assert (await hall.visitor().get(f"/Q/{code}")).status_code == 429
