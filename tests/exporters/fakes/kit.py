"""A fake of Kit's API v4: broadcasts, and lists that go on from a cursor."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any, ClassVar

from fakes.base import Numbered, Refusal, Seen, WithStatus, route

#: What POST wants by the specification, and what may be null besides that a PUT wants.
_WANTED = ("content", "description", "public", "published_at", "preview_text", "subject", "subscriber_filter")
_WANTED_BY_PUT = ("email_template_id", "email_address", "send_at", "thumbnail_alt", "thumbnail_url")


class Fake(Numbered, WithStatus):
    key_name = "kit"
    prefix = "/v4"
    secret = "kit_0123456789abcdef0123456789abcdef"
    creating = ("POST", "/broadcasts")
    words: ClassVar = {"draft": "draft", "scheduled": "scheduled", "sent": "completed"}

    def reset(self) -> None:
        super().reset()
        #: Ids of what anybody can read on the web.
        self.published: list[str] = []
        #: The page on PUT says that nothing is scheduled that is not public, the page on POST that it is.
        self.schedules_public_alone = False

    def refusal(self, status: int, words: str) -> Any:
        return {"errors": [words]}

    def authorised(self, seen: Seen) -> bool:
        return seen.headers.get("X-Kit-Api-Key") == self.secret

    def held(self, id: str) -> dict[str, str]:  # noqa: A002
        found = self.campaigns[id]
        return {"subject": found["subject"], "preheader": found["preview_text"], "HTML": found["content"]}

    def edit(self, id: str, subject: str) -> None:  # noqa: A002
        self.campaigns[id]["subject"] = subject

    def crowd(self, count: int) -> None:
        for _ in range(count):
            self._new({"subject": "Somebody's", "description": None, "content": None})["stranger"] = True

    def copy(self, id: str) -> None:  # noqa: A002
        self._new({**self.campaigns[id]})

    @route("POST", "/broadcasts", 201)
    def _create(self, seen: Seen) -> Any:
        return self._become(self._new({}), self._checked(seen.json))

    @route("GET", "/broadcasts")
    def _list(self, seen: Seen) -> Any:
        # Fewer than may be asked for, so that a cursor is needed.
        size = min(int(seen.query.get("per_page", 500)), 100)
        newest = sorted(self.campaigns.values(), key=lambda each: int(each["id"]), reverse=True)
        if cursor := seen.query.get("after"):
            last = int(base64.b64decode(cursor).strip(b"[]"))
            newest = [each for each in newest if int(each["id"]) < last]
        shown = newest[:size]
        pagination = {
            "has_previous_page": bool(cursor),
            "has_next_page": len(newest) > size,
            "start_cursor": _cursor(shown[0]) if shown else None,
            "end_cursor": _cursor(shown[-1]) if shown else None,
            "per_page": size,
        }
        return {"broadcasts": [{**_shown(each), "content": None} for each in shown], "pagination": pagination}

    @route("GET", "/broadcasts/{id}")
    def _read(self, seen: Seen, id: str) -> Any:  # noqa: A002
        return {"broadcast": _shown(self._one(id))}

    @route("PUT", "/broadcasts/{id}")
    def _update(self, seen: Seen, id: str) -> Any:  # noqa: A002
        found = self._one(id)
        if found["status"] not in ("draft", "scheduled"):
            raise Refusal(422, self.refusal(422, "Broadcast has already started sending."))
        if lacking := [name for name in _WANTED_BY_PUT if name not in seen.json]:
            raise Refusal(422, {"errors": [f"{name} is missing" for name in lacking]})
        return self._become(found, self._checked(seen.json))

    def _become(self, found: dict[str, Any], body: dict[str, Any]) -> Any:
        found |= body
        at = body.get("send_at") if body["public"] or not self.schedules_public_alone else None
        found["status"] = "scheduled" if at else "draft"
        # A time that has passed is now.
        if at and datetime.fromisoformat(at.replace("Z", "+00:00")) <= datetime.now(UTC):
            found["status"] = "sending"
            self.mailed.append(found["id"])
        if body.get("public"):
            self.published.append(found["id"])
        return {"broadcast": _shown(found)}

    def _checked(self, body: dict[str, Any]) -> dict[str, Any]:
        if lacking := [name for name in _WANTED if body.get(name) is None]:
            raise Refusal(422, {"errors": [f"{name} can't be blank" for name in lacking]})
        if body.get("email_template_id") == 404:
            raise Refusal(422, {"errors": ["Email template not found"]})
        for group in body["subscriber_filter"]:
            if len([name for name in ("all", "any", "none") if group[name] is not None]) != 1:
                words = "Only a single filter group is supported. Use one of `all`, `any`, or `none`."
                raise Refusal(422, {"errors": [words]})
        return dict(body)

    def _new(self, body: dict[str, Any]) -> dict[str, Any]:
        id = self.new_id()  # noqa: A001
        usual = {"preview_text": None, "public": False, "published_at": None, "send_at": None, "email_address": None}
        self.campaigns[id] = {**usual, **body, "id": id, "status": "draft"}
        return self.campaigns[id]


def _cursor(found: dict[str, Any]) -> str:
    return base64.b64encode(f"[{found['id']}]".encode()).decode()


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    chosen = found.get("subscriber_filter") or [{"all": [{"type": "all_subscribers"}]}]
    number = int(found["id"])
    return {
        **{name: value for name, value in found.items() if name not in ("stranger", "email_template_id")},
        "id": number,
        "publication_id": number + 1000,
        "created_at": "2026-01-01T00:00:00Z",
        "thumbnail_alt": found.get("thumbnail_alt"),
        "thumbnail_url": found.get("thumbnail_url"),
        "public_url": "https://archive.example/posts/" if found["public"] else None,
        "email_template": {"id": found.get("email_template_id") or 6, "name": "Text Only"},
        "subscriber_filter": chosen,
    }
