"""HTML becomes plain words: what a reader would see, without markup, scripts or characters that hide."""

from __future__ import annotations

import html as entities
import re

# Every alternative eats at least what it looked at and none is tried twice at one place: a text of
# megabytes made of "<a '" costs what one of words does. An unclosed tag or comment runs to the end, as
# in a browser (https://html.spec.whatwg.org/multipage/parsing.html#tokenization). A tag of ten thousand attributes is
# none. Python before 3.11.5 takes a group that is repeated possessively wrong (python/cpython, issue 106052).
_PIECE = re.compile(
    r"""
    (?P<text>(?>(?:[^<]++|<(?![A-Za-z/!?])){1,1000}))
  | <(?P<raw>iframe|noembed|noframes|noscript|script|style|textarea|title)(?=[\s/>])[^>]*+(?:>|\Z)
        (?>(?:[^<]++|<(?!/(?P=raw)))*)(?:</(?P=raw)[^>]*+(?:>|\Z)|\Z)
  | <!--(?:>|->|(?s:.*?)(?:--!?>|\Z))
  | <(?P<end>/?)(?P<name>[A-Za-z][^\s/>]*+)
        (?P<rest>(?>(?:[^>"'=]++|=\s*+(?>(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))?)|["']){0,10000}))(?:>|\Z)
  | <[^>]*+(?:>|\Z)
    """,
    re.VERBOSE | re.IGNORECASE,
)
#: What stands in these is shown by other means or not at all.
_SILENT = frozenset("annotation applet audio canvas datalist head object select svg template video".split())  # noqa: SIM905
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure "  # noqa: SIM905
    "footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend main menu nav ol optgroup p pre section "
    "summary table tbody tfoot thead ul".split()
)
_LINES = frozenset({"br", "caption", "li", "option", "tr"})
_CELLS = frozenset({"td", "th"})
_ALT = re.compile(r"""\salt\s*+=\s*+(?:"([^"]{1,12})"|'([^']{1,12})')""", re.IGNORECASE)

# Controls, lone surrogates and noncharacters; the marks that turn the direction of what follows, by which
# a file's ending or a site's name is disguised; letters without width, joiners apart, which scripts
# and emoji need; tags, which spell hidden words, except after the flag that needs them.
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffc\ufffe\uffff"
    r"\ud800-\udfff\U0001fffe\U0001ffff\U0010fffe\U0010ffff]"
    r"|(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0000-\U000e007f]++"
)
_PARAGRAPHS = re.compile(r"\n{3,}")


def text(html: str) -> str:
    """The words of `html`: paragraphs with an empty line between, a line break as one.

    Scripts, styles, forms' lists and embedded things are left out; entities are letters.
    """
    return tidy("".join(_pieces(html)))


def line(html: str) -> str:
    """The words of `html` on one line."""
    return " ".join(text(html).split())


def tidy(words: str) -> str:
    """Text that is no HTML, rid of what cannot be seen; blanks and empty lines brought to one each."""
    if "\r" in words:
        words = words.replace("\r\n", "\n").replace("\r", "\n")
    words = words.strip()
    if "\n" not in words:
        return _seen(_blanks_as_one(words))
    lines = [_blanks_as_one(each) for each in words.split("\n")]
    if not "".join(lines).isprintable():
        lines = [_seen(each) for each in lines]
    whole = "\n".join(lines)
    return (_PARAGRAPHS.sub("\n\n", whole) if "\n\n\n" in whole else whole).strip("\n")


def _blanks_as_one(line: str) -> str:
    # The one blank that is printable is the ordinary one.
    return line if line.isprintable() and "  " not in line and line[:1] != " " != line[-1:] else " ".join(line.split())


def _seen(line: str) -> str:
    # Nearly every line is printable, and to ask costs a tenth of looking for each sign that is not.
    return line if line.isprintable() else " ".join(_UNSEEN.sub("", line).split())


def _pieces(html: str, *, silent: frozenset[str] = _SILENT) -> list[str]:
    """Texts and breaks in order: an empty line between blocks, a line break within."""
    if "<![CDATA[" in html:
        # Wrapped twice, as feeds do: what is inside is HTML again.
        html = html.replace("<![CDATA[", "").replace("]]>", "")
    if (quick := _simple_pieces(html)) is not None:
        return quick
    pieces: list[str] = []
    within, depth, preformatted = "", 0, 0
    for found in _PIECE.finditer(html):
        name = (found["name"] or "").lower()
        if within:
            if name == within:
                depth += -1 if found["end"] else 1
                within = within if depth else ""
        elif words := found["text"]:
            words = entities.unescape(words) if "&" in words else words
            pieces.append(words if preformatted else words.replace("\n", " ").replace("\r", " "))
        elif name in silent:
            if not found["end"] and not found["rest"].endswith("/"):
                within, depth = name, 1
        elif name:
            if name == "pre":
                preformatted = max(0, preformatted + (-1 if found["end"] else 1))
            pieces.append(_between(name, found["end"], found["rest"]))
    # A player that nobody closed would take the rest of the story with it.
    return _pieces(html, silent=frozenset()) if within else pieces


def _simple_pieces(html: str) -> list[str] | None:
    """What `_pieces` gives, for the nine texts in ten whose tags all end at the first ">" and hide nothing.

    None for any other. It takes a third of the time, of which most of a feed's reading is made.
    """
    first, *others = html.replace("\n", " ").replace("\r", " ").split("<")
    pieces = [entities.unescape(first) if "&" in first else first]
    for each in others:
        tag, _, words = each.partition(">")
        between = _BARE.get(tag)
        if between is None:
            found = _TAG.fullmatch(tag)
            name = found["name"].lower() if found else "pre"
            if found is None or len(tag) == len(each) or name in _NOT_SIMPLE:
                return None
            between = _between(name, found["end"], found["rest"])
        elif len(tag) == len(each):
            return None
        pieces.append(between)
        if words:
            pieces.append(entities.unescape(words) if "&" in words else words)
    return pieces


def _between(name: str, end: str, rest: str) -> str:
    """What a tag puts between the words around it."""
    if name in _BLOCKS:
        return "\n\n"
    if name == "br" or (name in _LINES and not end):
        return "\n"
    if name in _CELLS:
        return " "
    if name == "img" and (alt := _ALT.search(rest)):
        # A smiley that a site draws as a picture belongs to the sentence.
        words = entities.unescape(alt[1] or alt[2])
        return words if not any(letter.isalnum() or letter.isspace() for letter in words) else ""
    return ""


# A tag to its ">", if all of its quotes are closed before.
_TAG = re.compile(
    r"""(?P<end>/?)(?P<name>[A-Za-z][^\s/>"'=]*+)(?P<rest>(?>(?:[^>"'=]++|="[^"]*+"|='[^']*+'|=(?!\s*+["']))*))"""
)
_NOT_SIMPLE = _SILENT | frozenset(
    "iframe noembed noframes noscript pre script style textarea title".split()  # noqa: SIM905
)
#: Tags without attributes, by what stands between their brackets.
_BARE = {
    end + name + close: _between(name, end, "")
    for name in (*_BLOCKS, *_LINES, *_CELLS, *"a abbr b cite code em i s small span strong sub sup u".split())  # noqa: SIM905
    if name not in _NOT_SIMPLE
    for end in ("", "/")
    for close in ("", "/", " /")
}
