"""Read-later services: what Pocket, Instapaper, Readwise, Pinboard, Wallabag and others export as CSV or JSON."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from digest.incoming import cells, encodings, import_rows
from digest.incoming.import_rows import Row, Rows, string
from digest.sources.base import Found

#: What services call each field, letters and digits only, the likeliest name first.
_NAMES = {
    "url": "url href link articleurl sourceurl resolvedurl givenurl originalurl pageurl bookmarkurl uri address",
    "title": "title articletitle resolvedtitle giventitle documenttitle booktitle pagetitle name",
    "note": "note notes documentnote extended comment comments annotation annotations",
    "marked": "highlight highlights selection quote quotes",
    "description": "description excerpt articleexcerpt summary",
    "author": "author authors articleauthor bookauthor byline publishedby",
    "source": "sitename site publisher",
    "published": "publishedat publisheddate publicationdate datepublished articledatepublished published",
    "saved": (
        "timeadded savedat saveddate dateadded addedat createdat creationdate created timestamp time highlightedat date"
    ),
    "tags": "tags tag documenttags labels label keywords categories category",
    "folder": "folder collection",
    "html": "content contenthtml html body",
    "picture": "thumbnail cover previewpicture image imageurl leadimageurl",
    "language": "language lang",
    "minutes": "readingtime",
}
_FIELDS = {name: (field, rank) for field, names in _NAMES.items() for rank, name in enumerate(names.split())}
#: Where a service keeps things, which says nothing of what they are about.
_STATES = frozenset(
    "unread archive archived starred unsorted inbox later home read liked all trash new shortlist feed".split()  # noqa: SIM905
)
_URL_KEY = re.compile(
    r"\"(?:url|href|link|uri|(?:article__|given_|resolved_|original_?|source_?)url)\"\s*:", re.IGNORECASE
)
_NOT_OURS = re.compile(
    r"\"version\"\s*:\s*\"https?://(?:www\.)?jsonfeed\.org|\"text/x-moz-place|\"bookmark_bar\"|\"@context\""
)
#: Tables that a list may be wrapped in.
_DEEPEST = 3


def recognises(content: bytes, *, name: str = "") -> bool:
    """Whether this is JSON whose rows have addresses, or a table with a column of them."""
    text = import_rows.head(content)
    if text.startswith(("[", "{")):
        return bool(_URL_KEY.search(text)) and not _NOT_OURS.search(text)
    _, header = cells.delimited(text)
    known = {_field(column)[0] for column in header}
    return "url" in known and (len(header) > 1 or name.lower().endswith(".csv"))


def read(content: bytes, *, name: str = "", now: datetime) -> Found:
    """The rows of an export in its order: notes and what was marked as notes, labels and folders as tags."""
    text = encodings.text(content)[0].lstrip("\ufeff").replace("\0", "")
    kept = Rows(now=now)
    wrong = _json(text, kept) if text.lstrip()[:1] in ("[", "{") else _csv(text, kept)
    if wrong:
        kept.lose("file", wrong)
    elif not kept.items and not kept.unread:
        kept.lose("file", "There is no row in it.")
    return Found(items=kept.items, unread=kept.unread)


def _csv(text: str, kept: Rows) -> str:
    """Keep what a table holds; what is wrong with all of it, or ""."""
    delimiter, header = cells.delimited(text)
    fields = [_field(column)[0] for column in header]
    if "url" not in fields:
        return "None of its columns is called URL."
    names = [column.strip() for column in header]
    begun = False
    for line, row in cells.rows(text, delimiter):
        if begun:
            surplus = len(row) - len(header)
            if surplus > 0 and "title" in fields:
                row = _rejoined(row, surplus, fields, delimiter)
            kept.add(f"line {line}", _row(dict(zip(names, row, strict=False))))
        begun = begun or row == header
    return ""


def _rejoined(row: list[str], surplus: int, fields: list[str], delimiter: str) -> list[str]:
    """A row whose title held the delimiter and no quotes, its cells where they belong."""
    at = fields.index("title")
    joined = [*row[:at], delimiter.join(row[at : at + surplus + 1]), *row[at + surplus + 1 :]]
    url = fields.index("url")
    return joined if _WEB.match(joined[url]) and not _WEB.match(joined[at]) else row


_WEB = re.compile(r"\s*https?://", re.IGNORECASE)


def _json(text: str, kept: Rows) -> str:
    """Keep what a list holds; what is wrong with all of it, or with its end, or ""."""
    data, wrong = import_rows.table(text)
    for number, each in enumerate(_members(data), 1):
        if isinstance(each, dict):
            kept.add(f"row {number}", _row(each))
        elif isinstance(each, str):
            kept.add(f"row {number}", Row(url=each))
        else:
            kept.lose(f"row {number}", "it is not a table of fields")
    return wrong


def _members(data: object, depth: int = 0) -> Sequence[object]:
    """The rows of a list, or of the list that a table wraps ("bookmarks", "list", "_embedded.items")."""
    if isinstance(data, list):
        return data
    if not isinstance(data, dict) or depth > _DEEPEST:
        return ()
    if any(_field(name)[0] == "url" and isinstance(value, str) for name, value in data.items()):
        return (data,)
    # Pocket's own list is a table by number.
    inner = list(data.values())
    if inner and all(isinstance(each, dict) and _has_url(each) for each in inner):
        return inner
    found = (_members(each, depth + 1) for each in inner)
    return next((each for each in found if each), ())


def _has_url(table: Mapping[str, object]) -> bool:
    return any(_field(name)[0] == "url" for name in table)


@functools.lru_cache(maxsize=1024)
def _field(name: str) -> tuple[str, int]:
    """(the field of ours that a column is, how far from its likeliest name); ("", 0) for none of ours."""
    bare = "".join(letter for letter in name[:40].casefold() if letter.isalnum())
    return _FIELDS.get(bare, ("", 0))


def _row(said: Mapping[str, object]) -> Row:
    """What one row says, whatever its service calls it."""
    ranked: dict[str, tuple[int, str, object]] = {}
    for name, value in said.items():
        field, rank = _field(name)
        if field and not _empty(value) and (field not in ranked or rank < ranked[field][0]):
            ranked[field] = (rank, name, value)
    given = {field: value for field, (_, _, value) in ranked.items()}
    found = {
        field: name for field, (_, name, _) in ranked.items() if field not in ("html", "minutes", "folder", "saved")
    }
    _mean_it_otherwise(said, given, found)
    marked = _words(given.get("marked"))
    if marked:
        found["note"] = " and ".join(filter(None, (found.get("note"), found.pop("marked"))))
    minutes = string(given.get("minutes"))
    return Row(
        url=string(given.get("url")),
        title=string(given.get("title")),
        note="\n\n".join(filter(None, (_words(given.get("note")), marked))),
        description=_words(given.get("description")),
        author=_names(given.get("author")),
        source=_names(given.get("source")),
        published=given.get("published"),
        saved=given.get("saved"),
        tags=[*_tags(given.get("tags"), spaced="href" in said), *_folders(given.get("folder"))],
        html=string(given.get("html")),
        picture=string(given.get("picture")),
        language=string(given.get("language")).replace("_", "-"),
        minutes=int(minutes) if minutes.isdigit() and len(minutes) < 5 else None,
        found=found,
    )


def _mean_it_otherwise(said: Mapping[str, object], given: dict[str, object], found: dict[str, str]) -> None:
    """Two services call by "description" what others do not.

    Pinboard, after Delicious's old API: `href`, `description` for the title, `extended` for the note
    (https://pinboard.in/api/#posts_add). Delicious's last export: `description` for the note.
    """
    if "href" in said and "title" not in said:
        wanted = "title"
    elif {"others", "owner", "private"} & said.keys() and "note" not in given:
        wanted = "note"
    else:
        return
    if "description" in given:
        given[wanted], found[wanted] = given.pop("description"), found.pop("description")


def _empty(value: object) -> bool:
    return value is None or value is False or value in ("", [], {}) or (isinstance(value, str) and not value.strip())


def _words(value: object) -> str:
    """A text; or of notes and highlights in a list all their words, an empty line between."""
    if isinstance(value, list):
        return "\n\n".join(filter(None, map(_words, value[:1_000])))
    if isinstance(value, dict):
        # Wallabag's "text" is the reader's beside a "quote", Raindrop's the article's beside a "note".
        marks = ("note", "annotation", "comment", "text", "quote", "highlight")
        return "\n\n".join(filter(None, (string(value.get(each)) for each in marks)))
    return string(value)


def _names(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(filter(None, map(_names, value[:5])))
    return string(value.get("name")) if isinstance(value, dict) else string(value)


def _tags(value: object, *, spaced: bool) -> list[str]:
    """Tags as a list, as a list written out, or as a line; with `spaced` they have blanks between."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            value = str(value).strip("[] ").replace("'", "")
    if isinstance(value, list):
        names = ("label", "name", "title", "tag", "slug")
        named = (
            next((each[key] for key in names if each.get(key)), "") if isinstance(each, dict) else each
            for each in value
        )
        return [string(each) for each in named]
    if isinstance(value, dict):
        return [str(each) for each in value]
    line = string(value)
    mark = next((each for each in (",", "|", ";", "\n") if each in line), " " if spaced else "")
    return line.split(mark) if mark else [line]


def _folders(value: object) -> list[str]:
    """A folder and those around it; none of those that only say whether something was read."""
    parts = (part.strip() for part in re.split(r"\s*[/>]\s*", string(value)))
    return [part for part in parts if part.casefold() not in _STATES]
