"""Postmark: one mail to each reader in a file of yours, through a broadcast stream, and tests; it keeps no drafts."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from digest.exporters.base import Can, Draft, Mailer, Pace, Tags, syntax
from digest.exporters.base import Settings as Shared
from digest.mailing import personal
from digest.mailing.delivery import NotTaken, Reader, TooFast
from digest.services import languages
from digest.services.calls import Pretended, Session
from digest.services.errors import CannotDo, NotThere, ServiceError, UnknownOutcome


@dataclass(frozen=True, slots=True)
class Settings(Shared):
    #: The file of readers, beside digest.toml; Postmark keeps no list.
    readers: str = field(kw_only=True)
    #: The id of a broadcast stream.
    stream: str = "broadcast"
    #: The id of the transactional stream that tests go through.
    test_stream: str = "outbound"
    #: By which Postmark counts; left out, the issue's own.
    tag: str = ""
    track_opens: bool = False
    track_clicks: bool = False


#: https://postmarkapp.com/support/article/1208-how-to-add-an-unsubscribe-link (read 2026-11-22)
_LEAVE = "{{{ pm:unsubscribe }}}"
_TAGS: Tags = {**personal.TAGS, "unsubscribe_url": _LEAVE}
#: Only its own placeholders are looked for in a mail that is made from no template. In HTML more is escaped than
#: that, because it costs nothing.
LANGUAGE = languages.Language("Postmark", re.compile(r"\{(?=\{*\s*pm:|\{*\Z)", re.IGNORECASE))

#: Of its codes (https://postmarkapp.com/developer/api/overview#error-codes) the one that is about one reader:
#: Postmark has seen mail to this address come back, or was told by the reader to stop.
_INACTIVE = "406"
#: A request that is not valid, which may be for the reader's address, for ours, or for anything else.
_INVALID = "300"
_HINTS = {
    "400": "Verify sender_email of [publication] there, as a sender signature or by its domain.",
    "401": "Confirm sender_email of [publication] there: Postmark has mailed it a link.",
    "405": "The account has no mails left. Its billing page has more.",
    "412": "Until Postmark has approved the account it mails your own domain alone. Ask for it on its pages.",
    "413": "Until Postmark has approved the account it mails your own domain alone. Ask for it on its pages.",
}
#: Bytes of a whole request, and of either part: https://postmarkapp.com/developer/user-guide/send-email-with-api
_MOST, _MOST_OF_A_PART = 10_000_000, 5_000_000


class Exporter(Mailer):
    """Postmark as `digest.exporting.mailing` uses it."""

    name = "Postmark"
    settings_class = Settings
    example = "00000000-0000-0000-0000-000000000000"
    ours = ("To", "Cc", "Bcc", "MessageStream")
    can = Can(
        preheader=False,
        encloses=True,
        test=True,
        send=True,
        max_bytes=_MOST_OF_A_PART,
        max_subject=2000,
        cannot=(
            "Postmark keeps no drafts, no schedule and no list: digest mails each reader in a file of yours itself.",
        ),
    )
    html = syntax(languages.HANDLEBARS, _TAGS, encode=html.escape)
    text = syntax(LANGUAGE, _TAGS)

    def __init__(self, settings: Settings, secret: str, session: Session) -> None:
        super().__init__(settings, secret, session)
        base = settings.url or "https://api.postmarkapp.com"
        session.open(base, headers={"X-Postmark-Server-Token": secret}, home="postmarkapp.com")

    @property
    def account(self) -> str:
        return f"{super().account}/{self.settings.stream}/{self.settings.readers}"

    @property
    def list_name(self) -> str:
        return str(self.settings.readers)

    def pace(self) -> Pace:
        # Postmark publishes no bound, and answers 429 to whoever is above it.
        stream = self._stream("")
        kind = stream.get("MessageStreamType")
        if kind != "Broadcasts":
            what = f'The stream "{self.settings.stream}" of Postmark is for {str(kind).lower()} mail.'
            hint = "Name a broadcast stream in [export.postmark]; Postmark wants newsletters kept apart."
            raise CannotDo(self.name, what, hint=hint)
        if stream.get("ArchivedAt"):
            raise CannotDo(self.name, f'The stream "{self.settings.stream}" of Postmark is archived.')
        leaving = (stream.get("SubscriptionManagementConfiguration") or {}).get("UnsubscribeHandlingType")
        if leaving != "Postmark":
            what = f'Postmark does not look after who leaves the stream "{self.settings.stream}" ({leaving}).'
            raise CannotDo(self.name, what, hint="Let it, in the stream's settings, or readers find no way to leave.")
        return Pace(10)

    def readers(self, root: Path) -> Iterator[Reader]:
        found = self._stream("/suppressions/dump").get("Suppressions")
        if not isinstance(found, list) or not all(
            isinstance(each, dict) and each.get("EmailAddress") for each in found
        ):
            raise self.unread("a list of suppressions")
        left = {str(each["EmailAddress"]).strip().casefold() for each in found}
        listed = personal.listed(root, self.settings.readers, key="postmark")
        wanted = [reader for reader in listed.readers if reader.address.casefold() not in left]
        gone = len(listed.readers) - len(wanted)
        self.notes = (*listed.notes, *([f"{gone} in the file left this stream, or cannot be mailed."] if gone else ()))
        yield from wanted

    def look_over(self, draft: Draft, readers: Sequence[Reader]) -> None:
        personal.check_size(draft, _MOST, service=self.name)

    def mail(self, draft: Draft, reader: Reader) -> None:
        self._send({**self._message(draft, reader), "MessageStream": self.settings.stream})

    def mail_test(self, draft: Draft, address: str) -> None:
        message = self._message(draft, Reader(address), leave="#not-in-a-test")
        # In a broadcast Postmark would add a link, by which the editor could leave the list.
        self._send({**message, "MessageStream": self.settings.test_stream})

    # --- inside

    def _stream(self, what: str) -> dict[str, Any]:
        try:
            found = self.session.get(f"/message-streams/{quote(self.settings.stream, safe='')}{what}")
        except NotThere as error:
            error.hint = "Look at stream in [export.postmark]: it wants the id, not the name."
            raise
        if not isinstance(found, dict):
            raise self.unread("what it was asked for")
        return found

    def _message(self, draft: Draft, reader: Reader, *, leave: str = _LEAVE) -> dict[str, Any]:
        own = self.settings
        mail = personal.addressed(personal.enclosing(draft), reader, in_html=self.html, in_text=self.text)
        message: dict[str, Any] = {
            "From": draft.sender,
            "To": reader.address,
            "Subject": mail.subject,
            "HtmlBody": mail.html.replace(_LEAVE, leave),
            "TextBody": mail.text.replace(_LEAVE, leave),
            "Tag": own.tag or draft.slug,
            # Said always: the server may be set to either.
            "TrackOpens": own.track_opens,
            "TrackLinks": "HtmlAndText" if own.track_clicks else "None",
        }
        if draft.reply_to:
            message["ReplyTo"] = draft.reply_to
        if draft.assets:
            message["Attachments"] = [
                {
                    "Name": asset.name,
                    "Content": base64.b64encode(asset.content).decode(),
                    "ContentType": asset.media_type or "application/octet-stream",
                    "ContentID": f"cid:{asset.name}",
                }
                for asset in draft.assets
            ]
        return self.payload(message)

    def _send(self, message: dict[str, Any]) -> None:
        try:
            answer = self.session.act("/email", message)
        except ServiceError as error:
            raise self._refused(error, message["To"]) from None
        if not isinstance(answer, Pretended) and (
            not isinstance(answer, dict) or answer.get("ErrorCode") or not answer.get("MessageID")
        ):
            raise UnknownOutcome(self.name, "POST /email", "its answer cannot be read")

    def _refused(self, error: ServiceError, address: str) -> ServiceError:
        """What a refusal is about: one reader, our haste, or all of them."""
        if error.status == 429:
            return TooFast(self.name, error.what, status=429, hint=error.hint)
        if error.code == _INACTIVE or (error.code == _INVALID and "'To'" in error.what):
            return NotTaken(self.name, error.what.replace(address, "it"), status=error.status, certain=True)
        error.hint = _HINTS.get(error.code, error.hint)
        return error
