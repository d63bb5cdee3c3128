"""CommonMark with tables, strikethrough, footnotes and blanks becomes HTML that is yet to be made safe."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml, normalizeReference
from markdown_it.helpers import parseLinkLabel
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_block.table import escapedSplit
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, image
from markdown_it.token import Token
from mdit_py_plugins.footnote.index import footnote_def

from digest import merge_tags
from digest.render import safe_html

# markdown-it silently drops the blocks below maxNesting, so our own rule keeps it from ever getting there;
# brackets deeper than it are text. Each level costs a few of Python's thousand frames.
_NESTING = 50
_DEEPEST_BLOCK = 40
_PICTURES_IN_ALT = 4
#: Characters of a blank or of a footnote's label.
_LONGEST = 300

_MARKERS = re.compile(r"(?:[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])(?=[ \t])))*[ \t]*")
_DEFINITION = re.compile(r"\s*\[\^[^\]]+\]:[ \t]*")
_WHOLE_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)\s*/?>")
_RAW = re.compile(r"""<!--.*?-->|<[!?][^>]*>|</?[A-Za-z](?:[^<>"']|"[^"]*"|'[^']*')*>|<""", re.DOTALL)
_ENDING = re.compile(r"</(script|style)\b", re.IGNORECASE)
_SWALLOWED = re.compile(r"<(script|style)\b[^>]*>", re.IGNORECASE)
# Everything behind one of these would be read as bare text, another language or not at all.
_SWALLOWING = re.compile(
    r"</?(?:base|frame|frameset|head|iframe|listing|math|noembed|noframes|noscript|object|optgroup|option|plaintext"
    r"|select|svg|template|textarea|title|xmp)\b[^<>]*>?",
    re.IGNORECASE,
)
# Elements of HTML, past and present, that mail does without; a tag by any other name is the editor's
# own word, such as `Option<String>`.
_ELEMENTS = safe_html.INLINE | safe_html.BLOCKS
_ELEMENTS |= frozenset(
    "acronym address applet area article aside audio base basefont big blink body button canvas center col "  # noqa: SIM905
    "colgroup data datalist dialog dir embed fieldset font footer form frame frameset head header hgroup "
    "html iframe input label legend link listing main map marquee math menu menuitem meta meter nav nobr "
    "noembed noframes noscript object optgroup option output param picture plaintext progress rb rp rt rtc "
    "ruby script search select slot source spacer strike style svg template textarea title track tt video "
    "xmp".split()
)


@dataclass(slots=True)
class Notes:
    """The footnotes of a mail: what each says, and the order in which they were first referred to."""

    #: Label, or for an inline note "^" and its text, to Markdown.
    definitions: dict[str, str] = field(default_factory=dict)
    #: Key to number, from 1, in order.
    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, key: str) -> tuple[int, bool]:
        """The note's number, and whether this is its first reference."""
        first = key not in self.numbers
        return self.numbers.setdefault(key, len(self.numbers) + 1), first


def environment(references: Mapping[str, tuple[str, str]], fragments: Iterable[str]) -> dict[str, Any]:
    """What every fragment of one mail shares: link definitions, and footnotes defined anywhere in it."""
    shared: dict[str, Any] = {
        "references": {
            normalizeReference(label): {"href": href, "title": title} for label, (href, title) in references.items()
        },
        "notes": Notes(),
    }
    for fragment in fragments:
        if "[^" in fragment and "]:" in fragment:
            parser().block.parse(safe_html.clean(fragment), parser(), shared, [])
    return shared


def to_html(text: str, env: MutableMapping[str, Any], *, inline: bool = False) -> str:
    """`text`, clean already, as HTML with blanks as marks; raw HTML in it stands as it was written."""
    return str(parser().renderInline(text, env) if inline else parser().render(text, env))


@cache
def parser() -> MarkdownIt:
    md = _Parser("commonmark", {"maxNesting": _NESTING}, renderer_cls=_Renderer)
    md.enable(["table", "strikethrough"])
    md.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    md.block.ruler.before("table", "too_deep", _too_deep)
    md.block.ruler.before("reference", "footnote", _footnote_definition, {"alt": ["paragraph", "reference"]})
    md.inline.ruler.before("link", "blank", _blank)
    md.inline.ruler.before("link", "footnote", _footnote)
    md.inline.ruler.at("image", _image)
    md.core.ruler.push("places", _places)
    return md


class _Parser(MarkdownIt):
    """Addresses pass as they are written: `address` judges all of them, those of raw HTML too, later."""

    def validateLink(self, url: str) -> bool:  # noqa: N802
        return True

    def normalizeLink(self, url: str) -> str:  # noqa: N802
        return url

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802
        return link


def _too_deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """What lies absurdly deep in quotes and lists, as paragraphs without its markers."""
    if state.level < _DEEPEST_BLOCK:
        return False
    paragraphs: list[list[str]] = [[]]
    line = start
    while line < end:
        # A negative count is a line that lazily continues a quote's paragraph.
        if line > start and not state.isEmpty(line) and 0 <= state.sCount[line] < state.blkIndent:
            break
        text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
        if text.strip(" \t>"):
            paragraphs[-1].append(text[_MARKERS.match(text).end() :])  # type: ignore[union-attr]
        elif paragraphs[-1]:
            paragraphs.append([])
        line += 1
    for lines in filter(None, paragraphs):
        state.push("paragraph_open", "p", 1).map = [start, line]
        inline = state.push("inline", "", 0)
        inline.content, inline.map, inline.children = "\n".join(lines), [start, line], []
        state.push("paragraph_close", "p", -1)
    state.line = line
    return True


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A table in which cells beyond its columns join their row's last one; GitHub drops their words."""
    before = len(state.tokens)
    if not table(state, start, end, silent):
        return False
    cells: list[Token] = []
    for token in state.tokens[before:]:
        if token.type == "tr_open":
            cells = []
        elif token.type == "inline":
            cells.append(token)
        elif token.type == "tr_close" and cells and cells[0].map:
            line = cells[0].map[0]
            row = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip()
            written = escapedSplit(row)[1 if row.startswith("|") else 0 :]
            spare = [cell.strip() for cell in written[len(cells) :] if cell.strip()]
            cells[-1].content = " | ".join([cells[-1].content, *spare])
    return True


def _footnote_definition(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Takes `[^label]: text` out of the fragment; the first definition of a label counts."""
    before = len(state.tokens)
    if not footnote_def(state, start, end, silent):
        return False
    if not silent:
        label = state.tokens[before].meta["label"]
        del state.tokens[before:]
        text = state.getLines(start, state.line, state.blkIndent + 4, False)
        state.env["notes"].definitions.setdefault(label.casefold(), _DEFINITION.sub("", text, count=1))
    return True


def _footnote(state: StateInline, silent: bool) -> bool:
    """`[^label]`, when it is defined somewhere in the mail, and `^[the note itself]`."""
    source, start = state.src, state.pos
    notes: Notes = state.env["notes"]
    if source.startswith("[^", start):
        end = source.find("]", start, min(state.posMax, start + _LONGEST))
        key = source[start + 2 : end].casefold() if end > 0 else ""
        if key not in notes.definitions:
            return False
    elif source.startswith("^[", start):
        end = parseLinkLabel(state, start + 1)
        if end < 0:
            return False
        key = "^" + source[start + 2 : end]
        notes.definitions.setdefault(key, key[1:])
    else:
        return False
    if not silent:
        state.push("footnote", "", 0).meta = {"key": key}
    state.pos = end + 1
    return True


def _blank(state: StateInline, silent: bool) -> bool:
    """`[[name|fallback]]`, when `name` is one we know."""
    if not state.src.startswith("[[", state.pos):
        return False
    end = state.src.find("]]", state.pos, min(state.posMax, state.pos + _LONGEST)) + 2
    mark = merge_tags.mark(state.src[state.pos : end])
    if end < 2 or not mark.startswith(merge_tags.OPEN):
        return False
    if silent:
        # Only asked for the end of a link's words; a bracket swallowed whole would pass for a link in the link.
        state.pos += 1
        return True
    state.push("blank", "", 0).content = mark
    state.pos = end
    return True


def _image(state: StateInline, silent: bool) -> bool:
    """Pictures; those within the alt text of pictures within alt texts are text, so nothing recurses far."""
    depth = state.env.get("pictures", 0)
    if depth >= _PICTURES_IN_ALT:
        return False
    state.env["pictures"] = depth + 1
    try:
        return image(state, silent)
    finally:
        state.env["pictures"] = depth


def _places(state: StateCore) -> None:
    """Pictures learn their line, and no tag of raw HTML swallows what follows it."""
    for token in state.tokens:
        if token.type == "html_block":
            token.content = _contained(token.content)
        if token.type != "inline":
            continue
        line = token.map[0] if token.map else 0
        closed: set[str] = set()
        for child in reversed(token.children or []):
            if child.type == "html_inline":
                child.content = _open_ended(child.content, closed)
                closed |= {found[1].lower() for found in _ENDING.finditer(child.content)}
        for child in token.children or []:
            if child.type == "image":
                child.meta["line"] = line
            line += child.type in ("softbreak", "hardbreak") or child.content.count("\n")


def _contained(markup: str) -> str:
    """A block of raw HTML whose mistakes end where it ends: an unclosed comment, quote or script."""
    unclosed = markup.find("<!--", markup.rfind("-->") + 1)
    if unclosed >= 0 and not markup.startswith(("<!-->", "<!--->"), unclosed):
        markup = markup[:unclosed]
    markup = _RAW.sub(lambda found: found[0] if len(found[0]) > 1 else "&lt;", markup)
    return _open_ended(markup, set())


def _open_ended(markup: str, closed: set[str]) -> str:
    """`markup` without tags that would swallow what follows; `closed` names what is closed later on."""
    ends = dict.fromkeys(closed, len(markup))
    for found in _ENDING.finditer(markup):
        ends[found[1].lower()] = max(found.start(), ends.get(found[1].lower(), 0))
    kept = _SWALLOWED.sub(lambda found: found[0] if ends.get(found[1].lower(), -1) > found.start() else "", markup)
    return _SWALLOWING.sub("", kept)


class _Renderer(RendererHTML):
    """HTML as the pieces of `safe_html` want it; blanks as marks, footnotes as links to their anchors."""

    def blank(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return escapeHtml(tokens[idx].content)

    def footnote(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        if env.get("aloud"):
            return ""
        number, first = env["notes"].number(tokens[idx].meta["key"])
        anchor = f' id="fnref{number}"' if first else ""
        return f'<sup><a href="#fn{number}"{anchor}>{number}</a></sup>'

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        token = tokens[idx]
        alt = self.renderInlineAsText(token.children, options, env)
        parts = {"src": token.attrs["src"], "alt": alt, "title": token.attrs.get("title", "")}
        written = "".join(f' {name}="{html.escape(str(value))}"' for name, value in parts.items() if value)
        return f'<img{written} data-line="{token.meta["line"]}" />' if "line" in token.meta else f"<img{written} />"

    def renderInlineAsText(self, tokens: Sequence[Token] | None, options: Any, env: Any) -> str:  # noqa: N802
        text = {"softbreak": " ", "hardbreak": " ", "footnote": "", "html_inline": ""}
        return "".join(
            self.renderInlineAsText(token.children, options, env)
            if token.type == "image"
            else text.get(token.type, token.content)
            for token in tokens or []
        )

    def html_inline(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        content = tokens[idx].content
        whole = _WHOLE_TAG.fullmatch(content)
        if whole and whole[1].lower() not in _ELEMENTS:
            return escapeHtml(content)
        return merge_tags.mark(content)

    def html_block(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return merge_tags.mark(tokens[idx].content)

    def td_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        align = str(tokens[idx].attrs.get("style", "")).removeprefix("text-align:")
        return f'<{tokens[idx].tag} align="{align}">' if align else f"<{tokens[idx].tag}>"

    def th_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return self.td_open(tokens, idx, options, env)
