"""listmonk: a campaign on your own server, with text part, pictures, tests to known readers and schedules."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from digest.errors import DigestError
from digest.exporters.base import Can, Draft, Remote, Service, State, Tags, syntax
from digest.exporters.base import Settings as Shared
from digest.merge_tags import Syntax
from digest.models import Asset
from digest.services import go_templates, languages
from digest.services.calls import Pretended, Session
from digest.services.errors import CannotDo, NotThere, ServiceError


@dataclass(frozen=True, slots=True)
class Settings(Shared):
    #: Numbers of the lists that get it.
    lists: tuple[int, ...] = ()
    #: The number of a template; 0 for one that digest makes once, with nothing in it but the mail.
    template: int = 0
    #: The name of what sends it, from listmonk's settings.
    messenger: str = "email"
    #: Shown in listmonk's public archive.
    archive: bool = False


_STATES: Mapping[str, State] = {
    "draft": "draft",
    "scheduled": "scheduled",
    "running": "sending",
    # Stopped on its way: some have it already.
    "paused": "sending",
    "cancelled": "sent",
    "finished": "sent",
}

_TAGS: Tags = {
    "unsubscribe_url": "{{ UnsubscribeURL }}",
    "view_url": "{{ MessageURL }}",
    "email": "{{ .Subscriber.Email }}",
    "first_name": lambda other: (
        "{{ if .Subscriber.FirstName }}{{ .Subscriber.FirstName }}{{ else }}" + other + "{{ end }}"
    ),
}

#: The text part is read as HTML too: O'Brien would become O&#39;Brien.
_IN_TEXT: Tags = {
    **_TAGS,
    "email": "{{ Safe .Subscriber.Email }}",
    "first_name": lambda other: (
        "{{ if .Subscriber.FirstName }}{{ Safe .Subscriber.FirstName }}{{ else }}" + other + "{{ end }}"
    ),
}

#: All there is in our template: any other would put the mail, which is a whole document, into a second one.
_FRAME = '{{ template "content" . }}'
_FRAME_NAME = "digest: the mail as it is"


def _untracked(written: Syntax, at: str) -> Syntax:
    """What stands before "@TrackLink" listmonk takes for a link to count clicks of, from the last http:// on."""

    def escape(text: str) -> str:
        return at.join(map(written.escape, re.split(r"@(?=TrackLink|\Z)", text)))

    return replace(written, escape=escape)


