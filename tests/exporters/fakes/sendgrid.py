"""A fake of SendGrid's single sends: lists that go on by the address of the next page, and mails to named people."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from fakes.base import Refusal, Seen, WithStatus, route

_CONFIG = {
    *("subject", "html_content", "plain_content", "generate_plain_content", "design_id", "editor", "ip_pool"),
    *("suppression_group_id", "custom_unsubscribe_url", "sender_id"),
}


class Fake(WithStatus):
    key_name = "sendgrid"
    prefix = "/v3"
    secret = "SG.0123456789abcdef.0123456789"
    creating = ("POST", "/marketing/singlesends")
    words: ClassVar = {"draft": "draft", "scheduled": "scheduled", "sent": "triggered"}

    @property
    def settings(self) -> dict[str, Any]:
        lists = ["f2fe66a1-43f3-4e3a-87b1-c6a600d805f0"]
        return {"url": self.url, "sender": 409907, "lists": lists, "unsubscribe_group": 14}

    def reset(self) -> None:
        super().reset()
        #: From whom mails may be sent.
        self.verified = {"editor@slownews.example"}
        #: What went out as a mail of its own.
        self.mails: list[dict[str, Any]] = []

    def refusal(self, status: int, words: str) -> Any:
        return {"errors": [{"field": "name", "message": words, "error_id": "e-12"}]}

    def authorised(self, seen: Seen) -> bool:
        return seen.headers.get("Authorization") == f"Bearer {self.secret}"

    def new_id(self) -> str:
        return f"27c21bbf-a12c-440b-b8bf-{int(super().new_id().removeprefix('id')):012d}"

    def held(self, id: str) -> dict[str, str]:  # noqa: A002
        config = self.campaigns[id]["email_config"]
        names = {"subject": "subject", "HTML": "html_content", "text part": "plain_content"}
        return {ours: config[theirs] for ours, theirs in names.items()}

    def edit(self, id: str, subject: str) -> None:  # noqa: A002
        self.campaigns[id]["email_config"]["subject"] = subject

    def crowd(self, count: int) -> None:
        for _ in range(count):
            self._new({"name": "Somebody's"})["stranger"] = True

    def copy(self, id: str) -> None:  # noqa: A002
        old = self.campaigns[id]
        self._new({"name": f"Copy of {old['name']}", "email_config": dict(old["email_config"])})

    @route("POST", "/marketing/singlesends", 201)
    def _create(self, seen: Seen) -> Any:
        return _shown(self._new(self._checked(seen.json)))

    @route("GET", "/marketing/singlesends")
    def _list(self, seen: Seen) -> Any:
        size, start = min(int(seen.query.get("page_size", 50)), 100), int(seen.query.get("page_token") or 0)
        found = sorted(self.campaigns.values(), key=lambda each: each["id"], reverse=True)
        metadata: dict[str, Any] = {"self": f"{self.url}/marketing/singlesends", "count": len(found)}
        if start + size < len(found):
            # An address of theirs, as through a gateway: a client that follows it would take the key elsewhere.
            metadata["next"] = f"https://api.elsewhere.invalid/v3/marketing/singlesends?page_token={start + size}"
        short = [{name: value for name, value in _shown(each).items() if name in _SHORT} for each in found]
        return {"result": short[start : start + size], "_metadata": metadata}

    @route("GET", "/marketing/singlesends/{id}")
    def _read(self, seen: Seen, id: str) -> Any:  # noqa: A002
        return _shown(self._one(id))

    @route("PATCH", "/marketing/singlesends/{id}", 202)
    def _update(self, seen: Seen, id: str) -> Any:  # noqa: A002
        found, body = self._editable(id), self._checked(seen.json)
        config = {**found["email_config"], **body.pop("email_config", {})}
        found |= {**body, "email_config": config}
        return _shown(found)

    @route("PUT", "/marketing/singlesends/{id}/schedule", 201)
    def _schedule(self, seen: Seen, id: str) -> Any:  # noqa: A002
        found, at = self._editable(id), seen.json["send_at"]
        config, to = found["email_config"], found.get("send_to") or {}
        if not config.get("sender_id"):
            raise _no("email_config.sender_id", "A sender is required before scheduling.")
        if not (to.get("all") or to.get("list_ids") or to.get("segment_ids")):
            raise _no("send_to", "At least one list or segment is required.")
        if not (config.get("suppression_group_id") or config.get("custom_unsubscribe_url")):
            raise _no("email_config.suppression_group_id", "An unsubscribe group is required.")
        if at == "now":
            found["status"] = "triggered"
            self.mailed.append(id)
        else:
            if datetime.fromisoformat(at.replace("Z", "+00:00")) <= datetime.now(UTC):
                raise _no("send_at", "It must be in the future.")
            found |= {"status": "scheduled", "send_at": at}
        # What is sent at once is scheduled too, by its own word.
        return {"send_at": "2026-05-18T17:28:27Z" if at == "now" else at, "status": "scheduled"}

    @route("DELETE", "/marketing/singlesends/{id}/schedule")
    def _unschedule(self, seen: Seen, id: str) -> Any:  # noqa: A002
        found = self._one(id)
        if found["status"] != "scheduled":
            raise _no("id", "It is not scheduled.")
        found["status"] = "draft"
        return {"send_at": found.pop("send_at", None), "status": "draft"}

    @route("POST", "/mail/send", 202)
    def _mail(self, seen: Seen) -> None:
        body = seen.json
        if body["from"]["email"] not in self.verified:
            words = "The from address does not match a verified Sender Identity."
            raise Refusal(403, {"errors": [{"field": "from", "message": words, "help": None}]})
        self.mails.append(body)
        told = [to["email"] for each in body["personalizations"] for to in each["to"]]
        self.tests.append((str(len(self.mails)), tuple(told)))

    def _checked(self, body: dict[str, Any]) -> dict[str, Any]:
        if not 1 <= len(body.get("name") or "") <= 100:
            raise _no("name", "A name of 1 to 100 letters is required.")
        if unknown := body.get("email_config", {}).keys() - _CONFIG:
            raise _no(f"email_config.{min(unknown)}", "There is no such field.")
        # What counts is the schedule.
        return {name: value for name, value in body.items() if name != "send_at"}

    def _new(self, body: dict[str, Any]) -> dict[str, Any]:
        id = self.new_id()  # noqa: A001
        config = {"subject": "", "html_content": "", "plain_content": "", "generate_plain_content": True}
        config |= body.get("email_config") or {}
        if config["generate_plain_content"]:
            config["plain_content"] = "made up"
        self.campaigns[id] = {"categories": [], **body, "email_config": config, "id": id, "status": "draft"}
        return self.campaigns[id]

    def _one(self, id: str) -> dict[str, Any]:  # noqa: A002
        if id not in self.campaigns:
            raise Refusal(404, {"errors": [{"field": "id", "message": "single send not found", "error_id": "e-404"}]})
        return self.campaigns[id]

    def _editable(self, id: str) -> dict[str, Any]:  # noqa: A002
        found = self._one(id)
        if found["status"] != "draft":
            raise _no("status", "Only drafts can be changed.")
        return found


_SHORT = ("id", "name", "abtest", "status", "categories", "send_at", "is_abtest", "updated_at", "created_at")


def _no(field: str, words: str) -> Refusal:
    return Refusal(400, {"errors": [{"field": field, "message": words, "error_id": "e-400"}]})


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: value for name, value in found.items() if name != "stranger"},
        "abtest": None,
        "is_abtest": False,
        "created_at": "2026-05-18T17:28:27.272Z",
        "updated_at": "2026-05-18T17:28:27.272Z",
        "warnings": [],
    }
