"""What a reader sees of a finished mail: its words, and the pictures among them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

#: Elements whose text nobody reads.
_SILENT = frozenset({"style", "script", "title", "head", "noscript", "xml"})
_UNSEEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all)", re.IGNORECASE)
_CODE = frozenset({"code", "pre", "kbd", "samp"})


def unseen(element: Any) -> bool:
    """Whether its own style hides an element; what stylesheets say is for dark mode and phones."""
    return _UNSEEN.search(element.get("style") or "") is not None or element.get("hidden") is not None


def texts(root: Any, *, hidden: bool = False) -> Iterator[tuple[str, Any]]:
    """Every stretch of text that readers see, with the element it stands in; with `hidden` the others too."""
    found: list[tuple[str, Any]] = []
    _collect(root, hidden, found)
    return iter(found)


def _collect(element: Any, hidden: bool, found: list[tuple[str, Any]]) -> None:
    # A list, as generators within generators cost more with every level, and a mail has forty.
    if not isinstance(element.tag, str) or element.tag in _SILENT or (not hidden and unseen(element)):
        return
    if element.text:
        found.append((element.text, element))
    for child in element:
        _collect(child, hidden, found)
        if child.tail:
            found.append((child.tail, element))


def is_code(element: Any) -> bool:
    """Whether the element is code, or stands in some."""
    return element.tag in _CODE or any(each.tag in _CODE for each in element.iterancestors())


def words(text: str) -> list[str]:
    """The words of a text in small letters, without what only looks different from one part to the other."""
    return re.findall(r"[^\W_]+", text.casefold())


def pixels(element: Any) -> tuple[int | None, int | None]:
    """Width and height that an `<img>` claims, in CSS pixels; None for what it leaves open."""
    style = dict(re.findall(r"(?:^|;)\s*(width|height)\s*:\s*([^;]+)", (element.get("style") or "").lower()))
    return tuple(  # type: ignore[return-value]
        _pixels(element.get(name) or "")
        if _pixels(element.get(name) or "") is not None
        else _pixels(style.get(name, ""))
        for name in ("width", "height")
    )


def _pixels(value: str) -> int | None:
    found = re.fullmatch(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*", value)
    return int(found[1]) if found else None
