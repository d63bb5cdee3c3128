"""One entry of a feed, whoever parsed it, becomes an item in plain words, or word of why it cannot."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from digest.incoming import plain_html
from digest.incoming.feed_text import attributes, link
from digest.models import Item

#: No feed of ours is older than the web, and what appears later than this is a mistake of the feed's.
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=2)
#: A description of more words is the story itself.
_SUMMARY = 100
#: Letters that hold the first forty that are no blanks.
_BEGUN = 160
_TITLE_WORDS = 12
_LONGEST_TITLE, _LONGEST_DESCRIPTION, _LONGEST_TEXT = 1_000, 10_000, 400_000
#: Markup is read to this length; a story of so many letters is a book.
_LONGEST_HTML = 2_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """What a parser gave; everything may be empty, and nothing is to be trusted."""

    title: str = ""
    #: "html", "text", or "" when the parser did not say.
    title_type: str = ""
    #: Where it may be read, best first: (address, what the feed calls it).
    links: Sequence[tuple[str, str]] = ()
    guid: str = ""
    author: str = ""
    description: str = ""
    description_type: str = ""
    content: str = ""
    content_type: str = ""
    published: datetime | None = None
    tags: Sequence[str] = ()
    #: Pictures that the feed names apart from the text: (address, what the feed calls it).
    pictures: Sequence[tuple[str, str]] = ()
    #: What relative addresses within are meant from.
    base: str = ""
    language: str = ""


class Unusable(ValueError):
    """Raised with the reason why no item can be made of an entry."""


def item(entry: Entry, *, url: str, source: str, language: str, now: datetime) -> Item:
    """The entry as an item; `source` and `language` are the feed's own."""
    base = link(entry.base, base=url) or url
    address, called = _address(entry, base)
    content = entry.content[:_LONGEST_HTML]
    html = entry.description[:_LONGEST_HTML]
    text = _cut(plain(content, entry.content_type), _LONGEST_TEXT)
    description = text if html == content else plain(html, entry.description_type)
    description, text = _summary(html, description, text)
    found = {"url": called} if address else {}
    title = headline(entry.title, entry.title_type)
    if title:
        found["title"] = "title"
    elif words := (description or text).split():
        title = " ".join(words[:_TITLE_WORDS]) + ("…" if len(words) > _TITLE_WORDS else "")
        found["title"] = "first words of the text"
    elif address:
        title = address.split("//", 1)[1].rstrip("/")
        found["title"] = "address"
    else:
        raise Unusable("it has no title, no text and no link")
    picture, alt, seen = _picture(entry, content or html, base)
    if picture:
        found["picture"] = seen
    return Item(
        url=address,
        title=_cut(title, _LONGEST_TITLE),
        guid=_guid(entry.guid),
        source=source,
        author=_author(entry.author),
        published=plausible(entry.published, now),
        description=_cut(description, _LONGEST_DESCRIPTION),
        text=text,
        picture=picture,
        picture_alt=alt,
        language=_language(entry.language) or language,
        tags=_tags(entry.tags),
        found=found,
    )


def plausible(when: datetime | None, now: datetime) -> datetime | None:
    """`when` in UTC; None when no story can be of that time."""
    if when is None:
        return None
    try:
        when = when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return when if _EARLIEST <= when <= now + _AHEAD else None


# Markup for sure: an end tag, a tag with an attribute, or one that needs no end. "<T>" in a title of a
# programmers' weblog, or "<b>" in a story about HTML, is text.
_MARKUP = re.compile(
    r"</[A-Za-z][^<>]{0,60}>|<[A-Za-z][^<>]{0,60}?[\s/][^<>]{0,2000}=|<(?:br|hr|img|wbr|p|script|style|iframe|svg)\b|<!--|<!\[CDATA\[",
    re.I,
)
_REFERENCE = re.compile(
    r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|quot|apos|nbsp|[lr][sd]quo|[mn]dash|hellip|[A-Za-z]{1,6}(?:acute|grave|uml|circ|tilde|cedil));"
)


def plain(words: str, said: str = "") -> str:
    """What stands in a feed's field as plain words. `said` is "html", "text" or "" for nobody knows.

    Most feeds that call their text plain mean HTML all the same, so markup that is one for sure counts.
    """
    if "<" in words and (said == "html" or _MARKUP.search(words)):
        return plain_html.text(words)
    return plain_html.text(words.replace("<", "&lt;")) if "&" in words or "<" in words else plain_html.tidy(words)


def headline(words: str, said: str = "") -> str:
    """A title on one line. What is escaped once too often, as `AT&amp;amp;T`, is mended."""
    title = " ".join(plain(words[:_LONGEST_DESCRIPTION], said).split())
    if "&" in title and _REFERENCE.search(title):
        title = plain_html.line(title.replace("<", "&lt;"))
    return title


def _address(entry: Entry, base: str) -> tuple[str, str]:
    """The first link that leads to the web, and what the feed calls it."""
    given = [(each.strip(), called) for each, called in entry.links if each and each.strip()]
    for each, called in given:
        if address := link(each, base=base):
            return address, called
    if not given:
        return "", ""
    first = given[0][0]
    if len(first) > 8_000:
        raise Unusable(f"its link is {len(first):,} characters long")
    scheme = re.match(r"[\x00-\x20]*([A-Za-z][A-Za-z0-9+.-]{0,20}):", first)
    named = scheme[1].lower() if scheme else ""
    if named and named not in ("http", "https", "feed"):
        raise Unusable(f'its link begins with "{named}:" and leads to no page on the web')
    raise Unusable(f"its link is broken: {plain_html.line(first)[:80]}")


