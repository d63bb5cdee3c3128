"""A fake of MailerLite's newer API: it takes a draft's HTML and never shows it again."""

from __future__ import annotations

from typing import Any, ClassVar

from fakes.base import Refusal, Seen, WithStatus, route

_ZONES = [("1", "America/Denver", -25200), ("42", "UTC", 0), ("43", "Europe/London", 0)]
_LANGUAGES = [("4", "en", "en", "English"), ("7", "de", "de", "German"), ("9", "pt-br", "pt", "Portuguese")]


class Fake(WithStatus):
    key_name = "mailerlite"
    prefix = "/api"
    secret = "eyJ0eXAiOiJKV1QifQ-0123456789"
    creating = ("POST", "/campaigns")
    words: ClassVar = {"draft": "draft", "scheduled": "ready", "sent": "sent"}
    unknown = "Resource not found."

    @property
    def settings(self) -> dict[str, Any]:
        return {"url": self.url, "groups": ["100000000000000007"]}

    def reset(self) -> None:
        super().reset()
        #: "advanced" takes HTML, "free" refuses it, "forgetful" takes it and keeps nothing.
        self.plan = "advanced"

    def refusal(self, status: int, words: str) -> Any:
        return {"message": words, "errors": {"emails.0.subject": [words]}} if status == 422 else {"message": words}

    def authorised(self, seen: Seen) -> bool:
        return seen.headers.get("Authorization") == f"Bearer {self.secret}"

    def new_id(self) -> str:
        return str(100_000_000_000_000_000 + int(super().new_id().removeprefix("id")))

    def held(self, id: str) -> dict[str, str]:  # noqa: A002
        (email,) = self.campaigns[id]["emails"]
        return {"subject": email["subject"], "HTML": email["content"]}

    def edit(self, id: str, subject: str) -> None:  # noqa: A002
        self.campaigns[id]["emails"][0]["subject"] = subject

    def crowd(self, count: int) -> None:
        for number in range(count):
            made = self._new({"name": "Somebody's", "emails": [{"subject": "S", "content": "C"}]})
            made |= {"stranger": True, "status": ("draft", "ready", "sent")[number % 3]}

    def copy(self, id: str) -> None:  # noqa: A002
        emails = [dict(each) for each in self.campaigns[id]["emails"]]
        self._new({"name": f"{self.campaigns[id]['name']} copy", "emails": emails})

    @route("POST", "/campaigns", 201)
    def _create(self, seen: Seen) -> Any:
        return {"data": _shown(self._new(self._checked(seen.json)))}

    @route("GET", "/campaigns")
    def _list(self, seen: Seen) -> Any:
        page, limit = int(seen.query.get("page", 1)), min(int(seen.query.get("limit", 25)), 100)
        # Without a filter only what is ready is shown.
        status = seen.query.get("filter[status]", "ready")
        found = [each for each in self.campaigns.values() if each["status"] == status]
        found.sort(key=lambda each: int(each["id"]), reverse=True)
        shown = [_shown(each) for each in found[(page - 1) * limit : page * limit]]
        return {"data": shown, "links": {}, "meta": {"current_page": page, "total": len(found)}}

    @route("GET", "/campaigns/languages")
    def _languages(self, seen: Seen) -> Any:
        names = ("id", "shortcode", "iso639", "name")
        return {"data": [{**dict(zip(names, each, strict=True)), "direction": "ltr"} for each in _LANGUAGES]}

    @route("GET", r"/campaigns/(?!languages){id}")
    def _read(self, seen: Seen, id: str) -> Any:  # noqa: A002
        return {"data": _shown(self._one(id))}

    @route("PUT", "/campaigns/{id}")
    def _update(self, seen: Seen, id: str) -> Any:  # noqa: A002
        found = self._one(id)
        if found["status"] != "draft":
            raise Refusal(422, {"message": "Only draft campaigns can be updated."})
        # Whole: an email that is sent without its content has none then.
        found |= self._checked(seen.json)
        return {"data": _shown(found)}

    @route("POST", "/campaigns/{id}/schedule")
    def _schedule(self, seen: Seen, id: str) -> Any:  # noqa: A002
        found, body = self._one(id), seen.json
        if found["status"] != "draft":
            raise Refusal(422, {"message": "The campaign is not a draft."})
        if body["delivery"] == "instant":
            self.mailed.append(id)
        else:
            told = body["schedule"]
            if told["timezone_id"] != 42:
                raise Refusal(422, {"message": "Wrong.", "errors": {"schedule.timezone_id": ["That is not UTC."]}})
            found["scheduled_for"] = f"{told['date']} {told['hours']}:{told['minutes']}:00"
        found["status"] = "ready"
        return {"data": _shown(found)}

    @route("POST", "/campaigns/{id}/cancel")
    def _cancel(self, seen: Seen, id: str) -> Any:  # noqa: A002
        found = self._one(id)
        if found["status"] != "ready":
            raise Refusal(422, {"message": "The campaign is not ready."})
        found |= {"status": "draft", "scheduled_for": None}
        return {"data": _shown(found)}

    @route("GET", "/timezones")
    def _timezones(self, seen: Seen) -> Any:
        return {"data": [{"id": each, "name": name, "offset": offset} for each, name, offset in _ZONES]}

    def _checked(self, body: dict[str, Any]) -> dict[str, Any]:
        errors = {name: ["The field is required."] for name in ("name", "type", "emails") if not body.get(name)}
        for email in body.get("emails") or ():
            needed = ("subject", "from", "from_name")
            errors |= {f"emails.0.{name}": ["The field is required."] for name in needed if not email.get(name)}
            if self.plan == "free" and email.get("content"):
                errors["emails.0.content"] = ["Content submission is only available on advanced plan"]
        if not all(isinstance(each, str) for each in body.get("groups", ())):
            errors["groups.0"] = ["The id must be a string."]
        if errors:
            raise Refusal(422, {"message": "The given data was invalid.", "errors": errors})
        emails = [{"content": "", **each} for each in body["emails"]]
        if self.plan == "forgetful":
            emails = [{**each, "content": ""} for each in emails]
        return {**body, "emails": emails}

    def _new(self, body: dict[str, Any]) -> dict[str, Any]:
        id = self.new_id()  # noqa: A001
        self.campaigns[id] = {"scheduled_for": None, **body, "id": id, "status": "draft"}
        return self.campaigns[id]


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    (email,) = found["emails"]
    kept = {name: value for name, value in email.items() if name != "content"}
    return {
        **{name: value for name, value in found.items() if name not in ("stranger", "emails")},
        "missing_data": [] if found.get("groups") else ["recipients"],
        "is_currently_sending_out": False,
        "emails": [
            {
                **kept,
                "id": found["id"] + "1",
                "plain_text": "Hello, You have received a newsletter ... {$unsubscribe}",
                "preview_url": "https://archive.example/x",
                "is_designed": bool(email["content"]),
            }
        ],
    }
