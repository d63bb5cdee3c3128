"""Whether stories repeat, track their readers, or hide who paid: this issue against itself and all that ran."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from digest import likeness, urls
from digest.checks.base import Copy, Ran, at, shown
from digest.inspection import empty_words, prose_links
from digest.likeness import Telling
from digest.models import Brief, Finding, Prose, Section, Story

RULES = {
    "twice": "one address stands twice in this issue, or in the words of one story",
    "same-title": "two stories have the same title",
    "sent-before": "the story ran in an earlier issue",
    "title-again": "a story of the same title ran lately",
    "same-event": "two stories seem to tell of one event",
    "trackers": "an editorial link carries parameters that track the reader",
    "sponsor-unlabelled": "a section is called a sponsor's and lacks the label",
    "sponsor-mixed": "paid and editorial stories stand in one section",
    "cut-title": "a title ends in an ellipsis, as a feed cut it",
    "capitals": "a title is written in capitals",
    "vague-link": "the words of a link say nothing of where it leads",
}

#: Far above what groups candidates in the inbox (`likeness.THRESHOLD`): among the few stories of one issue
#: every word is rare, and an editor may well want two views of one event. Of 33 labelled pairs, each among 16
#: other headlines, it tells 10 of the 24 of one event and none of the 9 that are merely related (.40: 10 and 2).
ALIKE = 0.45
#: Which button of Google's made the address; it is how one that was shared is told from one that was not.
_HARMLESS = frozenset((("docs.google.com", "usp"), ("drive.google.com", "usp")))
#: In a long essay whoever comes back to a source after so many words may name it again.
_FAR_APART = 250
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_CUT = re.compile(r"(?:…|(?<!\.)\.\.\.)[\"'”’»\])]?\s*\Z")
_QUOTED_CUT = re.compile(r"[\"'“‘«„]\w[^\"”’»]*(?:…|\.\.\.)[\"'”’»]\s*\Z")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|(?:[\w-]+\.)+[a-z]{2,}/\S+", re.IGNORECASE)
_YES = frozenset(("yes", "true", "on"))


def check(copy: Copy) -> Iterator[Finding]:
    """What readers have seen, would see twice, or could not tell from the editor's own choice."""
    placed = _placed(copy)
    yield from _twice(copy, placed)
    yield from _twice_in_words(copy, placed)
    yield from _before(copy, placed)
    yield from _events(copy)
    yield from _trackers(copy, placed)
    yield from _sponsors(copy, placed)
    yield from _titles(copy, placed)
    yield from _link_words(copy)


def _placed(copy: Copy) -> list[tuple[Section, Story | Brief]]:
    """Stories and briefs in the order of the file, each with its section."""
    found: list[tuple[Section, Story | Brief]] = []
    for section in copy.issue.sections:
        found += [(section, each) for each in section.stories]
        found += [(section, each) for each in section.briefs]
    return sorted(found, key=lambda each: each[1].line)


def _of(
    each: Story | Brief, copy: Copy, level: str, rule: str, what: str, *, effect: str = "", hint: str = ""
) -> Finding:
    return at(copy.issue, each.line, level, rule, what, effect=effect, hint=hint, story=each.title)


# --- seen before


def _twice(copy: Copy, placed: list[tuple[Section, Story | Brief]]) -> Iterator[Finding]:
    by_key: dict[str, list[Story | Brief]] = {}
    by_title: dict[str, Story | Brief] = {}
    for _, each in placed:
        same = [
            other
            for other in (by_key.setdefault(urls.key(each.url), []) if each.url else [])
            if _one_place(each, other)
        ]
        plain = likeness.plain_title(each.title)
        if same:
            what = f"{shown(each.title)} has the address of {_named(same[0], each)} on line {same[0].line}."
            hint = "Keep one of the two."
            effect = "Readers come to the same page twice."
            yield _of(each, copy, "warning", "twice", what, effect=effect, hint=hint)
        elif len(plain) > 3 and plain in by_title:
            what = f"{shown(each.title)} stands on line {by_title[plain].line} already, with another address."
            effect = "Readers take the two for one story."
            yield _of(each, copy, "warning", "same-title", what, effect=effect, hint="Give one of them another title.")
        if each.url:
            by_key[urls.key(each.url)].append(each)
        by_title.setdefault(plain, each)


