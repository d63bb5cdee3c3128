"""What a mailing service is to us: what it can, what it is handed, what it says of a draft, and how it writes blanks.

A file in this folder is a service. It brings a class `Exporter`, made from `Service`, that translates a `Draft` into
the service's calls and its answers into a `Remote`. When which of them is called, what is written down between them,
and what an editor is told, is the same for all and stands in `digest.exporting`.
"""

from __future__ import annotations

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Literal

from digest.mailing.delivery import Reader
from digest.merge_tags import Blank, Syntax
from digest.models import Asset, Email, Issue
from digest.services.calls import Pretended, Session
from digest.services.errors import CannotDo, ServiceError, UnknownOutcome
from digest.services.languages import Language

State = Literal["draft", "scheduled", "sending", "sent"]
#: How a service writes blanks, by name: a text, or a function of the fallback.
Tags = Mapping[str, str | Callable[[str], str]]


@dataclass(frozen=True, slots=True)
class Can:
    """What a service can; what it cannot is told to the editor before anything is written."""

    #: It takes our text part.
    text: bool = True
    #: It has a field for the preheader; else the hidden line in the HTML stays.
    preheader: bool = True
    #: It wants what stands inside <body>, to be put into a frame of its own.
    fragment: bool = False
    #: It adds a way to leave the list by itself.
    footer: bool = False
    #: What its own frame ends every mail with, by the names of blanks: where a theme has them the theme's are left
    #: out, or readers would find two links to leave. What an editor wrote into the text stays.
    frame_has: frozenset[str] = frozenset()
    #: A style sheet within a fragment reaches readers: the rules for phones are brought along.
    phone_rules: bool = False
    #: It hosts pictures.
    pictures: bool = False
    #: It changes no draft: `update` makes another in its place, with an id of its own.
    replaces: bool = False
    #: It mails pictures within the mail, where nobody said where on the web they are: `Draft.assets`.
    encloses: bool = False
    test: bool = False
    schedule: bool = False
    unschedule: bool = False
    send: bool = False
    #: It sends at full quarters of an hour only.
    quarter_hours: bool = False
    #: Bytes of HTML; 0 for no bound that is known.
    max_bytes: int = 0
    #: Letters of the preheader; 0 for no bound that is known.
    max_preheader: int = 0
    max_subject: int = 0
    #: Whole sentences about what an editor would otherwise expect of it.
    cannot: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A finished issue as a service is handed it: blanks written its way, pictures on the web, links tagged."""

    slug: str
    #: A word that is in no other draft, made of publication and slug. It has to stand somewhere in the service
    #: where readers never see it and `look_up` finds it: a campaign's internal name, its metadata.
    marker: str
    #: A name for the list of campaigns; never seen by readers.
    title: str
    subject: str
    #: "" where the service has no field for it, and where there is none.
    preheader: str
    #: A document, or what stands inside <body> where the service wants that.
    html: str = field(repr=False)
    #: "" where the service makes its own.
    text: str = field(repr=False)
    sender_name: str = ""
    sender_email: str = ""
    reply_to: str = ""
    #: BCP 47.
    language: str = "en"
    number: int | None = None
    #: What else the payload is made of, such as the service's own table in digest.toml.
    settings: str = ""
    #: What a mail needs that no service heads for us: where readers leave the list as the publication says, its
    #: List-Id, and the pictures that `html` looks for in images/; these for a service that `can` enclose them alone.
    unsubscribe_url: str = ""
    unsubscribe_email: str = ""
    list_id: str = ""
    assets: tuple[Asset, ...] = field(default=(), repr=False)

    @property
    def sender(self) -> str:
        """`Name <address>`, the name in quotes where it holds what would end it (RFC 5322, 3.4)."""
        name = self.sender_name.strip()
        if re.search(r'[()<>\[\]:;@\\,."]', name):
            name = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
        return f"{name} <{self.sender_email}>" if name else self.sender_email

    @property
    def parts(self) -> dict[str, str]:
        """What an editor may change in the service, by the name it is called in messages."""
        parts = {"subject": self.subject, "preheader": self.preheader, "HTML": self.html, "text part": self.text}
        return {name: value for name, value in parts.items() if value}

    @property
    def content(self) -> str:
        """A hash of everything that goes into the service: equal means that nothing is to be written."""
        whole = (*sorted(self.parts.items()), self.title, self.marker, self.slug, self.settings, self.language)
        whole += (self.sender_name, self.sender_email, self.reply_to, str(self.number))
        # Only those of a mail: a draft that was left before these were known stays the one it was.
        whole += tuple(filter(None, (self.unsubscribe_url, self.unsubscribe_email, self.list_id)))
        whole += tuple(hashlib.sha256(each.content).hexdigest() for each in self.assets)
        return hashlib.sha256(repr(whole).encode()).hexdigest()[:32]


class Fingerprint(str):
    """A part that a service takes and never shows again: `fingerprint` of it, which we wrote where it can be read."""

    __slots__ = ()


def fingerprint(text: str) -> str:
    """The same for two texts that differ in blanks and line ends alone, which services change."""
    if isinstance(text, Fingerprint):
        return str(text)
    return hashlib.sha256(" ".join(text.split()).encode("utf-8", "replace")).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Remote:
    """A draft as the service has it."""

    id: str
    state: State = "draft"
    #: What it holds, by the names of `Draft.parts`, taken out of the service's wrapping so that it can be compared
    #: with what was sent. A part that the service does not show is left out. Where it shows none at all, one part
    #: "changes" holds the time of the last change.
    parts: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: Where an editor looks at it.
    url: str = ""
    #: Where readers find it on the web once it is sent.
    archive_url: str = ""
    #: What the next write has to bring, for services that lock (an updated_at, an etag).
    version: str = ""
    #: When it goes out, or went.
    when: datetime | None = None
    #: False for a draft whose content takes another call, which `update` makes.
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Settings:
    """`[export.<service>]`: what every service understands. Each adds its own fields."""

    #: Another address of its API: for software that runs anywhere, and for tests.
    url: str = ""
    #: `[export.<service>.extra]`: merged into the payload, for what we do not model.
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A finished issue for a place that is no service. Its module has `deliver(parcel, folder) -> models.Receipt`."""

    #: Blanks still neutral: `digest.filled` writes what the publication says of itself.
    email: Email
    issue: Issue


