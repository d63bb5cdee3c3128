"""An account of Amazon SES on loopback: what moto lacks, with pages, quotas, refusals and broken connections."""

from __future__ import annotations

from typing import Any

from fakes.base import FakeService, Refusal, Seen, route

ROOT = "/v2/email"


class SesAccount(FakeService):
    key_name = "ses"
    creating = ("POST", "/outbound-emails")
    prefix = ROOT

    def reset(self) -> None:
        super().reset()
        self.sandbox, self.enabled = False, True
        self.quota = {"Max24HourSend": 200.0, "MaxSendRate": 10.0, "SentLast24Hours": 0.0}
        self.contacts: list[dict[str, Any]] = []
        #: Each mail that went out, whole.
        self.mails: list[dict[str, Any]] = []
        #: What is said, in place of taking it, to a mail to this address: status and code.
        self.no: dict[str, tuple[int, str]] = {}

    def refusal(self, status: int, words: str) -> Any:
        return {"message": words}

    def authorised(self, seen: Seen) -> bool:
        return "Credential=AKIAEXAMPLE/" in seen.headers.get("Authorization", "")

    @property
    def endpoint(self) -> str:
        return self.url.removesuffix(ROOT)

    @property
    def mailed_to(self) -> list[str]:
        return [each["Destination"]["ToAddresses"][0] for each in self.mails]

    def join(self, *addresses: str, gone: bool = False, topic: str = "", opted: str = "OPT_IN") -> None:
        for address in addresses:
            contact: dict[str, Any] = {"EmailAddress": address, "UnsubscribeAll": gone}
            if topic:
                contact["TopicPreferences"] = [{"TopicName": topic, "SubscriptionStatus": opted}]
            self.contacts.append(contact)

    @route("GET", "/account")
    def _account(self, seen: Seen) -> Any:
        return {
            "ProductionAccessEnabled": not self.sandbox,
            "SendingEnabled": self.enabled,
            "EnforcementStatus": "HEALTHY" if self.enabled else "SHUTDOWN",
            "SendQuota": self.quota,
        }

    @route("POST", "/contact-lists/{name}/contacts/list")
    def _list(self, seen: Seen, name: str) -> Any:
        if name != "readers":
            raise _no(404, "NotFoundException", "List with name does not exist.")
        start = int((seen.json or {}).get("NextToken") or 0)
        more = {"NextToken": str(start + 2)} if start + 2 < len(self.contacts) else {}
        return {"Contacts": self.contacts[start : start + 2], **more}

    @route("POST", "/outbound-emails")
    def _send(self, seen: Seen) -> Any:
        mail = seen.json
        (address,) = mail["Destination"]["ToAddresses"]
        if address in self.no:
            status, code = self.no[address]
            if code == "TooManyRequestsException":
                del self.no[address]
            raise _no(status, code, "SES's own words.")
        self.mails.append(mail)
        return {"MessageId": f"m{len(self.mails)}"}


def _no(status: int, code: str, words: str) -> Refusal:
    return Refusal(status, {"message": words}, {"x-amzn-ErrorType": code, "x-amzn-RequestId": "r-1"})
