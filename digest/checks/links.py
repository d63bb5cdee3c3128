"""Whether every link is one, and with --links whether it still leads where it should."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from digest.checks.base import Copy, Place, line_of, placed, shown
from digest.errors import CannotCheck
from digest.inspection import link_answers, link_round
from digest.inspection.whereabouts import written
from digest.models import Brief, Briefs, Finding, Prose, Story
from digest.render.address import address

RULES = {
    "empty": "a link without an address",
    "relative": "a link that lacks https:// or its site",
    "malformed": "an address that no browser can open",
    "scheme": "an address of a kind that leads nowhere from a mail",
    "mailto": "a link for writing to nobody",
    "anchor": "a link to a place that is not in the mail",
    "not-a-link": "square and round brackets that did not become a link",
    "footnote": "the mark of a footnote that has no text",
    "password": "an address with a name and password in it",
    "dead": "the page is gone, or never was",
    "no-answer": "the site does not answer",
    "broken": "the site has a fault",
    "refused": "the site refuses to show the page",
    "slow": "the page did not come in time",
    "loop": "a redirect that never ends",
    "certificate": "browsers warn of the site's certificate",
    "private": "an address that only your own network can open",
    "garbled": "what answers is no web page",
    "not-a-picture": "the address of a picture leads to something else",
    "unsure": "somebody should look: a login, a home page, a domain for sale, a site that shuts programs out",
    "moved": "the page has moved for good",
    "redirect": "the link leads on to another page",
    "https": "linked by http, while https works",
}

_STANDS_IN = "https://blank.invalid/"
_LABEL = re.compile(r"(?!-)[\w-]{1,63}(?<!-)")
_MAILBOX = re.compile(r"[^@\s,;<>]+@[\w-]+(\.[\w-]+)+")
_CLOSED_BY = {")": "(", "]": "["}


@dataclass(frozen=True, slots=True)
class _Link:
    url: str
    #: As a finding begins: '"Title"', 'The link "here" in "Title"'.
    name: str
    place: Place
    picture: bool = False


def check(copy: Copy) -> Iterator[Finding]:
    """What can be seen in the mail itself; with a network also what its links lead to."""
    links = list(_links(copy))
    anchors = {name for each in copy.proof.elements() for name in (each.get("id"), each.get("name")) if name}
    for link in links:
        if link.picture:
            continue
        if link.url.startswith("#"):
            if unquote(link.url[1:]) not in anchors:
                yield _no_place(link.place, link.name, link.url)
        elif told := _malformed(link.url):
            rule, why, hint = told
            level = "warning" if rule in ("password", "stray") else "error"
            rule = "malformed" if rule == "stray" else rule
            yield link.place.finding(level, rule, f"{link.name} {why}.", effect=_NOWHERE[level], hint=hint)
    yield from _lost(copy)
    yield from _typed(copy, list(_unmade(copy)))
    if copy.web is not None:
        yield from _followed(copy, [link for link in links if _can_be_followed(link.url)])


_NOWHERE = {"error": "Readers who follow it get nowhere.", "warning": ""}


def _links(copy: Copy) -> Iterator[_Link]:
    """Every address in the mail once, in order, where it stands first."""
    seen: dict[tuple[str, bool], set[str]] = {}
    for element in copy.proof.elements("a", "area", "img"):
        picture = element.tag == "img"
        url = element.get("src" if picture else "href")
        if url is None or url.startswith(_STANDS_IN) or (picture and not url.startswith(("http:", "https:"))):
            continue
        place = _place(copy, element, url)
        # A picture often carries its story's link: the story's title is the better name for it.
        if place.story in seen.setdefault((url, picture), set()):
            continue
        seen[url, picture].add(place.story)
        yield _Link(url, _name(copy, element, url, place), place, picture)


def _place(copy: Copy, element: Any, url: str) -> Place:
    place = placed(copy, element, url, unquote(url), *written(element))
    if place.line is None and place.path is not None:
        # Not in the issue: a theme's link, or one that digest.toml gave it.
        publication = copy.publication
        for key in ("url", "view_url", "unsubscribe_url"):
            if url and url in (getattr(publication, key), getattr(copy.email, key, "")):
                return Place(publication.path, publication.lines.get(f"publication.{key}"))
    return place


def _name(copy: Copy, element: Any, url: str, place: Place) -> str:
    inside = f" in {shown(place.story)}" if place.story else ""
    if element.tag == "img":
        alt = (element.get("alt") or "").strip()
        return f"The picture {shown(alt)}{inside}" if alt else f"A picture{inside}"
    words = " ".join("".join(element.itertext()).split())
    if place.story and (words == " ".join(place.story.split()) or (not words and _own(copy, url, place))):
        return shown(place.story)
    return f"The link {shown(words)}{inside}" if words else f"A link without words{inside}"


def _own(copy: Copy, url: str, place: Place) -> bool:
    return any(address(each.url) == url for each in _titled(copy) if each.title == place.story)


def _titled(copy: Copy) -> list[Story | Brief]:
    return [*copy.issue.stories, *copy.issue.briefs]


def _can_be_followed(url: str) -> bool:
    return url.lower().startswith(("http://", "https://")) and _malformed(url) is None


# What an address says of itself.


def _malformed(url: str) -> tuple[str, str, str] | None:
    """The rule that an address breaks, how, and the way out; None for one that looks well."""
    bare = url.strip()
    if not bare:
        return "empty", "has no address", "Put the address between the round brackets."
    scheme = found[1].lower() if (found := re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", bare)) else ""
    if scheme == "mailto":
        to = unquote(bare[7:].partition("?")[0])
        well = (not to and "to=" in bare) or all(_MAILBOX.fullmatch(each.strip()) for each in to.split(","))
        return (
            None
            if well
            else ("mailto", f"is for writing to {shown(to)}, which is no address", "Write mailto:name@site.")
        )
    if scheme in ("tel", "sms"):
        return None
    if scheme in ("http", "https"):
        return _malformed_web(bare)
    if scheme in ("file", "javascript", "data", "blob", "about", "vbscript", "chrome") or re.match(
        r"[A-Za-z]:[\\/]", bare
    ):
        kind = "a file on your own computer" if scheme in ("file", "c", "d") else f'a "{scheme}:" address'
        return "scheme", f"leads to {kind}: {shown(bare)}", "Link to the page on the web."
    if scheme in ("ftp", "ftps", "ws", "wss", "gopher", "feed", "ssh", "git"):
        return (
            "scheme",
            f"begins with {scheme}:, which browsers no longer open: {shown(bare)}",
            "Look for an https address.",
        )
    if re.match(r"(?:h?t{1,3}p?s?|htp|hhttps?|ttps?|https?)\s*(?:[:;.,]?/{1,3}|:)", bare, re.IGNORECASE):
        return "malformed", f"has a misspelt beginning: {shown(bare)}", "It should begin with https://"
    if scheme and not re.match(r"[\w-]+(?:\.[\w-]+)+:\d", bare):
        return (
            "scheme",
            f'begins with "{scheme}:", which mail programs do not open: {shown(bare)}',
            "Name an https address.",
        )
    if bare.startswith("//"):
        return "relative", f"lacks the https: before {shown(bare)}", f"Write https:{bare}"
    if re.match(r"(?:www\.|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:[/:?#]|$))", bare, re.IGNORECASE):
        return "relative", f"lacks the https:// before {shown(bare)}", f"Write https://{bare}"
    return "relative", f"is only a part of an address: {shown(bare)}", "Write it whole, from https:// on."


def _malformed_web(url: str) -> tuple[str, str, str] | None:
    said = shown(url, 90)
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return (
            "malformed",
            f"has an address that no browser can read: {said}",
            "See what stands between // and the next /.",
        )
    if not host:
        return "malformed", f"names no site: {said}", "It should begin with https:// and the site's name."
    if re.fullmatch(r"https?:?", parts.netloc, re.IGNORECASE) or re.search(
        r"\.\w*https?:$", parts.netloc, re.IGNORECASE
    ):
        return "malformed", f"has two addresses in one: {said}", "Leave one of them."
    literal = ":" in host or re.fullmatch(r"[\d.]+", host)
    labels = host.rstrip(".").split(".")
    if not literal and (not all(map(_LABEL.fullmatch, labels)) or len(host) > 253):
        return (
            "malformed",
            f'has no site of the name "{host}" to lead to: {said}',
            "See whether the name is spelt right.",
        )
    if not literal and len(labels) < 2 and host != "localhost":
        return "malformed", f'names half a site, "{host}": {said}', "It should be a whole name, such as www.site.org."
    if "@" in parts.netloc:
        return "password", f"holds a name or password: {_without_user(url)}", "Every reader would get it: take it out."
    last = url[-1]
    if last in ",;\"'`" or (last in _CLOSED_BY and url.count(last) > url.count(_CLOSED_BY[last])):
        return "stray", f"ends in a {last} that is probably no part of it: {said}", "Try it, or take the mark off."
    if re.search(r"\]\(|%5D\(https?:", url):
        return "malformed", f"has another link's brackets in it: {said}", "Take them apart."
    return None


def _without_user(url: str) -> str:
    return re.sub(r"(?<=//)[^/?#]*@", "...@", url)


def _no_place(place: Place, name: str, url: str) -> Finding:
    what = f'{name} leads to "{url}", and there is no such place in the mail.'
    return place.finding("error", "anchor", what, effect="Nothing happens when it is followed.")


# What the mail no longer shows, for the renderer keeps no link that leads nowhere.

_LINK = re.compile(r"(?<![!\\])\[(?:[^\[\]]|\[[^\[\]]*\])*\]\(\s*<?(?!https?://[\w.-]+\.|mailto:|\[\[)", re.IGNORECASE)
_EMPTY = re.compile(r"<a\s(?:[^>]*\s)?href\s*=\s*(?:\"\s*\"|'\s*')[^>]*>", re.IGNORECASE)
_TYPED = re.compile(r"\[[^\[\]]*\]\([^()\s]*[:/.][^()]*(?:\([^()]*\)[^()]*)?\)")


def _lost(copy: Copy) -> Iterator[Finding]:
    for each in _titled(copy):
        if each.url and not address(each.url):
            place = Place(copy.issue.path, each.line or None, each.title)
            yield _lost_link(place, shown(each.title), each.url)
    for text, line, title in (*_titles(copy), *_texts(copy)):
        if _LINK.search(text) or "<a" in text.casefold():
            yield from _lost_in(copy, text, line, title)


def _texts(copy: Copy) -> Iterator[tuple[str, int, str]]:
    """Markdown, the line at which it begins, and the title of its story."""
    issue = copy.issue
    yield issue.note, issue.note_line, ""
    for section in issue.sections:
        for block in section.blocks:
            if isinstance(block, Prose):
                yield block.markdown, block.line, ""
            elif isinstance(block, Briefs):
                for brief in block.items:
                    yield f"{brief.note}\n\n{brief.body}", brief.line, brief.title
            else:
                yield block.body, block.body_line or block.line, block.title


def _lost_in(copy: Copy, text: str, line: int, title: str) -> Iterator[Finding]:
    from markdown_it import MarkdownIt

    inside = f" in {shown(title)}" if title else ""
    markdown = MarkdownIt("commonmark")
    markdown.validateLink = lambda url: True  # type: ignore[method-assign]  # "javascript:" is to be told too
    for token in markdown.parse(text):
        children = token.children or []
        for number, child in enumerate(children):
            if child.type == "html_inline" and (empty := _EMPTY.match(child.content)):
                words = "".join(each.content for each in children[number + 1 : number + 2])
                place = Place(copy.issue.path, line_of(copy, line, empty[0]) or line or None, title)
                yield _lost_link(place, f"The link {shown(words)}{inside}", "")
            if child.type == "link_open":
                url = unquote(str(child.attrGet("href") or ""))
                if address(url):
                    continue
                words = "".join(each.content for each in children[number + 1 : number + 2])
                place = Place(copy.issue.path, line_of(copy, line, f"({url}", f"<{url}") or line or None, title)
                yield _lost_link(place, f"The link {shown(words)}{inside}", url)


def _unmade(copy: Copy) -> Iterator[Finding]:
    """Links as they were typed: CommonMark takes no address with a blank in it, nor file: and javascript:."""
    seen: set[tuple[int | None, str]] = set()
    for element in copy.proof.elements():
        for text, inside in ((element.text, element), (element.tail, element.getparent())):
            if not text or "](" not in text or inside is None or _is_code(inside):
                continue
            for found in _TYPED.finditer(text):
                place = placed(copy, inside, found[0], found[0][:24])
                if (place.line, found[0]) in seen:
                    continue  # the mail's hidden first line repeats what the note says
                seen.add((place.line, found[0]))
                story = f" in {shown(place.story)}" if place.story else ""
                what = f"Brackets{story} did not become a link: {shown(found[0])}."
                hint = "An address begins with https:// and has no blanks in it; write %20 for one."
                yield place.finding("error", "not-a-link", what, effect="Readers see the brackets.", hint=hint)


#: Slips that CommonMark takes for text: no bracket at the end, a blank between, round before square.
_SLIPS = (
    (re.compile(r"\[[^\[\]]+\]\((?:https?://|www\.|mailto:)[^\s()]*"), "The round bracket is never closed."),
    (re.compile(r"\[[^\[\]]+\]\s+\((?:https?://|www\.)[^\s()]*\)"), "Take the blank out from between the brackets."),
    (
        re.compile(r"\([^()]+\)\[(?:https?://|www\.)[^\s\[\]]*\]"),
        "The words stand in square brackets, the address in round ones.",
    ),
)
_LABELLED = re.compile(r"(?<!\w)\[([^\[\]^]*[^\W\d_][^\[\]^]*)\]\[([^\[\]^]*)\](?!\()")
_FOOTNOTE = re.compile(r"\[\^([^\s\[\]^]+)\](?!:)")


def _typed(copy: Copy, told: list[Finding]) -> Iterator[Finding]:
    """What the mail shows of brackets, then what the issue file has of them and nobody made a link of."""
    yield from told
    lines = {each.line for each in told}
    for text, line, title in (*_titles(copy), *_texts(copy)):
        if "]" not in text:
            continue
        for said, what, hint, rule in _slipped(_as_text(text), copy):
            at_line = line_of(copy, line, said, said[:24]) or line
            if at_line in lines:
                continue
            lines.add(at_line)
            inside = f" in {shown(title)}" if title and not said.startswith(f"[{title}") else ""
            effect = "Readers see the brackets."
            place = Place(copy.issue.path, at_line or None, title)
            yield place.finding("error", rule, f"{what}{inside}: {shown(said)}.", effect=effect, hint=hint)


def _titles(copy: Copy) -> Iterator[tuple[str, int, str]]:
    for each in _titled(copy):
        if not each.url:
            yield each.title_markdown, each.line, each.title


def _as_text(markdown: str) -> str:
    """What stands there as text: without code, and without what became links and pictures."""
    from markdown_it import MarkdownIt

    parts: list[str] = []
    for token in MarkdownIt("commonmark").parse(markdown):
        inside = 0
        for child in token.children or ():
            inside += child.nesting if child.type in ("link_open", "link_close") else 0
            if child.type == "text" and not inside:
                parts.append(child.content)
            else:
                parts.append("\n" if child.type == "softbreak" else "\0")
        parts.append("\0\n")
    return "".join(parts)


def _slipped(text: str, copy: Copy) -> Iterator[tuple[str, str, str, str]]:
    """What was typed, what is to be said of it, the way out, and the rule."""
    for pattern, hint in _SLIPS:
        for found in pattern.finditer(text):
            yield found[0], "Brackets did not become a link", hint, "not-a-link"
    for found in _LABELLED.finditer(text):
        label = found[2] or found[1]
        if not copy.issue.references.get(" ".join(label.split()).casefold()) and not _is_defined(label, copy):
            hint = f"Write below it, on a line of its own: [{label}]: https://..."
            yield found[0], f'There is no address for "[{label}]"', hint, "not-a-link"
    for found in _FOOTNOTE.finditer(text):
        if not _is_defined(f"^{found[1]}", copy):
            hint = f"Write below it, on a line of its own: {found[0]}: and the note's text."
            yield found[0], "The footnote has no text", hint, "footnote"


def _is_defined(label: str, copy: Copy) -> bool:
    return re.search(rf"^ {{0,3}}\[{re.escape(label)}\]:", copy.text, re.MULTILINE | re.IGNORECASE) is not None


def _is_code(element: Any) -> bool:
    names = {element.tag, *(each.tag for each in element.iterancestors())}
    return bool(names & {"code", "pre", "style", "script", "title"})


def _lost_link(place: Place, name: str, url: str) -> Finding:
    if url.startswith("#"):
        return _no_place(place, name, url)
    hint = "A link in a mail begins with https://, http:// or mailto:."
    rule, why, hint = _malformed(url) or ("malformed", f"has an address that no mail can hold: {shown(url)}", hint)
    effect = "The link is left out of the mail; readers get its words alone."
    return place.finding("error", rule, f"{name} {why}.", effect=effect, hint=hint)


# Where they lead.


def _followed(copy: Copy, links: list[_Link]) -> Iterator[Finding]:
    assert copy.web is not None
    root = copy.publication.path.parent if copy.publication.path else None
    kept = root / ".digest" / "links.json" if root else None
    visits = link_round.visited([link.url for link in links], copy.web, kept=kept, progress=copy.progress)
    if link_round.offline(visits.values()):
        raise CannotCheck("No site's name could be looked up.", hint="Are you online?")
    for link in links:
        visit = visits[link.url]
        if link.picture and visit.well:
            kind = visit.media_type
            if kind and not kind.startswith("image/") and kind != "application/octet-stream":
                what = f"{link.name} is no picture: {link.url} answers with {kind}."
                hint = "Take the address of the picture itself, or better a copy of it in the folder images."
                yield link.place.finding(
                    "error", "not-a-picture", what, effect="Readers see an empty frame.", hint=hint
                )
            continue
        for told in link_answers.judge(visit):
            finding = link.place.finding(
                told.level, told.rule, f"{link.name} {told.what}", effect=told.effect, hint=told.hint
            )
            if link.url not in told.what + told.hint and link.url not in link.name:
                finding = replace(finding, what=f"{finding.what.rstrip('.')} ({link.url})")
            yield finding