class Service(ABC):
    """One mailing service. A module in this folder has a subclass called `Exporter`.

    No method decides anything, retries anything or writes anything down; each is a call or two, and an answer read.
    Methods of writing raise what `Session` raises. `read` and `look_up` change nothing.
    """

    #: As editors know it.
    name: ClassVar[str]
    can: ClassVar[Can]
    #: A frozen dataclass, its fields the keys of [export.<service>]; made from `Settings` where it is asked by HTTP.
    settings_class: ClassVar[type[Any]] = Settings
    #: The name of its key in `digest.credentials`; "" for a service that wants none of us.
    secret: ClassVar[str] = "api_key"
    #: Where keys lie that are not the service's alone, as (service, name) of `digest.credentials`, in order. What is
    #: found of them, up to the first that is not, comes joined by ":" where `secret` is "".
    shared_secrets: ClassVar[tuple[tuple[str, str], ...]] = ()
    #: What a key looks like, so that `--dry-run` can do without one.
    example: ClassVar[str] = "KEY"
    #: False for a `Mailer`.
    keeps_drafts: ClassVar[bool] = True
    #: What a value of [export.<service>] has to be besides its type, as for `decode.table`.
    checks: ClassVar[Mapping[str, Callable[[Any], str]]] = {}
    #: Keys of `extra`, dotted, that are ours alone: with them a draft could be sent.
    ours: ClassVar[tuple[str, ...]] = ()

    #: How it writes blanks, and escapes what is text: in HTML, and in the text part and the subject.
    html: ClassVar[Syntax]
    text: ClassVar[Syntax]

    def __init__(self, settings: Any, secret: str, session: Session) -> None:
        """`settings` is an instance of `settings_class`. Calls `session.open`; asks nothing yet."""
        self.settings = settings
        self.session = session

    @classmethod
    def wants_secret(cls, settings: Any) -> bool:
        """Whether with these settings nothing can be done without its secret."""
        return bool(cls.secret)

    @classmethod
    def wrong_together(cls, settings: Any) -> tuple[str, str, str] | None:
        """A key with which others make a mistake, what is wrong, and the way out; None when all is well."""
        return None

    @property
    def account(self) -> str:
        """Which account, as far as it is known without asking; no secret. Drafts of another one are not ours."""
        return self.session.base.partition("://")[2]

    @property
    def tags_links(self) -> bool:
        """The service adds UTM parameters by itself, with these settings; then we do not."""
        return False

    @abstractmethod
    def create(self, draft: Draft) -> Remote:
        """Make a draft, in one call and `session.make`; `whole=False` when `update` has to bring the content.

        The payload says that it is a draft, even where that is the default.
        """

    @abstractmethod
    def update(self, remote: Remote, draft: Draft) -> Remote:
        """Write everything over the draft that `read` or `create` gave. May be called twice with the same end."""

    @abstractmethod
    def read(self, id: str) -> Remote | None:  # noqa: A002
        """The draft, or None when it is gone (404, or thrown away by an editor)."""

    @abstractmethod
    def look_up(self, marker: str) -> Sequence[Remote]:
        """Every campaign with this marker that is not thrown away, sent ones too; the list is read to its end.

        Raises rather than give a list that may lack one: it is the proof that nothing was made.
        """

    def missing(self, remote: Remote) -> Sequence[str]:
        """What the service says has still to be mended before the draft can be sent, in its words."""
        return ()

    def pages(self, draft: Draft) -> Mapping[str, str]:
        """What an editor has to publish before a draft is made, by address: for a service that fetches its mails.

        `create` and `update` then raise NotPublished, before they write anything, unless just this is there.
        """
        return {}

    def upload(self, asset: Asset) -> str:
        """The address of a picture, now that the service hosts it."""
        raise self.cannot("host pictures")

    def test(self, remote: Remote, draft: Draft, addresses: Sequence[str]) -> None:
        """Mail the draft to these alone; by `session.act`."""
        raise self.cannot("send a test")

    def schedule(self, remote: Remote, when: datetime) -> Remote:
        """Have it sent then; by `session.act`. `when` is UTC, and fits what `can` says."""
        raise self.cannot("be told when to send")

    def unschedule(self, remote: Remote) -> Remote:
        """Make it a draft again; by `session.act`."""
        raise self.cannot("take a schedule back")

    def send(self, remote: Remote) -> Remote:
        """Mail it to everybody now; by `session.act`."""
        raise self.cannot("be told to send")

    def payload(self, ours: Mapping[str, Any]) -> dict[str, Any]:
        """`ours` with `[export.<service>.extra]` merged in, table into table; lists and values are replaced."""
        return merged(ours, self.settings.extra)

    def state(self, states: Mapping[str, State], told: Any) -> State:
        """Ours for the service's own word. A word nobody knows is no draft: better to stop than to write over it."""
        if isinstance(told, Pretended):
            return "draft"
        found = states.get(str(told))
        if found is None:
            what = f'{self.name} says that it is "{str(told)[:40]}", which digest does not know.'
            raise ServiceError(self.name, what, hint="Look there; and tell us, so that digest learns the word.")
        return found

    def cannot(self, what: str) -> CannotDo:
        return CannotDo(self.name, f"{self.name} cannot {what} from here.", hint="Do it on its own pages.")

    def unread(self, what: str) -> ServiceError:
        """To raise when an answer lacks what it must have."""
        return ServiceError(self.name, f"{self.name} gave an answer without {what}.")


