"""Asking a hub that is being killed: the same question with the same id, until there is an answer."""

import httpx
import pytest

from tools.demo import hub_api
from tools.demo.hub_api import HubApi, HubIsGone, HubSaysNo, read_setup_token


def hub_that(*answers):
    """A hub that answers so, one after the other, and the last one for ever; and the requests it got."""
    asked = []
    left = list(answers)

    def answer(request):
        asked.append(request)
        said = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(said, Exception):
            raise said
        return said

    return HubApi("http://127.0.0.1:1", httpx.MockTransport(answer)), asked


async def test_a_ticket_is_asked_for_again_with_the_same_id():
    gone, away = httpx.ConnectError("refused"), httpx.Response(503, json={"code": "busy"})
    api, asked = hub_that(gone, httpx.ReadError("cut"), away, httpx.Response(201, json={"number": "A001"}))
    assert await api.post("/tickets", {"service": "a"}) == {"number": "A001"}
    assert len(asked) == 4 and len({request.headers["Idempotency-Key"] for request in asked}) == 1


async def test_two_tickets_have_two_ids():
    api, asked = hub_that(httpx.Response(201, json={}))
    await api.post("/tickets", {"service": "a"})
    await api.post("/tickets", {"service": "a"})
    assert len({request.headers["Idempotency-Key"] for request in asked}) == 2


async def test_a_refusal_has_its_code_and_words_and_is_not_asked_again():
    api, asked = hub_that(httpx.Response(409, json={"code": "numbers-used-up", "message": {"en": "No numbers."}}))
    with pytest.raises(HubSaysNo, match="No numbers") as refused:
        await api.post("/tickets", {"service": "a"})
    assert refused.value.code == "numbers-used-up" and len(asked) == 1


async def test_an_answer_that_is_not_the_hubs_is_told_as_it_is():
    api, _ = hub_that(httpx.Response(500, text="Internal Server Error"))
    with pytest.raises(HubSaysNo, match="Internal Server Error"):
        await api.get("/hall")


async def test_a_hub_that_stays_away_is_given_up(monkeypatch):
    monkeypatch.setattr(hub_api, "RETRY_S", 0.5)
    api, asked = hub_that(httpx.ConnectError("refused"))
    with pytest.raises(HubIsGone, match="has not answered GET /hall"):
        await api.get("/hall")
    assert len(asked) > 1


async def test_the_key_is_used_from_then_on():
    api, asked = hub_that(httpx.Response(200, json={}))
    api.use_key("secret")
    await api.get("/hall")
    assert asked[0].headers["Authorization"] == "Bearer secret"
    await api.close()


def test_the_token_is_read_out_of_the_set_up_link(tmp_path):
    (tmp_path / "setup-link").write_text("http://127.0.0.1:1/setup?token=a-b_c\n")
    assert read_setup_token(tmp_path) == "a-b_c"
