"""A fake of Mailchimp's Marketing API 3.0."""

from __future__ import annotations

import base64
from typing import Any, ClassVar

from fakes.base import Refusal, Seen, WithStatus, route


class Fake(WithStatus):
    key_name = "mailchimp"
    prefix = "/3.0"
    secret = "0123456789abcdef0123456789abcdef-us1"
    creating = ("POST", "/campaigns")
    words: ClassVar = {"draft": "save", "scheduled": "schedule", "sent": "sent"}
    unknown = "The requested resource could not be found."

    @property
    def settings(self) -> dict[str, Any]:
        return {"url": self.url, "list": "l1"}

    def refusal(self, status: int, words: str) -> Any:
        return {
            "type": "https://mailchimp.example/glossary",
            "title": "Invalid Resource",
            "status": status,
            "detail": words,
            "instance": "995c5cb0-3280",
        }

    def authorised(self, seen: Seen) -> bool:
        wanted = base64.b64encode(f"digest:{self.secret}".encode()).decode()
        return seen.headers.get("Authorization") == f"Basic {wanted}"

    def held(self, id: str) -> dict[str, str]:  # noqa: A002
        found = self.campaigns[id]
        return {
            "subject": found["settings"].get("subject_line", ""),
            "preheader": found["settings"].get("preview_text", ""),
            "HTML": found["content"]["html"],
            "text part": found["content"]["plain_text"],
        }

    def edit(self, id: str, subject: str) -> None:  # noqa: A002
        self.campaigns[id]["settings"]["subject_line"] = subject

    def crowd(self, count: int) -> None:
        for _ in range(count):
            made = self._new({"type": "regular", "settings": {"title": "Somebody's"}})
            made["stranger"] = True

    def copy(self, id: str) -> None:  # noqa: A002
        old = self.campaigns[id]
        self._new({"type": "regular", "settings": {**old["settings"], "title": old["settings"]["title"] + " (copy)"}})

    @route("POST", "/campaigns")
    def _create(self, seen: Seen) -> Any:
        body = seen.json
        if body.get("type") != "regular":
            raise Refusal(400, self.refusal(400, "The resource submitted could not be validated."))
        return _shown(self._new(body))

    @route("GET", "/campaigns")
    def _list(self, seen: Seen) -> Any:
        count, offset = int(seen.query.get("count", 10)), int(seen.query.get("offset", 0))
        found = sorted(self.campaigns.values(), key=lambda each: each["made"], reverse=True)
        shown = [_shown(each) for each in found[offset : offset + min(count, 1000)]]
        return {"campaigns": shown, "total_items": len(found), "_links": []}

    @route("GET", "/campaigns/{id}")
    def _read(self, seen: Seen, id: str) -> Any:  # noqa: A002
        return _shown(self._one(id))

    @route("PATCH", "/campaigns/{id}")
    def _update(self, seen: Seen, id: str) -> Any:  # noqa: A002
        found = self._editable(id)
        found["settings"] |= seen.json["settings"]
        return _shown(found)

    @route("PUT", "/campaigns/{id}/content")
    def _write(self, seen: Seen, id: str) -> Any:  # noqa: A002
        found = self._editable(id)
        if not found.get("opened_in_builder"):
            found["content"] = {"html": seen.json["html"], "plain_text": seen.json.get("plain_text", "made up")}
        return {**found["content"], "archive_html": found["content"]["html"]}

    @route("GET", "/campaigns/{id}/content")
    def _content(self, seen: Seen, id: str) -> Any:  # noqa: A002
        return self._one(id)["content"]

    @route("GET", "/campaigns/{id}/send-checklist")
    def _checklist(self, seen: Seen, id: str) -> Any:  # noqa: A002
        items = [{"type": "success", "id": 1, "heading": "Tracking", "details": "On."}]
        if not self._one(id)["settings"].get("reply_to"):
            items.append({"type": "error", "id": 2, "heading": "From", "details": "There is no address."})
        elif not self._one(id)["settings"].get("preview_text"):
            items.append({"type": "warning", "id": 3, "heading": "Preview Text", "details": "Think about adding it."})
        return {"is_ready": not any(each["type"] == "error" for each in items), "items": items}

    @route("POST", "/campaigns/{id}/actions/test", 204)
    def _test(self, seen: Seen, id: str) -> None:  # noqa: A002
        self._editable(id)
        self.tests.append((id, tuple(seen.json["test_emails"])))

    @route("POST", "/campaigns/{id}/actions/schedule", 204)
    def _schedule(self, seen: Seen, id: str) -> None:  # noqa: A002
        if seen.json["schedule_time"][14:19] not in ("00:00", "15:00", "30:00", "45:00"):
            said = {"field": "schedule_time", "message": "Campaigns may only be scheduled on the quarter-hour."}
            raise Refusal(400, {**self.refusal(400, "See the 'errors' array."), "errors": [said]})
        self._editable(id).update(status="schedule", send_time=seen.json["schedule_time"])

    @route("POST", "/campaigns/{id}/actions/unschedule", 204)
    def _unschedule(self, seen: Seen, id: str) -> None:  # noqa: A002
        if self._one(id)["status"] != "schedule":
            raise Refusal(400, self.refusal(400, "This campaign is not scheduled."))
        self._one(id).update(status="save", send_time="")

    @route("POST", "/campaigns/{id}/actions/send", 204)
    def _send(self, seen: Seen, id: str) -> None:  # noqa: A002
        self._editable(id)["status"] = "sent"
        self.mailed.append(id)

    @route("POST", "/file-manager/files")
    def _upload(self, seen: Seen) -> Any:
        self.pictures.append((seen.json["name"], base64.b64decode(seen.json["file_data"])))
        return {"id": len(self.pictures), "full_size_url": f"https://gallery.example/{seen.json['name']}"}

    def _new(self, body: dict[str, Any]) -> dict[str, Any]:
        id = self.new_id()  # noqa: A001
        self.campaigns[id] = {
            "id": id,
            "web_id": 4000 + len(self.campaigns),
            "type": body["type"],
            "status": "save",
            "made": self.now(),
            "settings": dict(body.get("settings") or {}),
            "content": {"html": "", "plain_text": ""},
        }
        return self.campaigns[id]

    def _editable(self, id: str) -> dict[str, Any]:  # noqa: A002
        found = self._one(id)
        if found["status"] not in ("save", "paused"):
            raise Refusal(400, self.refusal(400, "Cannot update a campaign that is not a draft."))
        return found


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    return {
        "send_time": "",
        **{name: value for name, value in found.items() if name not in ("content", "made", "stranger")},
        "archive_url": f"https://archive.example/{found['id']}",
    }
