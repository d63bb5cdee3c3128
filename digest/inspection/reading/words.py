"""What is said aloud, in which letters it is written, and what only classic Outlook reads."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import html as lxml_html

from digest.inspection import subject_tone
from digest.inspection.cascade import Look
from digest.render.language import Language

BLOCKS = frozenset(
    {"p", "div", "td", "th", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "dd", "dt", "center"}
)
#: Blanks and joiners that fill a line without being seen.
NOTHING = " \t\r\n\xa0\u034f\u2007\u200a\u200b\u200c\u200d\u2060\ufeff"

#: Scripts by the first word of a letter's name, and the codes of the languages' scripts that may hold them.
_SCRIPTS: Mapping[str, frozenset[str]] = {
    "ARABIC": frozenset({"Arab"}),
    "ARMENIAN": frozenset({"Armn"}),
    "BENGALI": frozenset({"Beng"}),
    "CJK": frozenset({"Hans", "Hant", "Jpan", "Kore", "Hani"}),
    "CYRILLIC": frozenset({"Cyrl"}),
    "DEVANAGARI": frozenset({"Deva"}),
    "GEORGIAN": frozenset({"Geor"}),
    "GREEK": frozenset({"Grek"}),
    "GUJARATI": frozenset({"Gujr"}),
    "HANGUL": frozenset({"Kore"}),
    "HEBREW": frozenset({"Hebr"}),
    "HIRAGANA": frozenset({"Jpan"}),
    "KATAKANA": frozenset({"Jpan"}),
    "TAMIL": frozenset({"Taml"}),
    "TELUGU": frozenset({"Telu"}),
    "THAI": frozenset({"Thai"}),
}
#: Fewer letters of another script are a name, a quotation or a title.
_FEW = 60


def own_text(element: Any) -> str:
    """The text right in an element, between its children too."""
    return (element.text or "") + "".join(child.tail or "" for child in element)


def spoken(element: Any) -> str:
    """What a screen reader says of an element: its words and the alt texts of its pictures, else its label."""
    parts: list[str] = []
    _say(element, parts)
    return " ".join("".join(parts).split()) or (element.get("aria-label") or element.get("title") or "").strip()


def _say(element: Any, parts: list[str]) -> None:
    if isinstance(element.tag, str):
        if element.tag == "img":
            parts.append(f" {element.get('alt') or ''} ")
        if element.tag == "svg" and element.get("aria-label"):
            parts.append(element.get("aria-label"))
        parts.append(element.text or "")
        for child in element:
            _say(child, parts)
            parts.append(child.tail or "")


def forbids_zoom(viewport: str) -> bool:
    """Whether a viewport's content keeps readers from enlarging the page."""
    pairs = (each.partition("=") for each in re.split(r"[,;]", viewport.casefold()))
    told = {name.strip(): value.strip() for name, _, value in pairs}
    try:
        most = float(told.get("maximum-scale", "10"))
    except ValueError:
        most = 10
    return told.get("user-scalable", "yes") in ("no", "0") or most < 2


def foreign_script(text: str, language: str) -> str:
    """The script that most of a text is in, where its language is not written in that; "" where all is well."""
    counted = Counter(_script(letter) for letter in text if letter.isalpha())
    letters = sum(counted.values())
    if letters < _FEW:
        return ""
    script, number = counted.most_common(1)[0]
    if number < 0.6 * letters:
        return ""
    try:
        own = Language.of(language).script_code
    except (ValueError, LookupError):
        return ""
    if script == "LATIN":
        wrong = any(own in codes for codes in _SCRIPTS.values())
    else:
        wrong = script in _SCRIPTS and own not in _SCRIPTS[script]
    return script.capitalize() + " letters" if wrong else ""


def _script(letter: str) -> str:
    if letter.isascii():
        return "LATIN"
    return unicodedata.name(letter, "").partition(" ")[0]


def shouted(text: str) -> str:
    """The first four words or more that are no abbreviations and stand in capitals, one after the other; or ""."""
    run = letters = start = common = 0
    told = ""
    for found in re.finditer(r"[^\W\d_][\w'’-]*", text):
        plain = "".join(letter for letter in found[0] if letter.isalpha())
        if plain.isupper() and plain != plain.lower():
            start = start if run else found.start()
            run, letters = run + 1, letters + len(plain)
            common += subject_tone.is_plain(found[0])
            if run >= 4 and (letters >= 4 * run or common > 1) and letters >= 18:
                told = text[start : found.end()]
        elif told:
            return told
        else:
            run = letters = common = 0
    return told


def for_word_only(root: Any) -> Iterator[str]:
    """What is amiss in comments that classic Outlook alone reads, each once."""
    told: set[str] = set()
    for comment in root.iter():
        text = "" if isinstance(comment.tag, str) else (comment.text or "")
        if not text.startswith("[if") or "mso" not in text[:40] or text.rstrip().endswith("<!"):
            continue
        inside = text.partition("]>")[2].rpartition("<![endif]")[0]
        if "<t" not in inside and "<v:" not in inside:
            continue
        told |= set(_in_word(lxml_html.fragment_fromstring(inside, create_parent="div")))
    yield from sorted(told)


def _in_word(fragment: Any) -> Iterator[str]:
    for each in fragment.iter():
        if not isinstance(each.tag, str):
            continue
        if each.tag == "table" and each.get("role") not in ("presentation", "none"):
            yield 'A table for Outlook lacks role="presentation".'
        if each.tag in ("v:rect", "v:roundrect", "v:oval", "v:shape", "v:image") and each.get("alt") is None:
            yield "A drawing for Outlook (VML) has no alt attribute."
        if each.tag.startswith("v:") and (each.get("href") or next(each.iter("a"), None) is not None):
            yield "A link in a drawing for Outlook (VML) cannot be reached with the keyboard."


def turned_for_looks(element: Any, looks: Mapping[Any, Look]) -> bool:
    """Whether `dir="rtl"` on an element only swaps its columns: no letter in it is written that way."""
    if (element.get("dir") or "").casefold() != "rtl":
        return False
    parent = element.getparent()
    if parent is not None and (around := looks.get(parent)) is not None and around.right_to_left:
        return False
    letters = [letter for letter in "".join(element.itertext()) if letter.isalpha()]
    return bool(letters) and not any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in letters)
