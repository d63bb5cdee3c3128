"""Every request that an exporter makes is one that the vendor's own specification allows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from bench import Bench, a_letter, pictures
from fakes.base import FakeService, Seen

openapi_core = pytest.importorskip("openapi_core", reason="openapi-core, of the group dev, is not installed")

#: Requests that the vendor's specification does not know, though the vendor's documentation does, or that were cut
#: out of the copy that is here.
UNSPECIFIED = {
    ("mailchimp", "POST", "/actions/send"),
    ("kit", "GET", "/broadcasts"),
    ("sendgrid", "POST", "/mail/send"),
}


#: What an editor can write in digest.toml, all of it at once, so that it is seen by the specification too.
EVERYTHING: dict[str, dict[str, Any]] = {
    "mailchimp": {
        "segment": 3,
        "folder": "f1",
        "to_name": "*|LNAME|*",
        "track_opens": True,
        "track_clicks": True,
        "google_analytics": "weekly",
    },
    "buttondown": {"template": "modern", "archive": "disabled"},
    "kit": {"template": 7, "tags": [1], "segments": [2], "match": "all", "public": True},
    "listmonk": {"lists": [1, 2], "template": 1, "messenger": "email", "archive": True},
    "resend": {"topic": "b6d24b8e-af0b-4c3c-be0c-359bbd97381e"},
    "sendgrid": {
        "segments": ["9f2e1a52-7d3a-4d27-9c1f-1f6f0f9a6a11"],
        "everybody": False,
        "categories": ["digest"],
        "unsubscribe_group": 0,
        "unsubscribe_url": "https://slownews.example/leave",
    },
}

#: What each is asked in an issue's life besides the drafts themselves: so that none is left out below unseen.
ACTS = {
    "mailchimp": ("/content", "/actions/test", "/actions/schedule", "/actions/unschedule", "/actions/send", "/files"),
    "buttondown": ("/send-draft", "/images"),
    "kit": (),
    "listmonk": ("/status", "/test", "/media", "/templates"),
    "resend": ("/send", "/cancel", "/emails"),
    "sendgrid": ("/schedule", "/mail/send"),
}


class _Request:
    """A request as openapi-core wants to see it."""

    def __init__(self, seen: Seen, base: str) -> None:
        from openapi_core.datatypes import RequestParameters

        parts = urlsplit(base)
        self.host_url = f"{parts.scheme}://{parts.netloc}"
        self.path = seen.path
        self.full_url_pattern = f"{self.host_url}{seen.path}"
        self.method = seen.method.lower()
        self.parameters = RequestParameters(query=dict(seen.query), header=dict(seen.headers))
        self.body = seen.raw or None
        self.content_type = seen.headers.get("Content-Type", "")


def everything_asked_of(bench: Bench) -> list[Seen]:
    """The requests of an issue's whole life."""
    can = bench.way().service.can
    if can.pictures:
        bench.letter = a_letter(**pictures(2))
    bench.way().export()
    bench.write(title="Another", subject="👩‍🚀 Six stories")
    bench.way().export()
    bench.path.unlink()
    bench.way().export()
    if can.test:
        bench.way().test(["me@reader.example"])
    if can.schedule:
        bench.way().schedule(datetime(2027, 1, 1, 9, tzinfo=UTC))
    if can.unschedule:
        bench.way().unschedule()
    if can.send:
        bench.way().send()
    bench.way().status()
    return bench.fake.seen


