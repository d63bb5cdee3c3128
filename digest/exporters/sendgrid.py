"""SendGrid: a single send to your lists, with text part, tests and schedules."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from digest.exporters.base import Can, Draft, Remote, Service, State, Tags, syntax
from digest.exporters.base import Settings as Shared
from digest.services import languages
from digest.services.calls import Session, bearer


@dataclass(frozen=True, slots=True)
class Settings(Shared):
    #: The number of a verified sender: name, address and postal address of the mail come from there.
    sender: int = 0
    #: Ids of the lists and segments that get it.
    lists: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    #: All contacts get it.
    everybody: bool = False
    #: The number of the unsubscribe group that readers leave; 0 with an address of your own.
    unsubscribe_group: int = 0
    #: Where readers leave, in place of a group.
    unsubscribe_url: str = ""
    categories: tuple[str, ...] = ()


#: "triggered" is from the moment it begins to go out.
_STATES: Mapping[str, State] = {"draft": "draft", "scheduled": "scheduled", "triggered": "sent"}
#: Letters of a name: https://www.twilio.com/docs/sendgrid/api-reference/single-sends
_LONGEST_NAME = 100


def _tags(opens: str, closes: str) -> Tags:
    street, city, state, code = (f"{opens}Sender_{each}{closes}" for each in ("Address", "City", "State", "Zip"))
    return {
        "unsubscribe_url": "{{{unsubscribe}}}",
        # As in the module for this of SendGrid's own editor; from the sender that the single send is given.
        "postal_address": f"{street}, {city}, {state} {code}",
        "email": f"{opens}email{closes}",
        "first_name": lambda other: f"{{{{#if first_name}}}}{opens}first_name{closes}{{{{else}}}}{other}{{{{/if}}}}",
    }


#: Our own tags, in a test: the call that mails one fills none in.
_POSTAL = re.compile(r"\{\{\{?Sender_Address\}.*?Sender_Zip\}\}\}?")
_CHOICE = re.compile(r"\{\{#if \w+\}\}\{\{\{?\w+\}?\}\}\{\{else\}\}(.*?)\{\{/if\}\}", re.DOTALL)


class Exporter(Service):
    name = "SendGrid"
    settings_class = Settings
    example = "SG.0123456789"
    ours = ("send_at", "status", "name", "email_config.design_id", "email_config.editor")
    can = Can(
        preheader=False,
        test=True,
        schedule=True,
        unschedule=True,
        send=True,
        cannot=(
            "SendGrid takes the sender's name and all addresses from the sender that you made there (sender in "
            "digest.toml).",
            "SendGrid tests no single send of yours: a test is a mail of its own, with the fallback in place of each "
            "blank, from sender_email, which has to be verified there.",
        ),
    )
    html = syntax(languages.HANDLEBARS, _tags("{{", "}}"), encode=html.escape)
    # In a text nothing is HTML: O'Brien would become O&#x27;Brien.
    text = syntax(languages.HANDLEBARS, _tags("{{{", "}}}"))

    def __init__(self, settings: Settings, secret: str, session: Session) -> None:
        super().__init__(settings, secret, session)
        session.open(
            settings.url or "https://api.sendgrid.com/v3",
            headers=bearer(secret),
            home="sendgrid.com",
            fields={
                "email_config.sender_id": "sender in [export.sendgrid]",
                "sender_id": "sender in [export.sendgrid]",
                "send_to.all": "everybody in [export.sendgrid]",
                "categories": "categories in [export.sendgrid]",
                "email_config.subject": "the issue's subject",
                "subject": "the issue's subject",
                "send_at": "the time given with --schedule",
                "reply_to.email": "reply_to in [publication]",
                "send_to.list_ids": "lists in [export.sendgrid]",
                "send_to.segment_ids": "segments in [export.sendgrid]",
                "send_to": "lists, segments or everybody in [export.sendgrid]",
                "email_config.suppression_group_id": "unsubscribe_group in [export.sendgrid]",
                "email_config.custom_unsubscribe_url": "unsubscribe_url in [export.sendgrid]",
                "from": "sender_email in [publication], and has to be verified there for tests",
                "from.email": "sender_email in [publication], and has to be verified there for tests",
            },
        )

    def create(self, draft: Draft) -> Remote:
        # It is a draft until it is scheduled; a "send_at" here would have no effect, and there is none.
        return self._remote(self.session.make("/marketing/singlesends", self._single_send(draft)))

    def update(self, remote: Remote, draft: Draft) -> Remote:
        return self._remote(self.session.patch(f"/marketing/singlesends/{remote.id}", self._single_send(draft)))

    def read(self, id: str) -> Remote | None:  # noqa: A002
        found = self.session.find(f"/marketing/singlesends/{id}")
        return None if found is None else self._remote(found)

    def look_up(self, marker: str) -> Sequence[Remote]:
        def then(page: Any, count: int) -> Mapping[str, str] | None:
            if not isinstance(page.get("_metadata"), dict):
                raise self.unread("the end of its list")
            following = page["_metadata"].get("next")
            if not following:
                return None
            # An address of theirs; the key goes to ours, so that only the token is taken from it.
            token = parse_qs(urlsplit(str(following)).query).get("page_token")
            if not token:
                raise self.unread("the next page of its list")
            return {"page_token": token[0]}

        listed = self.session.listed("/marketing/singlesends", "result", then, page_size=50)
        return [self._remote(each) for each in listed if marker in (each.get("name") or "")]

    def missing(self, remote: Remote) -> Sequence[str]:
        own = self.settings
        lacks = [] if own.sender else ["sender is missing in [export.sendgrid]: who the mail comes from"]
        if not (own.lists or own.segments or own.everybody):
            lacks.append("lists, segments or everybody is missing in [export.sendgrid]: who gets it")
        if not (own.unsubscribe_group or own.unsubscribe_url):
            lacks.append("unsubscribe_group or unsubscribe_url is missing in [export.sendgrid]: how readers leave")
        told = self.session.get(f"/marketing/singlesends/{remote.id}").get("warnings")
        for each in told if isinstance(told, list) else ():
            lacks.append(" ".join(str(each[name]) for name in ("field", "message") if each.get(name)))
        return lacks

    def test(self, remote: Remote, draft: Draft, addresses: Sequence[str]) -> None:
        sender = {"email": draft.sender_email, "name": draft.sender_name}
        mail: dict[str, Any] = {
            # One an address, so that nobody sees the others.
            "personalizations": [{"to": [{"email": each}]} for each in addresses],
            "from": {name: value for name, value in sender.items() if value},
            "subject": f"[test] {_as_read(draft.subject)}",
            "content": [
                {"type": "text/plain", "value": _as_read(draft.text)},
                {"type": "text/html", "value": _as_read(draft.html)},
            ],
            "tracking_settings": {
                "click_tracking": {"enable": False, "enable_text": False},
                "open_tracking": {"enable": False},
                "subscription_tracking": {"enable": False},
            },
        }
        if draft.reply_to:
            mail["reply_to"] = {"email": draft.reply_to}
        self.session.act("/mail/send", mail)

    def schedule(self, remote: Remote, when: datetime) -> Remote:
        at = when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        self._send_at(remote, at)
        return Remote(remote.id, "scheduled", url=remote.url, when=when)

    def unschedule(self, remote: Remote) -> Remote:
        self.session.act(f"/marketing/singlesends/{remote.id}/schedule", method="DELETE")
        return Remote(remote.id, "draft", url=remote.url)

    def send(self, remote: Remote) -> Remote:
        self._send_at(remote, "now")
        return Remote(remote.id, "sending", url=remote.url)

    def _send_at(self, remote: Remote, at: str) -> None:
        self.session.act(f"/marketing/singlesends/{remote.id}/schedule", {"send_at": at}, method="PUT")

    def _single_send(self, draft: Draft) -> dict[str, Any]:
        own = self.settings
        send_to: dict[str, Any] = {"all": own.everybody}
        for name, ids in (("list_ids", own.lists), ("segment_ids", own.segments)):
            if ids:
                send_to[name] = [*ids]
        config: dict[str, Any] = {
            "subject": draft.subject,
            "html_content": draft.html,
            "plain_content": draft.text,
            "generate_plain_content": False,
            # The other editor rebuilds the HTML out of blocks of its own.
            "editor": "code",
        }
        given = {
            "sender_id": own.sender,
            "suppression_group_id": own.unsubscribe_group,
            "custom_unsubscribe_url": own.unsubscribe_url,
        }
        config |= {name: value for name, value in given.items() if value}
        room = _LONGEST_NAME - len(draft.marker) - 1
        payload: dict[str, Any] = {
            # Wanted even by a PATCH. The marker stands where it is never cut off.
            "name": f"{draft.title[:room].rstrip()} {draft.marker}",
            "send_to": send_to,
            "email_config": config,
        }
        if own.categories:
            payload["categories"] = [*own.categories]
        return self.payload(payload)

    def _remote(self, told: Any) -> Remote:
        held = told.get("email_config")
        names = {"subject": "subject", "HTML": "html_content", "text part": "plain_content"}
        # A list shows nothing of what it holds.
        parts = {ours: str(held.get(theirs) or "") for ours, theirs in names.items()} if held is not None else {}
        when = told.get("send_at")
        return Remote(
            id=str(told["id"]),
            state=self.state(_STATES, told.get("status")),
            parts=parts,
            url=f"https://mc.sendgrid.com/single-sends/{told['id']}/editor",
            when=datetime.fromisoformat(when.replace("Z", "+00:00")) if isinstance(when, str) and when else None,
        )


def _as_read(text: str) -> str:
    text = _CHOICE.sub(lambda found: found[1], text).replace("{{{unsubscribe}}}", "#not-in-a-test")
    text = _POSTAL.sub("(the sender's postal address)", text)
    return re.sub(r"\{\{\{?email\}?\}\}", "", text)