class Exporter(Service):
    name = "listmonk"
    settings_class = Settings
    example = "api_user:TOKEN"
    ours = ("status", "send_at", "type", "name")
    can = Can(
        preheader=False,
        pictures=True,
        test=True,
        schedule=True,
        unschedule=True,
        send=True,
        max_subject=5000,
        cannot=("listmonk mails a test to addresses that are subscribers there, and silently to no other.",),
    )
    html = _untracked(syntax(languages.GO, _TAGS, encode=html.escape), "&#64;")
    text = _untracked(syntax(languages.GO, _IN_TEXT), "{{ `@` }}")

    def __init__(self, settings: Settings, secret: str, session: Session) -> None:
        super().__init__(settings, secret, session)
        if not settings.url:
            raise DigestError(
                "[export.listmonk] lacks url.", hint='Write  url = "https://lists.example.org"  below it.'
            )
        if not settings.lists:
            raise DigestError(
                "[export.listmonk] lacks lists.", hint="Write  lists = [1]  with the number of your list."
            )
        if ":" not in secret:
            raise CannotDo(
                self.name,
                "The key for listmonk should be the name of an API user and its token with a colon between.",
                hint="Make one in listmonk under Users, of the type API.",
            )
        self.site = settings.url.rstrip("/").removesuffix("/api")
        session.open(
            f"{self.site}/api",
            headers={"Authorization": f"token {secret}"},
            # Its refusals are sentences that name no field: i18n/en.json there. In other languages they stand alone.
            fields={
                "list ids": "lists in [export.listmonk]",
                "invalid `from_email`": "sender_email in [publication]",
                "unknown messenger": "messenger in [export.listmonk]",
                "length for `subject`": "the issue's subject",
                "date should be in the future": "the time given with --schedule",
            },
        )

    def create(self, draft: Draft) -> Remote:
        # What is new is a draft, always. No send_at: it would do nothing before the status says "scheduled".
        return self._remote(self.session.make("/campaigns", self._campaign(draft))["data"])

    def update(self, remote: Remote, draft: Draft) -> Remote:
        # A send_at that has passed by now, set there by hand, would have the whole write refused.
        campaign = {**self._campaign(draft), "send_at": None}
        return self._remote(self.session.put(f"/campaigns/{remote.id}", campaign)["data"])

    def read(self, id: str) -> Remote | None:  # noqa: A002
        try:
            return self._remote(self.session.get(f"/campaigns/{id}")["data"])
        except NotThere:
            return None
        except ServiceError as error:
            # That is how listmonk says that it has no such campaign (getCampaign in internal/core/campaigns.go).
            if error.status == 400:
                return None
            raise

    def look_up(self, marker: str) -> Sequence[Remote]:
        found: dict[str, Remote] = {}
        for number in range(1, 1000):
            page = self.session.get("/campaigns", page=number, per_page=50, order_by="created_at", order="DESC")
            if isinstance(page, Pretended):
                return []
            results = (page.get("data") or {}).get("results")
            if not isinstance(results, list):
                raise self.unread("a list of campaigns")
            if not results:
                return [*found.values()]
            for each in results:
                if marker in (each.get("tags") or ()) or marker in (each.get("name") or ""):
                    found[str(each["id"])] = self._remote(each)
        raise self.unread("the end of its list")

    def upload(self, asset: Asset) -> str:
        made = self.session.upload("/media", {"file": (asset.name, asset.content, asset.media_type)})["data"]
        url = urljoin(f"{self.site}/", str(made.get("url") or made.get("uri") or ""))
        if _at_home(url) and not _at_home(self.site):
            raise CannotDo(
                self.name,
                f"listmonk says that its pictures are at {urlsplit(url).netloc}, where no reader finds them.",
                hint="Give its real address as root URL in listmonk's settings, under General.",
            )
        return url

    def test(self, remote: Remote, draft: Draft, addresses: Sequence[str]) -> None:
        whole = {**self._campaign(draft), "subscribers": [*addresses]}
        try:
            self.session.act(f"/campaigns/{remote.id}/test", whole)
        except ServiceError as error:
            if error.status == 400 and not error.hint:
                error.hint = "listmonk mails a test to its own subscribers alone: add the addresses there."
            raise

    def schedule(self, remote: Remote, when: datetime) -> Remote:
        # Fields that are not sent stay as they are, but for the lists.
        at = when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        json = {"lists": [*self.settings.lists], "send_at": at}
        self.session.act(f"/campaigns/{remote.id}", json, method="PUT")
        return self._become(remote, "scheduled")

    def unschedule(self, remote: Remote) -> Remote:
        return self._become(remote, "draft")

    def send(self, remote: Remote) -> Remote:
        return self._become(remote, "running")

    def _become(self, remote: Remote, status: str) -> Remote:
        told = self.session.act(f"/campaigns/{remote.id}/status", {"status": status}, method="PUT")
        return self._remote(told["data"])

    def _campaign(self, draft: Draft) -> dict[str, Any]:
        own = self.settings
        # It has no field for replies.
        replies = [{"Reply-To": draft.reply_to}] if draft.reply_to and draft.reply_to != draft.sender_email else []
        return self.payload(
            {
                "name": f"{draft.title} {draft.marker}",
                "subject": draft.subject,
                "lists": [*own.lists],
                "from_email": self._from(draft),
                "type": "regular",
                "content_type": "html",
                "messenger": own.messenger,
                "body": go_templates.html_kept(draft.html),
                "altbody": go_templates.text_kept(draft.text),
                "template_id": own.template or self._frame(),
                "tags": ["digest", draft.marker],
                "headers": replies,
                # Left out, it stays as somebody set it there.
                **({"archive": True} if own.archive else {}),
            }
        )

    def _from(self, draft: Draft) -> str:
        """As RFC 5322 has it, but for letters, which listmonk wants as they are; it is a template too."""
        name = re.sub(r'(["\\\\])', r"\\\1", draft.sender_name)
        # Without one listmonk uses its own.
        named = name and draft.sender_email
        return f'"{self.text.escape(name)}" <{draft.sender_email}>' if named else draft.sender_email

    def _frame(self) -> Any:
        """The number of a template with nothing in it but the mail; made when there is none."""
        known = self.session.get("/templates", no_body="false")["data"]
        for each in known if isinstance(known, list) else ():
            if each.get("type") == "campaign" and " ".join(str(each.get("body")).split()) == _FRAME:
                return each["id"]
        made = self.session.make("/templates", {"name": _FRAME_NAME, "type": "campaign", "body": _FRAME})["data"]
        # Newer ones give the template, older ones a list with it.
        made = made[0] if isinstance(made, list) else made
        return "{id}" if isinstance(made, Pretended) else made["id"]

    def _remote(self, told: Any) -> Remote:
        when = told.get("send_at") or told.get("started_at")
        address = told.get("archive_slug") or told.get("uuid")
        return Remote(
            id=str(told["id"]),
            state=self.state(_STATES, told.get("status")),
            parts={
                "subject": told.get("subject") or "",
                "HTML": go_templates.as_it_was(str(told.get("body") or "")),
                "text part": go_templates.as_it_was(str(told.get("altbody") or "")),
            },
            url=f"{self.site}/admin/campaigns/{told['id']}",
            archive_url=f"{self.site}/archive/{address}" if told.get("archive") and address else "",
            when=datetime.fromisoformat(when.replace("Z", "+00:00")) if isinstance(when, str) and when else None,
        )


def _at_home(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host == "localhost" or host.startswith("127.") or host == "::1"
