"""A fake of listmonk, which reads every mail as a template of Go's."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, ClassVar

from fakes.base import Numbered, Refusal, Seen, WithStatus, route

_EDITABLE = ("draft", "paused", "scheduled")
#: From which states each is reached (docs/content/apis/campaigns.md).
_FROM = {
    "draft": ("scheduled",),
    "scheduled": ("draft", "paused"),
    "running": ("paused", "draft"),
    "paused": ("running",),
    "cancelled": ("running", "paused"),
}
_FRAME = '{{ template "content" . }}'
#: What may stand between braces here; all else does not compile.
_ACTION = re.compile(
    r"\{\{ *(?:(?P<safe>Safe )?`(?P<text>[^`]*)`|UnsubscribeURL|MessageURL|TrackLink \"[^\"]*\"( \.)?"
    r"|(?:Safe )?\.Subscriber\.\w+|if \.Subscriber\.\w+|else|end) *\}\}"
)


def read_by_a_reader(template: str, *, html: bool = True) -> str:
    """What Go's html/template makes of it, tags left in: texts printed, comments gone but those in `Safe`."""
    safe: list[str] = []

    def printed(found: re.Match[str]) -> str:
        if found["text"] is None:
            return found[0]
        if not html or not found["safe"]:
            return found["text"]
        safe.append(found["text"])
        return f"\0{len(safe) - 1}\0"

    text = re.sub(r"(https?://.+?)@TrackLink", r'{{ TrackLink "\1" . }}', template)
    text = _ACTION.sub(printed, text)
    if html:
        text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    return re.sub(r"\0(\d+)\0", lambda found: safe[int(found[1])], text)


