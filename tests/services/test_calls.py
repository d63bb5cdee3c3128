"""What is asked of a service, how often, and whom our key is told to."""

from __future__ import annotations

from typing import Any

import pytest
from fake_web import FakeWeb

from digest.errors import DigestError
from digest.services.calls import Call, Pretended, Session, basic, bearer
from digest.services.errors import NotThere, ServiceError, UnknownOutcome

BASE = "https://api.postbox.example/v1"


class Clock:
    def __init__(self) -> None:
        self.now = 1_700_000_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def session(web: FakeWeb, clock: Clock) -> Session:
    found = Session(web, service="Postbox", secrets=["k-123456789"], key_from="a test", sleep=clock.sleep, clock=clock)
    found.open(BASE, headers=bearer("k-123456789"), home="postbox.example", fields={"from": "sender_email"})
    return found


def test_the_key_goes_with_every_request(session: Session, web: FakeWeb) -> None:
    web.answers("GET", "/v1/drafts/1", {"id": 1})
    assert session.get("/drafts/1", fields="id") == {"id": 1}
    asked = web.request_to("/drafts/1")
    assert (asked.headers["authorization"], asked.query) == ("Bearer k-123456789", {"fields": "id"})


def test_what_only_looks_is_asked_again_and_what_makes_is_not(session: Session, web: FakeWeb, clock: Clock) -> None:
    web.answers("GET", "/v1/a", b"", 503)
    web.answers("GET", "/v1/a", {"done": True})
    assert session.get("/a") == {"done": True}
    web.answers("POST", "/v1/a", b"", 502)
    with pytest.raises(UnknownOutcome, match="502"):
        session.make("/a", {})
    assert (len(web.requests), clock.slept) == (3, [1.0])


def test_what_certainly_never_arrived_is_made_again(session: Session, web: FakeWeb) -> None:
    web.breaks("POST", "/v1/a", after_sending=False)
    web.answers("POST", "/v1/a", b"", 429)
    web.answers("POST", "/v1/a", b"", 503, {"Retry-After": "3"})
    web.answers("POST", "/v1/a", {"id": 1})
    assert session.make("/a", {}) == {"id": 1}


@pytest.mark.parametrize("status", [429, 503])
def test_what_reaches_people_is_asked_once(status: int, session: Session, web: FakeWeb) -> None:
    web.answers("POST", "/v1/a/send", b"", status, {"Retry-After": "1"})
    with pytest.raises(ServiceError):
        session.act("/a/send")
    assert len(web.requests) == 1


@pytest.mark.parametrize(
    ("headers", "waited"),
    [
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "9"}, [9.0]),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1700000012"}, [12.0]),
        ({"x-sib-ratelimit-remaining": "0", "x-sib-ratelimit-reset": "5"}, [5.0]),
        ({"RateLimit-Remaining": "4", "RateLimit-Reset": "9"}, []),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "3600"}, []),
    ],
)
def test_a_service_that_is_used_up_for_now_is_left_alone(
    headers: dict[str, str], waited: list[float], session: Session, web: FakeWeb, clock: Clock
) -> None:
    web.answers("GET", "/v1/a", {"n": 1}, 200, headers)
    web.answers("GET", "/v1/b", {"n": 2})
    session.get("/a")
    session.get("/b")
    assert clock.slept == waited


def test_a_refusal_names_our_key_for_the_vendors_field(session: Session, web: FakeWeb) -> None:
    web.answers("POST", "/v1/a", {"errors": [{"field": "from", "message": "k-123456789 may not"}]}, 422)
    with pytest.raises(ServiceError) as refused:
        session.make("/a", {})
    assert str(refused.value) == "Postbox refused (422): from: **** may not.\n  That is sender_email."


def test_what_is_not_there_is_none(session: Session, web: FakeWeb) -> None:
    web.answers("GET", "/v1/a", {}, 404)
    assert session.find("/a") is None
    web.answers("DELETE", "/v1/a", {}, 410)
    with pytest.raises(NotThere):
        session.act("/a", method="DELETE")


def test_a_list_is_read_to_its_end_however_full_its_pages_are(session: Session, web: FakeWeb) -> None:
    for items in ([1, 2], [3], [], [4]):
        web.answers("GET", "/v1/a", {"items": items})
    assert list(session.pages("/a", "items", size=2)) == [1, 2, 3]
    assert [asked.query["page"] for asked in web.requests] == ["1", "2", "3"]


def test_a_list_with_a_cursor_is_followed(session: Session, web: FakeWeb) -> None:
    web.answers("GET", "/v1/a", {"data": {"results": [1, 2]}, "next": "n1"})
    web.answers("GET", "/v1/a", {"data": {"results": [3]}, "next": ""})
    found = session.listed("/a", "data.results", lambda page, count: {"after": page["next"]} if page["next"] else None)
    assert list(found) == [1, 2, 3]
    assert [asked.query for asked in web.requests] == [{}, {"after": "n1"}]


def test_a_list_without_an_end_is_told(session: Session, web: FakeWeb) -> None:
    web.answers("GET", "/v1/a", {"items": [1]})
    with pytest.raises(ServiceError, match="never comes to the end"):
        list(session.listed("/a", "items", lambda page, count: {"after": count}))


@pytest.mark.parametrize("body", [{"items": None}, {"other": []}, "text"])
def test_a_list_that_is_none_is_no_empty_list(body: Any, session: Session, web: FakeWeb) -> None:
    web.answers("GET", "/v1/a", body)
    with pytest.raises(ServiceError, match="cannot be read"):
        list(session.pages("/a", "items"))


@pytest.mark.parametrize(
    ("base", "fine"),
    [
        ("https://postbox.example/x", True),
        ("https://eu.postbox.example", True),
        ("http://127.0.0.1:8000", True),
        ("http://postbox.example", False),
        ("https://postbox.example.evil.example", False),
        ("https://notpostbox.example", False),
        ("https://evil.example/postbox.example", False),
        ("https://postbox.example@evil.example", False),
        ("ftp://postbox.example", False),
        ("postbox.example", False),
        ("", False),
    ],
)
def test_a_key_is_told_to_its_own_service_alone(base: str, fine: bool, web: FakeWeb) -> None:
    session = Session(web, service="Postbox")
    if fine:
        session.open(base, headers=basic("a", "b"), home="postbox.example")
        return
    with pytest.raises(DigestError):
        session.open(base, headers=basic("a", "b"), home="postbox.example")


def test_what_was_only_shown_has_an_answer_in_which_everything_is_found(web: FakeWeb) -> None:
    shown: list[Call] = []
    session = Session(web, service="Postbox", dry="shown", shown=shown.append)
    session.open(BASE, headers={})
    made = session.make("/a", {"x": 1})
    assert isinstance(made["data"][0], Pretended)
    assert (str(made["data"][0]["id"]), list(session.pages("/a", "items"))) == ("{id}", [])
    assert [(each.method, each.url, each.json) for each in shown] == [
        ("POST", f"{BASE}/a", {"x": 1}),
        ("GET", f"{BASE}/a", None),
    ]
    assert web.requests == []
