"""A mail saved as a file (.eml): the stories that it links to, under the words that the links have there."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from datetime import datetime
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parsedate_to_datetime

from digest.incoming import encodings, import_rows, listed_links, plain_html
from digest.incoming.feed_text import attributes
from digest.incoming.import_rows import Row, Rows
from digest.models import Unread
from digest.sources.base import Found

_HEADER = re.compile(r"^([A-Za-z][A-Za-z0-9-]{1,40}):", re.MULTILINE)
_OF_A_MAIL = frozenset(
    "from to subject date message-id mime-version received return-path content-type delivered-to reply-to".split()  # noqa: SIM905
)
_ONLY_OF_A_MAIL = frozenset({"message-id", "mime-version", "received", "return-path", "delivered-to"})
#: Apple Mail's own files begin with a count of the bytes that follow.
_COUNT = re.compile(rb"\A\d{1,10}[ \t]*\r?\n")

# Each alternative eats what it looked at; what is never closed runs to the end, as in a browser.
_TAG = re.compile(
    r"<!--(?>(?:[^-]++|-(?!->))*)(?:-->|\Z)|<(?P<raw>script|style|title)\b(?>(?:[^<]++|<(?!/(?P=raw)))*)"
    r"|<(?P<end>/?)a(?=[\s/>])(?P<said>(?>(?:[^>\"'=]++|=\s*+(?>(?:\"[^\"]*+\"|'[^']*+')?)|[\"'])*))(?:>|\Z)",
    re.IGNORECASE,
)
_IMG = re.compile(r"<img\b([^<>]*+)", re.IGNORECASE)
_HEADING = re.compile(r"<h[1-6]\b[^<>]{0,2000}>((?>(?:[^<]++|<(?!/?h[1-6]\b))*))</h[1-6]", re.IGNORECASE)
#: Words that say nothing of what they lead to.
_HOLLOW = re.compile(
    r"\W*+(?:(?:read|learn|see|find out|know|view|watch|listen|get)\s+(?:more|on|it|now|here|online)"
    r"|(?:read|see|view)\s+the\s+(?:full\s+|whole\s+)?(?:story|article|post|piece|report|paper)"
    r"|read|click|more|link|here|full story|click here|details|source|article|continue reading|keep reading"
    r"|weiterlesen|mehr(?: lesen)?|lire(?: la suite| plus)?|en savoir plus|leer m[aá]s|seguir leyendo"
    r"|leggi(?: tutto| di più)?|lees (?:meer|verder)|l[aä]s mer|læs mere|ler mais)?\W*+",
    re.IGNORECASE,
)
#: How the words begin under which a mailing links to what concerns itself, in the languages most are written in.
_HOUSEKEEPING = re.compile(
    r"(?:(?:click (?:here )?|if you wish )?to )?(?:subscribe or )?(?:unsubscribe|opt[ -]?out)\b"
    r"|(?:(?:view|read|open|see) )(?:this |the |it )?(?:e?-?mail |newsletter |message |issue |it )?"
    r"(?:(?:in|on) (?:your |a |the )?(?:web )?(?:browser|page)|online|on the web)\W*\Z"
    r"|(?:web|browser|online) version\W*\Z"
    r"|(?:manage|update|change|edit) (?:your )?(?:e?-?mail )?(?:preferences|subscriptions?|settings|profile)"
    r"|privacy (?:policy|notice)|terms (?:of (?:use|service)|and conditions)|forward (?:this|to a friend)"
    r"|why did i get this|(?:newsletter )?(?:abbestellen|abmelden)"
    r"|(?:e-?mail |newsletter )?im browser (?:ansehen|öffnen)"
    r"|se (?:désinscrire|désabonner)|(?:voir|lire|afficher) .{0,30}dans (?:votre|le) navigateur"
    r"|darse de baja|cancelar (?:la )?(?:suscripción|inscrição)|ver en (?:el|tu) navegador|afmelden|uitschrijven"
    r"|bekijk .{0,20}in (?:je|de|uw) browser|avregistrera|avmeld|afmeld|disiscriviti|annulla l'iscrizione",
    re.IGNORECASE,
)
_NETWORKS = frozenset(
    {"facebook", "twitter", "x", "instagram", "linkedin", "youtube", "mastodon", "bluesky", "threads"}
)


def recognises(content: bytes, *, name: str = "") -> bool:
    """Whether this begins as a mail does: with its header lines."""
    start = import_rows.head(_COUNT.sub(b"", content[:20], count=1) + content[20:])
    if not re.match(r"From \S|[A-Za-z][A-Za-z0-9-]{1,40}:", start):
        return False
    block = re.split(r"\r?\n[ \t]*\r?\n", start, maxsplit=1)[0]
    names = {each.lower() for each in _HEADER.findall(block)}
    known = names & _OF_A_MAIL
    return len(known) >= (1 if name.lower().endswith((".eml", ".emlx")) else 3) and (
        bool(names & _ONLY_OF_A_MAIL) or {"from", "subject"} <= names
    )


def read(content: bytes, *, name: str = "", now: datetime) -> Found:
    """The links of a mail in its order, as given: a tracker's redirect stays one. The title is the subject.

    What belongs to the mailing itself, such as its unsubscribe link, is told as unread.
    """
    content = _COUNT.sub(b"", content, count=1)
    kept = Rows(now=now)
    try:
        mail = email.message_from_bytes(content, policy=email.policy.compat32)
        parts = _parts(mail)
    except (RecursionError, ValueError, LookupError, AttributeError, TypeError, AssertionError):
        # What email.parser lets through of broken mails, and one wrapped in another a thousand times.
        return Found(unread=(Unread("file", "This looks like a mail, but it is too broken to be read."),))
    saved = _date(mail)
    for number, link in enumerate(_links(parts), 1):
        _keep(f"link {number}", link, saved, kept)
    unread = kept.unread
    if not kept.items and not unread:
        unread = (Unread("file", "There is no link in this mail."),)
    return Found(items=kept.items, unread=unread, title=_header(mail, "Subject"))


def _keep(where: str, link: Row, saved: str, kept: Rows) -> None:
    words = link.title.strip()
    if (_HOUSEKEEPING.match(words[:300]) and len(words.split()) <= 12) or words.casefold() in _NETWORKS:
        kept.lose(where, "it belongs to the mailing, not to a story", title=words)
    elif not words and not link.note:
        kept.lose(where, "it has no words: a picture, or a counter")
    else:
        found = {"title": "words of the link"} if words else {}
        kept.add(where, Row(url=link.url, title=words, note=link.note, saved=saved, plain=True, found=found))


def _parts(mail: Message) -> list[tuple[str, str]]:
    """("html" or "plain", text) of what a reader is shown; the HTML alone where there is some."""
    found: list[tuple[str, str]] = []
    for part in mail.walk():
        kind = part.get_content_type()
        if kind not in ("text/html", "text/plain") or part.is_multipart() or part.get_filename():
            continue
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes) and payload.strip():
            charset = part.get_param("charset")
            text, _ = encodings.text(payload, charset=charset if isinstance(charset, str) else "")
            found.append((kind.removeprefix("text/"), text))
    html = [each for each in found if each[0] == "html"]
    return html or found


def _links(parts: list[tuple[str, str]]) -> Iterator[Row]:
    for kind, text in parts:
        if kind == "html":
            yield from _of_html(text)
        else:
            yield from (listed.row if listed.row.title else _named(listed.row) for listed in listed_links.find(text))


def _named(row: Row) -> Row:
    """A bare address of a mail's text, under what its note begins with or under itself."""
    return Row(url=row.url, title=row.note.splitlines()[0] if row.note else row.url, plain=True)


