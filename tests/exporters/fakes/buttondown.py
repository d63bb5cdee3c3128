"""A fake of Buttondown's API."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from fakes.base import FakeService, Refusal, Seen, State, route

_FIELDS = {
    *("subject", "body", "status", "slug", "description", "image", "metadata", "secondary_id", "template"),
    *("archival_mode", "filters", "canonical_url", "publish_date"),
}
_PAGE = 20


class Fake(FakeService):
    key_name = "buttondown"
    prefix = "/v1"
    secret = "0123abcd-4567-89ef-0123-456789abcdef"
    creating = ("POST", "/emails")

    def refusal(self, status: int, words: str) -> Any:
        if status == 422:
            return {"detail": [{"type": "string_too_long", "loc": ["body", "subject"], "msg": words}]}
        return {"code": "email_invalid", "detail": words, "metadata": {}}

    def authorised(self, seen: Seen) -> bool:
        return seen.headers.get("Authorization") == f"Token {self.secret}"

    def held(self, id: str) -> dict[str, str]:  # noqa: A002
        found = self.campaigns[id]
        return {"subject": found["subject"], "HTML": found["body"].partition("-->\n")[2]}

    def edit(self, id: str, subject: str) -> None:  # noqa: A002
        self.campaigns[id]["subject"] = subject

    def turn(self, id: str, state: State) -> None:  # noqa: A002
        # What is thrown away stays to be seen, as in a bin.
        self.campaigns[id]["status"] = "deleted" if state == "gone" else state

    def crowd(self, count: int) -> None:
        for _ in range(count):
            made = self._new({"subject": "Somebody's", "body": str(self._number), "metadata": {}})
            made |= {"stranger": True, "status": "sent"}

    def copy(self, id: str) -> None:  # noqa: A002
        self._new({**self.campaigns[id], "body": self.campaigns[id]["body"] + " "})

    @property
    def drafts(self) -> list[dict[str, Any]]:
        return [each for each in super().drafts if each["status"] != "deleted"]

    @route("POST", "/emails", 201)
    def _create(self, seen: Seen) -> Any:
        body = self._checked(seen.json)
        if any((each["subject"], each["body"]) == (body["subject"], body["body"]) for each in self.drafts):
            raise Refusal(400, {"code": "email_duplicate", "detail": "You have written this already.", "metadata": {}})
        # Before this version, what did not say that it was a draft went to everybody.
        usual = "draft" if seen.headers.get("X-API-Version", "") >= "2026-04-01" else "about_to_send"
        made = self._new(body)
        self._become(made, body.get("status", usual), seen)
        return _shown(made)

    @route("GET", "/emails")
    def _list(self, seen: Seen) -> Any:
        page = int(seen.query.get("page", 1))
        found = sorted(self.campaigns.values(), key=lambda each: each["creation_date"], reverse=True)
        shown = found[(page - 1) * _PAGE : page * _PAGE]
        if not shown and page > 1:
            raise Refusal(404, {"detail": "Invalid page."})
        return {"results": [_shown(each) for each in shown], "count": len(found), "next": None, "previous": None}

    @route("GET", "/emails/{id}")
    def _read(self, seen: Seen, id: str) -> Any:  # noqa: A002
        return _shown(self._one(id))

    @route("PATCH", "/emails/{id}")
    def _update(self, seen: Seen, id: str) -> Any:  # noqa: A002
        found, body = self._one(id), self._checked(seen.json)
        if found["status"] in ("sent", "in_flight"):
            raise Refusal(400, self.refusal(400, "This email was sent."))
        status = body.pop("status", found["status"])
        if status == "scheduled" and not body.get("publish_date"):
            raise Refusal(400, {"code": "publish_date_missing", "detail": "When?", "metadata": {}})
        found |= body
        if found.get("publish_date") == "none":
            found["publish_date"] = None
        self._become(found, status, seen)
        return _shown(found)

    @route("POST", "/emails/{id}/send-draft")
    def _test(self, seen: Seen, id: str) -> Any:  # noqa: A002
        self._one(id)
        self.tests.append((id, tuple(seen.json["recipients"])))
        return {}

    @route("POST", "/images", 201)
    def _upload(self, seen: Seen) -> Any:
        name, content = seen.files["image"]
        self.pictures.append((name, content))
        return {"id": "x", "creation_date": "2026-01-01T00:00:00Z", "image": f"https://gallery.example/{name}"}

    def _become(self, found: dict[str, Any], status: str, seen: Seen) -> None:
        if status in ("about_to_send", "scheduled") and "X-Buttondown-Live-Dangerously" not in seen.headers:
            raise Refusal(400, {"code": "sending_requires_confirmation", "detail": "Really?", "metadata": {}})
        found["status"] = status
        if status == "about_to_send":
            self.mailed.append(found["id"])

    def _checked(self, body: dict[str, Any]) -> dict[str, Any]:
        if body.keys() - _FIELDS:
            said = {"type": "extra_forbidden", "loc": ["body", min(body.keys() - _FIELDS)], "msg": "Not permitted"}
            raise Refusal(422, {"detail": [said]})
        if re.match(r"---\n", body.get("body", "")):
            raise Refusal(400, {"code": "body_contains_frontmatter", "detail": "No front matter.", "metadata": {}})
        return dict(body)

    def _new(self, body: dict[str, Any]) -> dict[str, Any]:
        id = self.new_id()  # noqa: A001
        when = datetime.fromtimestamp(self.now(), UTC).isoformat()
        self.campaigns[id] = {"metadata": {}, **body, "id": id, "status": "draft", "creation_date": when}
        return self.campaigns[id]

    def _one(self, id: str) -> dict[str, Any]:  # noqa: A002
        if id not in self.campaigns:
            raise Refusal(404, {"detail": "Not found."})
        return self.campaigns[id]


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    usual: dict[str, Any] = {
        **dict.fromkeys(("canonical_url", "description", "image"), ""),
        "commenting_mode": "enabled",
        "email_type": "public",
        "source": "api",
        "featured": False,
        "related_email_ids": [],
        "should_trigger_pay_per_email_billing": False,
        "attachments": [],
        "filters": {"filters": [], "groups": [], "predicate": "and"},
        "modification_date": found["creation_date"],
    }
    return {
        **usual,
        **found,
        "absolute_url": f"https://archive.example/{found['id']}",
        "publish_date": found.get("publish_date"),
    }
