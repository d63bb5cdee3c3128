"""A rendered mail becomes what a service is handed: pictures on the web, links tagged, blanks written its way."""

from __future__ import annotations

import hashlib
import html as html_
import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

from digest import filled, merge_tags, utm
from digest.errors import DigestError, Mistakes
from digest.exporters.base import Draft, Service
from digest.merge_tags import Blank, Syntax
from digest.models import Asset, Block, Brief, Briefs, Day, Email, Issue, Prose, Story, UtmPlan
from digest.render.address import address

_BODY = re.compile(r"<body\b[^>]*>(.*)</body\s*>", re.DOTALL | re.IGNORECASE)
_SHEET = re.compile(r"<style\b[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
#: A rule within it ends before the one that follows.
_NARROW = re.compile(r"@media[^{]*max-width[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", re.IGNORECASE)
#: Bytes of a line, with room for what a service writes in place of its tags; and after how many a blank ends one.
_LONGEST, _FULL = 900, 400
#: What keeps the body's first words out of the line that inboxes show, hundreds of them in a row.
_FILLER = re.compile("(?:\u2007|&#8199;)(?:\u034f|&#847;)")
#: A blank between words, or something in which none may be changed.
_TOKEN = re.compile(
    rf"<!--.*?-->|<style\b.*?</style\s*>|<pre\b.*?</pre\s*>|<[^>]*>|{merge_tags.OPEN}[^{merge_tags.CLOSE}]*"
    rf"{merge_tags.CLOSE}| |{_FILLER.pattern}|[^< &\u2007{merge_tags.OPEN}]+|.",
    re.DOTALL | re.IGNORECASE,
)
#: Where each begins, also within another; where it ends Markdown alone knows.
_IN_MARKDOWN = re.compile(r"(?=(https?://[^\s<>\"]+))", re.IGNORECASE)
_MAY_END = re.compile(r"[)\]*_,.;:!?'|]|\Z")
_CSS_ADDRESS = re.compile(r"url\(\s*[\"']?([^\"')]*)", re.IGNORECASE)
#: What may stand in an attribute that holds an address, besides one that begins with http.
_FINE = re.compile(rf"#|mailto:|tel:|sms:|{merge_tags.OPEN}|https?://[^/]|\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Letter:
    """A rendered issue on its way to a service."""

    email: Email
    slug: str
    number: int | None = None
    date: Day | None = None
    title: str = ""
    #: The publication's name, so that two newsletters in one account keep apart.
    publication: str = ""
    utm: UtmPlan = field(default_factory=UtmPlan)
    #: The issue's own file says that it was sent.
    sent: bool = False
    #: Addresses that a sponsor paid for; they stay as they are.
    sponsored: frozenset[str] = frozenset()

    @property
    def marker(self) -> str:
        """The word by which the draft is found again, the same for every export of this issue."""
        return "digest-" + hashlib.sha256(f"{self.publication}\0{self.slug}".encode()).hexdigest()[:12]


class NoWayOut(DigestError):
    """Raised when readers would find no way to leave the list. Nothing overrides it: the law wants one."""

    exit_code = 3

    def __init__(self, service: str) -> None:
        super().__init__(
            f"The mail holds no link to unsubscribe, and {service} adds none.",
            hint="Put [[unsubscribe_url]] back into the theme's footer.",
        )


def sponsored(issue: Issue) -> frozenset[str]:
    """Every address in what sponsors paid for: what they were promised is a link to there and not to nearly there."""
    found: set[str] = set()
    for section in issue.sections:
        for block in section.blocks:
            if section.sponsor or (isinstance(block, Story) and block.extra.get("sponsor")):
                found |= set(_addresses_in(block))
    return frozenset(found)


def _addresses_in(block: Block) -> Iterator[str]:
    """As they stand in the mail; some too many, each the beginning of one that is there."""
    if isinstance(block, Prose):
        texts = [block.markdown]
    else:
        items = block.items if isinstance(block, Briefs) else (block,)
        texts = [text for each in items for text in (each.note if isinstance(each, Brief) else "", each.body)]
        yield from (address(each.url) for each in items)
    for long in (found for text in texts for found in _IN_MARKDOWN.findall(text)):
        yield from (address(long[: end.start()]) for end in _MAY_END.finditer(long, len("https://")))


def waiting(email: Email) -> tuple[Asset, ...]:
    """The pictures that the mail still looks for beside itself: nobody has said where on the web they are."""
    return tuple(asset for asset in email.assets if f"images/{asset.name}" in email.html)


def fingerprint(asset: Asset) -> str:
    """Of a picture's content."""
    return hashlib.sha256(asset.content).hexdigest()[:24]


def draft(letter: Letter, service: Service, pictures: Mapping[str, str]) -> Draft:
    """What `service` is handed; `pictures` are addresses by the assets' names. Raises Mistakes.

    Merge tags are written last: nothing that is done to the mail before can spoil them, and nothing in the mail that
    looks like one reaches the service as one.
    """
    email, can = letter.email, service.can
    html = _with_pictures(email, pictures)
    enclosed = waiting(email) if can.encloses else ()
    _check_addresses(html, service.name, but={f"images/{asset.name}" for asset in enclosed})
    text = email.text
    if not service.tags_links:
        date = letter.date.isoformat() if letter.date else ""
        facts = {"slug": letter.slug, "number": str(letter.number or letter.slug), "date": date or letter.slug}
        html, text = utm.tagged(html, text, letter.utm, facts, leave=letter.sponsored)
    html, text = (merge_tags.without(part, can.frame_has) for part in (html, text))
    in_html, in_text = _syntaxes(email, service)
    if not can.footer and not _has_way_out(html, in_html):
        raise NoWayOut(service.name)
    if can.fragment and (body := _BODY.search(html)):
        html = (_phone_rules(html) if can.phone_rules else "") + body[1].strip()
    html = _ascii(merge_tags.fill(_in_lines(html), in_html, encode=html_.escape))
    made = Draft(
        slug=letter.slug,
        marker=letter.marker,
        title=letter.title or letter.slug,
        subject=merge_tags.fill(email.subject, in_text),
        preheader=merge_tags.fill(email.preheader, in_text) if can.preheader else "",
        html=html,
        text=merge_tags.fill(text, in_text) if can.text else "",
        sender_name=email.sender_name,
        sender_email=email.sender_email,
        reply_to=email.reply_to,
        language=email.language,
        number=letter.number,
        settings=repr(service.settings),
        **({} if service.keeps_drafts else _heads(email)),
        assets=enclosed,
    )
    _check_sizes(made, service)
    return made


def _heads(email: Email) -> dict[str, str]:
    """What heads a mail where no service writes that."""
    names = ("unsubscribe_url", "unsubscribe_email", "list_id")
    return {name: getattr(email, name) for name in names}


def _phone_rules(html: str) -> str:
    """The rules for narrow screens in a style sheet of their own; those for dark mode would darken a part of a page."""
    rules = "".join(found[0] for sheet in _SHEET.findall(html) for found in _NARROW.finditer(sheet))
    return f"<style>{rules}</style>" if rules else ""


def _ascii(html: str) -> str:
    return html.encode("ascii", "xmlcharrefreplace").decode()


def _in_lines(html: str) -> str:
    """`html` with no line that a mail server would cut (RFC 5321, 4.5.3.1.6), as far as there are blanks to break at.

    Not every service encodes what it mails: a paragraph in Arabic, written in references, is a line of 2,000 bytes.
    """
    if max(map(len, _ascii(html).split("\n"))) <= _LONGEST:
        return html
    made: list[str] = []
    column = 0
    for found in _TOKEN.finditer(html):
        token = found[0]
        if column > _FULL and (token == " " or _FILLER.fullmatch(token)):
            token = f"{token.strip(' ')}\n"
        made.append(token)
        *before, last = token.rsplit("\n", 1)
        column = len(_ascii(last)) + (0 if before else column)
    return "".join(made)


def _with_pictures(email: Email, pictures: Mapping[str, str]) -> str:
    html = email.html
    for asset in waiting(email):
        if url := pictures.get(asset.name):
            ours = re.compile(rf"(?<=[\"'(])images/{re.escape(asset.name)}(?=[\"')])")
            address = html_.escape(url)
            html = ours.sub(lambda found, address=address: address, html)  # type: ignore[misc]
    return html


def _syntaxes(email: Email, service: Service) -> tuple[Syntax, Syntax]:
    """How blanks are written: the service's tags, and where it has none what the publication says of itself."""
    own = {
        # A page that wants to know who leaves has to ask: no service's blank is fit to stand in an address.
        "unsubscribe_url": filled.leaving(email.unsubscribe_url),
        "view_url": email.view_url,
        "postal_address": ", ".join(line.strip() for line in email.postal_address.splitlines() if line.strip()),
        # No blank, but what decides whether the hidden line stays. Never both: some inboxes would show it twice.
        "preheader": "" if service.can.preheader else "yes",
    }

    def asked(syntax: Syntax, encode: bool) -> Syntax:
        def tag(blank: Blank) -> str | None:
            found = None if blank.name == "preheader" else syntax.tag(blank)
            value = own.get(blank.name, "")
            return found or (syntax.escape(html_.escape(value) if encode else value) or None)

        return replace(syntax, tag=tag)

    return asked(service.html, True), asked(service.text, False)


def _has_way_out(html: str, syntax: Syntax) -> bool:
    blanks = {blank.name for blank in merge_tags.blanks(html)}
    return "unsubscribe_url" in blanks and bool(syntax.tag(Blank("unsubscribe_url")))


def _check_sizes(made: Draft, service: Service) -> None:
    can, name = service.can, service.name
    wrong: list[DigestError] = []
    if can.max_bytes and len(made.html) > can.max_bytes:
        what = f"{name} takes {can.max_bytes:,} bytes of HTML; this mail has {len(made.html):,}."
        wrong.append(DigestError(what, hint="Shorten or split the issue."))
    for noun, text, most in (
        ("subject", made.subject, can.max_subject),
        ("preheader", made.preheader, can.max_preheader),
    ):
        if most and len(text) > most:
            wrong.append(DigestError(f"{name} takes a {noun} of {most} letters; this one has {len(text)}."))
    if not made.subject.strip():
        wrong.append(DigestError(f"The issue has no subject, and {name} wants one."))
    if wrong:
        raise wrong[0] if len(wrong) == 1 else Mistakes(wrong)


# --- addresses that lead nowhere outside of this computer


class _Addresses(HTMLParser):
    """Every address in a document: of links, pictures and backgrounds, in Outlook's comments and in styles too."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        for name, value in attrs:
            if name in ("src", "href", "background", "poster"):
                self.found.append(value or "")
            elif name == "srcset":
                self.found += [each.split()[0] for each in (value or "").split(",") if each.strip()]
            elif name == "style":
                self.found += _CSS_ADDRESS.findall(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.found += _CSS_ADDRESS.findall(data)

    def handle_comment(self, data: str) -> None:
        if data.startswith("[if"):
            self.found += _addresses(data.partition(">")[2])


def _addresses(html: str) -> Iterator[str]:
    parser = _Addresses()
    parser.feed(html)
    parser.close()
    yield from parser.found


def _check_addresses(html: str, service: str, *, but: Set[str] = frozenset()) -> None:
    """Raise for a relative or data address: it would be a broken picture in every reader's mail."""
    bad = {each.strip() for each in _addresses(html) if not _FINE.match(each.strip())} - but
    wrong: list[DigestError] = []
    for each in sorted(bad)[:10]:
        if each.startswith("images/"):
            what, hint = (
                f"The picture {each} is on this computer, and {service} hosts none.",
                "Put the pictures on the web and say where with assets_url, under [publication] in digest.toml.",
            )
        else:
            shown = each if len(each) < 60 else each[:57] + "..."
            what, hint = f'The address "{shown}" leads nowhere in a mail.', "Give it whole, beginning with https://."
        wrong.append(DigestError(what, hint=hint))
    if wrong:
        raise wrong[0] if len(wrong) == 1 else Mistakes(wrong)
