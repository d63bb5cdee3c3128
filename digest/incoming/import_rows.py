"""Rows of somebody's export become items, or word of why they cannot, whatever format they came in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlsplit

from digest.incoming import encodings, feed_text, plain_html, written_dates
from digest.incoming.feed_entry import headline, plain, plausible
from digest.models import Item, Unread

_HEAD = 16_384
_LONGEST_TITLE, _LONGEST_WORDS, _LONGEST_URL = 1_000, 400_000, 8_000
_LONGEST_HTML = 2_000_000
_MOST_TAGS, _LONGEST_TAG = 40, 80
#: What services write where they found no title.
_NO_TITLE = frozenset(
    ("no title found", "no title", "[no title]", "(no title)", "untitled", "(untitled)", "none", "null")
)
_SCHEME = re.compile(r"[\x00-\x20]*([A-Za-z][A-Za-z0-9+.-]{0,20}):(?!\d)")
#: Other names under which readers and podcast programs keep http addresses.
_FEED_SCHEME = re.compile(
    r"\A(?:feed|pcast|itpc|podcast):(?://)?(?=https?://)|\A(?:feed|pcast|itpc|podcast):(?=//)", re.IGNORECASE
)
#: Four in ten lists of feeds in the corpus have it in their addresses.
_AMPERSAND = re.compile(r"&(?!(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)")
_LINE_MARKUP = re.compile(r"</[A-Za-z]|<(?:br|p|div|li|img|a)\b", re.IGNORECASE)


class Unusable(ValueError):
    """Raised with the reason why a row cannot be read, as an editor would put it."""


@dataclass(frozen=True, slots=True)
class Row:
    """What an export says of one page; everything may be empty, and nothing is to be trusted."""

    url: str
    title: str = ""
    #: What the reader wrote or marked.
    note: str = ""
    description: str = ""
    author: str = ""
    source: str = ""
    #: The page's own date, in any spelling or count.
    published: object = None
    #: When the reader kept it.
    saved: object = None
    tags: Sequence[str] = ()
    #: The page's text as HTML.
    html: str = ""
    picture: str = ""
    language: str = ""
    minutes: int | None = None
    #: Title and note are words already: what looks like markup in them is none.
    plain: bool = False
    #: What the export calls the field that each of ours was taken from.
    found: Mapping[str, str] = field(default_factory=dict)


class Rows:
    """The rows of one file: a page that is kept twice is one item with all its notes and tags."""

    def __init__(self, *, now: datetime) -> None:
        self._now = now
        self._kept: dict[str, Item] = {}
        self._notes: dict[str, dict[str, None]] = {}
        self._tags: dict[str, dict[str, str]] = {}
        self._unread: list[Unread] = []

    def add(self, where: str, row: Row) -> None:
        """Keep what `row` says; or tell that it cannot be read, and why."""
        try:
            made = item(row, now=self._now)
        except Unusable as error:
            self.lose(where, str(error), title=row.title)
            return
        first = self._kept.setdefault(made.url, made)
        self._notes.setdefault(made.url, {})[made.note] = None
        tags = self._tags.setdefault(made.url, {})
        for tag in made.tags:
            if len(tags) < _MOST_TAGS:
                tags.setdefault(tag.casefold(), tag)
        if first is not made and "title" not in first.found and "title" in made.found:
            found = {**first.found, "title": made.found["title"]}
            self._kept[made.url] = replace(first, title=made.title, found=found)

    def lose(self, where: str, why: str, *, title: str = "") -> None:
        """Tell of a row that cannot be read. `title` helps the editor to find it."""
        name = _cut(headline(title[:_LONGEST_TITLE], "text"), 60)
        self._unread.append(Unread(f'{where} "{name}"' if name else where, why))

    @property
    def items(self) -> tuple[Item, ...]:
        """In the order of the file."""
        return tuple(
            replace(
                each,
                note=_cut("\n\n".join(filter(None, self._notes[url])), _LONGEST_WORDS),
                tags=tuple(self._tags[url].values()),
            )
            for url, each in self._kept.items()
        )

    @property
    def unread(self) -> tuple[Unread, ...]:
        return tuple(self._unread)


def item(row: Row, *, now: datetime) -> Item:
    """The row as an item; raises Unusable when its address leads nowhere.

    `found` names the export's field for each of ours, and under "saved" holds the moment when it was kept.
    A title that the export lacks is made of the address, and then `found` has none.
    """
    url = address(row.url)
    found = dict(row.found)
    title = _cut(_line(row.title) if row.plain else headline(row.title), _LONGEST_TITLE)
    if not title or title.casefold() in _NO_TITLE or title == row.url.strip():
        title = _from_address(url)
        found.pop("title", None)
    else:
        found.setdefault("title", "title")
    if saved := plausible(moment(row.saved), now):
        found["saved"] = saved.isoformat(timespec="seconds")
    made = Item(
        url=url,
        title=title,
        source=_cut(headline(row.source), 200),
        author=_cut(headline(row.author[:2_000]), 200),
        published=plausible(moment(row.published), now),
        description=_cut(plain(row.description), 10_000),
        text=_cut(plain_html.text(row.html[:_LONGEST_HTML]), _LONGEST_WORDS),
        picture=feed_text.link(row.picture.strip()),
        language=row.language if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}", row.language) else "",
        minutes=row.minutes if row.minutes and 0 < row.minutes < 10_000 else None,
        tags=tags(row.tags),
        note=_cut(plain_html.tidy(row.note[:_LONGEST_HTML]) if row.plain else _note(row.note), _LONGEST_WORDS),
    )
    there = {name for name in found if name == "saved" or getattr(made, name, None)}
    return replace(made, found={name: said for name, said in found.items() if name in there})


def address(given: str) -> str:
    """`given` as an http(s) address, otherwise as it was; raises Unusable when it is none."""
    if len(given) > _LONGEST_URL:
        raise Unusable(f"its link is {len(given):,} characters long")
    text = plain_html.tidy(given)
    if not text:
        raise Unusable("it has no link")
    bare = _FEED_SCHEME.sub("", text)
    if bare.startswith("//"):
        # feed://site is the http of old, https://site too: the site itself sends everybody on.
        bare = ("http:" if bare != text else "https:") + bare
    elif bare.lower().startswith("www."):
        bare = "https://" + bare
    if url := feed_text.link(bare):
        return url
    scheme = _SCHEME.match(bare)
    named = scheme[1].lower() if scheme else ""
    shown = _cut(" ".join(text.split()), 80)
    if named == "place":
        raise Unusable("it is one of the browser's own searches, not a page")
    if named == "javascript":
        raise Unusable("it is a small program (a bookmarklet), not a page")
    if named and named not in ("http", "https"):
        raise Unusable(f'its link begins with "{named}:" and leads to no page on the web')
    if not named and not re.search(r"\s", text):
        raise Unusable(f'its link "{shown}" does not say on which site it is')
    raise Unusable(f'its link "{shown}" is broken')


def moment(value: object) -> datetime | None:
    """When `value` says: a date in any spelling, or a count of seconds, milli- or microseconds as exports have them.

    None for what is no moment. Chrome counts microseconds from the year 1601.
    """
    if isinstance(value, str) and re.fullmatch(r"\s*\d{8,17}(?:\.\d{1,9})?\s*", value):
        value = float(value) if "." in value else int(value)
        if len(str(value)) == 8 and 19_000_101 <= value <= 21_001_231:  # 20240202: a date, not a count
            value = str(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _counted(value)
    if not isinstance(value, str) or not value.strip() or len(value) > 100:
        return None
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        return written_dates.stamp(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _counted(count: float) -> datetime | None:
    if not 10**7 <= count < 2 * 10**16:
        return None
    if count >= 10**16:
        return datetime(1601, 1, 1, tzinfo=UTC) + timedelta(seconds=count // 10**6)
    while count >= 10**11:
        count /= 1_000
    return datetime.fromtimestamp(int(count), UTC)


def tags(given: Sequence[str]) -> tuple[str, ...]:
    """Tags in plain words, none twice, none empty or as long as a sentence."""
    kept: dict[str, str] = {}
    for tag in given:
        words = headline(tag[:400]).lstrip("#").strip()
        if words and len(words) <= _LONGEST_TAG:
            kept.setdefault(words.casefold(), words)
        if len(kept) == _MOST_TAGS:
            break
    return tuple(kept.values())


def head(content: bytes) -> str:
    """The beginning of a file, to see what it is."""
    return encodings.text(content[:_HEAD])[0].lstrip("\ufeff \t\r\n\0")


def references(markup: str) -> str:
    """`markup` with every `&` that begins no reference written out: `?a=1&copy=2` stays an address."""
    return _AMPERSAND.sub("&amp;", markup)


def table(text: str) -> tuple[object, str]:
    """(what a JSON text says, "" or what is wrong with it). Of a list that breaks off, what stands before the break."""
    text = text.lstrip("\ufeff")
    try:
        return json.loads(text), ""
    except RecursionError:
        return None, "It is JSON, but nested so deep that nobody can have meant it."
    except json.JSONDecodeError as error:
        wrong = f"From line {error.lineno} on it is broken and cannot be read."
    except ValueError:  # a number of thousands of digits
        wrong = "It is JSON, but holds a number that nobody can have meant."
    start = text.find("[")
    return list(_unbroken(text, start + 1)) if 0 <= start < 200 else None, wrong


def _unbroken(text: str, at: int) -> Iterator[object]:
    """The members of a JSON list, from its first on, as far as they can be read."""
    decoder = json.JSONDecoder()
    between = re.compile(r"[\s,]*")
    try:
        while (found := between.match(text, at)) and found.end() < len(text):
            member, at = decoder.raw_decode(text, found.end())
            yield member
    except (ValueError, RecursionError):
        return


def string(value: object) -> str:
    """A JSON value as text, without lone halves of letters; "" for what is neither text nor number."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value) if abs(value) < 1e18 else ""
    if not isinstance(value, str):
        return ""
    return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")


