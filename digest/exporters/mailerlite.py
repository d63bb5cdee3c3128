"""MailerLite: a campaign to your groups, with schedules; your own HTML needs its Advanced plan."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from digest.exporters.base import Can, Draft, Fingerprint, Remote, Service, State, Tags, fingerprint, syntax
from digest.exporters.base import Settings as Shared
from digest.services import languages
from digest.services.calls import Session, bearer


@dataclass(frozen=True, slots=True)
class Settings(Shared):
    #: Ids of groups and segments, long numbers in quotes.
    groups: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    #: MailerLite's number of a language, for its own words in the mail; 0 looks for the publication's.
    language: int = 0


#: Each has a list of its own: without a filter MailerLite shows what is ready alone.
_STATES: Mapping[str, State] = {"draft": "draft", "ready": "scheduled", "sent": "sent"}

_TAGS: Tags = {
    "unsubscribe_url": "{$unsubscribe}",
    "view_url": "{$url}",
    "email": "{$email}",
    # Inside the tag a fallback stands in quotes, and nothing there can be escaped.
    "first_name": lambda other: "{$name|default('" + re.sub(r"['{}|()\\]", "", other) + "')}" if other else "{$name}",
}

#: Where it is the same time as in UTC all the year; its list of time zones need not have all of them.
_AS_UTC = ("UTC", "Etc/UTC", "GMT", "Etc/GMT", "Africa/Abidjan", "Atlantic/Reykjavik")

#: The HTML's fingerprint, in the campaign's name: MailerLite shows the HTML of a draft to nobody who asks for it.
_HTML = re.compile(r" html-([0-9a-f]{24})\b")


class Exporter(Service):
    name = "MailerLite"
    settings_class = Settings
    # A list is replaced as a whole: with "emails" the mail itself would be gone.
    ours = ("delivery", "schedule", "name", "type", "emails")
    can = Can(
        text=False,
        preheader=False,
        schedule=True,
        unschedule=True,
        send=True,
        cannot=(
            "MailerLite makes its own text part; yours is not used.",
            "MailerLite takes HTML of your own from its Advanced plan on; with another it refuses the draft.",
            "MailerLite never shows digest the HTML it holds: what you change in it there, the next export that has "
            "something new writes over.",
            "MailerLite sends no test that is asked for from here; its own page of the draft does.",
            # github.com/mailerlite/mailerlite-php, issue 19.
            "MailerLite may put a footer of its own below yours, with a second link to unsubscribe.",
        ),
    )
    html = syntax(languages.DOLLAR, _TAGS, encode=html.escape)
    text = syntax(languages.DOLLAR, _TAGS)

    def __init__(self, settings: Settings, secret: str, session: Session) -> None:
        super().__init__(settings, secret, session)
        session.open(
            settings.url or "https://connect.mailerlite.com/api",
            headers=bearer(secret),
            home="mailerlite.com",
            fields={
                "emails.0.from": "sender_email in [publication], and has to be verified there",
                "emails.0.from_name": "sender_name in [publication]",
                "emails.0.reply_to": "reply_to in [publication]",
                "emails.0.subject": "the issue's subject",
                "emails.0.content": "the mail's HTML, which MailerLite takes from its Advanced plan on",
                "groups": "groups in [export.mailerlite]",
                "segments": "segments in [export.mailerlite]",
                "language_id": "language in [export.mailerlite]",
            },
        )

    def create(self, draft: Draft) -> Remote:
        # A campaign is a draft until it is scheduled; there is no word to say so.
        return self._remote(self.session.make("/campaigns", self._campaign(draft))["data"])

    def update(self, remote: Remote, draft: Draft) -> Remote:
        # The emails whole: what is left out of the one that is there is lost.
        return self._remote(self.session.put(f"/campaigns/{remote.id}", self._campaign(draft))["data"])

    def read(self, id: str) -> Remote | None:  # noqa: A002
        found = self.session.find(f"/campaigns/{id}")
        return None if found is None else self._remote(found["data"])

    def look_up(self, marker: str) -> Sequence[Remote]:
        return [self._remote(each) for each in self._listed() if marker in (each.get("name") or "")]

    def missing(self, remote: Remote) -> Sequence[str]:
        told = self.session.get(f"/campaigns/{remote.id}")["data"]
        email = _email(told)
        lacks = [f"{each} is missing" for each in told.get("missing_data") or ()]
        if email.get("is_designed") is False or email.get("content") == "":
            lacks.append(
                "the draft has no content, so it did not keep your HTML. That belongs to its Advanced plan; copy the "
                "HTML from the folder of digest build into its editor"
            )
        return lacks

    def schedule(self, remote: Remote, when: datetime) -> Remote:
        at = when.astimezone(UTC)
        schedule = {
            "date": f"{at:%Y-%m-%d}",
            "hours": f"{at:%H}",
            "minutes": f"{at:%M}",
            "timezone_id": self._utc(),
        }
        return self._act(remote, {"delivery": "scheduled", "schedule": schedule})

    def unschedule(self, remote: Remote) -> Remote:
        return self._remote(self.session.act(f"/campaigns/{remote.id}/cancel")["data"])

    def send(self, remote: Remote) -> Remote:
        after = self._act(remote, {"delivery": "instant"})
        return Remote(after.id, "sending", url=after.url, archive_url=after.archive_url)

    def _act(self, remote: Remote, json: Mapping[str, Any]) -> Remote:
        return self._remote(self.session.act(f"/campaigns/{remote.id}/schedule", json)["data"])

    def _listed(self) -> Iterator[Any]:
        for status in _STATES:
            only: dict[str, Any] = {"filter[status]": status}
            yield from self.session.pages("/campaigns", "data", **only)

    def _utc(self) -> int:
        zones = self.session.get("/timezones")["data"]
        known = {each.get("name"): each for each in zones} if isinstance(zones, list) else {}
        for name in _AS_UTC:
            if name in known:
                return int(known[name]["id"])
        raise self.unread("UTC among its time zones")

    def _language(self, tag: str) -> int:
        """MailerLite's number for a BCP 47 tag; 0 for a language that it does not speak."""
        if self.settings.language:
            return int(self.settings.language)
        known = self.session.get("/campaigns/languages").get("data")
        wanted = tag.lower().replace("_", "-")
        for name in (wanted, wanted.partition("-")[0]):
            for each in known if isinstance(known, list) else ():
                if name in (str(each.get("shortcode")).lower().replace("_", "-"), str(each.get("iso639")).lower()):
                    return int(each["id"])
        return 0

    def _campaign(self, draft: Draft) -> dict[str, Any]:
        email = {
            "subject": draft.subject,
            "from_name": draft.sender_name,
            "from": draft.sender_email,
            "content": draft.html,
        }
        if draft.reply_to:
            email["reply_to"] = draft.reply_to
        campaign: dict[str, Any] = {
            "name": f"{draft.title} {draft.marker} html-{fingerprint(draft.html)}",
            "type": "regular",
            "emails": [email],
        }
        if language := self._language(draft.language):
            campaign["language_id"] = language
        for name, ids in (("groups", self.settings.groups), ("segments", self.settings.segments)):
            if ids:
                campaign[name] = [*ids]
        return self.payload(campaign)

    def _remote(self, told: Any) -> Remote:
        email = _email(told)
        state = self.state(_STATES, told.get("status"))
        if state == "scheduled" and told.get("is_currently_sending_out") is True:
            state = "sending"
        parts: dict[str, str] = {"subject": email.get("subject") or ""}
        if found := _HTML.search(str(told.get("name") or "")):
            parts["HTML"] = Fingerprint(found[1])
        # In UTC, "2026-01-30 09:00:00".
        when = told.get("finished_at") or told.get("scheduled_for")
        at = datetime.fromisoformat(when.replace("Z", "+00:00")) if isinstance(when, str) and when else None
        return Remote(
            id=str(told["id"]),
            state=state,
            parts=parts,
            # Its own pages of a campaign have other addresses than its API tells of; the list shows it by its name.
            url=f"https://dashboard.mailerlite.com/campaigns/status/{told['status']}",
            archive_url=str(email.get("preview_url") or "") if state == "sent" else "",
            when=at if at is None or at.tzinfo else at.replace(tzinfo=UTC),
        )


def _email(told: Any) -> Any:
    """The one mail of a campaign; of what was only shown, something that has everything."""
    emails = told.get("emails")
    if isinstance(emails, list):
        return emails[0] if emails else {}
    return emails or {}
