"""A fake of Campaign Monitor's API 3.3, and of the web space that it fetches mails from."""

from __future__ import annotations

import base64
import json
import re
from typing import Any
from urllib.parse import urlsplit

from fakes.base import FakeService, Refusal, Seen, State, route

_CLIENT = "4a397ccaaa55eb4e6aa1221e1e2d7122"
_SHOWN = ("CampaignID", "Name", "Subject", "FromName", "FromEmail", "ReplyTo")
#: Of code 400, as https://www.campaignmonitor.com/api/v3-3/campaigns/ lists them.
_CODES = {
    303: "Duplicate Campaign Name",
    304: "Campaign Subject Required",
    305: "From Name Required",
    307: "Invalid From Email Address",
    308: "Reply to Address Required",
    310: "HTML Content URL Required",
    312: "Invalid Text Content URL",
    315: "Lists or Segments Required",
    318: "Text Unsubscribe Tag In HTML Email",
    319: "Campaign Name Required",
    331: "Campaign has already been sent",
    338: "Confirm Email Required",
    341: "Campaign is not scheduled",
    370: "No Preview Recipients Supplied",
    5: "Invalid Date",
}


class Fake(FakeService):
    key_name = "campaignmonitor"
    prefix = "/api/v3.3"
    id_name = "CampaignID"
    secret = "639d8cc27198202f5fe6037a8b17a29a59984b86d3289bc9"
    creating = ("POST", f"/campaigns/{_CLIENT}.json")

    def __init__(self) -> None:
        self.time_zone = ""
        super().__init__()

    @property
    def settings(self) -> dict[str, Any]:
        here = self.url.removesuffix(self.prefix)
        return {
            "url": self.url,
            "client": _CLIENT,
            "lists": ["a58ee1d3039b8bec838e6d1482a8a965"],
            "pages_url": f"{here}/mail/{{slug}}-{{version}}.html",
        }

    def reset(self) -> None:
        super().reset()
        self.time_zone = "(GMT+01:00) Brussels, Copenhagen, Madrid, Paris"
        #: Requests for pages that had a key with them.
        self.overheard: list[Seen] = []

    def refusal(self, status: int, words: str) -> Any:
        return {"Code": 100 if status == 401 else status, "Message": words}

    def authorised(self, seen: Seen) -> bool:
        kind, _, told = seen.headers.get("Authorization", "").partition(" ")
        return kind == "Basic" and base64.b64decode(told).decode().partition(":")[0] == self.secret

    def answer(self, seen: Seen) -> tuple[int, Any, dict[str, str]]:
        if not seen.path.startswith("/mail/"):
            return super().answer(seen)
        if "Authorization" in seen.headers or self.secret in repr(seen):
            self.overheard.append(seen)
        page = self._published(seen.path)
        kind = "text/html" if seen.path.endswith(".html") else "text/plain; charset=utf-8"
        return (404, "No such page.", {}) if page is None else (200, page, {"Content-Type": kind})

    def new_id(self) -> str:
        return super().new_id().removeprefix("id").rjust(32, "c")

    def held(self, id: str) -> dict[str, str]:  # noqa: A002
        found = self.campaigns[id]
        return {"subject": found["Subject"], "HTML": found["html"], "text part": found["text"]}

    def edit(self, id: str, subject: str) -> None:  # noqa: A002
        self.campaigns[id]["Subject"] = subject

    def turn(self, id: str, state: State) -> None:  # noqa: A002
        if state == "gone":
            del self.campaigns[id]
        else:
            self.campaigns[id] |= {"state": state, "date": "2027-01-01 10:00:00"}

    def crowd(self, count: int) -> None:
        for number in range(count):
            made = self._new({"Name": f"Somebody's {number}", "Subject": "S"}, "H", "T")
            made |= {
                "stranger": True,
                "state": ("draft", "scheduled", "sent")[number % 3],
                "date": "2026-01-01 10:00:00",
            }

    def copy(self, id: str) -> None:  # noqa: A002
        found = self.campaigns[id]
        self._new({**found, "Name": f"{found['Name']} (copy)"}, found["html"], found["text"])

    @route("POST", "/campaigns/{client}.json", 201)
    def _create(self, seen: Seen, client: str) -> Any:
        body = seen.json
        if client != _CLIENT:
            raise Refusal(401, {"Code": 102, "Message": "Invalid ClientID"})
        needed = {"Name": 319, "Subject": 304, "FromName": 305, "FromEmail": 307, "ReplyTo": 308, "HtmlUrl": 310}
        for name, code in needed.items():
            if not body.get(name):
                raise _no(code)
        if body["Name"] in {each["Name"] for each in self.campaigns.values()}:
            raise _no(303)
        if bool(body.get("ListIDs")) == bool(body.get("SegmentIDs")):
            raise _no(315)
        html, text = self._published(urlsplit(body["HtmlUrl"]).path), ""
        if html is None:
            raise _no(310)
        if "[unsubscribe]" in html and "<unsubscribe" not in html:
            raise _no(318)
        if body.get("TextUrl"):
            found = self._published(urlsplit(body["TextUrl"]).path)
            if found is None:
                raise _no(312)
            text = found
        return json.dumps(self._new(body, html, text)["CampaignID"])

    @route("DELETE", r"/campaigns/{id}\.json")
    def _delete(self, seen: Seen, id: str) -> Any:  # noqa: A002
        del self.campaigns[self._one(id)["CampaignID"]]

    @route("GET", r"/clients/{client}\.json")
    def _client(self, seen: Seen, client: str) -> Any:
        return {"ApiKey": self.secret, "BasicDetails": {"ClientID": client, "TimeZone": self.time_zone}}

    @route("GET", r"/clients/{client}/drafts\.json")
    def _drafts(self, seen: Seen, client: str) -> Any:
        return [_shown(each, PreviewURL="https://preview.example/d") for each in self._in("draft")]

    @route("GET", r"/clients/{client}/scheduled\.json")
    def _scheduled(self, seen: Seen, client: str) -> Any:
        more = {"PreviewURL": "https://preview.example/s", "ScheduledTimeZone": self.time_zone}
        return [_shown(each, DateScheduled=each["date"], **more) for each in self._in("scheduled")]

    @route("GET", r"/clients/{client}/campaigns\.json")
    def _sent(self, seen: Seen, client: str) -> Any:
        # Far fewer than the thousand that it really gives: so that a list has pages.
        page, size = int(seen.query.get("page", 1)), min(int(seen.query.get("pagesize", 1000)), 50)
        found = self._in("sent")
        shown = found[(page - 1) * size : page * size]
        return {
            "Results": [_shown(each, WebVersionURL="https://web.example/w", SentDate=each["date"]) for each in shown],
            "PageNumber": page,
            "PageSize": size,
            "RecordsOnThisPage": len(shown),
            "TotalNumberOfRecords": len(found),
            "NumberOfPages": -(-len(found) // size),
        }

    @route("POST", r"/campaigns/{id}/sendpreview\.json")
    def _preview(self, seen: Seen, id: str) -> Any:  # noqa: A002
        if not seen.json["PreviewRecipients"]:
            raise _no(370)
        self.tests.append((self._one(id)["CampaignID"], tuple(seen.json["PreviewRecipients"])))

    @route("POST", r"/campaigns/{id}/send\.json")
    def _send(self, seen: Seen, id: str) -> Any:  # noqa: A002
        found, body = self._one(id), seen.json
        if found["state"] != "draft":
            raise _no(331)
        if not body["ConfirmationEmail"]:
            raise _no(338)
        if body["SendDate"].lower() == "immediately":
            self.mailed.append(id)
            found |= {"state": "sent", "date": "2026-01-01 10:00:00"}
        elif re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", body["SendDate"]):
            found |= {"state": "scheduled", "date": f"{body['SendDate']}:00"}
        else:
            raise _no(5)

    @route("POST", r"/campaigns/{id}/unschedule\.json")
    def _unschedule(self, seen: Seen, id: str) -> Any:  # noqa: A002
        found = self._one(id)
        if found["state"] != "scheduled":
            raise _no(341)
        found["state"] = "draft"

    def _published(self, path: str) -> str | None:
        return {urlsplit(address).path: content for address, content in self.pages.items()}.get(path)

    def _in(self, state: str) -> list[dict[str, Any]]:
        return [each for each in reversed(self.campaigns.values()) if each["state"] == state]

    def _new(self, body: dict[str, Any], html: str, text: str) -> dict[str, Any]:
        id = self.new_id()  # noqa: A001
        self.campaigns[id] = {
            **body,
            "id": id,
            "CampaignID": id,
            "state": "draft",
            "date": "",
            "html": html,
            "text": text,
        }
        return self.campaigns[id]

    def _one(self, id: str) -> dict[str, Any]:  # noqa: A002
        if id not in self.campaigns:
            raise Refusal(404, {"Code": 404, "Message": "Not Found"})
        return self.campaigns[id]


def _no(code: int) -> Refusal:
    return Refusal(400, {"Code": code, "Message": _CODES[code]})


def _shown(found: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**{name: found.get(name, "") for name in _SHOWN}, "Tags": [], **more}