def _twice_in_words(copy: Copy, placed: list[tuple[Section, Story | Brief]]) -> Iterator[Finding]:
    """Of the words below a heading, not the heading's own link. A sponsor says where to go as often as it likes."""
    texts = [(copy.issue.note, copy.issue.note_line, "")]
    texts += [
        (block.markdown, block.line, "")
        for section in copy.issue.sections
        for block in section.blocks
        if isinstance(block, Prose) and not section.sponsor
    ]
    for section, each in placed:
        if not section.sponsor and not _is_paid(each):
            of_brief = (f"{each.note}\n{each.body}", each.line) if isinstance(each, Brief) else None
            texts.append((*(of_brief or (each.body, each.body_line or each.line)), each.title))  # type: ignore[union-attr]
    for markdown, line, title in texts:
        known: dict[tuple[str, str, int], prose_links.ProseLink] = {}
        if markdown.count("](") + markdown.count("][") + markdown.count("<") < 2:
            continue
        for link in prose_links.links(markdown, line, copy.issue.references):
            # A list may name one host at every date.
            page = urls.key(link.url), urls.anchor(link.url), link.item
            first = known.setdefault(page, link)
            if first is link or link.words - first.words > _FAR_APART:
                known[page] = link
                continue
            what = f"{shown(title) if title else 'The text'} links to {shown(link.url)} twice."
            effect = "Readers come to the same page twice."
            hint = "Link it once, where the words say most of it."
            yield at(copy.issue, link.line, "warning", "twice", what, effect=effect, hint=hint, story=title)
            known[page] = link


def _one_place(one: Story | Brief, other: Story | Brief) -> bool:
    """Two anchors of one page, with two titles, are two stories."""
    first, second = urls.anchor(one.url), urls.anchor(other.url)
    different = likeness.plain_title(one.title) != likeness.plain_title(other.title)
    return not (first and second and first != second and different)


def _named(other: Story | Brief, each: Story | Brief) -> str:
    return "the one" if other.title == each.title else shown(other.title)


def _before(copy: Copy, placed: list[tuple[Section, Story | Brief]]) -> Iterator[Finding]:
    """What a sponsor says, and a section that is carried over, come again on purpose."""
    carried = {plan.title.casefold() for plan in copy.publication.sections if plan.carry}
    for section, each in placed:
        if section.sponsor or section.title.casefold() in carried or section.extra.get("carry", "").casefold() in _YES:
            continue
        ran = copy.ran(each.url, each.title)
        if ran is None:
            continue
        if each.url and ran.url and urls.key(ran.url) != urls.key(each.url):
            what = f"A story called {shown(each.title)} ran in {_issue(ran)}."
            hint = "If it is another one, say so in its title."
            yield _of(each, copy, "note", "title-again", what, hint=hint)
            continue
        what = f"{shown(each.title)} ran in {_issue(ran)}."
        hint = 'Take it out, or say beside it why it comes again: "<!-- digest: allow sent-before, ... -->".'
        if ran.title and likeness.plain_title(ran.title) != likeness.plain_title(each.title):
            what = f"{shown(each.title)} ran in {_issue(ran)}, as {shown(ran.title)}."
        yield _of(each, copy, "warning", "sent-before", what, effect="Readers have seen it.", hint=hint)


def _issue(ran: Ran) -> str:
    name = f"number {ran.number}" if ran.number is not None else f"issue {ran.issue}"
    return f"{name} on {ran.day}" if ran.day and ran.day.year > 1 else name


def _events(copy: Copy) -> Iterator[Finding]:
    stories = [each for each in copy.issue.stories if each.url]
    lines = {str(each.line): each for each in stories}
    tellings = [
        Telling(str(each.line), each.title, _COMMENT.sub("", each.body), urls.site(each.url)) for each in stories
    ]
    for one, other, _ in likeness.alike(tellings, (), threshold=ALIKE):
        first, second = lines[other], lines[one]
        if not _titles_meet(likeness.plain_title(first.title), likeness.plain_title(second.title)):
            continue
        what = f"{shown(second.title)} and {shown(first.title)} on line {first.line} seem to tell of one event."
        hint = "If so, name the second source in the first one's blurb."
        yield _of(second, copy, "note", "same-event", what, hint=hint)


def _titles_meet(one: str, other: str) -> bool:
    """Whether two titles share two longer words; blurbs may be alike because a form was filled in.

    Equal ones were told as a title that stands twice. Scripts without blanks between words go by likeness alone.
    """
    shared = {word for word in one.split() if len(word) > 3} & set(other.split())
    return one != other and (len(shared) > 1 or not one.isascii())


# --- links


