"""Brevo: a campaign to your lists, with preheader, tests and schedules; it makes its own text part."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from digest.exporters.base import Can, Draft, Remote, Service, State, Tags, syntax
from digest.exporters.base import Settings as Shared
from digest.services import languages
from digest.services.calls import Pretended, Session
from digest.services.errors import CannotDo, ServiceError


@dataclass(frozen=True, slots=True)
class Settings(Shared):
    #: Numbers of the lists that get it, as Contacts > Lists shows them.
    lists: tuple[int, ...] = ()
    segments: tuple[int, ...] = ()
    #: Lists whose contacts do not get it.
    without: tuple[int, ...] = ()
    #: The number of a sender, instead of sender_email.
    sender: int = 0
    #: Who a mail says that it is to, such as "{{contact.FIRSTNAME}}".
    to_field: str = ""
    tag: str = ""
    #: Brevo adds UTM parameters by itself, because its Google Analytics is switched on; then digest adds none.
    adds_utm: bool = False


#: The SDK spells two of them in both ways.
_STATES: Mapping[str, State] = {
    "draft": "draft",
    "queued": "scheduled",
    # Stopped on its way: some may have it.
    "suspended": "sending",
    "in_process": "sending",
    "inProcess": "sending",
    "in_review": "sending",
    "inReview": "sending",
    "cancelling": "sending",
    "cancelled": "sent",
    "sent": "sent",
    "archive": "sent",
}

#: Brevo's newer language alone. Which of its two it reads a mail in, it decides by subject, HTML, sender and toField
#: together, so no word of the older one ([UNSUBSCRIBE], {FNAME}) may stand anywhere.
_TAGS: Tags = {
    "unsubscribe_url": "{{ unsubscribe }}",
    "view_url": "{{ mirror }}",
    "email": "{{ contact.EMAIL }}",
    "first_name": lambda other: "{% if contact.FIRSTNAME %}{{ contact.FIRSTNAME }}{% else %}" + other + "{% endif %}",
}

#: `{FNAME}` and `[FNAME]`.
_OLDER = re.compile(r"(?<!\{)\{ *[A-Z_]+ *\}(?!\})|\[[A-Z_]+\]")

_PAGE = 100


class Exporter(Service):
    name = "Brevo"
    settings_class = Settings
    example = "xkeysib-0123456789abcdef"
    ours = ("scheduledAt", "sendAtBestTime", "htmlUrl", "templateId", "abTesting", "name")
    can = Can(
        text=False,
        test=True,
        schedule=True,
        unschedule=True,
        send=True,
        max_bytes=999_999,
        cannot=(
            "Brevo makes its own text part; yours is not used.",
            "Brevo mails a test only to addresses on its test list, and 50 a day.",
            "Brevo hosts pictures only of what is on the web already.",
        ),
    )
    html = syntax(languages.BREVO, _TAGS, encode=html.escape)
    text = syntax(languages.BREVO, _TAGS)

    def __init__(self, settings: Settings, secret: str, session: Session) -> None:
        super().__init__(settings, secret, session)
        if _OLDER.search(settings.to_field):
            raise CannotDo(
                self.name,
                f'to_field in [export.brevo] is "{settings.to_field}", which is in the older of Brevo\'s languages.',
                hint='The mail is in the newer one, and Brevo reads only one of them: write  "{{contact.FIRSTNAME}}".',
            )
        session.open(
            settings.url or "https://api.brevo.com/v3",
            headers={"api-key": secret},
            home="brevo.com",
            # Its refusals are sentences that name no field.
            fields={
                "sender is invalid": "sender_email in [publication] (or sender in [export.brevo]), which has to be a "
                "sender there, under Senders",
                "list id": "lists or without in [export.brevo]",
                "segment id": "segments in [export.brevo]",
                "reply to": "reply_to in [publication]",
            },
        )

    @property
    def tags_links(self) -> bool:
        return bool(self.settings.adds_utm) or any(name.startswith("utm") for name in self.settings.extra)

    def create(self, draft: Draft) -> Remote:
        # Without scheduledAt it is a draft; there is no word to say so.
        made = self.session.make("/emailCampaigns", self._campaign(draft))
        return Remote(str(made["id"]), parts={}, url=_page(made["id"]))

    def update(self, remote: Remote, draft: Draft) -> Remote:
        self.session.put(f"/emailCampaigns/{remote.id}", self._campaign(draft))  # 204, without a word
        return Remote(remote.id, parts={}, url=remote.url)

    def read(self, id: str) -> Remote | None:  # noqa: A002
        found = self.session.find(f"/emailCampaigns/{id}")
        return None if found is None else self._remote(found)

    def look_up(self, marker: str) -> Sequence[Remote]:
        found: list[Remote] = []
        offset = 0
        while True:
            # A key has few hundred requests an hour: large pages, without what makes them heavy.
            page = self.session.get(
                "/emailCampaigns", limit=_PAGE, offset=offset, sort="desc", excludeHtmlContent="true"
            )
            if isinstance(page, Pretended):
                return []
            total, campaigns = page.get("count"), page.get("campaigns", [])
            if not isinstance(total, int) or not isinstance(campaigns, list):
                raise self.unread("the number of campaigns")
            found += [self._remote(each, listed=True) for each in campaigns if marker in (each.get("name") or "")]
            # By what came, not by what was asked for: nothing is passed over should Brevo give fewer.
            offset += len(campaigns)
            if offset >= total:
                return found
            if not campaigns:
                raise self.unread("the end of its list")

    def test(self, remote: Remote, draft: Draft, addresses: Sequence[str]) -> None:
        if not addresses:
            # Without an address Brevo mails everybody on its test list.
            raise self.cannot("mail a test to nobody")
        try:
            self.session.act(f"/emailCampaigns/{remote.id}/sendTest", {"emailTo": [*addresses]})
        except ServiceError as error:
            if error.status == 400 and not error.hint:
                error.hint = "Put the addresses on your test list there; and there are 50 tests a day."
            raise

    def schedule(self, remote: Remote, when: datetime) -> Remote:
        at = when.astimezone(UTC).isoformat(timespec="milliseconds")
        self.session.act(f"/emailCampaigns/{remote.id}", {"scheduledAt": at}, method="PUT")
        return Remote(remote.id, "scheduled", url=remote.url, when=when)

    def unschedule(self, remote: Remote) -> Remote:
        self.session.act(f"/emailCampaigns/{remote.id}/status", {"status": "draft"}, method="PUT")
        return Remote(remote.id, "draft", url=remote.url)

    def send(self, remote: Remote) -> Remote:
        self.session.act(f"/emailCampaigns/{remote.id}/sendNow")
        return Remote(remote.id, "sending", url=remote.url)

    def _campaign(self, draft: Draft) -> dict[str, Any]:
        own = self.settings
        chosen = {"listIds": own.lists, "segmentIds": own.segments, "exclusionListIds": own.without}
        name = languages.BREVO.text(draft.sender_name)
        campaign: dict[str, Any] = {
            "name": f"{draft.title} {draft.marker}",
            "subject": draft.subject,
            "previewText": draft.preheader,
            "sender": {"id": own.sender} if own.sender else {"name": name, "email": draft.sender_email},
            "htmlContent": draft.html,
            "mirrorActive": True,
            "inlineImageActivation": False,
        }
        for name, value in (("replyTo", draft.reply_to), ("toField", own.to_field), ("tag", own.tag)):
            if value:
                campaign[name] = value
        if recipients := {name: [*ids] for name, ids in chosen.items() if ids}:
            campaign["recipients"] = recipients
        return self.payload(campaign)

    def _remote(self, told: Any, *, listed: bool = False) -> Remote:
        parts = {"subject": told.get("subject") or "", "preheader": told.get("previewText") or ""}
        if not listed:
            parts["HTML"] = told.get("htmlContent") or ""
        when = told.get("scheduledAt") or told.get("sentDate")
        shared = str(told.get("shareLink") or "")
        return Remote(
            id=str(told["id"]),
            state=self.state(_STATES, told.get("status")),
            parts=parts,
            url=_page(told["id"]),
            # Before it is sent a sentence stands there.
            archive_url=shared if shared.startswith("https://") else "",
            when=datetime.fromisoformat(when.replace("Z", "+00:00")) if isinstance(when, str) and when else None,
        )


def _page(id: Any) -> str:  # noqa: A002
    return f"https://app.brevo.com/marketing-campaign/edit/{id}"