def _note(note: str) -> str:
    """The reader's words with their lines kept, whether the export wrote them as HTML or as they are."""
    note = note[:_LONGEST_HTML]
    if _LINE_MARKUP.search(note):
        return plain_html.text(note.replace("\n", "<br>\n"))
    return plain_html.tidy("\n".join(plain(line) if "&" in line else line for line in note.splitlines()))


def _line(words: str) -> str:
    return " ".join(plain_html.tidy(words[: 10 * _LONGEST_TITLE]).split())


def _from_address(url: str) -> str:
    """The words of an address's last part that has some; all of the address when none has."""
    parts = urlsplit(url)
    for part in reversed(parts.path.split("/")[-4:]):
        words = re.split(r"[-_+\s.]+", re.sub(r"\.[A-Za-z]{2,5}\Z", "", unquote(part, errors="replace")))
        if sum(word.isalpha() for word in words) >= 3:
            return _cut(_line(" ".join(words)), 200)
    shown = parts.netloc.rpartition("@")[2].removeprefix("www.") + parts.path.rstrip("/")
    return _cut(shown + (f"?{parts.query}" if parts.query else ""), 200)


def _cut(words: str, longest: int) -> str:
    if len(words) <= longest:
        return words
    return words[:longest].rsplit(None, 1)[0][:longest].rstrip() + "…"
