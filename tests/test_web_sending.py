"""What is sent to services: once, unless asking again is known to do no harm."""

from __future__ import annotations

import pytest
from fake_web import FakeWeb

from digest.errors import NoAnswer, WebError


def test_all_that_a_service_may_want_can_be_sent(web: FakeWeb) -> None:
    web.answers("POST", "/3.0/campaigns", {"id": "c1"})
    web.answers("PUT", "/3.0/campaigns/*", b"", 204)
    web.answers("PATCH", "/form", b"ok")
    web.answers("POST", "/files", b"ok")

    made = web.request("POST", "https://api.example/3.0/campaigns", json={"type": "regular"}, headers={"X-Key": "k"})
    web.request("PUT", "https://api.example/3.0/campaigns/c1", body=b"<p>", params={"draft": "yes"})
    web.request("PATCH", "https://api.example/form", form={"a": "b c"})
    web.request("POST", "https://api.example/files", files={"file": ("a.png", b"\x89PNG\0", "image/png")})

    assert (made.json(), web.sent("/campaigns"), web.request_to("/campaigns").headers["x-key"]) == (
        {"id": "c1"}, {"type": "regular"}, "k",
    )  # fmt: skip
    assert (web.sent("/c1"), web.request_to("/c1").query) == (b"<p>", {"draft": "yes"})
    assert web.sent("/form") == {"a": "b c"}
    assert web.sent("/files") == {"file": ("a.png", b"\x89PNG\0")}


def test_nothing_is_sent_twice_unless_told(web: FakeWeb) -> None:
    web.answers("GET", "/", b"", 503)
    assert (web.get("https://api.example/").status, len(web.requests), web.waited) == (503, 1, [])


def test_a_service_that_asks_for_patience_gets_it(web: FakeWeb) -> None:
    web.answers("POST", "/", b"", 429, {"Retry-After": "7"})
    web.answers("POST", "/", b"", 429)
    web.answers("POST", "/", b"done")
    got = web.request("POST", "https://api.example/", tries=5)
    assert (got.body, len(web.requests), web.waited) == (b"done", 3, [7, 14])


def test_nobody_waits_an_hour(web: FakeWeb) -> None:
    web.answers("GET", "/", b"", 429, {"Retry-After": "3600"})
    assert (web.get("https://api.example/", tries=5).retry_after, web.waited) == (3600, [])


@pytest.mark.parametrize(("method", "sent"), [("GET", 3), ("PUT", 3), ("DELETE", 3), ("POST", 1), ("PATCH", 1)])
def test_what_may_have_been_done_is_not_done_again(method: str, sent: int, web: FakeWeb) -> None:
    web.breaks(method, "/")
    with pytest.raises(NoAnswer) as broken:
        web.request(method, "https://api.example/", tries=3)
    assert len(web.requests) == sent
    assert broken.value.unsure == (method != "GET")
    assert broken.value.exit_code == (1 if method == "GET" else 6)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateway_that_lost_patience_may_have_passed_a_post_on(status: int, web: FakeWeb) -> None:
    web.answers("POST", "/", b"", status)
    assert web.request("POST", "https://api.example/", tries=3).status == status
    assert len(web.requests) == 1


def test_what_never_left_can_be_sent_again(web: FakeWeb) -> None:
    web.breaks("POST", "/", after_sending=False)
    web.answers("POST", "/", b"made")
    assert web.request("POST", "https://api.example/", tries=2).body == b"made"


def test_an_error_of_a_request_that_never_left_is_sure(web: FakeWeb) -> None:
    web.breaks("POST", "/", after_sending=False)
    with pytest.raises(WebError) as broken:
        web.request("POST", "https://api.example/")
    assert (broken.value.unsure, broken.value.exit_code) == (False, 1)
