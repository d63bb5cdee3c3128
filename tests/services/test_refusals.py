"""What a service says no with, in whatever shape, is read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from digest.services.refusals import Told, told
from digest.web import Answer


def of(body: Any, **headers: str) -> Told:
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return told(Answer(400, "https://a.example/", content, headers=headers))


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (
            {"type": "t", "title": "Invalid Resource", "status": 400, "detail": "See errors.", "instance": "995c",
             "errors": [{"field": "settings.reply_to", "message": "Not verified."}]},
            Told("settings.reply_to: Not verified; See errors.", ("settings.reply_to",), "995c"),
        ),
        ({"title": "Forbidden", "status": 403}, Told("Forbidden")),
        ({"errors": ["Subject is missing", "Content too"]}, Told("Subject is missing; Content too")),
        (
            {"errors": [{"field": "send_at", "message": "invalid", "error_id": "e9"}]},
            Told("send_at: invalid", ("send_at",), "e9"),
        ),
        (
            {"errors": [{"message": "Saving failed", "context": "Somebody", "code": "UPDATE_COLLISION", "id": "7"}]},
            Told("Saving failed. Somebody", (), "7", "UPDATE_COLLISION"),
        ),
        ({"code": "email_duplicate", "detail": "Twice."}, Told("Twice.", code="email_duplicate")),
        (
            {"detail": [{"type": "x", "loc": ["body", "subject"], "msg": "too long"}]},
            Told("subject: too long", ("subject",)),
        ),
        ({"code": "invalid_parameter", "message": "Sender is invalid"},
         Told("Sender is invalid", code="invalid_parameter")),
        ({"statusCode": 422, "name": "validation_error", "message": "No from"},
         Told("No from", code="validation_error")),
        ({"message": "campaigns.cantUpdate"}, Told("campaigns.cantUpdate")),
        ({"Code": 303, "Message": "Duplicate Campaign Name"}, Told("Duplicate Campaign Name", code="303")),
        ({"ErrorCode": 300, "Message": "Invalid 'From'"}, Told("Invalid 'From'", code="300")),
        (
            {"message": "The given data was invalid.", "errors": {"emails.0.subject": ["Too long."]}},
            Told("emails.0.subject: Too long.", ("emails.0.subject",)),
        ),
        ("Too many requests", Told("Too many requests")),
        ("<html><h1>502 Bad Gateway", Told()),
        ("", Told()),
        ([1], Told()),
        ("null", Told()),
        ({"errors": None, "detail": None, "message": None}, Told()),
    ],
)  # fmt: skip
def test_every_shape_of_a_refusal_is_read(body: Any, wanted: Told) -> None:
    assert of(body) == wanted


def test_words_are_one_line_that_steers_no_terminal() -> None:
    said = of({"message": "a\x1b[31m\nb <b>c</b> " + "d" * 1000}).words
    assert said.startswith("a [31m b c ddd")
    assert len(said) == 400