@cache
def specification(path: Path, url: str) -> Any:
    spec = json.loads(path.read_text("utf-8"))
    spec["servers"] = [{"url": url.removesuffix("/v4") if path.name.startswith("kit.") else url}]
    if path.name.startswith("listmonk."):
        _unbend(spec)
    if path.name.startswith("kit."):
        # The page on PUT wants every field: developers.kit.com/api-reference/broadcasts/update-a-broadcast
        wanted = spec["paths"]["/v4/broadcasts/{id}"]["put"]["requestBody"]["content"]["application/json"]["schema"]
        wanted["required"] = sorted(wanted["properties"])
    if path.name.startswith("sendgrid."):
        # Its own words say that "now" may stand there too.
        body = spec["paths"]["/marketing/singlesends/{id}/schedule"]["put"]["requestBody"]["content"]
        del body["application/json"]["schema"]["properties"]["send_at"]["format"]
    # Keys are the fakes' business.
    spec.pop("security", None)
    for operations in spec["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict):
                operation.pop("security", None)
    return openapi_core.OpenAPI.from_dict(_without_binary(spec))


def _unbend(spec: Any) -> None:
    """Listmonk's own documentation and code (cmd/campaigns.go) know better in two places.

    An indent too much made `send_at` an object with two more fields in it; and "draft" takes a schedule back.
    """
    fields = spec["components"]["schemas"]["CampaignRequest"]["properties"]
    fields |= {**fields["send_at"]["properties"], "send_at": {"type": "string", "nullable": True}}
    status = spec["paths"]["/campaigns/{id}/status"]["put"]["requestBody"]["content"]["application/json"]
    status["schema"]["properties"]["status"]["enum"].append("draft")


def _without_binary(schema: Any) -> Any:
    """OpenAPI 3.1 has no binary strings any more, but vendors go on writing them."""
    if isinstance(schema, dict):
        binary = schema.get("format") == "binary"
        return {key: _without_binary(each) for key, each in schema.items() if not (binary and key == "type")}
    return [_without_binary(each) for each in schema] if isinstance(schema, list) else schema


def wrong_with(seen: Seen, fake: FakeService, spec: Any) -> str:
    try:
        spec.validate_request(_Request(seen, fake.url))
    except Exception as error:  # whatever openapi-core raises is what is wrong
        inner = getattr(error.__cause__, "schema_errors", None) or [error.__cause__ or error]
        return f"{seen.method} {seen.path}: {type(error).__name__} {'; '.join(str(each)[:300] for each in inner)}"
    return ""


@pytest.mark.mails_readers
@pytest.mark.parametrize("settings", ["few", "all"])
def test_no_request_is_one_that_the_vendor_does_not_know(settings: str, bench: Bench, shared: Path) -> None:
    name = bench.fake.key_name
    bench.extra = EVERYTHING.get(name, {}) if settings == "all" else {}
    path = shared / "services" / f"{name}.openapi.json"
    if not path.is_file():
        pytest.skip(f"there is no OpenAPI specification of {name} here")
    spec = specification(path, bench.fake.url)
    asked = [
        seen
        for seen in everything_asked_of(bench)
        if not any((name, seen.method) == each[:2] and seen.path.endswith(each[2]) for each in UNSPECIFIED)
    ]
    assert [said for said in (wrong_with(seen, bench.fake, spec) for seen in asked) if said] == []
    if settings == "few":
        assert [end for end in ACTS.get(name, ()) if not any(seen.path.endswith(end) for seen in bench.fake.seen)] == []


class _Answer:
    """An answer as openapi-core wants to see it."""

    content_type = "application/json"

    def __init__(self, status: int, body: Any) -> None:
        self.status_code, self.headers = status, dict[str, str]()
        self.data = b"" if body is None else json.dumps(body).encode()


@pytest.mark.mails_readers
@pytest.mark.parametrize("name", ["buttondown", "kit", "mailchimp", "resend", "sendgrid"])
def test_a_fake_answers_as_the_vendor_does(
    name: str, bench_of: Any, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Left out are listmonk, whose specification of its answers is of another version, and what may be empty."""
    bench = bench_of(name)
    spec = specification(shared / "services" / f"{name}.openapi.json", bench.fake.url)
    told: list[tuple[Seen, int, Any]] = []
    answer = bench.fake.answer

    def overheard(seen: Seen) -> Any:
        status, body, headers = answer(seen)
        told.append((seen, status, body))
        return status, body, headers

    monkeypatch.setattr(bench.fake, "answer", overheard)
    everything_asked_of(bench)
    wrong: set[str] = set()
    for seen, status, body in told:
        if any((name, seen.method) == each[:2] and seen.path.endswith(each[2]) for each in UNSPECIFIED):
            continue
        try:
            spec.validate_response(_Request(seen, bench.fake.url), _Answer(status, body))
        except Exception as error:  # whatever openapi-core raises is what is wrong
            inner = getattr(error.__cause__, "schema_errors", None) or [error]
            wrong |= {
                f"{seen.method} {status}: {str(each)[:200]}"
                for each in inner
                if getattr(each, "instance", each) not in (None, "")
            }
    assert told
    assert wrong == set()


def test_a_field_that_the_vendor_does_not_know_would_be_found(bench_of: Any, shared: Path) -> None:
    path = shared / "services" / "buttondown.openapi.json"
    bench = bench_of("buttondown")
    spec = specification(path, bench.fake.url)
    good = json.dumps({"subject": "A", "body": "B", "status": "draft"})
    headers = {"Content-Type": "application/json"}
    for body, fine in ((good, True), (good.replace("subject", "title"), False)):
        seen = Seen("POST", "/v1/emails", {}, headers, body.encode())
        assert (wrong_with(seen, bench.fake, spec) == "") == fine


@pytest.mark.mails_readers
def test_ghosts_own_schemas_take_every_post(bench_of: Any, shared: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    referencing = pytest.importorskip("referencing")
    folder = shared / "services" / "ghost"
    if not folder.is_dir():
        pytest.skip("Ghost's schemas are not here")
    loaded = {each["$id"]: each for each in (json.loads(path.read_text("utf-8")) for path in folder.glob("*.json"))}
    known = [
        (name, referencing.Resource.from_contents(_without_missing(each, loaded))) for name, each in loaded.items()
    ]
    registry = referencing.Registry().with_resources(known)
    bench = bench_of("ghost")
    for seen in everything_asked_of(bench):
        if seen.path.endswith("/images/upload/") or seen.method not in ("POST", "PUT") or "/posts/" not in seen.path:
            continue
        if "email_previews" in seen.path:
            continue
        schema = loaded["posts.add" if seen.method == "POST" else "posts.edit"]
        jsonschema.Draft7Validator(schema, registry=registry).validate(seen.json)


def _without_missing(schema: Any, known: Any) -> Any:
    """A schema whose references to files that are not here allow everything."""
    if isinstance(schema, dict):
        there = str(schema.get("$ref", "#")).partition("#")[0]
        if there and there not in known:
            return {}
        return {key: _without_missing(each, known) for key, each in schema.items()}
    return [_without_missing(each, known) for each in schema] if isinstance(schema, list) else schema