def _trackers(copy: Copy, placed: list[tuple[Section, Story | Brief]]) -> Iterator[Finding]:
    """Of each story one finding. A sponsor may count, and so may the newsletter's own site."""
    paid = {each.line for section, each in placed if section.sponsor or _is_paid(each)}
    own = urls.site(copy.publication.url)
    found: dict[int, tuple[str, list[str], list[str]]] = {}
    for element in copy.proof.elements("a"):
        href = (element.get("href") or "").strip()
        clean = urls.clean(href)
        site = urls.site(href)
        if clean == href or (own and (site == own or site.endswith(f".{own}"))) or _in_sponsors_own_text(copy, href):
            continue
        where = copy.proof.story_of(element)
        line = where.line if where else _line_of(copy, href)
        if line in paid:
            continue
        names = [each for each in _names_lost(href, clean) if (site, each) not in _HARMLESS]
        if not names and urls.anchor(href) == urls.anchor(clean):
            continue
        known = found.setdefault(line, (where.title if where else "", [], []))
        known[1].extend(name for name in names if name not in known[1])
        known[2].append(href)
    headed = {each.line: urls.key(each.url) for _, each in placed}
    for start, (title, names, hrefs) in found.items():
        its_own = headed.get(start, "") in map(urls.key, hrefs)
        name = shown(title) if title and its_own else f"A link in {shown(title)}" if title else shown(hrefs[0])
        what = f"The address of {name} carries {_listed(names)}."
        if title and not its_own:
            what = f"{name} carries {_listed(names)} in its address."
        lines = sorted({_line_inside(copy, start, href) for href in hrefs} or {start})
        line = start if its_own else lines[0]
        effect = "It tells the other site how your readers came, or under whose name."
        hint = 'Take that off, or let "digest check --fix" do it.'
        made = at(copy.issue, line, "warning", "trackers", what, effect=effect, hint=hint, story=title)
        yield replace(made, also=tuple(each for each in lines if each and each != line))


def _is_paid(each: Story | Brief) -> bool:
    """Whether a story says of itself that it is paid for."""
    said = each.extra.get("sponsor", "").casefold() if isinstance(each, Story) else ""
    return said not in ("", "no") or empty_words.begins_paid(each.title)


def _in_sponsors_own_text(copy: Copy, href: str) -> bool:
    """Whether an address stands among the words of a sponsor's section, outside of its stories."""
    return any(
        href in getattr(block, "markdown", "")
        for section in copy.issue.sections
        if section.sponsor
        for block in section.blocks
    )


def _line_of(copy: Copy, href: str) -> int:
    return next((number for number, line in enumerate(copy.lines, 1) if href in line), 0)


def _names_lost(href: str, clean: str) -> list[str]:
    kept = re.findall(r"[?&#;]([^=&#;?]+)", clean)
    names = []
    for name in re.findall(r"[?&#;]([^=&#;?]+)", href):
        if name in kept:
            kept.remove(name)
        elif name not in names and name != "amp":
            names.append(name)
    return names


def _listed(names: list[str]) -> str:
    if not names:
        return "a mark of who shared it"
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def _link_words(copy: Copy) -> Iterator[Finding]:
    """WCAG 2.4.4; whoever goes from link to link hears these words and no others."""
    found: dict[tuple[str, str], tuple[str, list[int]]] = {}
    for element in copy.proof.elements("a"):
        words = " ".join(element.text_content().split())
        href = element.get("href") or ""
        where = copy.proof.story_of(element)
        of_theme = where is None and "blank.invalid" in href
        if not words or of_theme or not empty_words.says_nothing(words, href, marked=_is_marked(element)):
            continue
        title = where.title if where else ""
        line = _line_inside(copy, where.line if where else 0, href)
        found.setdefault((words.casefold(), title), (words, []))[1].append(line)
    for (_, title), (words, lines) in found.items():
        within = f" in {shown(title)}" if title else ""
        what = f"The link {shown(words)}{within} says nothing of where it leads."
        effect = "Readers who go from link to link, by ear or by eye, learn nothing from it."
        hint = "Link the words that name the page."
        made = at(copy.issue, lines[0], "warning", "vague-link", what, effect=effect, hint=hint, story=title)
        yield replace(made, also=tuple(sorted({line for line in lines[1:] if line and line != lines[0]})))


def _is_marked(element: Any) -> bool:
    """Whether the words of a link are set off as a title is: in italics, or in quotation marks."""
    parent = element.getparent()
    around = (element, parent, *element) if parent is not None else (element, *element)
    if any(each.tag in ("em", "i", "cite", "q") for each in around):
        return True
    before = element.getprevious()
    text = (parent.text if before is None else before.tail) if parent is not None else ""
    return (text or "").endswith(("“", "„", "«", "»", "‘", "‚", '"', "「", "『", "《"))


def _line_inside(copy: Copy, start: int, href: str) -> int:
    """The line from `start` on where an address stands; `start` when it is written otherwise there."""
    bare = href.replace("&amp;", "&")
    for number in range(max(start, 1), len(copy.lines) + 1):
        if bare and bare in copy.lines[number - 1]:
            return number
    return start


# --- sponsors and titles