# What WordPress puts below every summary, and other programs beside it.
_APPEARED = re.compile(r"\s*The post .{1,400} (?:appeared first|first appeared) on .{1,200}\Z", re.S)
_MORE = re.compile(r"\s*\[?\s*(?:Continue reading|Read more|Read the rest)\b[^\n]{0,300}\Z", re.I)


def _without_tail(words: str) -> str:
    """`words` without what programs put below a story; whole when nothing else would be left."""
    start = max(0, len(words) - 700)
    tail = words[start:].lower()
    # The patterns look at every letter, and hardly one text in ten has such a tail.
    if "appeared first on" in tail or "first appeared on" in tail:
        found = _APPEARED.search(words, start)
        return words[: found.start()] if found and found.start() else words
    return words


def _without_more(words: str) -> str:
    """A description without its "Read more"; whole when nothing else would be left."""
    start = max(0, len(words) - 700)
    tail = words[start:].lower()
    if "continue reading" in tail or "read more" in tail or "read the rest" in tail:
        found = _MORE.search(words, start)
        return words[: found.start()] if found and found.start() else words
    return words


def _summary(html: str, description: str, text: str) -> tuple[str, str]:
    """(description, text): the same words are not kept twice, and a long description is the text."""
    text = _without_tail(text)
    description = _without_more(_without_tail(description))
    if not text or description == text:
        return ("", description or text) if len(description.split()) > _SUMMARY else (description, "")
    # Hardly a description begins as its text does, and the first letters tell.
    if not "".join(text[:_BEGUN].split())[:40].startswith("".join(description[:_BEGUN].split())[:40]):
        return description, text
    # fastfeedparser makes up what a feed lacks from the first 512 letters of the text.
    begun, whole = "".join(description.split()), "".join(text[:4_000].split())
    if (len(html) == 512 or len(begun) >= len(whole)) and whole.startswith(begun[:300]):
        return "", text
    return description, text


def _guid(guid: str) -> str:
    if len(guid) <= 1_000 and guid.isprintable() and " " not in guid:
        return guid
    guid = " ".join(plain_html.tidy(guid[:100_000]).split())
    return guid if len(guid) <= 1_000 else "sha256:" + hashlib.sha256(guid.encode()).hexdigest()


_MAIL = re.compile(r"[^\s<>()\"']+@[^\s<>()\"']+\.[^\s<>()\"']+")


def _author(author: str) -> str:
    """A name, without the address for mail that RSS asks for ("a@b.example (Name)")."""
    if not author:
        return ""
    name = " ".join(plain(author[:2_000]).split())
    if _MAIL.search(name):
        name = _MAIL.sub(" ", name).strip(" ()<>[],;\"'")
    return _cut(" ".join(name.split()), 200)


def _tags(tags: Sequence[str]) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for tag in tags[:100]:
        if (words := headline(tag[:400])) and len(words) <= 80:
            kept.setdefault(words.casefold(), words)
    return tuple(kept.values())[:40]


def _language(language: str) -> str:
    language = language.strip().replace("_", "-")
    return language if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}", language) else ""


def _cut(words: str, longest: int) -> str:
    if len(words) <= longest:
        return words
    return words[:longest].rsplit(None, 1)[0][:longest].rstrip() + "…"


_IMG = re.compile(r"<img\b(?=[\s/])([^<>]{1,8000})", re.I)
# Counters, faces of authors, smileys and buttons: pictures nobody would want beside the story.
_NO_PICTURE = re.compile(
    r"feedburner\.com/~|feedsportal|doubleclick|googlesyndication|google-analytics|/pixel|pixel\.|/track(?:ing|er)?[/.?]"
    r"|stats?\.wordpress\.com|feeds\.wordpress\.com|gravatar\.com/avatar|s\.w\.org/images/core/emoji|/wp-smiley|/smilies/"
    r"|blank\.gif|spacer\.gif|transparent\.(?:gif|png)|1x1|/count(?:er)?[./?]|/b\.gif|share-?buttons?|feeds\.feedblitz|pheedo"
    r"|rss\.buzzsprout|/beacon|scorecardresearch|quantserve|matomo\.php|piwik\.php|\.ico(?:\?|$)|emoji",
    re.I,
)


def _picture(entry: Entry, html: str, base: str) -> tuple[str, str, str]:
    """(address, alt text, where it was found); empty when there is none worth showing."""
    for each, called in entry.pictures:
        if _shows(address := link(each, base=base)):
            return address, "", called
    for found in _IMG.finditer(html[:200_000]):
        said = attributes(found[1])
        sizes = [
            int(size[1]) for name in ("width", "height") if (size := re.match(r"\s*(\d{1,5})", said.get(name, "")))
        ]
        if any(size < 50 for size in sizes):
            continue
        # A picture that waits for a script has its address elsewhere.
        each = next((said[name] for name in ("data-src", "data-lazy-src", "src") if said.get(name)), "")
        if _shows(address := link(each, base=base)):
            return (
                address,
                _cut(plain_html.line(said.get("alt", "").replace("<", "&lt;")), 500),
                "first picture of the text",
            )
    return "", "", ""


def _shows(address: str) -> bool:
    return bool(address) and not _NO_PICTURE.search(address) and bool(urlsplit(address).path.strip("/"))
