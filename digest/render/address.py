"""The address of a link as it may stand in a mail: absolute, ASCII, and otherwise as the editor gave it."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from digest.merge_tags import ADDRESSES, Blank, mark, split

# What RFC 3986 allows in a URL as it stands; a "%" only before two hexadecimal digits.
_KEPT = r"A-Za-z0-9\-._~:/?#@!$&'()*+,;="
_FOREIGN = re.compile(rf"%(?![0-9A-Fa-f]{{2}})|[^%{_KEPT}]")
# Browsers drop tabs, newlines and other controls from an address before they read its scheme.
_DROPPED = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_AROUND = re.compile(r"^[\s\u00ad\u200b-\u200f\u2060\ufeff]+|[\s\u00ad\u200b-\u200f\u2060\ufeff]+$")
_WEB = re.compile(r"(https?://)([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)
_HOST = re.compile(r"(?:.*@)?(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::\d{0,5})?")
_MAIL = re.compile(r"mailto:[^\s]", re.IGNORECASE)
# As an older reader or another Markdown parser may have encoded it: %5B%5Bview_url%5D%5D.
_ENCODED_BLANK = re.compile(r"%5B%5B([a-z_]+)(?:(?:%7C|\|)([^\[\]%]*))?%5D%5D", re.IGNORECASE)


@lru_cache(maxsize=4096)
def address(url: str) -> str:
    """`url` as an http, https or mailto address, percent-encoded where it must be; "" for anything else.

    Query, fragment and every `%xx` stay as they were given; a host in another script is written in
    Punycode. Blanks (`[[view_url]]`, also amid a query) become marks; one that stands for a web address
    may be the whole. Giving an answer in again changes nothing.
    """
    parts = split(mark(_ENCODED_BLANK.sub(r"[[\1|\2]]", url)))
    first = next((part for part in parts if part != ""), "")
    text = [
        part if isinstance(part, Blank) else _DROPPED.sub("", part.encode("utf-8", "replace").decode())
        for part in parts
    ]
    if isinstance(first, Blank):
        return "".join(map(_written, text)) if first.name in ADDRESSES else ""
    text[0] = _AROUND.sub("", str(text[0])) if len(text) == 1 else str(text[0]).lstrip()
    web = _WEB.fullmatch(str(text[0]))
    if web:
        host = _host(web[2])
        if not host:
            return ""
        return web[1] + host + _encoded(web[3]) + "".join(map(_written, text[1:]))
    # A blank alone may be the whole of whom to write to.
    if str(text[0]).lower() == "mailto:" and len(text) > 1:
        return str(text[0]) + "".join(map(_written, text[1:]))
    return "".join(map(_written, text)) if _MAIL.match(str(text[0])) else ""


def _written(part: str | Blank) -> str:
    return part.mark() if isinstance(part, Blank) else _encoded(part)


def _encoded(text: str) -> str:
    return _FOREIGN.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), text)


def _host(host: str) -> str:
    """User, host and port in ASCII; "" when they cannot be a host."""
    # Browsers read a backslash as a slash: what stands before it would be the host, not what follows.
    if "\\" in host:
        return ""
    user, at, name = host.rpartition("@")
    if not name.isascii():
        # NFKC folds full-width letters as browsers do; a delimiter that comes out of it is an attempt
        # to hide where the link leads (U+FF0F turns into "/"), and fails the test below.
        name = unicodedata.normalize("NFKC", name.lower()).replace("。", ".")
        name = ".".join(
            label if label.isascii() else "xn--" + label.encode("punycode").decode() for label in name.split(".")
        )
    host = _encoded(user) + at + name
    return host if _HOST.fullmatch(host) else ""