class Fake(Numbered, WithStatus):
    key_name = "listmonk"
    prefix = "/api"
    secret = "api_user:0123456789abcdefghij"
    creating = ("POST", "/campaigns")
    words: ClassVar = {"draft": "draft", "scheduled": "scheduled", "sent": "finished"}

    @property
    def settings(self) -> dict[str, Any]:
        return {"url": self.url.removesuffix("/api"), "lists": [1]}

    def reset(self) -> None:
        super().reset()
        self.templates = [{"id": 1, "name": "Default", "type": "campaign", "body": f"<html>{_FRAME}</html>"}]
        #: Who it knows; nobody else gets a test. None for everybody.
        self.subscribers: set[str] | None = None
        #: What it says its own address is.
        self.root = "https://gallery.example"

    def refusal(self, status: int, words: str) -> Any:
        return {"message": words}

    def authorised(self, seen: Seen) -> bool:
        return seen.headers.get("Authorization") == f"token {self.secret}"

    def held(self, id: str) -> dict[str, str]:  # noqa: A002
        """As it would go out."""
        found = self.campaigns[id]
        frame = next(each["body"] for each in self.templates if each["id"] == found["template_id"])
        document = frame.replace(_FRAME, read_by_a_reader(found["body"]))
        subject, text = found["subject"], found["altbody"] or ""
        return {
            "subject": read_by_a_reader(subject, html=False) if "{{" in subject else subject,
            "HTML": document,
            "text part": read_by_a_reader(text) if "{{" in text else text,
        }

    def edit(self, id: str, subject: str) -> None:  # noqa: A002
        self.campaigns[id]["subject"] = subject

    def crowd(self, count: int) -> None:
        for _ in range(count):
            self._new({"name": "Somebody's", "subject": "S", "body": "B"})["stranger"] = True

    def copy(self, id: str) -> None:  # noqa: A002
        self._new({**self.campaigns[id], "name": f"Copy of {self.campaigns[id]['name']}"})

    @route("POST", "/campaigns")
    def _create(self, seen: Seen) -> Any:
        return {"data": _shown(self._new(self._checked(seen.json)))}

    @route("GET", "/campaigns")
    def _list(self, seen: Seen) -> Any:
        page, size = int(seen.query.get("page", 1)), min(int(seen.query.get("per_page", 20)), 50)
        found = sorted(self.campaigns.values(), key=lambda each: int(each["id"]), reverse=True)
        shown = [_shown(each) for each in found[(page - 1) * size : page * size]]
        return {"data": {"results": shown, "total": len(found) if shown else 0, "page": page, "per_page": size}}

    @route("GET", "/campaigns/{id}")
    def _read(self, seen: Seen, id: str) -> Any:  # noqa: A002
        return {"data": _shown(self._one(id))}

    @route("PUT", "/campaigns/{id}")
    def _update(self, seen: Seen, id: str) -> Any:  # noqa: A002
        found = self._one(id)
        if found["status"] not in _EDITABLE:
            raise Refusal(400, {"message": "Cannot update a running or a finished campaign."})
        # What is not sent stays, but the lists.
        found |= self._checked({**found, "lists": [], **seen.json})
        return {"data": _shown(found)}

    @route("PUT", "/campaigns/{id}/status")
    def _status(self, seen: Seen, id: str) -> Any:  # noqa: A002
        found, status = self._one(id), seen.json["status"]
        if found["status"] not in _FROM[status]:
            raise Refusal(400, {"message": f"A {found['status']} campaign cannot become {status}."})
        if status == "scheduled" and not found.get("send_at"):
            raise Refusal(400, {"message": "Campaign needs a date to be scheduled."})
        found["status"] = status
        if status == "running":
            self.mailed.append(id)
        return {"data": _shown(found)}

    @route("POST", "/campaigns/{id}/test")
    def _test(self, seen: Seen, id: str) -> Any:  # noqa: A002
        self._one(id)
        body = self._checked(seen.json)
        named = body.pop("subscribers", [])
        known = [each for each in named if self.subscribers is None or each in self.subscribers]
        if not known:
            raise Refusal(400, {"message": "No known subscribers to test."})
        self.tests.append((id, tuple(known)))
        return {"data": True}

    @route("GET", "/templates")
    def _templates(self, seen: Seen) -> Any:
        return {"data": self.templates}

    @route("POST", "/templates")
    def _make_template(self, seen: Seen) -> Any:
        self.templates.append({**seen.json, "id": len(self.templates) + 1})
        return {"data": self.templates[-1]}

    @route("POST", "/media")
    def _upload(self, seen: Seen) -> Any:
        name, content = seen.files["file"]
        self.pictures.append((name, content))
        return {"data": {"id": len(self.pictures), "filename": name, "url": f"{self.root}/{name}"}}

    def _checked(self, body: dict[str, Any]) -> dict[str, Any]:
        at = body.get("send_at")
        if at and datetime.fromisoformat(at.replace("Z", "+00:00")) < datetime.now(UTC):
            raise Refusal(400, {"message": "`send_at` date should be in the future."})
        if not body.get("lists"):
            raise Refusal(400, {"message": "Invalid list IDs."})
        for name in ("subject", "body", "altbody", "from_email"):
            if "{{" in _ACTION.sub("", body.get(name) or ""):
                raise Refusal(400, {"message": f"Error compiling campaign body: {name}"})
        return dict(body)

    def _new(self, body: dict[str, Any]) -> dict[str, Any]:
        id = self.new_id()  # noqa: A001
        usual = {"altbody": None, "send_at": None, "tags": [], "template_id": 1, "archive": False}
        tags = [re.sub(r"\s+", "-", each.strip().lower()) for each in body.get("tags", [])]
        self.campaigns[id] = {**usual, **body, "tags": tags, "id": id, "status": "draft"}
        return self.campaigns[id]

    def _one(self, id: str) -> dict[str, Any]:  # noqa: A002
        # Not 404: internal/core/campaigns.go, getCampaign.
        if id not in self.campaigns:
            raise Refusal(400, {"message": "Campaign not found."})
        return self.campaigns[id]


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: value for name, value in found.items() if name != "stranger"},
        "id": int(found["id"]),
        "uuid": f"uuid-{found['id']}",
        "lists": [{"id": each, "name": "Everybody"} for each in found.get("lists", ())],
        "started_at": None,
    }
