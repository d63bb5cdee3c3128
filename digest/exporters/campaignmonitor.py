"""Campaign Monitor: a campaign to your lists, fetched from your own web space; your text part, tests and schedules."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Any

from digest.errors import DigestError
from digest.exporters.base import Can, Draft, Fingerprint, Remote, Service, State, Tags, fingerprint, syntax
from digest.exporters.base import Settings as Shared
from digest.services import languages, link_elements, published, zones
from digest.services.calls import Pretended, Session, basic
from digest.services.errors import CannotDo, Collision, ServiceError, UnknownOutcome


@dataclass(frozen=True, slots=True)
class Settings(Shared):
    #: The id of the client, 32 digits and letters.
    client: str = ""
    #: Ids of lists, or in their place of segments.
    lists: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    #: Where on your own web space the mail's HTML is, the text beside it: "https://.../{slug}-{version}.html".
    pages_url: str = ""
    #: Who is told that it went out; the address for replies if left out.
    confirmation: str = ""
    #: That of the client there, as in "Europe/Copenhagen", where its words for it are none that we know.
    timezone: str = ""


#: HTML: https://help.campaignmonitor.com/articles/Knowledge/unsubscribe-links-in-emails says that in HTML of one's own
#: it is the element <unsubscribe> and only in a text part the word [unsubscribe]; with the word alone HTML is refused
#: (code 318). What the element looks like is said by its style, as templates of theirs do.
_TAGS: Tags = {
    "unsubscribe_url": "[unsubscribe]",
    "view_url": "[webversion]",
    "email": "[email]",
    # Inside the tag nothing can be escaped.
    "first_name": lambda other: "[firstname,fallback=" + re.sub(r"&#91;|[\[\]\u2060]", "", other) + "]",
}
#: Those of them that are elements in HTML.
_ELEMENTS = frozenset({"unsubscribe", "webversion"})

#: The HTML's fingerprint, in the campaign's name: no call shows the HTML of a draft as it was fetched.
_HTML = re.compile(r" html-([0-9a-f]{24})\b")

#: What of ours a refusal concerns, by its code. https://www.campaignmonitor.com/api/v3-3/campaigns/
_OURS: Mapping[str, str] = {
    **dict.fromkeys(("102", "100"), "the key, or client in [export.campaignmonitor]"),
    "303": "a draft of the very same issue, which is found by its name when you export again",
    "305": "sender_name in [publication]",
    **dict.fromkeys(("307", "322", "323", "324"), "sender_email in [publication]"),
    **dict.fromkeys(("308", "309", "325", "326"), "reply_to in [publication]"),
    **dict.fromkeys(("310", "311", "312", "316"), "what it found at pages_url in [export.campaignmonitor]"),
    "313": "lists in [export.campaignmonitor]",
    "314": "segments in [export.campaignmonitor]",
    "315": "lists or segments in [export.campaignmonitor]",
    **dict.fromkeys(("338", "339"), "confirmation in [export.campaignmonitor]"),
}


class NotReplaced(DigestError):
    """Raised when the old draft is deleted, and the new one was refused."""

    exit_code = 5

    def __init__(self, error: ServiceError) -> None:
        super().__init__(
            error.what, hint=f"The draft from before is deleted; export again once this is mended. {error.hint}".strip()
        )


#: What nothing goes without, and where an editor finds it.
_WANTED = {
    "client": 'Write  client = "..."  there; Campaign Monitor shows the id on its page of API keys.',
    "pages_url": "Write where on your own site it can fetch the mail, such as  "
    'pages_url = "https://example.org/mail/{slug}-{version}.html".',
}


class Exporter(Service):
    name = "Campaign Monitor"
    settings_class = Settings
    checks = {  # noqa: RUF012
        "client": lambda value: "" if re.fullmatch(r"[0-9A-Za-z]*", value) else "the client's id, digits and letters",
        "pages_url": published.wanted,
        "timezone": lambda value: "" if not value or zones.named(value) else 'a time zone such as "Europe/Copenhagen"',
    }
    ours = ("Name", "HtmlUrl", "TextUrl")
    can = Can(
        preheader=False,
        footer=True,  # "If you don't include an unsubscribe tag, we'll add a footer": the page on unsubscribe links.
        replaces=True,
        test=True,
        schedule=True,
        unschedule=True,
        send=True,
        cannot=(
            "Campaign Monitor takes no mail but fetches it from the web: digest writes the HTML and the text for you "
            "to publish, looks whether they are there, and makes the draft when they are.",
            "Campaign Monitor changes no draft: an export that has something new deletes it and makes another.",
            "Campaign Monitor never shows digest the HTML it holds: what you change in it there, the next export that "
            "has something new throws away.",
        ),
    )
    html = syntax(languages.BRACKETS, _TAGS, encode=html.escape)
    text = syntax(languages.BRACKETS, _TAGS)

    def __init__(self, settings: Settings, secret: str, session: Session) -> None:
        super().__init__(settings, secret, session)
        for key, hint in _WANTED.items():
            if not getattr(settings, key):
                raise DigestError(f'[export.campaignmonitor] lacks "{key}".', hint=hint)
        session.open(
            settings.url or "https://api.createsend.com/api/v3.3",
            headers=basic(secret, "x"),  # the password counts for nothing
            home="createsend.com",
            fields=_OURS,
        )

    @property
    def account(self) -> str:
        return f"{super().account}/clients/{self.settings.client}"

    def pages(self, draft: Draft) -> Mapping[str, str]:
        content = link_elements.written(draft.html, _ELEMENTS)
        return published.pages(self.settings.pages_url, draft.slug, content, draft.text)

    def create(self, draft: Draft) -> Remote:
        published.check(self.session, self.pages(draft))
        return self._made(draft)

    def update(self, remote: Remote, draft: Draft) -> Remote:
        published.check(self.session, self.pages(draft))
        # A campaign that was scheduled or sent goes as easily as a draft, so it is looked at once more.
        now = self.read(remote.id)
        if now is None or now.state != "draft":
            raise Collision(self.name, "It is no draft any more: it was sent, scheduled or deleted just now.")
        # No call changes a campaign. First the old one: two of them would be one too many if we were stopped between.
        self.session.delete(f"/campaigns/{remote.id}.json")
        try:
            return self._made(draft)
        except UnknownOutcome:
            raise
        except ServiceError as error:
            raise NotReplaced(error) from error

    def read(self, id: str) -> Remote | None:  # noqa: A002
        if self.session.dry == "shown":
            list(self._listed())
            return Remote(id)
        return next((self._remote(told, state) for told, state in self._listed() if told["CampaignID"] == id), None)

    def look_up(self, marker: str) -> Sequence[Remote]:
        return [self._remote(told, state) for told, state in self._listed() if marker in (told.get("Name") or "")]

    def test(self, remote: Remote, draft: Draft, addresses: Sequence[str]) -> None:
        asked = {"PreviewRecipients": [*addresses], "Personalize": "Fallback"}
        self.session.act(f"/campaigns/{remote.id}/sendpreview.json", asked)

    def schedule(self, remote: Remote, when: datetime) -> Remote:
        # "This date should be in the users timezone", says the page of the older Campaign.Send; the list of what is
        # scheduled names that of the client. To the minute.
        told = self.session.get(f"/clients/{self.settings.client}.json")["BasicDetails"]["TimeZone"]
        zone = self._zone(told)
        if zone is None:
            what = f'Campaign Monitor takes times in its client\'s time zone, and calls it "{told}".'
            raise CannotDo(self.name, what, hint="Say with timezone in [export.campaignmonitor] which one that is.")
        there = when.astimezone(zone)
        if there.replace(fold=0).utcoffset() != there.replace(fold=1).utcoffset():
            what = f"{there:%H:%M} comes twice that night, as the clocks go back; Campaign Monitor could take either."
            raise CannotDo(self.name, what, hint="Choose an hour that comes once.")
        self._send(remote, f"{there:%Y-%m-%d %H:%M}")
        return replace(remote, state="scheduled", when=when.astimezone(UTC))

    def unschedule(self, remote: Remote) -> Remote:
        self.session.act(f"/campaigns/{remote.id}/unschedule.json", {})
        return replace(remote, state="draft", when=None)

    def send(self, remote: Remote) -> Remote:
        self._send(remote, "Immediately")
        return replace(remote, state="sending")

    def _send(self, remote: Remote, date: str) -> None:
        replies = (told["ReplyTo"] for told, _ in self._listed() if told["CampaignID"] == remote.id)
        asked = {"ConfirmationEmail": self.settings.confirmation or next(replies, ""), "SendDate": date}
        self.session.act(f"/campaigns/{remote.id}/send.json", asked)

    def _zone(self, told: Any) -> tzinfo | None:
        return zones.zone(str(told), chosen=self.settings.timezone)

    def _made(self, draft: Draft) -> Remote:
        address, *text = self.pages(draft)
        own = self.settings
        # A campaign is a draft until it is sent or scheduled; there is no word to say so.
        campaign: dict[str, Any] = {
            "Name": f"{draft.title[:60]} {draft.marker} html-{fingerprint(draft.html)}",
            "Subject": draft.subject,
            "FromName": draft.sender_name or draft.sender_email,
            "FromEmail": draft.sender_email,
            "ReplyTo": draft.reply_to or draft.sender_email,
            "HtmlUrl": address,
            # Done already; left out it would be done once more.
            "InlineCss": False,
        }
        if text:
            campaign["TextUrl"] = text[0]
        # One of the two: "If you are using the SegmentIDs section, remove the ListIDs section".
        campaign |= {"SegmentIDs": [*own.segments]} if own.segments else {"ListIDs": [*own.lists]}
        path = f"/campaigns/{own.client}.json"
        made = self.session.make(path, self.payload(campaign))
        if not made or not isinstance(made, str | Pretended):
            raise UnknownOutcome(self.name, f"POST {path}", "its answer names no campaign")
        return Remote(id=str(made))

    def _listed(self) -> Iterator[tuple[Any, State]]:
        """Every campaign: a list each of drafts, of what is scheduled and of what was sent, in the order it goes.

        No call tells of one draft alone. https://www.campaignmonitor.com/api/v3-3/clients/
        """
        client = f"/clients/{self.settings.client}"
        states: tuple[tuple[str, State], ...] = (("drafts", "draft"), ("scheduled", "scheduled"))
        for place, state in states:
            found = self.session.get(f"{client}/{place}.json")
            if not isinstance(found, list | Pretended):
                raise self.unread(f"a list of {place}")
            yield from ((told, state) for told in found)

        def then(answer: Any, count: int) -> Mapping[str, int] | None:
            page, last = answer.get("PageNumber"), answer.get("NumberOfPages")
            if not isinstance(page, int) or not isinstance(last, int):
                raise self.unread("the end of its list")
            return {"page": page + 1} if page < last else None

        sent = self.session.listed(f"{client}/campaigns.json", "Results", then, page=1, pagesize=1000)
        yield from ((told, "sent") for told in sent)

    def _remote(self, told: Any, state: State) -> Remote:
        parts: dict[str, str] = {"subject": told.get("Subject") or ""}
        if found := _HTML.search(told.get("Name") or ""):
            parts["HTML"] = Fingerprint(found[1])
        zone = self._zone(told.get("ScheduledTimeZone") or "")
        when = told.get("DateScheduled") if zone is not None else None
        return Remote(
            id=str(told["CampaignID"]),
            state=state,
            parts=parts,
            url=str(told.get("PreviewURL") or ""),
            archive_url=str(told.get("WebVersionURL") or ""),
            when=datetime.fromisoformat(when).replace(tzinfo=zone).astimezone(UTC) if when else None,
        )
