"""A feed as feedparser reads it, in a process of its own that has little time and memory.

feedparser forgives nearly everything, and pays for it: a tag with many attributes takes it time in
their square, and given a string it opens files and web addresses. So it gets bytes in a stream, and a
child that can be stopped. This file is that child's program too: run as a script it imports nothing of ours.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from typing import Any

#: Seconds for a feed, and for each megabyte of it. A real one of half a megabyte takes one.
_PATIENCE, _PATIENCE_A_MEGABYTE = 2.0, 1.5
_LONGEST = 8.0
_MEMORY = 640 * 1024 * 1024
#: Larger feeds would only run into the limits.
_LARGEST = 24 * 1024 * 1024


def read(xml: bytes, *, url: str, seconds: float = 0.0) -> Mapping[str, Any] | None:
    """{"title", "link", "language", "entries": [...]}, or None when it could not be read in time.

    `xml` is UTF-8 and says so or says nothing. Texts are as the feed has them, markup and all; links are
    resolved against xml:base and `url`. `seconds` is how long it may take, 0 for what its size deserves.
    """
    seconds = seconds or min(_LONGEST, _PATIENCE + _PATIENCE_A_MEGABYTE * len(xml) / 1_000_000)
    if not sys.executable or len(xml) > _LARGEST:
        return None
    try:
        # -P: the folder this file is in holds modules that would hide those of the standard library.
        done = subprocess.run(
            [sys.executable, "-P", __file__, url[:2000] if "\0" not in url else ""],
            input=xml,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=True,
        )
        found = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("entries"), list) else None


def _child() -> None:
    """Standard input, a feed, to standard output, JSON."""
    import io

    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    except (ImportError, ValueError, OSError):
        pass  # Windows has none and macOS refuses; the time limit stands.
    import feedparser

    url = sys.argv[1] if len(sys.argv) > 1 else ""
    headers = {"content-type": "application/xml; charset=utf-8"}
    if url:
        headers["content-location"] = url
    parsed = feedparser.parse(
        io.BytesIO(sys.stdin.buffer.read()),
        response_headers=headers,
        # We bring everything to plain words; its cleaner lets a script through and takes most of the time.
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    feed = parsed.feed
    said = {
        "version": parsed.get("version") or "",
        "title": feed.get("title", ""),
        "title_type": feed.get("title_detail", {}).get("type", ""),
        "link": feed.get("link", ""),
        "language": feed.get("language", ""),
        "entries": [_entry(entry) for entry in parsed.entries],
    }
    sys.stdout.buffer.write(json.dumps(said).encode("ascii"))


def _entry(entry: Any) -> dict[str, Any]:
    """The fields that concern us, as JSON can hold them."""
    content = [each for each in entry.get("content", []) if each.get("value")]
    # Of several forms of one text the marked-up one has its paragraphs.
    body = next((each for each in content if "html" in each.get("type", "")), content[0] if content else {})
    summary = entry.get("summary_detail", {})
    date = entry.get("published_parsed") or entry.get("updated_parsed") or entry.get("created_parsed")
    return {
        "title": entry.get("title", ""),
        "title_type": entry.get("title_detail", {}).get("type", ""),
        "link": entry.get("link", ""),
        "links": _of(entry.get("links"), "href", "rel", "type"),
        "id": entry.get("id", ""),
        "author": entry.get("author_detail", {}).get("name") or entry.get("author", ""),
        "description": entry.get("summary", ""),
        "description_type": summary.get("type", ""),
        "content": body.get("value", ""),
        "content_type": body.get("type", ""),
        "base": body.get("base") or summary.get("base") or "",
        "language": body.get("language") or summary.get("language") or "",
        "published": list(date[:6]) if date else None,
        "tags": [str(tag.get("label") or tag.get("term") or "") for tag in entry.get("tags", [])],
        "media": _of(entry.get("media_content"), "url", "type", "medium", "width"),
        "thumbnails": _of(entry.get("media_thumbnail"), "url", "width"),
        "enclosures": _of(entry.get("enclosures"), "href", "type"),
    }


def _of(rows: Iterable[Mapping[str, Any]] | None, *names: str) -> list[dict[str, str]]:
    return [{name: str(row.get(name) or "") for name in names} for row in rows or ()]


if __name__ == "__main__":
    _child()
