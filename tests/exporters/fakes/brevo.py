"""A fake of Brevo's email campaigns, with the headers by which it says how much may still be asked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from fakes.base import Numbered, Refusal, Seen, WithStatus, route

_FIELDS = {
    *("name", "subject", "previewText", "sender", "replyTo", "htmlContent", "recipients", "toField", "tag"),
    *("mirrorActive", "inlineImageActivation", "scheduledAt", "header", "footer", "unsubscriptionPageId"),
    *("utmCampaign", "utmSource", "utmMedium", "utmContent", "utmTerm", "utmID", "params"),
}


class Fake(Numbered, WithStatus):
    key_name = "brevo"
    prefix = "/v3"
    secret = "xkeysib-0123456789abcdef"
    creating = ("POST", "/emailCampaigns")
    words: ClassVar = {"draft": "draft", "scheduled": "queued", "sent": "sent"}
    unknown = "Campaign ID does not exist"

    @property
    def settings(self) -> dict[str, Any]:
        return {"url": self.url, "lists": [7]}

    def reset(self) -> None:
        super().reset()
        #: Requests that may be made before it wants a rest; None for all of them.
        self.remaining: int | None = None
        #: No address is one of a contact there.
        self.no_contacts = False
        #: Who may be a sender; None for everybody.
        self.senders: set[str] | None = None

    def answer(self, seen: Seen) -> tuple[int, Any, dict[str, str]]:
        status, body, headers = super().answer(seen)
        if self.remaining is not None:
            self.remaining -= 1
            told = {"limit": "100", "remaining": str(max(self.remaining, 0)), "reset": "9"}
            headers = {**headers, **{f"x-sib-ratelimit-{name}": value for name, value in told.items()}}
        return status, body, headers

    def refusal(self, status: int, words: str) -> Any:
        return {
            "code": {401: "unauthorized", 404: "document_not_found"}.get(status, "invalid_parameter"),
            "message": words,
        }

    def authorised(self, seen: Seen) -> bool:
        return seen.headers.get("api-key") == self.secret

    def held(self, id: str) -> dict[str, str]:  # noqa: A002
        found = self.campaigns[id]
        return {"subject": found["subject"], "preheader": found["previewText"], "HTML": found["htmlContent"]}

    def edit(self, id: str, subject: str) -> None:  # noqa: A002
        self.campaigns[id]["subject"] = subject

    def crowd(self, count: int) -> None:
        for _ in range(count):
            made = self._new({"name": "Somebody's", "subject": "S", "htmlContent": "<p>Something</p>"})
            made["stranger"] = True

    def copy(self, id: str) -> None:  # noqa: A002
        self._new({**self.campaigns[id], "name": f"Copy of {self.campaigns[id]['name']}"})

    @route("POST", "/emailCampaigns", 201)
    def _create(self, seen: Seen) -> Any:
        body = self._checked(seen.json)
        if not body.get("name") or not body.get("sender"):
            raise Refusal(400, {"code": "missing_parameter", "message": "name and sender are missing"})
        made = self._new(body)
        self._schedule(made, body)
        return {"id": int(made["id"])}

    @route("GET", "/emailCampaigns")
    def _list(self, seen: Seen) -> Any:
        limit, offset = int(seen.query.get("limit", 50)), int(seen.query.get("offset", 0))
        if limit > 100:
            raise Refusal(400, {"code": "out_of_range", "message": "Limit exceeds max value"})
        found = sorted(self.campaigns.values(), key=lambda each: int(each["id"]), reverse=True)
        shown = [_shown(each) for each in found[offset : offset + limit]]
        if seen.query.get("excludeHtmlContent") == "true":
            shown = [{**each, "htmlContent": ""} for each in shown]
        return {"count": len(found), **({"campaigns": shown} if shown else {})}

    @route("GET", "/emailCampaigns/{id}")
    def _read(self, seen: Seen, id: str) -> Any:  # noqa: A002
        return _shown(self._one(id))

    @route("PUT", "/emailCampaigns/{id}", 204)
    def _update(self, seen: Seen, id: str) -> None:  # noqa: A002
        found, body = self._editable(id), self._checked(seen.json)
        found |= body
        self._schedule(found, body)

    @route("POST", "/emailCampaigns/{id}/sendTest", 204)
    def _test(self, seen: Seen, id: str) -> None:  # noqa: A002
        self._one(id)
        if unknown := [each for each in (seen.json or {}).get("emailTo") or () if self.no_contacts]:
            words: ClassVar = {"message": "The email could not be sent to all recipients", "unexistingEmails": unknown}
            raise Refusal(400, {"code": "invalid_parameter", **words})
        # Nobody named: everybody on the account's test list.
        self.tests.append((id, tuple((seen.json or {}).get("emailTo") or ["whole@test.list"])))

    @route("PUT", "/emailCampaigns/{id}/status", 204)
    def _status(self, seen: Seen, id: str) -> None:  # noqa: A002
        self._editable(id)["status"] = seen.json["status"]

    @route("POST", "/emailCampaigns/{id}/sendNow", 204)
    def _send(self, seen: Seen, id: str) -> None:  # noqa: A002
        found = self._editable(id)
        if not found.get("recipients"):
            raise Refusal(400, {"code": "invalid_parameter", "message": "There are no recipients"})
        found["status"] = "in_process"
        self.mailed.append(id)

    def _schedule(self, found: dict[str, Any], body: dict[str, Any]) -> None:
        if at := body.get("scheduledAt"):
            found["status"] = "queued"
            if datetime.fromisoformat(at) <= datetime.now(UTC):
                self.mailed.append(found["id"])

    def _checked(self, body: dict[str, Any]) -> dict[str, Any]:
        if unknown := body.keys() - _FIELDS:
            raise Refusal(400, {"code": "invalid_parameter", "message": f"{min(unknown)} is not valid"})
        sender = body.get("sender", {})
        if "id" in sender and "email" in sender:
            raise Refusal(400, {"code": "invalid_parameter", "message": "Pass either sender id or email"})
        if self.senders is not None and sender.get("email", "") not in self.senders:
            raise Refusal(400, {"code": "invalid_parameter", "message": "Sender is invalid / inactive"})
        if "htmlContent" in body and not 10 < len(body["htmlContent"]) < 1_000_000:
            raise Refusal(400, {"code": "invalid_parameter", "message": "htmlContent is too short or too long"})
        return dict(body)

    def _new(self, body: dict[str, Any]) -> dict[str, Any]:
        id = self.new_id()  # noqa: A001
        self.campaigns[id] = {"previewText": "", "scheduledAt": None, **body, "id": id, "status": "draft"}
        return self.campaigns[id]

    def _editable(self, id: str) -> dict[str, Any]:  # noqa: A002
        found = self._one(id)
        if found["status"] not in ("draft", "queued"):
            words = "Only draft or scheduled campaigns can be modified"
            raise Refusal(400, {"code": "permission_denied", "message": words})
        return found


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    sent = found["status"] == "sent"
    return {
        **{name: value for name, value in found.items() if name != "stranger"},
        "id": int(found["id"]),
        "type": "classic",
        "testSent": False,
        "shareLink": "https://archive.example/x" if sent else "The campaign has not been sent yet.",
    }
