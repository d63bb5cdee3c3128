"""Kit (ConvertKit): a broadcast inside one of your templates, with preheader and schedules; tests are sent from Kit."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from digest.exporters.base import Can, Draft, Remote, Service, State, Tags, syntax
from digest.exporters.base import Settings as Shared
from digest.services import languages
from digest.services.calls import Pretended, Session
from digest.services.errors import ServiceError


@dataclass(frozen=True, slots=True)
class Settings(Shared):
    #: The number of an email template, from its address in Kit; 0 for the account's default.
    template: int = 0
    #: Numbers of tags and segments; without any it goes to all subscribers.
    tags: tuple[int, ...] = ()
    segments: tuple[int, ...] = ()
    #: Who of them gets it: those in every tag and segment, in one at least, or in none.
    match: Literal["all", "any", "none"] = "any"
    #: Kit shows the issue on the web too, from the moment it is scheduled for; a draft never.
    public: bool = False


#: Kit's specification calls it a text and gives "draft" and "completed" as examples. Any other word stops us.
_STATES: Mapping[str, State] = {
    "draft": "draft",
    "scheduled": "scheduled",
    "sending": "sending",
    "completed": "sent",
    "sent": "sent",
}

_TAGS: Tags = {
    "unsubscribe_url": "{{ unsubscribe_url }}",
    "email": "{{ subscriber.email_address }}",
    "first_name": lambda other: (
        "{% if subscriber.first_name and subscriber.first_name != blank %}{{ subscriber.first_name }}"
        "{% else %}" + other + "{% endif %}"
    ),
}


class Exporter(Service):
    name = "Kit"
    settings_class = Settings
    # "public" too: it shows a broadcast on the web at once, sent or not.
    ours = ("send_at", "public", "published_at", "description")
    can = Can(
        text=False,
        footer=True,  # Kit takes no template without a link to unsubscribe and an address.
        frame_has=frozenset({"unsubscribe_url", "postal_address"}),
        schedule=True,
        unschedule=True,
        cannot=(
            "Kit makes its own text part; yours is not used.",
            "Kit puts the mail into one of your email templates, where its {{ message_content }} stands: say in "
            "digest.toml which (template), and keep it to that, the unsubscribe link and the address, which "
            "stand in place of yours.",
            "Kit takes the sender's name and the address for replies from its own settings.",
            "Kit sends no test that is asked for from here; its own page of the draft does.",
            "Kit sends nothing at once from here: schedule it for some minutes ahead, or send it from its own page.",
        ),
    )
    html = syntax(languages.LIQUID, _TAGS, encode=html.escape)
    text = syntax(languages.LIQUID, _TAGS)

    def __init__(self, settings: Settings, secret: str, session: Session) -> None:
        super().__init__(settings, secret, session)
        session.open(
            settings.url or "https://api.kit.com/v4",
            headers={"X-Kit-Api-Key": secret},
            home="kit.com",
            # Its refusals are sentences that name no field.
            fields={
                "email template": "template in [export.kit]",
                "starting point": "template in [export.kit]",
                "filter group": "tags, segments and match in [export.kit]",
                "email address": "sender_email in [publication], which has to be confirmed there",
            },
        )

    def create(self, draft: Draft) -> Remote:
        return self._remote(self.session.make("/broadcasts", self._broadcast(draft)))

    def update(self, remote: Remote, draft: Draft) -> Remote:
        whole = {**self._kept(remote), **self._broadcast(draft)}
        return self._remote(self.session.put(f"/broadcasts/{remote.id}", whole))

    def read(self, id: str) -> Remote | None:  # noqa: A002
        found = self.session.find(f"/broadcasts/{id}")
        return None if found is None else self._remote(found)

    def look_up(self, marker: str) -> Sequence[Remote]:
        found: list[Remote] = []
        after: dict[str, str] = {}
        while True:
            # developers.kit.com/api-reference/pagination: at most 1000, the next ones by the cursor of the last.
            page = self.session.get("/broadcasts", per_page=500, **after)
            if isinstance(page, Pretended):
                return []
            try:
                marked = [each for each in page["broadcasts"] if marker in (each.get("description") or "")]
                more, cursor = page["pagination"]["has_next_page"], page["pagination"].get("end_cursor")
            except (LookupError, TypeError, AttributeError) as error:
                raise self.unread("a list of broadcasts") from error
            found += [self._remote({"broadcast": each}) for each in marked]
            if not more:
                return found
            if not cursor or after.get("after") == cursor:
                raise self.unread("the end of its list")
            after = {"after": str(cursor)}

    def schedule(self, remote: Remote, when: datetime) -> Remote:
        at = when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        shown = {"public": True, "published_at": at} if self.settings.public else {}
        after = self._send_at(remote, at, **shown)
        if after.state == "draft":
            # Of a create Kit says that send_at alone schedules it, of an update that it wants "public" besides.
            raise ServiceError(
                self.name,
                "Kit took the time, and left the issue a draft.",
                hint="Schedule it on Kit's page; or say  public = true  in [export.kit], and it is on the web as well.",
            )
        return after

    def unschedule(self, remote: Remote) -> Remote:
        return self._send_at(remote, None)

    def _send_at(self, remote: Remote, when: str | None, **shown: Any) -> Remote:
        """The broadcast as it is, whole, with another time."""
        kept = self._kept(remote)
        whole = {**self.payload({**kept, **self._frame(str(kept["email_address"] or ""))}), **shown, "send_at": when}
        return self._remote(self.session.act(f"/broadcasts/{remote.id}", whole, method="PUT"))

    def _kept(self, remote: Remote) -> dict[str, Any]:
        """What a broadcast is there: a PUT wants every field, and what digest does not set an editor may have."""
        held = self.session.get(f"/broadcasts/{remote.id}")["broadcast"]
        if isinstance(held, Pretended):
            return {"email_address": None}
        texts = {name: held.get(name) or "" for name in ("subject", "preview_text", "description", "content")}
        others = {name: held.get(name) or None for name in ("email_address", "thumbnail_alt", "thumbnail_url")}
        template = (held.get("email_template") or {}).get("id")
        return {
            **texts,
            **others,
            **({"email_template_id": template} if template else {}),
            "published_at": held.get("published_at") or _now(),
        }

    def _broadcast(self, draft: Draft) -> dict[str, Any]:
        broadcast = {
            "subject": draft.subject,
            "preview_text": draft.preheader,
            # Seen in Kit's own lists alone.
            "description": f"{draft.title} {draft.marker}",
            "content": draft.html,
            **self._frame(draft.sender_email),
            # Wanted by the specification, and of no effect while it is not public.
            "published_at": _now(),
        }
        # Always there: null is what makes a draft of it.
        return {**self.payload(broadcast), "send_at": None}

    def _frame(self, sender: str) -> dict[str, Any]:
        own = self.settings
        frame: dict[str, Any] = {
            "public": False,
            "email_address": sender or None,
            "subscriber_filter": [],
        }
        if own.template:
            frame["email_template_id"] = own.template
        chosen = [("tag", own.tags), ("segment", own.segments)]
        if groups := [{"type": kind, "ids": [*ids]} for kind, ids in chosen if ids]:
            # Only one of the three may hold anything.
            frame["subscriber_filter"] = [
                {name: groups if name == own.match else None for name in ("all", "any", "none")}
            ]
        return frame

    def _remote(self, told: Any) -> Remote:
        held = told["broadcast"]
        parts = {"subject": held.get("subject") or "", "preheader": held.get("preview_text") or ""}
        # In a list it may be null.
        if held.get("content") is not None:
            parts["HTML"] = str(held["content"])
        when = held.get("send_at")
        at = datetime.fromisoformat(when.replace("Z", "+00:00")) if isinstance(when, str) and when else None
        return Remote(
            id=str(held["id"]),
            state=self._state(held.get("status"), at),
            parts=parts,
            url=f"https://app.kit.com/campaigns/{held['id']}/draft",  # as in Kit's own plugin for WordPress
            archive_url=str(held.get("public_url") or ""),
            when=at,
        )

    def _state(self, status: Any, at: datetime | None) -> State:
        if status:
            return self.state(_STATES, status)
        # The specification does not promise a status.
        if at is None:
            return "draft"
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return "scheduled" if at > datetime.now(UTC) else "sent"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
