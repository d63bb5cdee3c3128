"""Keila: a campaign on your own server or in Keila's cloud, with schedules; it makes its own text part."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from digest.exporters.base import Can, Draft, Remote, Service, State, Tags, syntax
from digest.exporters.base import Settings as Shared
from digest.services import languages
from digest.services.calls import Session, bearer
from digest.services.errors import CannotDo


@dataclass(frozen=True, slots=True)
class Settings(Shared):
    #: Who sends it, by the id in the address of the sender's page: "ms_...".
    sender: str = ""
    #: Who gets it, "sgm_..."; without one all contacts do.
    segment: str = ""
    #: The project's id, "p_...", so that digest can say where the draft is to be seen.
    project: str = ""
    #: Opens and clicks are counted; then Keila writes all of the HTML anew, and every link leads through it.
    track: bool = False


_TAGS: Tags = {
    "unsubscribe_url": "{{ unsubscribe_link }}",
    "email": "{{ contact.email }}",
    "first_name": lambda other: (
        "{% if contact.first_name and contact.first_name != '' %}{{ contact.first_name }}{% else %}"
        + other
        + "{% endif %}"
    ),
}


class Exporter(Service):
    name = "Keila"
    settings_class = Settings
    ours = ("scheduled_for", "sent_at", "settings.type", "data.digest_marker")
    can = Can(
        # A campaign of the type "html" gets both from its HTML alone, whatever else it was given:
        # lib/keila/mailings/renderer/body_renderer/html.ex in pentacent/keila.
        text=False,
        preheader=False,
        schedule=True,
        unschedule=True,
        send=True,
        cannot=(
            "Keila makes its own text part, all on one line; yours is not used.",
            "Keila takes the sender's name and addresses from the sender that you made there (sender in digest.toml).",
            "Keila sends no test that is asked for from here; its own page of the draft does.",
        ),
    )
    html = syntax(languages.LIQUID, _TAGS, encode=html.escape)
    text = syntax(languages.LIQUID, _TAGS)

    def __init__(self, settings: Settings, secret: str, session: Session) -> None:
        super().__init__(settings, secret, session)
        self.site = (settings.url or "https://app.keila.io").rstrip("/").removesuffix("/api/v1")
        session.open(
            f"{self.site}/api/v1",
            headers=bearer(secret),
            home="" if settings.url else "keila.io",
            fields={
                "/data/attributes/subject": "the issue's subject",
                "/data/attributes/sender": "sender in [export.keila]",
                "/data/attributes/segment": "segment in [export.keila]",
                "/data/sender_id": "sender in [export.keila]",
                "/data/segment_id": "segment in [export.keila]",
                "/data/settings/type": "html campaigns, which only newer versions of Keila have",
            },
        )

    def create(self, draft: Draft) -> Remote:
        # A campaign goes out by a call of its own alone; there is no word for a draft.
        return self._remote(self.session.make("/campaigns", {"data": self._campaign(draft)}))

    def update(self, remote: Remote, draft: Draft) -> Remote:
        return self._remote(self.session.patch(f"/campaigns/{remote.id}", {"data": self._campaign(draft)}))

    def read(self, id: str) -> Remote | None:  # noqa: A002
        found = self.session.find(f"/campaigns/{id}")
        return None if found is None else self._remote(found)

    def look_up(self, marker: str) -> Sequence[Remote]:
        # All of them at once: this list has no pages.
        answer = self.session.get("/campaigns")
        found = answer.get("data")
        if not isinstance(found, list):
            if self.session.dry == "shown":
                return []
            raise self.unread("a list of campaigns")
        meta = answer.get("meta")
        if isinstance(meta, dict) and int(meta.get("page_count") or 1) > 1:
            raise self.unread("the end of its list")
        marked = [each for each in found if (each.get("data") or {}).get("digest_marker") == marker]
        return [self._remote({"data": each}) for each in marked]

    def missing(self, remote: Remote) -> Sequence[str]:
        return () if self._has_sender(remote) else ["sender is missing in [export.keila]: who the mail comes from"]

    def schedule(self, remote: Remote, when: datetime) -> Remote:
        self._need_sender(remote)
        at = when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return self._schedule(remote, {"scheduled_for": at})

    def unschedule(self, remote: Remote) -> Remote:
        # No time at all is what takes it back. Null is what Keila's own schema refuses.
        return self._schedule(remote, {})

    def send(self, remote: Remote) -> Remote:
        self._need_sender(remote)
        self.session.act(f"/campaigns/{remote.id}/actions/send")
        return Remote(remote.id, "sending", url=remote.url)

    def _schedule(self, remote: Remote, data: dict[str, str]) -> Remote:
        return self._remote(self.session.act(f"/campaigns/{remote.id}/actions/schedule", {"data": data}))

    def _need_sender(self, remote: Remote) -> None:
        """Without a sender Keila says that it will send, and never does."""
        if not self._has_sender(remote):
            what = "The draft has no sender, and Keila would say that it sends it and never do."
            raise CannotDo(self.name, what, hint="Give sender in [export.keila], or choose one on Keila's page.")

    def _has_sender(self, remote: Remote) -> bool:
        return bool(self.session.get(f"/campaigns/{remote.id}")["data"].get("sender_id"))

    def _campaign(self, draft: Draft) -> dict[str, Any]:
        campaign: dict[str, Any] = {
            "subject": draft.subject,
            "html_body": draft.html,
            "settings": {"type": "html", "do_not_track": not self.settings.track},
            # There is no name that only editors see. Data is for templates, and ours asks for none.
            "data": {"digest_marker": draft.marker, "digest_issue": draft.slug},
        }
        for name, value in (("sender_id", self.settings.sender), ("segment_id", self.settings.segment)):
            if value:
                campaign[name] = value
        return self.payload(campaign)

    def _remote(self, told: Any) -> Remote:
        held = told["data"]
        parts = {"subject": str(held.get("subject") or "")}
        # Older versions took HTML and never showed it.
        if held.get("html_body") is not None:
            parts["HTML"] = str(held["html_body"])
        sent, scheduled = _moment(held.get("sent_at")), _moment(held.get("scheduled_for"))
        state: State = "sent" if sent else "scheduled" if scheduled else "draft"
        where = f"/projects/{self.settings.project}/campaigns/{held['id']}" if self.settings.project else ""
        url = f"{self.site}{where}" if where else ""
        return Remote(str(held["id"]), state, parts=parts, url=url, when=sent or scheduled)


def _moment(told: Any) -> datetime | None:
    if not isinstance(told, str) or not told:
        return None
    at = datetime.fromisoformat(told.replace("Z", "+00:00"))
    return at if at.tzinfo else at.replace(tzinfo=UTC)
