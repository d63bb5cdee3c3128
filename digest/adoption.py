"""Issues that were sent before digest came, as the ledger needs them: what ran, where, and when."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

from digest import archive, files, issue_file, likeness, urls
from digest.errors import DigestError
from digest.incoming import encodings, feed_text, plain_html
from digest.sources import feed as feeds
from digest.store import Sent

#: Stands for where the feed came from; nothing leads there.
_ARCHIVE = "https://archive.invalid/"
_LONGEST_SLUG = 60
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_ANCHOR = re.compile(
    r"""<a\b[^>]*\bhref\s*=\s*["']?(https?://[^"'\s>]+)["']?[^>]*>(.*?)</a>""", re.DOTALL | re.IGNORECASE
)


def read(path: Path, *, now: datetime) -> list[Sent]:
    """The stories of a past issue: Markdown, a saved HTML mail, or a feed whose entries are issues or stories.

    The day is the file's own, else the one in its name. Raises DigestError for a file without either.
    """
    content = files.read(path)
    text, _ = encodings.text(content)
    kind = feed_text.kind(text)
    if kind in ("feed", "json"):
        return _from_feed(content, path, now)
    if kind == "page" or path.suffix.lower() in (".html", ".htm"):
        return _linked(text, path.stem, None, _named_day(path))
    issue = issue_file.read(path).issue
    return archive.ran(issue, issue.sent or issue.date or _named_day(path))


def _from_feed(content: bytes, path: Path, now: datetime) -> list[Sent]:
    """The links within each entry, as an issue of the day it appeared; an entry without any is a story itself."""
    found: list[Sent] = []
    for item, html in feeds.with_markup(content, url=_ARCHIVE, now=now):
        day = item.published.date() if item.published else _named_day(path)
        slug = likeness.plain_title(item.title).replace(" ", "-")[:_LONGEST_SLUG] or path.stem
        own = {urls.key(item.url), f"https://{urls.site(item.url)}"}
        told = [each for each in _linked(html, slug, None, day) if each.title and urls.key(each.url) not in own]
        found += told or [Sent(path.stem, None, day, item.url, item.title)]
    return found


def _linked(html: str, slug: str, number: int | None, day: date) -> list[Sent]:
    seen: dict[str, Sent] = {}
    for url, words in _ANCHOR.findall(html):
        plain = plain_html.line(url).replace("&amp;", "&")
        said = Sent(slug, number, day, plain, plain_html.line(words))
        # A picture first, the headline below it: the words are what it ran under.
        if not (before := seen.get(urls.key(plain))) or not before.title:
            seen[urls.key(plain)] = said
    return list(seen.values())


def _named_day(path: Path) -> date:
    found = _DAY.search(path.name)
    if found:
        try:
            return date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            pass
    raise DigestError(
        "Nothing tells when this issue was sent.",
        path=path,
        hint='Put the day into the file\'s name, such as "2024-02-02.html", or into its head as "date: 2024-02-02".',
    )
