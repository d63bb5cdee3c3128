"""A fake of Postmark's API: streams, the addresses that each of them leaves out, and mails, one at a time."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from fakes.base import FakeService, Refusal, Seen, route

_PLACEHOLDER = re.compile(r"\{\{\{\s*pm:unsubscribe\s*\}\}\}")


class Fake(FakeService):
    key_name = "postmark"
    secret = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
    keeps_drafts: ClassVar[bool] = False

    def reset(self) -> None:
        super().reset()
        self.streams: dict[str, dict[str, Any]] = {
            "broadcast": _stream("broadcast", "Broadcasts", "Postmark"),
            "outbound": _stream("outbound", "Transactional", "None"),
        }
        #: Who left, complained or bounced, by stream.
        self.suppressed: dict[str, list[str]] = {"broadcast": [], "outbound": []}
        #: Each mail that went out, as it was asked for.
        self.mails: list[dict[str, Any]] = []
        #: What is said, in place of taking it, to a mail to this address: Postmark's code and words.
        self.no: dict[str, tuple[int, str]] = {}

    @property
    def settings(self) -> dict[str, Any]:
        return {"url": self.url, "readers": "readers.csv"}

    @property
    def mailed_to(self) -> list[str]:
        return [each["To"] for each in self.mails]

    def as_read(self, number: int) -> tuple[str, str, str]:
        """Subject, HTML and text of a mail as the reader has them."""
        mail = self.mails[number]
        link = f"https://unsubscribe.example/{mail['To']}" if mail["MessageStream"] == "broadcast" else "#"
        return mail["Subject"], _PLACEHOLDER.sub(link, mail["HtmlBody"]), _PLACEHOLDER.sub(link, mail["TextBody"])

    def refusal(self, status: int, words: str) -> Any:
        return {"ErrorCode": 10 if status == 401 else 300, "Message": words}

    def authorised(self, seen: Seen) -> bool:
        return seen.headers.get("X-Postmark-Server-Token") == self.secret

    @route("GET", "/message-streams/{id}")
    def _read(self, seen: Seen, id: str) -> Any:  # noqa: A002
        if id not in self.streams:
            raise Refusal(404, {"ErrorCode": 1226, "Message": "The message stream for the provided ID was not found."})
        return self.streams[id]

    @route("GET", "/message-streams/{id}/suppressions/dump")
    def _dump(self, seen: Seen, id: str) -> Any:  # noqa: A002
        self._read(seen, id)
        why = {"SuppressionReason": "ManualSuppression", "Origin": "Recipient", "CreatedAt": "2026-01-01T00:00:00Z"}
        return {"Suppressions": [{"EmailAddress": each, **why} for each in self.suppressed[id]]}

    @route("POST", "/email")
    def _send(self, seen: Seen) -> Any:
        mail = seen.json
        address, stream = mail["To"], mail.get("MessageStream", "outbound")
        self._read(seen, stream)
        if address in self.no:
            code, words = self.no[address]
            raise Refusal(429 if code == 429 else 422, {"ErrorCode": code, "Message": words})
        if "," in address or not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", address):
            words = f"Error parsing 'To': Illegal email address '{address}'. It must contain the '@' symbol."
            raise Refusal(422, {"ErrorCode": 300, "Message": words})
        if address in self.suppressed[stream]:
            words = f"You tried to send to recipient(s) that have been marked as inactive: {address}"
            raise Refusal(422, {"ErrorCode": 406, "Message": words})
        self.mails.append(mail)
        return {
            "To": address,
            "SubmittedAt": "2026-01-01T00:00:00.0000000Z",
            "MessageID": f"00000000-0000-0000-0000-{len(self.mails):012d}",
            "ErrorCode": 0,
            "Message": "OK",
        }


def _stream(id: str, kind: str, leaving: str) -> dict[str, Any]:  # noqa: A002
    return {
        "ID": id,
        "ServerID": 1,
        "Name": id.title(),
        "Description": "",
        "MessageStreamType": kind,
        "CreatedAt": "2026-01-01T00:00:00-05:00",
        "UpdatedAt": None,
        "ArchivedAt": None,
        "ExpectedPurgeDate": None,
        "SubscriptionManagementConfiguration": {"UnsubscribeHandlingType": leaving},
    }
