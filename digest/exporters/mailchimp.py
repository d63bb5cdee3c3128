"""Mailchimp: a campaign in an audience, with text part, preheader, tests and schedules."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from digest.exporters.base import Can, Draft, Remote, Service, State, Tags, syntax
from digest.exporters.base import Settings as Shared
from digest.models import Asset
from digest.services import languages
from digest.services.calls import Session, basic


@dataclass(frozen=True, slots=True)
class Settings(Shared):
    #: The audience's id, from Audience > Settings on Mailchimp's pages.
    list: str = ""
    #: A saved segment of the audience; 0 for all of it.
    segment: int = 0
    folder: str = ""
    #: Who a mail says that it is to.
    to_name: str = "*|FNAME|*"
    track_opens: bool = False
    track_clicks: bool = False
    #: Mailchimp's own UTM campaign; then digest adds none.
    google_analytics: str = ""


_STATES: Mapping[str, State] = {
    "save": "draft",
    "paused": "draft",
    # Some have it already.
    "canceled": "sent",
    "schedule": "scheduled",
    "sending": "sending",
    "canceling": "sending",
    "sent": "sent",
    "archived": "sent",
}

_TAGS: Tags = {
    "unsubscribe_url": "*|UNSUB|*",
    "view_url": "*|ARCHIVE|*",
    "email": "*|EMAIL|*",
    # On one line. The other tag for it, HTML:LIST_ADDRESS_HTML, is a block with a link to an address book, and ends
    # the paragraph that it stands in.
    "postal_address": "*|LIST:ADDRESSLINE|*",
    "first_name": lambda other: f"*|IF:FNAME|**|FNAME|**|ELSE:|*{other}*|END:IF|*",
}


class Exporter(Service):
    name = "Mailchimp"
    settings_class = Settings
    example = "0123456789abcdef-us1"
    # The newer of its editors ("multichannel") and templates ignore HTML; the title is where the draft is found by.
    ours = ("type", "content_type", "schedule_time", "settings.title", "settings.template_id")
    can = Can(
        pictures=True,
        test=True,
        schedule=True,
        unschedule=True,
        send=True,
        quarter_hours=True,
        cannot=(
            "A campaign that was once opened in Mailchimp's drag-and-drop editor no longer takes our HTML.",
            "Mailchimp has one address for sender and replies: reply_to where you give one, else sender_email.",
        ),
    )
    html = syntax(languages.BARS, _TAGS, encode=html.escape)
    text = syntax(languages.BARS, _TAGS)

    def __init__(self, settings: Settings, secret: str, session: Session) -> None:
        super().__init__(settings, secret, session)
        # The key ends in the data centre where the account lives.
        self.centre = secret.rpartition("-")[2] if "-" in secret else ""
        if not self.centre.isalnum() and not settings.url:
            raise self.cannot("be found by this key, which should end in something like -us21. It cannot be used")
        session.open(
            settings.url or f"https://{self.centre}.api.mailchimp.com/3.0",
            headers=basic("digest", secret),
            home="mailchimp.com",
            fields={
                "settings.reply_to": "reply_to (or sender_email) in [publication], and has to be verified there",
                "settings.from_name": "sender_name in [publication]",
                "recipients.list_id": "list in [export.mailchimp]",
                "settings.folder_id": "folder in [export.mailchimp]",
                "settings.to_name": "to_name in [export.mailchimp]",
                "recipients.segment_opts.saved_segment_id": "segment in [export.mailchimp]",
                "recipients.segment_opts": "segment in [export.mailchimp]",
                "tracking.opens": "track_opens in [export.mailchimp]",
                "tracking.html_clicks": "track_clicks in [export.mailchimp]",
                "tracking.text_clicks": "track_clicks in [export.mailchimp]",
                "tracking.google_analytics": "google_analytics in [export.mailchimp]",
                "settings.subject_line": "the issue's subject",
                "settings.preview_text": "the issue's preheader",
                "schedule_time": "the time given with --schedule",
            },
        )

    @property
    def tags_links(self) -> bool:
        more = self.settings.extra.get("tracking") or {}
        return bool(self.settings.google_analytics or more.get("google_analytics"))

    def create(self, draft: Draft) -> Remote:
        made = self.session.make("/campaigns", {"type": "regular", **self._campaign(draft)})
        # Never a template_id: a campaign that ever had one ignores the HTML it is given later
        # (github.com/mailchimp/mailchimp-client-lib-codegen, issues 34 and 176).
        return self._remote(made, whole=False)

    def update(self, remote: Remote, draft: Draft) -> Remote:
        path = f"/campaigns/{remote.id}"
        changed = self.session.patch(path, self._campaign(draft))
        self.session.put(f"{path}/content", {"html": draft.html, "plain_text": draft.text})
        return self._remote(changed)

    def read(self, id: str) -> Remote | None:  # noqa: A002
        found = self.session.find(f"/campaigns/{id}")
        if found is None:
            return None
        content = self.session.get(f"/campaigns/{id}/content", fields="html,plain_text")
        return self._remote(found, content=content)

    def look_up(self, marker: str) -> Sequence[Remote]:
        def then(page: Any, count: int) -> Mapping[str, int] | None:
            total = page.get("total_items")
            if not isinstance(total, int):
                raise self.unread("the number of campaigns")
            return {"offset": count} if count < total and page.get("campaigns") else None

        newest = {"sort_field": "create_time", "sort_dir": "DESC"}
        return [
            self._remote(each)
            for each in self.session.listed("/campaigns", "campaigns", then, count=100, **newest)
            if marker in (each.get("settings") or {}).get("title", "")
        ]

    def missing(self, remote: Remote) -> Sequence[str]:
        told = self.session.get(f"/campaigns/{remote.id}/send-checklist")
        items = [each for each in told.get("items", []) if isinstance(each, dict)]
        # What keeps it from being sent, then what Mailchimp would have you look at.
        return [
            ": ".join(str(each[name]) for name in ("heading", "details") if each.get(name))
            for kind in ("error", "warning")
            for each in items
            if each.get("type") == kind
        ]

    def upload(self, asset: Asset) -> str:
        content = base64.b64encode(asset.content).decode("ascii")
        made = self.session.upload("/file-manager/files", json={"name": asset.name, "file_data": content})
        return str(made["full_size_url"])

    def test(self, remote: Remote, draft: Draft, addresses: Sequence[str]) -> None:
        for kind in ("html", "plaintext"):
            self.session.act(f"/campaigns/{remote.id}/actions/test", {"test_emails": [*addresses], "send_type": kind})

    def schedule(self, remote: Remote, when: datetime) -> Remote:
        at = when.astimezone(UTC).isoformat(timespec="seconds")
        self.session.act(f"/campaigns/{remote.id}/actions/schedule", {"schedule_time": at})
        return Remote(remote.id, "scheduled", url=remote.url, when=when)

    def unschedule(self, remote: Remote) -> Remote:
        self.session.act(f"/campaigns/{remote.id}/actions/unschedule")
        return Remote(remote.id, "draft", url=remote.url)

    def send(self, remote: Remote) -> Remote:
        self.session.act(f"/campaigns/{remote.id}/actions/send")
        return Remote(remote.id, "sending", url=remote.url)

    def _campaign(self, draft: Draft) -> dict[str, Any]:
        own = self.settings
        recipients: dict[str, Any] = {"list_id": own.list} if own.list else {}
        if own.segment:
            recipients["segment_opts"] = {"saved_segment_id": own.segment}
        settings = {
            "title": f"{draft.title} {draft.marker}",
            "subject_line": draft.subject,
            "preview_text": draft.preheader,
            "from_name": draft.sender_name,
            # It is the From address too.
            "reply_to": draft.reply_to or draft.sender_email,
            "to_name": own.to_name,
            "auto_footer": False,
            "inline_css": False,
        }
        if own.folder:
            settings["folder_id"] = own.folder
        tracking = {"opens": own.track_opens, "html_clicks": own.track_clicks, "text_clicks": own.track_clicks}
        if own.google_analytics:
            tracking["google_analytics"] = own.google_analytics
        payload: dict[str, Any] = {"settings": settings, "tracking": tracking}
        if recipients:
            payload["recipients"] = recipients
        return self.payload(payload)

    def _remote(self, told: Any, *, whole: bool = True, content: Any = None) -> Remote:
        settings = told.get("settings") or {}
        parts = {"subject": settings.get("subject_line") or "", "preheader": settings.get("preview_text") or ""}
        if content is not None:
            parts |= {"HTML": content.get("html") or "", "text part": content.get("plain_text") or ""}
            whole = bool(parts["HTML"])
        sent_at = told.get("send_time")
        return Remote(
            id=str(told["id"]),
            state=self.state(_STATES, told.get("status")),
            parts=parts if content is not None else {},
            url=f"https://{self.centre or 'us1'}.admin.mailchimp.com/campaigns/show/?id={told.get('web_id', '')}",
            archive_url=str(told.get("long_archive_url") or told.get("archive_url") or ""),
            when=datetime.fromisoformat(sent_at) if isinstance(sent_at, str) and sent_at else None,
            whole=whole,
        )
