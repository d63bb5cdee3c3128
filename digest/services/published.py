"""Pages that an editor publishes, for services that take no mail but the address of one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from urllib.parse import quote

from digest.errors import WebError
from digest.services.calls import Session
from digest.services.errors import NotPublished


def wanted(pattern: str) -> str:
    """What a pattern of addresses should have been, as for `decode.table`; "" when it is fine."""
    bare = pattern.replace("{slug}", "").replace("{version}", "")
    fine = re.fullmatch(r"https?://[^/{}\s?#@]+/[^{}\s?#]*\.html", bare) and "{slug}" in pattern
    return "" if fine else 'an address with {slug} in it that ends in .html: "https://news.example/mail/{slug}.html"'


def pages(pattern: str, slug: str, html: str, text: str) -> dict[str, str]:
    """What has to be where: the HTML, then, unless it is "", the text beside it.

    Where `pattern` has {version} each content has an address of its own, which no cache can have an older one of.
    """
    version = hashlib.sha256(f"{html}\0{text}".encode()).hexdigest()[:10]
    address = pattern.replace("{slug}", quote(slug, safe="")).replace("{version}", version)
    return {address: html, **({f"{address.removesuffix('.html')}.txt": text} if text else {})}


def check(session: Session, needed: Mapping[str, str]) -> None:
    """Raise NotPublished unless the web has exactly these, blanks and line ends aside. The key is told to nobody."""
    for address, content in needed.items():
        try:
            answer = session.page(address)
        except WebError as error:
            raise NotPublished(session.service, needed, address, f"cannot be reached: {error.reason}") from error
        if answer is None:
            continue
        if not answer.ok:
            raise NotPublished(session.service, needed, address, f"is not there ({answer.status})")
        try:
            found = answer.body.decode(answer.charset or "utf-8", "replace").removeprefix("\ufeff")
        except LookupError:
            found = ""
        if found.split() != content.split():
            raise NotPublished(session.service, needed, address, "shows something else")
