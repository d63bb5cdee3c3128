"""Resend: a broadcast to a segment, with text part, preheader, tests and schedules."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from digest.exporters.base import Can, Draft, Remote, Service, State, Tags, syntax
from digest.exporters.base import Settings as Shared
from digest.services import languages
from digest.services.calls import Session, bearer


@dataclass(frozen=True, slots=True)
class Settings(Shared):
    #: The id of the segment that gets it.
    segment: str = field(kw_only=True)
    #: The id of a topic that readers can leave by itself.
    topic: str = ""


#: Resend's specification calls it a text and lists no words; these are the ones in its documentation and on its pages.
_STATES: Mapping[str, State] = {
    "draft": "draft",
    "scheduled": "scheduled",
    "queued": "sending",
    "sending": "sending",
    "sent": "sent",
    # Stopped on its way: some have it. What was stopped before is a draft again:
    # https://resend.com/changelog/cancel-broadcast-api
    "canceled": "sent",
    "cancelled": "sent",
}


_SENDER = "sender_email in [publication]"


def _first_name(other: str) -> str:
    # What stands behind the bar goes to the reader as it is; nothing there can be escaped.
    other = re.sub(r"&#123;|[{}|\u2060]", "", other)
    return "{{{contact.first_name|" + other + "}}}" if other else "{{{contact.first_name}}}"


_TAGS: Tags = {
    "unsubscribe_url": "{{{RESEND_UNSUBSCRIBE_URL}}}",
    "email": "{{{contact.email}}}",
    "first_name": _first_name,
}

#: Our own tags, in a test: no other mail than a broadcast has them filled in.
_TAG = re.compile(r"\{\{\{(?:(RESEND_UNSUBSCRIBE_URL)|contact\.\w+(?:\|([^{}|]*))?)\}\}\}")


class Exporter(Service):
    name = "Resend"
    settings_class = Settings
    example = "re_0123456789"
    # "audience_id" is an older name for the segment.
    ours = ("send", "scheduled_at", "name", "audience_id")
    can = Can(
        test=True,
        schedule=True,
        unschedule=True,
        send=True,
        cannot=("Resend tests no broadcast: a test is a mail of its own, with the fallback in place of each blank.",),
    )
    html = syntax(languages.HANDLEBARS, _TAGS, encode=html.escape)
    text = syntax(languages.HANDLEBARS, _TAGS)

    def __init__(self, settings: Settings, secret: str, session: Session) -> None:
        super().__init__(settings, secret, session)
        session.open(
            settings.url or "https://api.resend.com",
            headers=bearer(secret),
            home="resend.com",
            # Its refusals are sentences, in which a field stands between backticks.
            fields={
                "domain is not verified": f"{_SENDER}, and its domain has to be verified there",
                "`from` field": _SENDER,
                "`segment_id` field": "segment in [export.resend]",
                "`topic_id` field": "topic in [export.resend]",
                "`reply_to` field": "reply_to in [publication]",
                "`subject` field": "the issue's subject",
                "segment not found": "segment in [export.resend]",
                "topic not found": "topic in [export.resend]",
            },
        )

    def create(self, draft: Draft) -> Remote:
        # Never "send", not even as false: the draft is what there is without it.
        return Remote(str(self.session.make("/broadcasts", self._broadcast(draft))["id"]))

    def update(self, remote: Remote, draft: Draft) -> Remote:
        self.session.patch(f"/broadcasts/{remote.id}", self._broadcast(draft))
        return Remote(remote.id, url=remote.url)

    def read(self, id: str) -> Remote | None:  # noqa: A002
        found = self.session.find(f"/broadcasts/{id}")
        return None if found is None else self._remote(found)

    def look_up(self, marker: str) -> Sequence[Remote]:
        def then(page: Any, count: int) -> Mapping[str, str] | None:
            if not isinstance(page.get("has_more"), bool) or (page["has_more"] and not page["data"]):
                raise self.unread("the end of its list")
            return {"after": str(page["data"][-1]["id"])} if page["has_more"] else None

        listed = self.session.listed("/broadcasts", "data", then, limit=100)
        return [self._remote(each, parts=False) for each in listed if marker in (each.get("name") or "")]

    def test(self, remote: Remote, draft: Draft, addresses: Sequence[str]) -> None:
        mail: dict[str, Any] = {
            "from": _mailbox(draft),
            "subject": f"[test] {_as_read(draft.subject)}",
            "html": _as_read(draft.html),
            "text": _as_read(draft.text),
        }
        if draft.reply_to:
            mail["reply_to"] = [draft.reply_to]
        moment = datetime.now(UTC).strftime("%Y%m%d%H%M")[:-1]
        # One mail an address: in "to" each of them would see the others.
        for address in addresses:
            # Resend mails one key once in 24 hours. Whoever repeats a test within minutes, after an answer that was
            # lost, gets one mail; whoever wants a second an hour later gets it.
            key = hashlib.sha256("\0".join([draft.content, moment, address]).encode()).hexdigest()[:32]
            headers = {"Idempotency-Key": f"digest-test-{key}"}
            self.session.act("/emails", {**mail, "to": [address]}, headers=headers)

    def schedule(self, remote: Remote, when: datetime) -> Remote:
        at = when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.session.act(f"/broadcasts/{remote.id}/send", {"scheduled_at": at})
        return Remote(remote.id, "scheduled", url=remote.url, when=when)

    def unschedule(self, remote: Remote) -> Remote:
        self.session.act(f"/broadcasts/{remote.id}/cancel")
        return Remote(remote.id, "draft", url=remote.url)

    def send(self, remote: Remote) -> Remote:
        self.session.act(f"/broadcasts/{remote.id}/send", {})
        return Remote(remote.id, "sending", url=remote.url)

    def _broadcast(self, draft: Draft) -> dict[str, Any]:
        broadcast: dict[str, Any] = {
            "segment_id": self.settings.segment,
            "from": _mailbox(draft),
            "subject": draft.subject,
            "preview_text": draft.preheader,
            "html": draft.html,
            "text": draft.text,
            # Seen on Resend's own pages alone.
            "name": f"{draft.title} {draft.marker}",
        }
        if draft.reply_to:
            broadcast["reply_to"] = [draft.reply_to]
        if self.settings.topic:
            broadcast["topic_id"] = self.settings.topic
        return self.payload(broadcast)

    def _remote(self, told: Any, *, parts: bool = True) -> Remote:
        names = {"subject": "subject", "preheader": "preview_text", "HTML": "html", "text part": "text"}
        when = told.get("sent_at") or told.get("scheduled_at")
        return Remote(
            id=str(told["id"]),
            state=self.state(_STATES, told.get("status")),
            parts={ours: str(told.get(theirs) or "") for ours, theirs in names.items()} if parts else {},
            url=f"https://resend.com/broadcasts/{told['id']}",
            when=_moment(when) if isinstance(when, str) else None,
        )


def _mailbox(draft: Draft) -> str:
    """`Name <address>`, the name in quotes where it holds what would end it (RFC 5322, 3.4)."""
    name = draft.sender_name.strip()
    if re.search(r'[()<>\[\]:;@\\,."]', name):
        name = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return f"{name} <{draft.sender_email}>" if name else draft.sender_email


def _as_read(text: str) -> str:
    return _TAG.sub(lambda found: "#not-in-a-test" if found[1] else found[2] or "", text)


def _moment(text: str) -> datetime | None:
    """Such as "2024-12-01T19:32:22.980Z" or "2024-12-01 19:32:22.980+00"; None for what is no moment."""
    try:
        at = datetime.fromisoformat(re.sub(r"([+-]\d\d)$", r"\1:00", text.strip().replace("Z", "+00:00")))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