def _sponsors(copy: Copy, placed: list[tuple[Section, Story | Brief]]) -> Iterator[Finding]:
    strangers = {
        each.line
        for section in copy.issue.sections
        if section.sponsor
        for each in _editorial(section, [*section.stories, *section.briefs])
    }
    paid_sites = {
        urls.site(each.url) for section, each in placed if section.sponsor and each.url and each.line not in strangers
    }
    free = [urls.site(each.url) for section, each in placed if not section.sponsor and each.url]
    # Where several editorial stories are, a sponsor is but one of many guests: an encyclopedia, a place for videos.
    paid_sites = {site for site in paid_sites if free.count(site) < 3}
    for section in copy.issue.sections:
        stories: list[Story | Brief] = [*section.stories, *section.briefs]
        if not section.sponsor and empty_words.says_paid(section.title) and section.blocks:
            what = f"The section {shown(section.title)} lacks the label of a sponsor's section."
            effect = "Readers take what is paid for as your own choice; the law of most countries wants a label."
            hint = 'Write "sponsor: yes", or the sponsor\'s name, on the line below its heading.'
            yield at(copy.issue, section.line, "error", "sponsor-unlabelled", what, effect=effect, hint=hint)
        elif not section.sponsor:
            for each in stories:
                if _is_paid(each) or (each.url and urls.site(each.url) in paid_sites):
                    what = f"{shown(each.title)} is a sponsor's, among the stories of {shown(section.title)}."
                    effect = "Readers take it as your own choice."
                    hint = 'Move it to a section that has "sponsor: yes" below its heading.'
                    yield _of(each, copy, "warning", "sponsor-mixed", what, effect=effect, hint=hint)
        else:
            yield from _editorial_among_paid(copy, section, stories)
            yield from _label(copy, section)


def _editorial_among_paid(copy: Copy, section: Section, stories: list[Story | Brief]) -> Iterator[Finding]:
    for each in _editorial(section, stories):
        what = f"{shown(each.title)}, from {shown(each.source)}, stands in the sponsor's section."
        effect = "Readers take it as paid for."
        yield _of(each, copy, "warning", "sponsor-mixed", what, effect=effect, hint="Move it to another section.")


def _editorial(section: Section, stories: list[Story | Brief]) -> list[Story]:
    """Stories with a source other than the sponsor, beside one that has none or is the sponsor's."""
    sites = {urls.site(each.url) for each in stories if each.url}
    return [
        each
        for each in stories
        if len(sites) > 1
        and isinstance(each, Story)
        and each.source
        and each.source.casefold() not in section.sponsor.casefold()
        and not _is_paid(each)
    ]


def _label(copy: Copy, section: Section) -> Iterator[Finding]:
    """Whether the label came out: a part of the theme that the publication changed may leave it off."""
    from digest.render.language import Language
    from digest.render.view import sponsor_label

    language = Language.of(copy.issue.language or copy.publication.language, words=copy.publication.words)
    label = likeness.plain_title(sponsor_label(section, language))
    text = likeness.plain_title(copy.proof.root.text_content())
    if section.blocks and label and label not in text:
        what = f"The mail does not say that {shown(section.title)} is paid for."
        effect = "Readers take it as your own choice; the law of most countries wants a label."
        hint = "Put {{ section.sponsor }} back into the theme's section.mjml."
        yield at(copy.issue, section.line, "error", "sponsor-unlabelled", what, effect=effect, hint=hint)


def _titles(copy: Copy, placed: list[tuple[Section, Story | Brief]]) -> Iterator[Finding]:
    for _, each in placed:
        if _ADDRESS.fullmatch(each.title.strip()):
            what = f"The title {shown(each.title)} is an address."
            effect = "Readers cannot tell from it what the story is about; a screen reader spells it out."
            yield _of(each, copy, "warning", "vague-link", what, effect=effect, hint="Write what the page is called.")
        # A saying that trails off within its quotation marks was so written.
        if _CUT.search(each.title) and not _QUOTED_CUT.search(each.title):
            what = f"The title {shown(each.title)} ends in an ellipsis."
            effect = "It looks cut off, as feeds cut long titles."
            yield _of(each, copy, "warning", "cut-title", what, effect=effect, hint="Write it out.")
        if _shouts(each.title):
            what = f"The title {shown(each.title)} is in capitals."
            effect = "It reads as shouting, and filters count it."
            yield _of(each, copy, "warning", "capitals", what, effect=effect, hint="Write it as a sentence.")


def _shouts(title: str) -> bool:
    """Three words or more, two of them longer than any but the longest abbreviations, none with a small letter."""
    words = re.findall(r"[^\W\d_]{2,}", title)
    cased = [word for word in words if word.lower() != word.upper()]
    return len(cased) >= 3 and title.upper() == title and sum(len(word) > 4 for word in cased) >= 2
