"""beehiiv: a post that is mailed and put on your site, in beehiiv's own frame, with preheader, tests and schedules."""

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
from digest.services.calls import Session, Unfinished, bearer
from digest.services.errors import NotThere, ServiceError


@dataclass(frozen=True, slots=True)
class Settings(Shared):
    #: The publication's id for the API, "pub_...".
    publication: str = ""
    #: A post template, "post_template_..."; the publication's default without one. Used when the post is made.
    template: str = ""
    #: Who gets it: "free", "premium", "all", or ids of tiers; free ones without any.
    tiers: tuple[str, ...] = ()
    #: Segments in place of tiers, "seg_...".
    segments: tuple[str, ...] = ()
    #: Segments whose subscribers do not get it.
    without: tuple[str, ...] = ()
    #: It is shown on the site too.
    web: bool = True
    #: beehiiv adds UTM parameters by itself, as publications have it unless it was switched off; then digest adds none.
    adds_utm: bool = False


#: An archived post was confirmed once. https://developers.beehiiv.com/api-reference/posts/delete
_STATES: Mapping[str, State] = {"draft": "draft", "confirmed": "scheduled", "archived": "sent"}

#: No blanks within the braces. The vendor's page of merge tags is
#: https://www.beehiiv.com/support/article/25846316892055-how-to-personalize-a-post-using-merge-tags; these were taken
#: from users of the API who quote it (November 2026), and first_name is a custom field of the publication.
_TAGS: Tags = {
    "unsubscribe_url": "{{unsubscribe_url}}",
    "view_url": "{{live_url}}",
    "email": "{{email}}",
    # Inside the tag nothing can be escaped, and nothing has to be.
    "first_name": lambda other: (
        "{{first_name|" + re.sub(r"[{}|\u2060]", "", other) + "}}" if other else "{{first_name}}"
    ),
}

#: A header of the mail: beehiiv shows it to nobody but the API, and readers would have to open the message's source.
#: It has no field for a name or a note; title, slug, tags and SEO fields are all shown on the site.
_HEADER = "X-Digest-Issue"
#: Behind the marker: the HTML that beehiiv shows is the whole of its own mail and not what it was given, and a title
#: has no place in a receipt.
_PRINTS = re.compile(r" html-([0-9a-f]{24}) title-([0-9a-f]{24})\b")


class NotBuilt(ServiceError):
    """Raised when a post that was taken on will never be. Where things stand it says itself."""

    def standing(self, state: str) -> None:
        """Nothing: to whoever reads the draft back it is written."""


