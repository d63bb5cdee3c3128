"""Links say where a reader came from: UTM parameters, added to the finished mail, every other byte as it was."""

from __future__ import annotations

import html as html_
import re
from collections.abc import Callable, Collection, Mapping
from urllib.parse import quote, urlsplit

from digest.merge_tags import OPEN
from digest.models import UtmPlan

#: The attributes before it are passed over one by one: a title may hold what looks like a link.
_HREF = re.compile(
    r"""(<a(?>\s+[^\s=<>"'/]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+))?)*?\s+href\s*=\s*)("[^"]*"|'[^']*')""",
    re.IGNORECASE,
)
_IN_TEXT = re.compile(r"https?://[^\s<>\"\x00-\x1f]+")
#: What a sentence may put behind an address.
_TRAILING = frozenset(")].,;:!?'*_")
#: A fragment begins at "#"; "&#" begins a character reference.
_FRAGMENT = re.compile(r"(?<!&)#")
_NAMES = ("source", "medium", "campaign", "content", "term")


def tagged(
    html: str, text: str, plan: UtmPlan, facts: Mapping[str, str], *, leave: Collection[str] = ()
) -> tuple[str, str]:
    """The HTML and the text part with `[utm]` in their links, blanks still neutral.

    `facts` are what "{slug}", "{number}" and "{date}" in a value stand for. Left as they are: links that say
    utm_source already, addresses that hold a blank, those to `leave`, and all that does not lead to the web or to a
    host that counts.
    In the text those addresses alone are changed that were changed in the HTML.
    """
    wanted = [(f"utm_{name}", _filled(getattr(plan, name), facts)) for name in _NAMES]
    wanted = [(name, value) for name, value in wanted if value]
    if not wanted:
        return html, text
    changed: dict[str, str] = {}

    def linked(found: re.Match[str]) -> str:
        mark, url = found[2][0], found[2][1:-1]
        plain = html_.unescape(url)
        if plain in leave or not _counts(plain, plan):
            return found[0]
        changed[plain] = _added(plain, wanted, "&", re.compile("#"))
        return f"{found[1]}{mark}{_added(url, wanted, '&amp;', _FRAGMENT)}{mark}"

    def in_text(found: re.Match[str]) -> str:
        url, end = found[0], len(found[0])
        while url[:end] not in changed and url[end - 1] in _TRAILING:
            end -= 1
        return changed.get(url[:end], url[:end]) + url[end:]

    html = _HREF.sub(linked, html)
    return html, _IN_TEXT.sub(in_text, text)


def _counts(url: str, plan: UtmPlan) -> bool:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not host or OPEN in url:
        return False
    if re.search(r"(?:^|[&;])utm_source=", parts.query, re.IGNORECASE):
        return False
    below: Callable[[str], bool] = lambda name: host == name.lower() or host.endswith(f".{name.lower()}")  # noqa: E731
    return (not plan.hosts or any(map(below, plan.hosts))) and not any(map(below, plan.skip))


def _added(url: str, wanted: list[tuple[str, str]], between: str, fragment: re.Pattern[str]) -> str:
    """`url` with the parameters behind its own query, and before its fragment."""
    found = fragment.search(url)
    end = found.start() if found else len(url)
    before, after = url[:end], url[end:]
    _, mark, query = before.partition("?")
    new = [f"{name}={quote(value, safe='')}" for name, value in wanted if f"{name}=" not in query]
    if not new:
        return url
    follows = "" if not query or query.endswith((between, "&")) else between
    first = follows if mark else "?"
    return before + first + between.join(new) + after


def _filled(value: str, facts: Mapping[str, str]) -> str:
    return re.sub(r"\{(slug|number|date)\}", lambda found: facts.get(found[1], ""), value)
