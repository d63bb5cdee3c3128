"""A fake of Mailgun's API: a domain, a mailing list in pages, who has left, and mails as forms of several parts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import default
from typing import Any, ClassVar
from urllib.parse import unquote, urlencode

from digest.services.calls import basic
from fakes.base import FakeService, Refusal, Seen, route

DOMAIN, LIST = "mg.slownews.example", "weekly@mg.slownews.example"
#: Fewer than are asked for, so that there are pages.
_PAGE = 2
_VARIABLE = re.compile(r"%(?:recipient\.\w+|(?:tag_|mailing_list_)?unsubscribe_url)%")


@dataclass(frozen=True)
class Mail:
    """A mail that went out, as it was asked for."""

    form: dict[str, str]
    #: Name and content of each picture.
    inline: dict[str, bytes] = field(default_factory=dict)


class Fake(FakeService):
    key_name = "mailgun"
    secret = "0123456789abcdef0123456789abcdef-01234567-89abcdef"
    keeps_drafts: ClassVar[bool] = False

    def reset(self) -> None:
        super().reset()
        self.members: list[dict[str, Any]] = []
        self.left: dict[str, list[dict[str, Any]]] = {"unsubscribes": [], "complaints": []}
        self.looks_after_leaving = True
        #: In place of this server's, in the address of a next page.
        self.next_host = ""
        self.never_ends = False
        #: It knows no filter, and gives members who have left too.
        self.shows_all = False
        self.mails: list[Mail] = []
        #: What is said, in place of taking it, to a mail to this address.
        self.no: dict[str, tuple[int, str]] = {}

    @property
    def settings(self) -> dict[str, Any]:
        return {"url": self.url, "domain": DOMAIN, "list": LIST}

    @property
    def mailed_to(self) -> list[str]:
        return [each.form["to"] for each in self.mails]

    def as_read(self, number: int) -> tuple[str, str, str]:
        """Subject, HTML and text of a mail as the reader has them."""
        form = self.mails[number].form
        link = f"https://unsubscribe.example/{form['to']}"

        def filled(text: str) -> str:
            return _VARIABLE.sub(lambda found: link if found[0] == "%unsubscribe_url%" else "", text)

        return filled(form["subject"]), filled(form["html"]), filled(form["text"])

    def join(self, *addresses: str, name: str = "", subscribed: bool = True, **given: Any) -> None:
        self.members += [{"address": each, "name": name, "vars": given, "subscribed": subscribed} for each in addresses]

    def refusal(self, status: int, words: str) -> Any:
        return "Forbidden" if status == 401 else {"message": words}

    def authorised(self, seen: Seen) -> bool:
        return seen.headers.get("Authorization") == basic("api", self.secret)["Authorization"]

    @route("GET", "/v3/domains/{domain}/tracking")
    def _tracking(self, seen: Seen, domain: str) -> Any:
        self._known(domain)
        leaving = {"active": self.looks_after_leaving, "html_footer": "", "text_footer": ""}
        return {"tracking": {"open": {"active": True}, "click": {"active": True}, "unsubscribe": leaving}}

    @route("GET", "/v3/{domain}/{kind}")
    def _suppressed(self, seen: Seen, domain: str, kind: str) -> Any:
        self._known(domain)
        if kind not in self.left:
            raise Refusal(404, {"message": "Not found"})
        return self._page(seen, self.left[kind])

    @route("GET", "/v3/lists/{address}/members/pages")
    def _members(self, seen: Seen, address: str) -> Any:
        if unquote(address) != LIST:
            raise Refusal(404, {"message": f"Mailing list {unquote(address)} not found"})
        wanted = seen.query.get("subscribed")
        everybody = self.shows_all or wanted is None
        found = [each for each in self.members if everybody or each["subscribed"] == (wanted in ("true", "yes"))]
        return self._page(seen, found)

    @route("POST", "/v3/{domain}/messages")
    def _send(self, seen: Seen, domain: str) -> Any:
        self._known(domain)
        mail = _parsed(seen)
        for name in ("from", "to", "subject"):
            if not mail.form.get(name):
                raise Refusal(400, {"message": f"{name} parameter is missing"})
        address = mail.form["to"]
        if address in self.no:
            status, words = self.no[address]
            raise Refusal(status, {"message": words})
        if not re.fullmatch(r"[^@\s,]+@[^@\s,]+\.[^@\s,]+", address):
            raise Refusal(400, {"message": "to parameter is not a valid address. please check documentation"})
        self.mails.append(mail)
        return {"id": f"<{len(self.mails)}@{domain}>", "message": "Queued. Thank you."}

    def _known(self, domain: str) -> None:
        if domain != DOMAIN:
            raise Refusal(404, {"message": f"Domain not found: {domain}"})

    def _page(self, seen: Seen, items: list[dict[str, Any]]) -> Any:
        """There is a next page always, and the last one is empty."""
        last = seen.query.get("address", "") if seen.query.get("page") == "next" else ""
        after = [each["address"] for each in items].index(last) + 1 if last else 0
        shown = items[after : after + min(int(seen.query.get("limit", 100)), _PAGE)]
        pivot = last if self.never_ends or not shown else shown[-1]["address"]
        query = urlencode({**seen.query, "page": "next", "address": pivot})
        host = self.next_host or self.url
        return {"items": shown or (items if self.never_ends else []), "paging": {"next": f"{host}{seen.path}?{query}"}}


def _parsed(seen: Seen) -> Mail:
    kind = seen.headers.get("Content-Type", "")
    whole = BytesParser(policy=default).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + seen.raw)
    mail = Mail({})
    for part in whole.iter_parts():
        name = str(part["content-disposition"].params["name"])
        content = bytes(part.get_payload(decode=True))
        if name == "inline":
            mail.inline[part.get_filename() or ""] = content
        else:
            mail.form[name] = content.decode("utf-8")
    return mail
