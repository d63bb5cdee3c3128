"""A mail server of your own, for tests and small lists: one mail to each reader of a file of addresses."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, NoReturn

from digest import filled, merge_tags, message
from digest.credentials import Credential
from digest.exporters.base import Can, Draft, Mailer, Pace, Tags, syntax
from digest.mailing import address_list, personal
from digest.mailing.delivery import NotTaken, Reader, TooFast
from digest.models import Email
from digest.services import languages, mail_server
from digest.services.calls import Call, Session
from digest.services.errors import CannotDo, CredentialRefused, ServiceError, UnknownOutcome
from digest.services.mail_server import NAME, Line, Outcome, Unreachable

#: As many readers as know the editor, and write back to be taken off the list.
_FEW = 20
#: From 5,000 mails a day on Gmail asks of a sender what no mailbox provider's server does by itself:
#: https://support.google.com/a/answer/81126 (read 2026-11-22).
_BULK = 5_000
#: What servers say when it is us who are too many, and not a reader who is wrong.
_TOO_MANY = re.compile(
    r"too many|too much|too fast|too quick|\brate\b|limit|throttl|quota|slow down|exceed|try again later", re.IGNORECASE
)
#: RFC 3463: of an address that is none (X.1.1 to X.1.6, X.1.10), and of a mailbox (X.2).
_OF_ONE = re.compile(r"1\.([1-6]|10)|2\.\d+")
#: What servers say of those that have no such numbers.
_NOBODY = re.compile(
    r"mailbox|no such|unknown|does not exist|doesn't exist|not found|no longer|inactive", re.IGNORECASE
)
#: RFC 3463, 3.8 and RFC 4954, 6: it is about who we are.
_WHO = (530, 534, 535, 538)


@dataclass(frozen=True, slots=True)
class Settings(mail_server.Settings):
    #: The file of readers, beside digest.toml.
    readers: str = "readers.csv"
    #: Mails a second. The strictest of the large providers takes 30 a minute:
    #: https://learn.microsoft.com/en-us/office365/servicedescriptions/exchange-online-service-description/exchange-online-limits
    rate: int | float = 0.5
    #: Readers of a list. What a free account of a large provider lets out in a day, and what a person can still look
    #: after who reads the answers, the bounces and the wishes to leave by hand.
    most: int = 500


_TAGS: Tags = {**personal.TAGS, "unsubscribe_url": personal.blank("unsubscribe_url")}
#: We fill in all of it: nothing in a text can be taken for a tag.
LANGUAGE = languages.Language("SMTP", re.compile(r"(?!)"))


class Exporter(Mailer):
    """A mail server as `digest.exporting.mailing` uses it."""

    name = NAME
    settings_class = Settings
    secret = "password"
    example = "PASSWORD"
    checks: ClassVar[Mapping[str, Callable[[Any], str]]] = {
        **mail_server.CHECKS,
        "readers": lambda value: "" if value.strip() else 'the name of a file, such as "readers.csv"',
        "rate": lambda value: "" if 0 < value <= 1000 else "mails a second, such as 0.5",
        "most": lambda value: "" if 0 < value <= _BULK else f"a whole number from 1 to {_BULK}",
    }
    can = Can(
        preheader=False,
        encloses=True,
        test=True,
        send=True,
        cannot=("A mail server keeps no drafts and no schedule: digest mails each reader of a small list itself.",),
    )
    html = syntax(LANGUAGE, _TAGS, encode=html.escape)
    text = syntax(LANGUAGE, _TAGS)

    def __init__(self, settings: Settings, secret: str, session: Session) -> None:
        super().__init__(settings, secret, session)
        self._line = Line(settings, Credential(secret, session.key_from) if settings.user and secret else None)

    @classmethod
    def wants_secret(cls, settings: Settings) -> bool:
        return bool(settings.user)

    @classmethod
    def wrong_together(cls, settings: Settings) -> tuple[str, str, str] | None:
        return mail_server.wrong_together(settings)

    @property
    def account(self) -> str:
        """The list, and no server: who changes to another in the middle mails the rest by it."""
        return str(self.settings.readers)

    # --- what is asked

    @property
    def list_name(self) -> str:
        return str(self.settings.readers)

    def pace(self) -> Pace:
        """Be connected and logged in, so that what is wrong with that is known before a mail is begun."""
        try:
            self._line.open()
        except ServiceError as error:
            error.standing("Nothing was sent.")
            raise
        return Pace(float(self.settings.rate))

    def readers(self, root: Path) -> Iterator[Reader]:
        listed = personal.listed(root, self.settings.readers, key="smtp")
        self.notes = (*listed.notes, *filter(None, [self.settings.caution]))
        yield from listed.readers

    def look_over(self, draft: Draft, readers: Sequence[Reader]) -> None:
        if not (draft.unsubscribe_url or draft.unsubscribe_email) and len(readers) > _FEW:
            raise CannotDo(
                self.name,
                f"There are {len(readers)} readers, and no way for them to leave; without one at most {_FEW} are "
                "mailed from here. Nothing was sent.",
                hint='Set unsubscribe_url = "https://..." or unsubscribe_email = "..." under [publication] in '
                "digest.toml. The law of most countries wants it, and mail programs make a button of it.",
            )
        if len(readers) > self.settings.most:
            raise CannotDo(
                self.name,
                f"There are {len(readers)} readers, and a list that is mailed from here has at most "
                f"{self.settings.most}. Nothing was sent.",
                hint="A mailing service is made for more: it looks after bounces, complaints and those who leave, and "
                'its servers are known; "digest services" lists them. most = ... in [export.smtp] is yours to raise '
                "where your provider lets that many out in a day.",
            )

    # --- mails

    def mail(self, draft: Draft, reader: Reader) -> None:
        self.mail_to(draft, reader, lambda: None)

    def mail_to(self, draft: Draft, reader: Reader, begin: Callable[[], None]) -> None:
        if self.session.dry:  # Nobody in particular, whose place no mail has.
            reader = Reader("reader@example.org")
        outcome = self._offer(draft, reader, begin)
        if outcome.at or outcome.unsure:
            self._refused(outcome)

    def mail_test(self, draft: Draft, address: str) -> None:
        # Of two mails of one name mail programs show one.
        marker = f"{draft.marker} {datetime.now().isoformat()}"
        outcome = self._offer(replace(draft, marker=marker), Reader(address), lambda: None)
        if outcome.unsure:
            raise UnknownOutcome(self.name, "a test", outcome.why)
        if outcome.at:
            raise ServiceError(self.name, f"The mail server did not take the test: {outcome.why}.")

    def close(self) -> None:
        self._line.close()

    def _mail(self, draft: Draft, reader: Reader) -> bytes:
        """The whole message to one reader, the same name for the same issue and reader whenever it is made."""
        # Who has named no way to leave mails few, who can write back.
        mailbox = draft.unsubscribe_email or ("" if draft.unsubscribe_url else draft.sender_email)
        leave = filled.way_out(draft.unsubscribe_url, mailbox, reader=reader.address)
        mail = personal.addressed(draft, reader, in_html=self.html, in_text=self.text, more={"unsubscribe_url": leave})
        seed = f"{draft.marker}\0{reader.address.casefold()}"
        domain = draft.sender_email.rpartition("@")[2]
        email = Email(
            subject=mail.subject,
            preheader="",
            sender_name=draft.sender_name,
            sender_email=draft.sender_email,
            html=mail.html,
            text=mail.text,
            language=draft.language,
            date=datetime.now().astimezone(),
            message_id=f"{hashlib.sha256(seed.encode()).hexdigest()[:32]}@{domain}",
            reply_to=draft.reply_to,
            unsubscribe_url=filled.leaving(draft.unsubscribe_url, reader.address),
            unsubscribe_email=mailbox,
            list_id=draft.list_id or _list_id(draft),
            assets=draft.assets,
        )
        to = f"{address_list.one_line(reader.first_name)} <{reader.address}>"
        return message.to_bytes(email, to=to, draft=False, enclosed=bool(draft.assets))

    def _offer(self, draft: Draft, reader: Reader, begin: Callable[[], None]) -> Outcome:
        address, mail = reader.address, self._mail(draft, reader)
        sender = message.ascii_address("The sender's address", draft.sender_email)
        if self.session.rehearsed(self._call(sender, address, mail, draft)):
            return Outcome()
        mailed_before = self._line.used > 0
        try:
            outcome = self._line.hand_over(sender, address, mail, begin)
            # Servers let so many mails through one line, and then hang up with a word or without.
            if mailed_before and not outcome.unsure and outcome.code in (0, 421) and outcome.at:
                outcome = self._line.hand_over(sender, address, mail, begin)
        except Unreachable as error:
            if mailed_before:
                raise TooFast(self.name, error.what, hint=error.hint) from error
            raise
        return outcome

    def _call(self, sender: str, address: str, mail: bytes, draft: Draft) -> Call:
        head = mail.partition(b"\r\n\r\n")[0].decode("ascii")
        lines = (line.partition(": ") for line in re.sub(r"\r\n[ \t]", " ", head).split("\r\n"))
        said: dict[str, Any] = {"MAIL FROM": sender, "RCPT TO": address}
        said |= {name: value for name, _, value in lines}
        said |= {"text part": draft.text, "HTML": draft.html, "bytes": len(mail)}
        shown = {key: _BLANKS.sub("[[\\1]]", each) if isinstance(each, str) else each for key, each in said.items()}
        files = tuple((each.name, each.media_type, len(each.content)) for each in draft.assets)
        return Call("SMTP", f"{self.settings.host}:{self.settings.door}", shown, files=files)

    def _refused(self, outcome: Outcome) -> NoReturn:
        """Raise what it means that a mail was not taken: for this reader, for now, or for all."""
        code, why = outcome.code, f"{outcome.why[0].upper()}{outcome.why[1:]}."
        if outcome.unsure:
            raise UnknownOutcome(self.name, "a mail", outcome.why)
        if code in _WHO:
            raise CredentialRefused(self.name, why, status=code, hint='Look at "user" in [export.smtp].')
        one = outcome.at == "reader" and bool(
            _OF_ONE.fullmatch(outcome.detail) if outcome.detail else _NOBODY.search(why)
        )
        if code in (0, 421) or (400 <= code < 500 and not one and (outcome.at != "reader" or _TOO_MANY.search(why))):
            hint = "Its provider bounds how many mails go out in an hour or a day; wait, and set a smaller rate."
            raise TooFast(self.name, why, status=code, hint=hint)
        if not one and (outcome.at in ("sender", "handing") or _TOO_MANY.search(why)):
            hint = "Its provider bounds how many mails go out in a day." if _TOO_MANY.search(why) else ""
            raise ServiceError(self.name, why, status=code, hint=hint)
        raise NotTaken(self.name, why, status=code, certain=one)


_BLANKS = re.compile(rf"{merge_tags.OPEN}([a-z_]+)(?:\|[^{merge_tags.CLOSE}]*)?{merge_tags.CLOSE}")


def _list_id(draft: Draft) -> str:
    """RFC 2919: the newsletter, by its sender's name and domain, the same for every issue."""
    plain = unicodedata.normalize("NFKD", draft.sender_name).encode("ascii", "ignore").decode().lower()
    label = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "newsletter"
    return f"{draft.sender_name.replace('<', '').replace('>', '')} <{label}.{draft.sender_email.rpartition('@')[2]}>"
