"""Mailgun: one mail to each member of a mailing list there, or in a file of yours, and tests; it keeps no drafts."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal
from urllib.parse import parse_qsl, quote, urlsplit

from digest.exporters.base import Can, Draft, Mailer, Pace, Tags, syntax
from digest.exporters.base import Settings as Shared
from digest.mailing import personal
from digest.mailing.delivery import NotTaken, Reader, TooFast
from digest.services import languages
from digest.services.calls import Pretended, Session, basic
from digest.services.errors import CannotDo, CredentialRefused, NotThere, ServiceError, UnknownOutcome


@dataclass(frozen=True, slots=True)
class Settings(Shared):
    #: The domain that mails.
    domain: str = field(kw_only=True)
    region: Literal["us", "eu"] = "us"
    #: The address of a mailing list at Mailgun.
    list: str = ""
    #: In place of a list, a file of readers beside digest.toml.
    readers: str = ""
    #: By which Mailgun counts; left out, the issue's own.
    tag: str = ""
    track_opens: bool = False
    track_clicks: bool = False


_DOMAIN = re.compile(r"[A-Za-z0-9.-]+\.[A-Za-z0-9-]+")
_BASES = {"us": "https://api.mailgun.net", "eu": "https://api.eu.mailgun.net"}
#: "%mailing_list_unsubscribe_url%" leaves "a mailing list that a message was sent to", and ours are sent to one member
#: of it; "%unsubscribe_url%" leaves all that the domain mails, and Mailgun keeps that of any mail:
#: https://documentation.mailgun.com/docs/mailgun/user-manual/tracking-messages/tracking-unsubscribes (read 2026-11-22)
_LEAVE = "%unsubscribe_url%"
#: Recipient variables would fill in the rest in a batch; a mail to one address needs none.
_TAGS: Tags = {**personal.TAGS, "unsubscribe_url": _LEAVE}
#: Bytes of a whole message: https://documentation.mailgun.com/docs/mailgun/user-manual/sending-messages
_MOST = 25_000_000
#: Pages of a hundred.
_MOST_PAGES = 10_000


class Exporter(Mailer):
    """Mailgun as `digest.exporting.mailing` uses it."""

    name = "Mailgun"
    settings_class = Settings
    example = "0123456789abcdef0123456789abcdef-01234567-89abcdef"
    #: "o:testmode" would say that all were mailed, and mail none.
    ours = ("to", "cc", "bcc", "o:testmode", "o:deliverytime", "recipient-variables")
    checks: ClassVar[Mapping[str, Callable[[Any], str]]] = {
        "domain": lambda value: "" if _DOMAIN.fullmatch(value) else 'a domain, such as "mg.example.org"',
        "list": lambda value: (
            "" if not value or "@" in value else 'the address of a list, such as "weekly@mg.example.org"'
        ),
    }
    can = Can(
        preheader=False,
        encloses=True,
        test=True,
        send=True,
        cannot=("Mailgun keeps no drafts: digest mails each reader of the list itself, now.",),
    )
    html = syntax(languages.PERCENT, _TAGS, encode=html.escape)
    text = syntax(languages.PERCENT, _TAGS)

    def __init__(self, settings: Settings, secret: str, session: Session) -> None:
        super().__init__(settings, secret, session)
        base = settings.url or _BASES[settings.region]
        session.open(base, headers=basic("api", secret), home="mailgun.net")

    @classmethod
    def wrong_together(cls, settings: Settings) -> tuple[str, str, str] | None:
        if settings.list and settings.readers:
            what = "[export.mailgun] names a list at Mailgun and a file of readers; which of them is it?"
            return "readers", what, "Take list or readers out."
        return None

    @property
    def account(self) -> str:
        return f"{super().account}/{self.settings.domain}/{self.list_name}"

    @property
    def list_name(self) -> str:
        return str(self.settings.list or self.settings.readers)

    def pace(self) -> Pace:
        tracking = self._read(f"/v3/domains/{self.settings.domain}/tracking", "domain").get("tracking") or {}
        if not (tracking.get("unsubscribe") or {}).get("active"):
            what = f"Mailgun does not look after who leaves what {self.settings.domain} mails."
            hint = "Turn on unsubscribes among the domain's settings there, or the mail has no link to leave."
            raise CannotDo(self.name, what, hint=hint)
        # Mailgun publishes no bound, and answers 429 to whoever is above it.
        return Pace(10)

    def readers(self, root: Path) -> Iterator[Reader]:
        own = self.settings
        left: set[str] = set()
        # Mailgun takes a mail to them, and drops it.
        for kind in ("unsubscribes", "complaints"):
            for each in self._pages(f"/v3/{own.domain}/{kind}", "domain"):
                if kind == "complaints" or {"*", own.tag} & set(each.get("tags") or "*"):
                    left.add(_key(each["address"]))
        listed = personal.listed(root, own.readers, key="mailgun") if own.readers else personal.Listed()
        found = listed.readers if own.readers else tuple(self._members())
        wanted = [reader for reader in found if _key(reader.address) not in left]
        gone = len(found) - len(wanted)
        self.notes = (*listed.notes, *([f"{gone} on the list left this domain, or complained."] if gone else ()))
        yield from wanted

    def look_over(self, draft: Draft, readers: Sequence[Reader]) -> None:
        personal.check_size(draft, _MOST, service=self.name)

    def mail(self, draft: Draft, reader: Reader) -> None:
        self._send(draft, self._message(draft, reader))

    def mail_test(self, draft: Draft, address: str) -> None:
        self._send(draft, self._message(draft, Reader(address), leave="#not-in-a-test"))

    # --- inside

    def _members(self) -> Iterator[Reader]:
        path = f"/v3/lists/{quote(self.settings.list, safe='@')}/members/pages"
        for each in self._pages(path, "list", subscribed="true"):
            if each.get("subscribed") is not True:
                continue
            given = each.get("vars") if isinstance(each.get("vars"), dict) else {}
            # As in Mailgun's own %recipient_fname%.
            first = str(given.get("first_name") or "") or next(iter(str(each.get("name") or "").split()), "")
            yield Reader(str(each["address"]), first)

    def _pages(self, path: str, key: str, **params: str) -> Iterator[Any]:
        """Every item of a list, page by page; there is always a next page, and the last is empty."""
        asked = {**params, "limit": "100"}
        for _ in range(_MOST_PAGES):
            page = self._read(path, key, **asked)
            items, paging = page.get("items"), page.get("paging")
            if not isinstance(items, list) or not all(isinstance(each, dict) and each.get("address") for each in items):
                raise self.unread("a list of addresses")
            if not items:
                return
            yield from items
            # The next page's address is Mailgun's; of it only what stands behind "?" is taken, so that our key goes
            # nowhere else.
            then = str(paging.get("next") or "") if isinstance(paging, dict) else ""
            before, asked = asked, {**asked, **dict(parse_qsl(urlsplit(then).query))}
            if asked == before:
                break
        raise self.unread("the end of a list of addresses")

    def _read(self, path: str, key: str, **params: str) -> dict[str, Any]:
        try:
            found = self.session.get(path, **params)
        except ServiceError as error:
            raise self._hinted(error, key) from None
        if not isinstance(found, dict):
            raise self.unread("what it was asked for")
        return found

    def _hinted(self, error: ServiceError, key: str) -> ServiceError:
        region = f'The account is looked for in region = "{self.settings.region}".'
        if isinstance(error, NotThere):
            error.hint = f"Look at {key} in [export.mailgun]. {region}"
        elif isinstance(error, CredentialRefused):
            error.hint = f"{error.hint} {region} A key that may only send reads no list."
        return error

    def _message(self, draft: Draft, reader: Reader, *, leave: str = _LEAVE) -> dict[str, str]:
        own = self.settings
        mail = personal.addressed(personal.enclosing(draft), reader, in_html=self.html, in_text=self.text)
        message = {
            "from": draft.sender,
            "to": reader.address,
            "subject": mail.subject,
            "html": mail.html.replace(_LEAVE, leave),
            "text": mail.text.replace(_LEAVE, leave),
            "o:tag": own.tag or draft.slug,
            # Said always: the domain may be set to either.
            "o:tracking-opens": "yes" if own.track_opens else "no",
            "o:tracking-clicks": "yes" if own.track_clicks else "no",
        }
        if draft.reply_to:
            message["h:Reply-To"] = draft.reply_to
        return {name: str(value) for name, value in self.payload(message).items()}

    def _send(self, draft: Draft, message: dict[str, str]) -> None:
        pictures = [("inline", (asset.name, asset.content, asset.media_type)) for asset in draft.assets]
        try:
            answer = self.session.act(f"/v3/{self.settings.domain}/messages", form=message, files=pictures)
        except ServiceError as error:
            raise self._refused(error, message["to"]) from None
        if not isinstance(answer, Pretended) and not (isinstance(answer, dict) and answer.get("id")):
            raise UnknownOutcome(self.name, "POST /messages", "its answer cannot be read")

    def _refused(self, error: ServiceError, address: str) -> ServiceError:
        """What a refusal is about: one reader, our haste, or all of them."""
        if error.status == 429:
            return TooFast(self.name, error.what, status=429, hint=error.hint)
        # It has no codes: "to parameter is not a valid address. please check documentation".
        if error.status == 400 and ("to parameter" in error.what or "'to'" in error.what):
            return NotTaken(self.name, error.what.replace(address, "it"), status=400, certain=True)
        return self._hinted(error, "domain")


def _key(address: Any) -> str:
    return str(address).strip().casefold()
