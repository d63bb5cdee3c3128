"""Buttondown: an email in the archive, with tests and schedules; it makes its own text part."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from digest.exporters.base import Can, Draft, Remote, Service, State, Tags, syntax
from digest.exporters.base import Settings as Shared
from digest.models import Asset
from digest.services import languages
from digest.services.calls import Session, bearer

#: Without it HTML may be taken for Markdown.
_MODE = "<!-- buttondown-editor-mode: fancy -->"


@dataclass(frozen=True, slots=True)
class Settings(Shared):
    #: Whether Buttondown puts a frame around the mail: "naked" does not.
    template: Literal["naked", "modern", "classic", "plaintext", "custom"] = "naked"
    #: Who may read it in the archive.
    archive: Literal["enabled", "disabled", "enabled_for_subscribers", "enabled_for_paid_subscribers"] = "enabled"


#: What is in nobody's hands any more counts as sent.
_STATES: Mapping[str, State] = {
    "draft": "draft",
    "suppressed": "draft",
    "errored": "draft",
    "scheduled": "scheduled",
    "about_to_send": "sending",
    "in_flight": "sending",
    "throttled": "sending",
    "resending": "sending",
    "paused": "sending",
    "sent": "sent",
    "imported": "sent",
    "transactional": "sent",
    "managed_by_rss": "sent",
}

_TAGS: Tags = {
    "unsubscribe_url": "{{ unsubscribe_url }}",
    "view_url": "{{ email_url }}",
    "email": "{{ subscriber.email }}",
    "first_name": lambda other: (
        "{% if subscriber.metadata.first_name %}{{ subscriber.metadata.first_name }}{% else %}" + other + "{% endif %}"
    ),
}


class Exporter(Service):
    name = "Buttondown"
    settings_class = Settings
    ours = ("status", "publish_date", "metadata.digest_marker")
    can = Can(
        text=False,
        preheader=False,
        pictures=True,
        test=True,
        schedule=True,
        unschedule=True,
        send=True,
        max_subject=2000,
        cannot=(
            "Buttondown makes its own text part; yours is not used.",
            "Buttondown takes the sender's name and addresses from its own settings.",
        ),
    )
    html = syntax(languages.DJANGO, _TAGS, encode=html.escape)
    text = syntax(languages.DJANGO, _TAGS)

    def __init__(self, settings: Settings, secret: str, session: Session) -> None:
        super().__init__(settings, secret, session)
        if settings.template != "naked":
            # It goes into a frame: a document within a document would lose its styles, and there may be two footers.
            theirs = settings.template != "custom"
            has = frozenset({"unsubscribe_url"} if theirs else ())
            self.can = replace(self.can, fragment=True, footer=theirs, frame_has=has)  # type: ignore[misc]
        # From this version on a create without a status is a draft, and a sending has to be asked for by a header:
        # buttondown.com/blog/2026-03-07-safer-email-api-defaults. Before, it went to the whole list.
        session.open(
            settings.url or "https://api.buttondown.com/v1",
            headers={**bearer(secret, "Token"), "X-API-Version": "2026-04-01"},
            home="buttondown.com",
            fields={
                "subject": "the issue's subject",
                "body": "the mail itself",
                "template": "template in [export.buttondown]",
                "archival_mode": "archive in [export.buttondown]",
                "secondary_id": "the issue's number",
                "publish_date": "the time given with --schedule",
            },
        )

    def create(self, draft: Draft) -> Remote:
        return self._remote(self.session.make("/emails", {**self._email(draft), "status": "draft"}))

    def update(self, remote: Remote, draft: Draft) -> Remote:
        return self._remote(self.session.patch(f"/emails/{remote.id}", {**self._email(draft), "status": "draft"}))

    def read(self, id: str) -> Remote | None:  # noqa: A002
        found = self.session.find(f"/emails/{id}")
        return None if found is None or found.get("status") == "deleted" else self._remote(found)

    def look_up(self, marker: str) -> Sequence[Remote]:
        return [
            self._remote(each)
            for each in self.session.pages("/emails", "results", per_page="", ordering="-creation_date")
            if (each.get("metadata") or {}).get("digest_marker") == marker and each.get("status") != "deleted"
        ]

    def upload(self, asset: Asset) -> str:
        made = self.session.upload("/images", {"image": (asset.name, asset.content, asset.media_type)})
        return str(made["image"])

    def test(self, remote: Remote, draft: Draft, addresses: Sequence[str]) -> None:
        self.session.act(f"/emails/{remote.id}/send-draft", {"recipients": [*addresses]})

    def schedule(self, remote: Remote, when: datetime) -> Remote:
        at = when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return self._live(remote, {"status": "scheduled", "publish_date": at})

    def unschedule(self, remote: Remote) -> Remote:
        json = {"status": "draft", "publish_date": "none"}
        return self._remote(self.session.act(f"/emails/{remote.id}", json, method="PATCH"))

    def send(self, remote: Remote) -> Remote:
        return self._live(remote, {"status": "about_to_send"})

    def _live(self, remote: Remote, json: Mapping[str, Any]) -> Remote:
        told = self.session.act(
            f"/emails/{remote.id}", json, method="PATCH", headers={"X-Buttondown-Live-Dangerously": "true"}
        )
        return self._remote(told)

    def _email(self, draft: Draft) -> dict[str, Any]:
        email = {
            "subject": draft.subject,
            "body": f"{_MODE}\n{draft.html}",
            "template": self.settings.template,
            "archival_mode": self.settings.archive,
            "metadata": {"digest_marker": draft.marker, "digest_issue": draft.slug},
        }
        if draft.number:
            email["secondary_id"] = draft.number
        return self.payload(email)

    def _remote(self, told: Any) -> Remote:
        body = str(told.get("body") or "")
        when = told.get("publish_date")
        return Remote(
            id=str(told["id"]),
            state=self.state(_STATES, told.get("status")),
            parts={"subject": str(told.get("subject") or ""), "HTML": body.removeprefix(_MODE)},
            url=f"https://buttondown.com/emails/{told['id']}",
            archive_url=str(told.get("absolute_url") or ""),
            when=datetime.fromisoformat(when.replace("Z", "+00:00")) if isinstance(when, str) and when else None,
        )
