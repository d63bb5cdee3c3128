"""What of an element of the finished mail an editor wrote, to find it in the issue file by."""

from __future__ import annotations

import re
from typing import Any

_BLANK = "https://blank.invalid/"


def written(element: Any) -> tuple[str, ...]:
    """Addresses, picture names and first words that may stand in the issue file, the surest first."""
    if element is None:
        return ()
    found = []
    for each in (element, element.getparent()):
        if each is None or not isinstance(each.tag, str):
            continue
        href = each.get("href") or ""
        if len(href) > 8 and not href.startswith(_BLANK):
            found.append(href)
        # Of a picture the file is another than the editor's, but not what it is called by.
        if each.tag == "img" and len(alt := " ".join((each.get("alt") or "").split())) > 3:
            found.append(alt)
        source = each.get("src") or ""
        if source.startswith(("http:", "https:")):
            found.append(source)
        elif stem := re.match(r"images/(.+)-[0-9a-f]{8}\.\w+$", source):
            found.append(f"/{stem[1]}.")
    return tuple(found)


def first_words(element: Any) -> tuple[str, ...]:
    """The first words of the element that no markup can stand between; none where there are few."""
    words = " ".join("".join(element.itertext()).replace("\xa0", " ").split())
    found = re.match(r"[\w ,;'-]{12,60}", words)
    return (found[0].strip(),) if found else ()
