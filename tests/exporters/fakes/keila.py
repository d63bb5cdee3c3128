"""A fake of Keila's API: everything in `data`, unknown fields refused, all campaigns in one answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from fakes.base import FakeService, Refusal, Seen, State, route

#: lib/keila_web/api/schemas/mailings_campaign.ex: `additionalProperties` is false.
_FIELDS = {
    *("subject", "text_body", "json_body", "mjml_body", "html_body", "mjml_content", "html_content", "text_content"),
    *("settings", "template_id", "sender_id", "segment_id", "data", "preview_text"),
}
_SETTINGS = {"type", "do_not_track"}
_TYPES = ("markdown", "text", "block", "mjml", "html")


class Fake(FakeService):
    key_name = "keila"
    prefix = "/api/v1"
    secret = "keila-0123456789abcdef"
    creating = ("POST", "/campaigns")

    @property
    def settings(self) -> dict[str, Any]:
        return {"url": self.url.removesuffix(self.prefix), "sender": "ms_1"}

    def reset(self) -> None:
        super().reset()
        #: An older Keila takes HTML and shows none.
        self.shows_html = True

    def refusal(self, status: int, words: str) -> Any:
        return {"errors": [{"status": str(status), "title": "Refused", "detail": words}]}

    def authorised(self, seen: Seen) -> bool:
        return seen.headers.get("Authorization") == f"Bearer {self.secret}"

    def answer(self, seen: Seen) -> tuple[int, Any, dict[str, str]]:
        if not self.authorised(seen):
            # Never 401: lib/keila_web/api/plugs/api_authorization_plug.ex.
            return 403, {"errors": [{"status": "403", "title": "Not authorized"}]}, {}
        return super().answer(seen)

    def new_id(self) -> str:
        return f"mc_{int(super().new_id().removeprefix('id'))}"

    def held(self, id: str) -> dict[str, str]:  # noqa: A002
        found = self.campaigns[id]
        return {"subject": found["subject"], "HTML": found["html_body"]}

    def edit(self, id: str, subject: str) -> None:  # noqa: A002
        self.campaigns[id]["subject"] = subject

    def turn(self, id: str, state: State) -> None:  # noqa: A002
        if state == "gone":
            del self.campaigns[id]
            return
        self.campaigns[id]["sent_at"] = "2026-01-01T09:00:00Z" if state == "sent" else None
        self.campaigns[id]["scheduled_for"] = "2030-01-01T09:00:00Z" if state == "scheduled" else None

    def crowd(self, count: int) -> None:
        for number in range(count):
            self._new({"subject": "Somebody's", "data": {} if number % 2 else None})["stranger"] = True

    def copy(self, id: str) -> None:  # noqa: A002
        self._new({name: value for name, value in self.campaigns[id].items() if name in _FIELDS})

    @route("POST", "/campaigns")
    def _create(self, seen: Seen) -> Any:
        data = self._checked(seen)
        for name, within in (("subject", data), ("settings", data), ("type", data.get("settings", {}))):
            if name not in within:
                raise Refusal(
                    400, {"errors": [{"status": "400", "title": "Missing field", "pointer": f"/data/{name}"}]}
                )
        return {"data": self._shown(self._new(data))}

    @route("GET", "/campaigns")
    def _list(self, seen: Seen) -> Any:
        found = [self._shown(each) for each in self.campaigns.values()]
        return {"data": found, "meta": {"page": 0, "page_count": 1, "count": len(found)}}

    @route("GET", "/campaigns/{id}")
    def _read(self, seen: Seen, id: str) -> Any:  # noqa: A002
        return {"data": self._shown(self._one(id))}

    @route("PATCH", "/campaigns/{id}")
    def _update(self, seen: Seen, id: str) -> Any:  # noqa: A002
        # What was sent can be changed too: Keila does not look.
        found = self._one(id)
        found |= self._checked(seen)
        return {"data": self._shown(found)}

    @route("POST", "/campaigns/{id}/actions/schedule")
    def _schedule(self, seen: Seen, id: str) -> Any:  # noqa: A002
        found, data = self._one(id), seen.json["data"]
        if data.keys() - {"scheduled_for"} or ("scheduled_for" in data and not isinstance(data["scheduled_for"], str)):
            raise Refusal(400, {"errors": [{"status": "400", "title": "Request error", "pointer": "/data"}]})
        at = data.get("scheduled_for")
        if at and datetime.fromisoformat(at.replace("Z", "+00:00")) < datetime.now(UTC) + timedelta(minutes=5):
            said = {"title": "Validation failed", "detail": "must be at least 300 seconds in the future"}
            raise Refusal(400, {"errors": [{**said, "status": "400", "pointer": "/data/attributes/scheduled_for"}]})
        found["scheduled_for"] = at
        return {"data": self._shown(found)}

    @route("POST", "/campaigns/{id}/actions/send", 202)
    def _send(self, seen: Seen, id: str) -> Any:  # noqa: A002
        found = self._one(id)
        # Whatever is wrong with it, the answer is the same.
        if found["sender_id"] and not found["sent_at"]:
            found["sent_at"] = "2026-01-01T09:00:00Z"
            self.mailed.append(id)
        return {"data": {"delivery_queued": True, "campaign_id": id}}

    def _checked(self, seen: Seen) -> dict[str, Any]:
        data = seen.json["data"]
        settings = data.get("settings", {})
        unknown = [f"/data/{name}" for name in sorted(data.keys() - _FIELDS)]
        unknown += [f"/data/settings/{name}" for name in sorted(settings.keys() - _SETTINGS)]
        if unknown:
            raise Refusal(400, {"errors": [{"status": "400", "title": "Unexpected field", "pointer": unknown[0]}]})
        if settings.get("type", "html") not in _TYPES:
            said = {"title": "Request error: invalid_enum", "pointer": "/data/settings/type"}
            raise Refusal(400, {"errors": [{**said, "status": "400"}]})
        return dict(data)

    def _new(self, data: dict[str, Any]) -> dict[str, Any]:
        id = self.new_id()  # noqa: A001
        usual: dict[str, Any] = dict.fromkeys([*_FIELDS, "sent_at", "scheduled_for"])
        self.campaigns[id] = {**usual, "settings": {"type": "markdown"}, **data, "id": id}
        return self.campaigns[id]

    def _one(self, id: str) -> dict[str, Any]:  # noqa: A002
        if id not in self.campaigns:
            raise Refusal(404, {"errors": [{"status": "404", "title": "Not found"}]})
        return self.campaigns[id]

    def _shown(self, found: dict[str, Any]) -> dict[str, Any]:
        hidden = {"stranger"} if self.shows_html else {"stranger", "html_body"}
        shown = {name: value for name, value in found.items() if name not in hidden}
        return {**shown, "settings": {"type": found["settings"]["type"]}, "inserted_at": "2026-01-01T00:00:00Z"}