class Exporter(Service):
    name = "beehiiv"
    settings_class = Settings
    ours = ("status", "scheduled_at", "body_content", "blocks", f"headers.{_HEADER}")
    can = Can(
        text=False,
        fragment=True,
        footer=True,
        frame_has=frozenset({"unsubscribe_url", "postal_address"}),
        test=True,
        schedule=True,
        send=True,
        cannot=(
            "beehiiv takes posts from here on its Max and Enterprise plans alone; with another it refuses the draft.",
            "beehiiv makes its own text part; yours is not used.",
            "beehiiv puts the mail into a frame of its own, with its footer, address and unsubscribe link in place of "
            "yours, and drops style sheets: dark mode and the rules for phones are left out.",
            "beehiiv takes the sender's name and address, and the one for replies, from its own settings.",
            "beehiiv never shows digest the HTML it was given: what you change in it there, the next export that has "
            "something new writes over.",
            "beehiiv takes no schedule back that is asked for from here: what is scheduled can be stopped there alone.",
            "beehiiv mails 20 tests a day.",
            "beehiiv's merge tags are not all certain: send a test before you rely on a first name, which is a field "
            "that your publication has to have.",
        ),
    )
    html = syntax(languages.BEEHIIV, _TAGS, encode=html.escape)
    text = syntax(languages.BEEHIIV, _TAGS)

    def __init__(self, settings: Settings, secret: str, session: Session) -> None:
        super().__init__(settings, secret, session)
        session.open(
            f"{(settings.url or 'https://api.beehiiv.com/v2').rstrip('/')}/publications/{settings.publication}",
            headers=bearer(secret),
            home="beehiiv.com",  # its refusals name no field
        )
        self._made = ""

    @classmethod
    def wrong_together(cls, settings: Settings) -> tuple[str, str, str] | None:
        if not re.fullmatch(r"pub_[0-9a-fA-F-]+", settings.publication):
            hint = 'Write  publication = "pub_..."  there; beehiiv shows it on the page where keys are made.'
            return "publication", "[export.beehiiv] needs the id of your publication.", hint
        if settings.tiers and settings.segments:
            return "tiers", "[export.beehiiv] has tiers and segments, and beehiiv takes one of them.", "Take one out."
        return None

    @property
    def tags_links(self) -> bool:
        return bool(self.settings.adds_utm)

    def create(self, draft: Draft) -> Remote:
        first = {"post_template_id": self.settings.template} if self.settings.template else {}
        # Its default was "confirmed" once, which mails at once: https://developers.beehiiv.com/api-reference/posts/create
        post = {**first, **self._post(draft), "status": "draft"}
        told = self.session.make("/posts", post)["data"]
        # It is only taken on now, and built in the background; `read` waits for it.
        self._made = str(told["id"])
        return Remote(self._made, url=str(told.get("preview_url") or ""))

    def update(self, remote: Remote, draft: Draft) -> Remote:
        # What is left out stays, the status too: from a draft it leads to "confirmed" alone, so it is not touched.
        return self._remote(self._ready(self.session.patch(f"/posts/{remote.id}", self._post(draft)))["data"])

    def read(self, id: str) -> Remote | None:  # noqa: A002
        try:
            told = self._ready(self.session.finished(f"/posts/{id}"))["data"]
        except NotThere as error:
            # Told in the run that made it. To the next one it is a draft that is gone, and may be made again.
            if error.code == "POST_CREATION_FAILED" and id == self._made:
                what = f"beehiiv took the post on, but could not build it: {error.what.partition(': ')[2]}".rstrip(": ")
                hint = "No draft is there. Mend what it says, then export again."
                raise NotBuilt(self.name, what, status=error.status, hint=hint) from error
            return None
        return None if _thrown_away(told) else self._remote(told)

    def look_up(self, marker: str) -> Sequence[Remote]:
        marked = [each for each in self._listed() if marker in str(each.get("headers"))]
        return [self._remote(each) for each in marked if not _thrown_away(each)]

    def missing(self, remote: Remote) -> Sequence[str]:
        if "HTML" in remote.parts:
            return ()
        return ["nothing of the header that digest gave the post, so without the receipt it is not found again"]

    def test(self, remote: Remote, draft: Draft, addresses: Sequence[str]) -> None:
        self._ready(self.session.act(f"/posts/{remote.id}/test_sends", {"recipient_emails": [*addresses]}))

    def schedule(self, remote: Remote, when: datetime) -> Remote:
        at = when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        self._confirm(remote, {"scheduled_at": at})
        return Remote(remote.id, "scheduled", url=remote.url, when=when)

    def send(self, remote: Remote) -> Remote:
        self._confirm(remote, {})
        return Remote(remote.id, "sending", url=remote.url)

    def _confirm(self, remote: Remote, when: Mapping[str, str]) -> None:
        self._ready(self.session.act(f"/posts/{remote.id}", {"status": "confirmed", **when}, method="PATCH"))

    def _listed(self) -> Iterator[Any]:
        try:
            posts = list(self.session.pages("/posts", "data", status="all"))
        except NotThere as error:
            # So too for a key that is for other publications: https://developers.beehiiv.com/welcome/create-an-api-key
            error.hint = "Look at publication in [export.beehiiv], and at which publications the key is for."
            raise
        if any("headers" in each for each in posts):
            return iter(posts)
        # That a list shows headers is not promised: where it shows none, each post is asked for.
        each_one = (self.session.find(f"/posts/{each['id']}") for each in posts)
        return (self._ready(each)["data"] for each in each_one if each is not None)

    def _post(self, draft: Draft) -> dict[str, Any]:
        own = self.settings
        post: dict[str, Any] = {
            "title": draft.subject,
            "body_content": draft.html,
            # The mail has a masthead of its own.
            "email_settings": {
                "email_subject_line": draft.subject,
                "email_preview_text": draft.preheader,
                "display_title_in_email": False,
                "display_subtitle_in_email": False,
                "display_byline_in_email": False,
            },
            "headers": {_HEADER: f"{draft.marker} html-{fingerprint(draft.html)} title-{fingerprint(draft.subject)}"},
        }
        if own.tiers or own.segments or own.without or not own.web:
            tiers = [*own.tiers] or ["free"]
            email = {"include_segment_ids": [*own.segments]} if own.segments else {"tier_ids": tiers}
            if own.without:
                email["exclude_segment_ids"] = [*own.without]
            # Both have to be there; an empty one is nobody.
            post["recipients"] = {"email": email, "web": {"tier_ids": tiers} if own.web else {}}
        return self.payload(post)

    def _remote(self, told: Any) -> Remote:
        at = _published(told)
        state = self.state(_STATES, told.get("status"))
        if state == "scheduled" and (at is None or at <= datetime.now(UTC)):
            state = "sent"
        parts = {"subject": str(told.get("subject_line") or ""), "preheader": str(told.get("preview_text") or "")}
        if found := _PRINTS.search(str(told.get("headers"))):
            parts["HTML"] = Fingerprint(found[1])
            if fingerprint(title := str(told.get("title") or "")) != found[2]:
                parts["title"] = title
        page = str(told.get("web_url") or "") if state == "sent" else ""
        return Remote(str(told["id"]), state, parts, url=str(told.get("preview_url") or ""), archive_url=page, when=at)

    def _ready(self, answer: Any) -> Any:
        """An answer, unless it says that the post is not ready for what was asked: then nothing came of it."""
        if isinstance(answer, Unfinished):
            what = "beehiiv is still building the post that it has taken on, so nothing can be done with it yet."
            raise ServiceError(
                self.name, what, hint="Wait some minutes, then run the command again: it goes on with it."
            )
        return answer


def _published(told: Any) -> datetime | None:
    """When it goes out, or went; in seconds since 1970."""
    when = told.get("publish_date")
    return datetime.fromtimestamp(when, UTC) if isinstance(when, int | float) and when else None


def _thrown_away(told: Any) -> bool:
    """Archived before it went out, so that nobody has it."""
    at = _published(told)
    return told.get("status") == "archived" and (at is None or at > datetime.now(UTC))