class NoDrafts(CannotDo):
    """Raised when a service that only sends is asked for a draft."""

    def __init__(self, service: str) -> None:
        super().__init__(
            service,
            f"{service} keeps no drafts: it only sends, so nothing was done.",
            hint="--test ADDRESS mails the issue to you alone, --send to every reader of the list; "
            "--dry-run shows what would be asked.",
        )


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a list may be mailed."""

    #: Mails a second.
    rate: float
    #: Mails that may still go out today; None without a bound.
    left: int | None = None


class Mailer(Service):
    """A service that keeps no drafts: we mail each reader of a list, when `digest.exporting.mailing` says so."""

    keeps_drafts = False

    #: Sentences for an editor about the list, set by `readers`.
    notes: Sequence[str] = ()

    @property
    @abstractmethod
    def list_name(self) -> str:
        """What the list is called, in quotes of an editor's message; "" when [export.<service>] names none."""

    @abstractmethod
    def pace(self) -> Pace:
        """Asked before a list is mailed. Raises CannotDo where the service would mail nobody now."""

    @abstractmethod
    def readers(self, root: Path) -> Iterator[Reader]:
        """Those on the list who want this mail, read to the end; `root` is where digest.toml is.

        Raises rather than give a list that may lack one, or hold one who has left.
        """

    def look_over(self, draft: Draft, readers: Sequence[Reader]) -> None:
        """Raise CannotDo where this mail may not go to this list. Asked when all else is ready, before the first."""

    @abstractmethod
    def mail(self, draft: Draft, reader: Reader) -> None:
        """Mail it to one reader of the list, once. Raises NotTaken, TooFast, UnknownOutcome or what is about all."""

    def mail_to(self, draft: Draft, reader: Reader, begin: Callable[[], None]) -> None:
        """`mail`, with `begin` called before anything can arrive: it writes down that nobody knows, until we say.

        To be overridden where the moment from which a mail may be out is known better than by being asked.
        """
        begin()
        self.mail(draft, reader)

    @abstractmethod
    def mail_test(self, draft: Draft, address: str) -> None:
        """Mail it to this address alone, which is on no list: there is nothing to leave. Raises as `mail` does."""

    def close(self) -> None:
        """Let go of what was held open between one mail and the next."""

    def test(self, remote: Remote, draft: Draft, addresses: Sequence[str]) -> None:
        draft = replace(draft, subject=f"[test] {draft.subject}")
        for number, address in enumerate(addresses):
            try:
                self.mail_test(draft, address)
            except ServiceError as error:
                if isinstance(error, UnknownOutcome):
                    error.hint = "Look into that inbox before you send it again."
                which = f"This was test {number + 1} of {len(addresses)}; those before it were mailed."
                error.standing(which if number else "")
                raise

    def create(self, draft: Draft) -> Remote:
        raise NoDrafts(self.name)

    def update(self, remote: Remote, draft: Draft) -> Remote:
        raise NoDrafts(self.name)

    def read(self, id: str) -> Remote | None:  # noqa: A002
        raise NoDrafts(self.name)

    def look_up(self, marker: str) -> Sequence[Remote]:
        raise NoDrafts(self.name)


def merged(ours: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(ours)
    for key, value in extra.items():
        mine = result.get(key)
        result[key] = merged(mine, value) if isinstance(mine, Mapping) and isinstance(value, Mapping) else value
    return result


def syntax(language: Language, tags: Tags, *, encode: Callable[[str], str] | None = None) -> Syntax:
    """How a service writes blanks, from a table. `encode` is `html.escape` for HTML, and left out for text.

    A tag is a text, or a function that is given the fallback ready to stand there as text, such as
    `lambda other: "{% if name %}{{ name }}{% else %}" + other + "{% endif %}"`. A blank that is not in the
    table gets what the publication has for it, else its fallback.
    """
    escape = language.html if encode else language.text

    def tag(blank: Blank) -> str | None:
        found = tags.get(blank.name)
        if found is None or isinstance(found, str):
            return found
        return found(escape(encode(blank.fallback) if encode else blank.fallback))

    return Syntax(tag=tag, escape=escape)
