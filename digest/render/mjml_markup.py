"""Tags, attributes and comments as mrml reads them: found, mended, and what is wrong with one said."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

from digest.render.mjml_tags import FORBIDDEN, VOID

_NAME = r"[A-Za-z_][\w.:-]*+"

#: Every `<` of a text, and what it begins; `lastgroup` is "empty" for an opening tag, "close", "condition",
#: "over", "comment", or None for one that begins nothing mrml can read. Possessive, so always linear.
TOKEN = re.compile(
    rf"""<(?:
        (?P<open>[A-Za-z][\w.:-]*+)
        (?P<attributes>(?>(?:\s++{_NAME}(?>(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'))?))*))
        \s*+(?P<empty>/?)>
      | /(?P<close>[A-Za-z][\w.:-]*+)\s*+>
      | (?P<condition>!--\[\s*if\b[^\]<>]*+\]>(?:<!--\ ?-->|<!-->)? | !\[\s*if\b[^\]<>]*+\]>)
      | (?P<over>(?:!--\s*+<)?!\[endif\]-->  | !\[endif\]>)
      | !--(?P<comment>.*?)-->
      |
    )""",
    re.VERBOSE | re.DOTALL | re.ASCII | re.IGNORECASE,
)

#: Name, equals sign, double-quoted and single-quoted value of an attribute in the text of a good tag.
ATTRIBUTE = re.compile(rf"({_NAME})(?>(?:\s*+(=)\s*+(?:\"([^\"]*+)\"|'([^']*+)'))?)", re.ASCII)

_BROKEN_TAG = re.compile(
    rf"</?(?P<name>[A-Za-z][\w.:-]*+)(?>(?:\s++{_NAME}(?>(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'))?))*)\s*+", re.ASCII
)
_LAST_NAME = re.compile(rf"({_NAME})\s*$", re.ASCII)
_ADDRESSES = frozenset({"href", "src", "action", "formaction", "background", "poster"})
_UNSAFE = re.compile(r"[\\\n\t]")
_REFERENCES = str.maketrans({"\\": "&#92;", "\n": "&#10;", "\t": "&#9;", '"': "&quot;"})


def shown(text: str) -> str:
    """The beginning of `text` in one line, to be quoted in an error."""
    words = " ".join(text[:200].split())
    return words if len(words) <= 40 else words[:37] + "..."


def safe_attributes(attributes: str) -> str | None:
    """The attributes of a tag as mrml leaves them alone; None when they are so already.

    Only ASCII is minded here; the rest becomes numeric references in one go, tags and texts alike.
    """
    if not (_UNSAFE.search(attributes) or ("'" in attributes and '"' in attributes)):
        return None

    def rewritten(found: re.Match[str]) -> str:
        if not found[2]:
            return found[1]
        value = found[3] if found[3] is not None else found[4]
        return f'{found[1]}="{value.translate(_REFERENCES)}"'

    return ATTRIBUTE.sub(rewritten, attributes)


def ascii_css(css: str) -> str:
    """CSS with CSS's own escapes for what is not ASCII: references mean nothing in a style."""
    return re.sub(r"[^\x00-\x7f]", lambda found: f"\\{ord(found[0]):x} ", css)


def flaws_in_html(name: str, pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """What is wrong with an HTML tag and its attributes, each with a hint."""
    small = name.lower()
    if small in FORBIDDEN:
        yield (
            f"<{small}> does not belong in a mail.",
            "Mail clients remove it, and filters reject mail that has it.",
        )
    if small in VOID and small != name:
        yield f"<{name}> must be written in small letters: <{small}>.", ""
    seen: set[str] = set()
    for key, value in pairs:
        if key.lower() in seen:
            yield f'<{name}> has "{key}" twice.', ""
        seen.add(key.lower())
        if key[:2].lower() == "on":
            yield f'<{name}> has "{key}": a mail runs no script.', ""
        elif key.lower() in _ADDRESSES and _is_script(value):
            yield f'The "{key}" of <{name}> is a script; a mail runs none.', ""


def _is_script(address: str) -> bool:
    if "&" in address:
        address = html.unescape(address)
    return re.sub(r"[\x00-\x20]", "", address[:100]).lower().startswith(("javascript:", "vbscript:"))


def broken(text: str, at: int, *, css: bool) -> tuple[str, str]:
    """Why the `<` at `at` begins nothing that can be read, and what to do about it."""
    rest = text[at : at + 9].lower()
    if css:
        return (
            'A "<" stands in a style; the compiler takes it for a tag.',
            "Write min-width and max-width instead.",
        )
    if rest.startswith(("<!--[if", "<![if", "<![endif", "<!--<![en")):
        hint = "Write <!--[if mso]> ... <![endif]-->, without blanks before the closing bracket."
        return "An Outlook conditional comment is not written as one.", hint
    if rest.startswith("<!--"):
        return "A comment is never closed.", "Close it with -->."
    if rest.startswith("<![cdata"):
        return "CDATA does not work in a mail.", "Write the text itself, with &lt; for < and &amp; for &."
    if rest.startswith(("<!", "<?")):
        return f'"{shown(text[at : at + 40])}" does not belong in MJML.', ""
    tag = _BROKEN_TAG.match(text, at)
    if tag is None:
        return 'A bare "<" stands in the text.', "Write &lt; for it."
    return _broken_tag(text, tag)


def _broken_tag(text: str, tag: re.Match[str]) -> tuple[str, str]:
    name, rest = tag["name"], text[tag.end() : tag.end() + 60]
    for found in ATTRIBUTE.finditer(text, tag.end("name"), tag.end()):
        if "<" in (found[3] or found[4] or ""):
            return f'The value of "{found[1]}" in <{name}> is never closed.', "A quotation mark is missing."
    if rest.startswith("="):
        last = _LAST_NAME.search(text, tag.start("name") + len(name), tag.end())
        attribute = last[1] if last else "?"
        if rest[1:].lstrip()[:1] in ('"', "'"):
            return f'The value of "{attribute}" in <{name}> is never closed.', "A quotation mark is missing."
        return f'The value of "{attribute}" in <{name}> needs quotation marks.', ""
    if not rest or rest.startswith("<"):
        return f'<{name} is not closed with ">".', 'If a "<" is meant, write &lt;.'
    return f'<{name}> cannot be read at "{shown(rest)}".', "Is a blank or a quotation mark missing?"


def looks_like_tag(text: str, at: int) -> str:
    """The name of a broken opening tag that still ends somewhere, so that its end tag is not told as well."""
    tag = re.compile(r"<([A-Za-z][\w.:-]*+)[^<>]*+(/?)>", re.ASCII).match(text, at)
    return "" if tag is None or tag[0].endswith("/>") or tag[1] in VOID else tag[1]
