"""Ghost: a post that goes out as a newsletter, in Ghost's own frame; it makes its own text part."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from digest.errors import DigestError
from digest.exporters.base import Can, Draft, Remote, Service, State, Tags, syntax
from digest.exporters.base import Settings as Shared
from digest.models import Asset
from digest.services import languages
from digest.services.calls import Pretended, Session
from digest.services.errors import CannotDo, ServiceError


@dataclass(frozen=True, slots=True)
class Settings(Shared):
    #: The newsletter's slug in Ghost; "" for the site's first.
    newsletter: str = ""
    #: Who gets it: "all", "status:free", "status:-free", a label ("label:vip").
    audience: str = "all"
    #: Only mailed, not shown on the site.
    email_only: bool = True
    #: Ghost's tags; one that begins with # is not shown to readers.
    tags: tuple[str, ...] = ("#digest",)


_STATES: Mapping[str, State] = {"draft": "draft", "scheduled": "scheduled", "published": "sent", "sent": "sent"}

_TAGS: Tags = {
    "unsubscribe_url": "%%{unsubscribe_url}%%",
    "email": "%%{email}%%",
    # Inside the tag a fallback stands in quotes, and nothing there can be escaped.
    "first_name": lambda other: '%%{first_name, "' + re.sub(r'["{}%]', "", other) + '"}%%',
}

#: By which a post is found again, as it stands in its page's head.
_MARKER = re.compile(r"<!-- digest-[0-9a-f]+ -->")


class Exporter(Service):
    name = "Ghost"
    settings_class = Settings
    example = "0123456789abcdef01234567:00"
    ours = ("status", "published_at", "lexical", "email_segment")
    can = Can(
        text=False,
        fragment=True,
        footer=True,
        frame_has=frozenset({"unsubscribe_url"}),
        phone_rules=True,
        pictures=True,
        test=True,
        schedule=True,
        unschedule=True,
        send=True,
        max_preheader=300,
        max_subject=300,
        cannot=(
            "Ghost makes its own text part; yours is not used.",
            "Ghost puts the mail into a frame of its own, with its header, its footer and its unsubscribe link in "
            "place of yours; dark mode is left out.",
        ),
    )
    html = syntax(languages.GHOST, _TAGS, encode=html.escape)
    # A subject is not searched for tags.
    text = syntax(languages.GHOST, {})

    def __init__(self, settings: Settings, secret: str, session: Session) -> None:
        super().__init__(settings, secret, session)
        key, _, signature = secret.partition(":")
        if not settings.url:
            raise DigestError("[export.ghost] lacks url.", hint='Write  url = "https://your-site.example"  below it.')
        if not re.fullmatch(r"[0-9a-f]+", key) or not re.fullmatch(r"(?:[0-9a-f]{2})+", signature):
            raise CannotDo(
                self.name,
                "The key for Ghost should be an id and a secret with a colon between.",
                hint="Ghost shows it as Admin API key, on the page of a custom integration or of a staff member.",
            )
        site = settings.url.rstrip("/")
        session.open(
            site if site.endswith("/ghost/api/admin") else f"{site}/ghost/api/admin",
            # A token lives five minutes at most, so every request makes its own.
            headers=lambda: {
                "Authorization": f"Ghost {token(key, bytes.fromhex(signature), time.time())}",
                "Accept-Version": "v5.0",
            },
            fields={
                "newsletter": "newsletter in [export.ghost]",
                "newsletter not found": "newsletter in [export.ghost]",
                "email_segment": "audience in [export.ghost]",
                "email segment": "audience in [export.ghost]",
                "in [posts.title]": "the issue's subject",
                "in [posts.email_subject]": "the issue's subject",
                "in [posts.custom_excerpt]": "the issue's preheader",
                "in [tags.name]": "tags in [export.ghost]",
            },
        )

    def create(self, draft: Draft) -> Remote:
        # Ghost takes the same slug twice and makes "dup-2" of it: only the marker tells whether it is there.
        post = {**self._post(draft, "", tags=[*self.settings.tags]), "slug": _slug(draft), "status": "draft"}
        return self._remote(self.session.make("/posts/", {"posts": [post]}, formats="lexical"))

    def update(self, remote: Remote, draft: Draft) -> Remote:
        # Tags stay as they are there by now, and so does what somebody has put into the head.
        held = self.session.get(f"/posts/{remote.id}/")["posts"][0]
        head = "" if isinstance(held, Pretended) else str(held.get("codeinjection_head") or "")
        post = {**self._post(draft, head), "status": "draft", "updated_at": remote.version}
        # Once: the second of two equal writes brings an updated_at that the first has made old (409).
        told = self.session.put(f"/posts/{remote.id}/", {"posts": [post]}, once=True, formats="lexical")
        return self._remote(told)

    def read(self, id: str) -> Remote | None:  # noqa: A002
        found = self.session.find(f"/posts/{id}/", formats="lexical", include="email")
        return None if found is None else self._remote(found)

    def look_up(self, marker: str) -> Sequence[Remote]:
        found = self.session.pages("/posts/", "posts", formats="lexical", include="email", order="created_at desc")
        return [self._remote({"posts": [each]}) for each in found if marker in (each.get("codeinjection_head") or "")]

    def upload(self, asset: Asset) -> str:
        files = {"file": (asset.name, asset.content, asset.media_type)}
        return str(self.session.upload("/images/upload/", files, {"ref": asset.name})["images"][0]["url"])

    def test(self, remote: Remote, draft: Draft, addresses: Sequence[str]) -> None:
        at = {"newsletter": self.settings.newsletter} if self.settings.newsletter else {}
        try:
            self.session.act(f"/email_previews/posts/{remote.id}/", {"emails": [*addresses]}, params=at)
        except ServiceError as error:
            # 501 from Ghost 5, 403 from Ghost 6, whatever the integration is called.
            if error.status in (403, 501):
                hint = (
                    "Use a staff access token: Ghost shows it on the page of a staff member. Or test from its editor."
                )
                what = "Ghost sends no test for the key of an integration."
                raise CannotDo(self.name, what, status=error.status, hint=hint) from error
            raise

    def schedule(self, remote: Remote, when: datetime) -> Remote:
        return self._publish(remote, {"status": "scheduled", "published_at": _iso(when)})

    def unschedule(self, remote: Remote) -> Remote:
        return self._act(remote, {"status": "draft", "published_at": None})

    def send(self, remote: Remote) -> Remote:
        return self._publish(remote, {"status": "published"})

    def _publish(self, remote: Remote, change: Mapping[str, Any]) -> Remote:
        newsletter = self.settings.newsletter or self._first_newsletter()
        return self._act(remote, change, newsletter=newsletter, email_segment=self.settings.audience)

    def _act(self, remote: Remote, change: Mapping[str, Any], **params: str) -> Remote:
        posts = {"posts": [{**change, "updated_at": remote.version}]}
        return self._remote(self.session.act(f"/posts/{remote.id}/", posts, method="PUT", params=params))

    def _first_newsletter(self) -> str:
        """Without one named in the address Ghost publishes on the site and mails nobody."""
        found = self.session.get("/newsletters/", filter="status:active", order="sort_order asc", limit=1)
        try:
            return str(found["newsletters"][0]["slug"])
        except (LookupError, TypeError) as error:
            raise self.unread("a newsletter that is active") from error

    def _post(self, draft: Draft, head: str, **first: Any) -> dict[str, Any]:
        """`head` is the code for the page's head that is there already; `first` is what only a new post is given."""
        # As ?source=html Ghost would lose <!--[if mso]> and with it what Outlook needs; an html card keeps every byte.
        card = {"type": "html", "version": 1, "html": draft.html}
        root = {"type": "root", "version": 1, "direction": None, "format": "", "indent": 0, "children": [card]}
        post = self.payload(
            {
                **first,
                "codeinjection_head": head,
                "title": draft.subject,
                "email_subject": draft.subject,
                "custom_excerpt": draft.preheader or None,
                "lexical": json.dumps({"root": root}),
                "email_only": self.settings.email_only,
            }
        )
        # Ghost keeps no name or note of ours that readers do not see, but a comment in the page's head. A tag that
        # begins with # would be one more in Ghost's list with every issue, and a class of the page's body.
        rest = _MARKER.sub("", str(post["codeinjection_head"] or "")).strip()
        return {**post, "codeinjection_head": f"{rest}\n<!-- {draft.marker} -->".strip()}

    def _remote(self, told: Any) -> Remote:
        post = told["posts"][0]
        state = self.state(_STATES, post.get("status"))
        if state == "sent" and (post.get("email") or {}).get("status") in ("pending", "submitting"):
            state = "sending"
        when = post.get("published_at")
        parts = {"subject": post.get("email_subject") or post.get("title") or "", "HTML": _card(post.get("lexical"))}
        return Remote(
            id=str(post["id"]),
            state=state,
            parts={**parts, "preheader": post.get("custom_excerpt") or ""},
            url=f"{self.session.base.removesuffix('/api/admin')}/#/editor/post/{post['id']}",
            archive_url=str(post.get("url") or ""),
            version=str(post.get("updated_at") or ""),
            when=datetime.fromisoformat(when.replace("Z", "+00:00")) if isinstance(when, str) and when else None,
        )

    @property
    def account(self) -> str:
        return urlsplit(self.session.base).netloc


def token(key: str, secret: bytes, now: float) -> str:
    """A JSON Web Token (RFC 7519) as Ghost wants it: HS256, good for five minutes from `now`, seconds since 1970."""

    def part(value: Mapping[str, Any]) -> str:
        return _base64(json.dumps(value, separators=(",", ":")).encode())

    # Clocks differ a little; one that is ahead of Ghost's would be refused.
    began = int(now) - 5
    claims = {"iat": began, "exp": began + 300, "aud": "/admin/"}
    signed = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': key})}.{part(claims)}"
    return f"{signed}.{_base64(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def _card(lexical: Any) -> str:
    """The HTML of our card; what an editor added around it counts as a change of it."""
    try:
        children = json.loads(lexical)["root"]["children"]
    except (TypeError, ValueError, LookupError):
        return ""
    first = children[0] if len(children) == 1 and isinstance(children[0], dict) else {}
    return str(first["html"]) if first.get("type") == "html" and "html" in first else json.dumps(children)


def _slug(draft: Draft) -> str:
    return quote(re.sub(r"[^a-z0-9]+", "-", draft.slug.lower()).strip("-") or draft.marker, safe="-")[:180]


def _iso(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