def _of_html(html: str) -> Iterator[Row]:
    """Each `<a href>` with its words, or what stands before it where its own say nothing."""
    href = before = ""
    start = last = 0
    opened = False
    for tag in [*_TAG.finditer(html), None]:
        if tag is not None and tag["said"] is None:
            continue
        if opened:
            end = tag.start() if tag else len(html)
            # An address within the mail itself, and a name to be linked to, lead nowhere.
            if href and not href.startswith("#"):
                yield Row(url=href, title=_title(html[start:end], before), plain=True)
            last = end
        opened = tag is not None and not tag["end"]
        if tag is not None and opened:
            href = attributes(import_rows.references(tag["said"])).get("href", "").strip()
            before = html[last : tag.start()]
            start = tag.end()


def _title(inside: str, before: str) -> str:
    words = plain_html.line(inside)
    if not words:
        pictures = (attributes(said).get("alt", "") for said in _IMG.findall(inside[:100_000]))
        words = " ".join(" ".join(map(plain_html.tidy, pictures)).split())
    if words and _HOLLOW.fullmatch(words[:200]):
        headings = _HEADING.findall(before[-20_000:])
        if headings and (heading := plain_html.line(headings[-1])):
            return heading
        lines = [line for line in plain_html.text(before[-20_000:]).splitlines() if line.strip()]
        return lines[-1][:300] if lines else words
    return words


def _header(mail: Message, name: str) -> str:
    given = str(mail.get(name, ""))[:10_000]
    try:
        given = str(make_header(decode_header(given)))
    except (ValueError, LookupError, AssertionError):  # HeaderParseError is a ValueError's cousin
        pass
    except email.errors.MessageError:
        pass
    return " ".join(plain_html.tidy(given).split())[:1_000]


def _date(mail: Message) -> str:
    try:
        return parsedate_to_datetime(str(mail.get("Date", ""))[:200]).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""
