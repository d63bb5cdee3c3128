"""A fake of Resend's broadcasts: lists that go on from an id, two requests a second, mails that go out once a key."""

from __future__ import annotations

from typing import Any

from fakes.base import FakeService, Refusal, Seen, State, route

_FIELDS = {
    *("name", "segment_id", "audience_id", "from", "subject", "reply_to", "preview_text", "html", "text", "topic_id"),
    *("send", "scheduled_at"),
}
_NAMES = {400: "validation_error", 401: "missing_api_key", 404: "not_found", 422: "validation_error"}


class Fake(FakeService):
    key_name = "resend"
    secret = "re_0123456789abcdef"
    creating = ("POST", "/broadcasts")

    @property
    def settings(self) -> dict[str, Any]:
        return {"url": self.url, "segment": "78261eea-8f8b-4381-83c6-79fa7120f1cf"}

    def reset(self) -> None:
        super().reset()
        #: Says how many requests are left, and that none is after every second one.
        self.counts = False
        #: The mails that went out, by their key.
        self.mails: dict[str, dict[str, Any]] = {}

    def refusal(self, status: int, words: str) -> Any:
        return {"statusCode": status, "name": _NAMES.get(status, "application_error"), "message": words}

    def authorised(self, seen: Seen) -> bool:
        return seen.headers.get("Authorization") == f"Bearer {self.secret}"

    def answer(self, seen: Seen) -> tuple[int, Any, dict[str, str]]:
        status, body, headers = super().answer(seen)
        if self.counts:
            headers = {**headers, "ratelimit-limit": "2", "ratelimit-remaining": str(len(self.seen) % 2)}
            headers["ratelimit-reset"] = "1"
        return status, body, headers

    def new_id(self) -> str:
        return f"49a3999c-0ce1-4ea6-ab68-{int(super().new_id().removeprefix('id')):012d}"

    def held(self, id: str) -> dict[str, str]:  # noqa: A002
        found = self.campaigns[id]
        names = {"subject": "subject", "preheader": "preview_text", "HTML": "html", "text part": "text"}
        return {ours: found[theirs] or "" for ours, theirs in names.items()}

    def edit(self, id: str, subject: str) -> None:  # noqa: A002
        self.campaigns[id]["subject"] = subject

    def turn(self, id: str, state: State) -> None:  # noqa: A002
        if state == "gone":
            del self.campaigns[id]
        else:
            self.campaigns[id]["status"] = state
            self.campaigns[id]["sent_at"] = "2026-12-01T19:32:22.980Z" if state == "sent" else None

    def crowd(self, count: int) -> None:
        for number in range(count):
            self._new({"name": None if number % 2 else "Somebody's", "subject": "S"})["stranger"] = True

    def copy(self, id: str) -> None:  # noqa: A002
        old = self.campaigns[id]
        self._new({**{name: old[name] for name in _FIELDS if name in old}, "name": f"{old['name']} (Copy)"})

    @route("POST", "/broadcasts", 201)
    def _create(self, seen: Seen) -> Any:
        body = self._checked(seen.json)
        for name in ("segment_id", "from", "subject"):
            if not body.get(name) and not (name == "segment_id" and body.get("audience_id")):
                raise Refusal(422, self.refusal(422, f"Missing `{name}` field."))
        made = self._new({name: value for name, value in body.items() if name not in ("send", "scheduled_at")})
        if body.get("send"):
            self._go(made, body.get("scheduled_at"))
        return {"object": "broadcast", "id": made["id"]}

    @route("GET", "/broadcasts")
    def _list(self, seen: Seen) -> Any:
        limit = int(seen.query.get("limit", 20))
        if not 1 <= limit <= 100:
            raise Refusal(422, self.refusal(422, "The `limit` must be between 1 and 100."))
        found = sorted(self.campaigns.values(), key=lambda each: each["id"], reverse=True)
        if after := seen.query.get("after"):
            found = [each for each in found if each["id"] < after]
        names = ("id", "name", "audience_id", "segment_id", "status", "created_at", "scheduled_at", "sent_at")
        shown = [{name: each[name] for name in names} for each in found[:limit]]
        return {"object": "list", "has_more": len(found) > limit, "data": shown}

    @route("GET", "/broadcasts/{id}")
    def _read(self, seen: Seen, id: str) -> Any:  # noqa: A002
        found = {name: value for name, value in self._one(id).items() if name != "stranger"}
        return {"object": "broadcast", **found}

    @route("PATCH", "/broadcasts/{id}")
    def _update(self, seen: Seen, id: str) -> Any:  # noqa: A002
        found = self._one(id)
        if found["status"] != "draft":
            raise Refusal(422, self.refusal(422, "Only draft broadcasts can be updated."))
        found |= {name: value for name, value in self._checked(seen.json).items() if name in _FIELDS}
        return {"object": "broadcast", "id": id}

    @route("POST", "/broadcasts/{id}/send")
    def _send(self, seen: Seen, id: str) -> Any:  # noqa: A002
        found = self._one(id)
        if found["status"] != "draft":
            raise Refusal(422, self.refusal(422, "This broadcast was sent or scheduled."))
        self._go(found, (seen.json or {}).get("scheduled_at"))
        return {"id": id}

    @route("POST", "/broadcasts/{id}/cancel")
    def _cancel(self, seen: Seen, id: str) -> Any:  # noqa: A002
        found = self._one(id)
        if found["status"] not in ("scheduled", "queued"):
            raise Refusal(422, self.refusal(422, "Only queued or scheduled broadcasts can be canceled."))
        # resend.com/changelog/cancel-broadcast-api: stopped on its way it stays what it is, for some have it.
        found |= {"status": "canceled" if found["status"] == "queued" else "draft", "scheduled_at": None}
        return {"object": "broadcast", "id": id}

    @route("POST", "/emails")
    def _mail(self, seen: Seen) -> Any:
        key, body = seen.headers.get("Idempotency-Key", self.new_id()), seen.json
        if key not in self.mails:
            self.mails[key] = body
            self.tests.append((key, tuple(body["to"])))
        elif self.mails[key] != body:
            words = "Same idempotency key used with a different request payload."
            raise Refusal(409, {"statusCode": 409, "name": "invalid_idempotent_request", "message": words})
        return {"id": key}

    def _go(self, found: dict[str, Any], when: str | None) -> None:
        found |= {"status": "scheduled", "scheduled_at": when} if when else {"status": "queued"}
        if not when:
            self.mailed.append(found["id"])

    def _checked(self, body: dict[str, Any]) -> dict[str, Any]:
        # The vendor's own client repeats the id in the body.
        if unknown := body.keys() - _FIELDS - {"broadcast_id"}:
            raise Refusal(422, self.refusal(422, f"Unknown field: {min(unknown)}"))
        return dict(body)

    def _new(self, body: dict[str, Any]) -> dict[str, Any]:
        id = self.new_id()  # noqa: A001
        usual = dict.fromkeys(
            ("name", "audience_id", "segment_id", "topic_id", "from", "subject", "reply_to", "preview_text", "html")
        )
        more = {"text": None, "scheduled_at": None, "sent_at": None, "created_at": "2026-12-01T19:32:22.980Z"}
        self.campaigns[id] = {**usual, **more, **body, "id": id, "status": "draft"}
        return self.campaigns[id]

    def _one(self, id: str) -> dict[str, Any]:  # noqa: A002
        if id not in self.campaigns:
            raise Refusal(404, self.refusal(404, "Broadcast not found"))
        return self.campaigns[id]
