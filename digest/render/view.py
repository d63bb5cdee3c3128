"""What a theme's templates see: words that are ready, addresses that are safe, nothing left to compute."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from markupsafe import Markup

from digest.errors import BadValue
from digest.models import Brief, Briefs, Issue, Picture, Prose, Publication, Section, Story, Weight
from digest.render import blanks
from digest.render.address import address
from digest.render.blanks import Blanks
from digest.render.language import Language, direction_of, is_tag, no_widow
from digest.render.markdown import Markdown, fragments
from digest.render.templates import escape
from digest.render.theme import Layout, Look

if TYPE_CHECKING:
    from digest.render.images import (
        Prepared,  # brings Pillow, which an issue without pictures need not wait for
    )

#: The class of each element that Markdown makes; the themes' inline.css says what they look like.
CLASSES = {
    "p": "p",
    "a": "a",
    "blockquote": "q",
    "ul": "ul",
    "ol": "ul",
    "li": "li",
    "h2": "h4",
    "h3": "h4",
    "h4": "h4",
    "h5": "h4",
    "h6": "h4",
    "pre": "pre",
    "code": "code",
    "hr": "hr",
    "table": "tb",
    "th": "th",
    "td": "tc",
    "small": "sm",
    "sup": "sup",
}
#: Where the words are the editor's own, in the note or between stories, there is more air.
_IN_PROSE = {"p": "pt", "ul": "lp", "q": "qp"}
#: What has sides, in a story that reads the other way than its mail.
_TURNED = {"q": "qt", "ul": "ut", "tc": "tu", "th": "tg"}
_LATER = re.compile(r"<!--dgp(\d+)([pti])-->")
_CLASSED = re.compile(r'<(/?)(blockquote|li|p|ul|ol|td|th)\b(?:([^>]*? class=")([^"]*)("[^>]*>))?')


@dataclass(slots=True)
class PictureView:
    """A picture with its final address and CSS size; no size for one on the web that nobody measured."""

    src: str
    alt: str
    width: int | None
    height: int | None
    link: str = ""
    caption: str = ""


@dataclass(slots=True)
class StoryView:
    title: Markup
    url: str
    level: int
    #: Source, author, date, minutes: those there are.
    facts: list[str]
    html: Markup
    #: For the row or cell: ` dir="rtl" align="right" lang="ar"`, as far as there is need of it, else "".
    attributes: Markup
    mark: Markup
    end: Markup
    #: CSS pixels for its picture, also where nobody measured that.
    room: int
    picture: PictureView | None = None


@dataclass(slots=True)
class BriefView:
    title: Markup
    url: str
    number: int | None
    #: What follows the link, the blank or the dash before it included.
    note: Markup
    html: Markup
    mark: Markup
    end: Markup


@dataclass(slots=True)
class GroupView:
    """A run of stories, a list of briefs, or the editor's own text."""

    kind: str
    stories: list[StoryView] = field(default_factory=list)
    briefs: list[BriefView] = field(default_factory=list)
    html: Markup = field(default_factory=Markup)


@dataclass(slots=True)
class SectionView:
    title: Markup
    depth: int
    #: The label of a sponsor's section; "" for an editorial one.
    sponsor: str
    layout: str
    groups: list[GroupView]


class Page:
    """What the HTML of one issue is made of: its words, and the pictures asked for on the way."""

    def __init__(self, issue: Issue, publication: Publication, look: Look, language: Language, words: Blanks) -> None:
        self._issue = issue
        self._publication = publication
        self._look = look
        self._language = language
        self._words = words
        #: The pictures of the issue and the room for each, in the order met.
        self.pictures: list[tuple[Picture, Layout]] = []
        #: Stories and briefs in the order met; their place here is their number in the finished HTML.
        self.weights: list[Weight] = []
        self._waiting: dict[int, StoryView] = {}
        #: Where the next picture of a text will stand: its room, and whether among a story's words or the editor's.
        self._room, self._alone = look.room("text"), "p"
        self.markdown = Markdown(
            issue.references,
            blank=words.word,
            picture=self._later,
            classes=CLASSES,
            fragments=fragments(issue),
        )
        self.note = self._block(issue.note, issue.note_line, 2, prose=True)
        self.sections = [self._section(section) for section in issue.sections]
        self.footnotes = self._set(self.markdown.footnotes())

    def shown(self, prepared: Sequence[Prepared]) -> None:
        """Put every picture, ready now, where it was asked for."""
        views = [
            PictureView(
                src=each.src,
                alt=self._words.words(picture.alt),
                width=each.width,
                height=each.height,
                link=picture.link,
                caption=self._words.words(picture.caption),
            )
            for (picture, _), each in zip(self.pictures, prepared, strict=True)
        ]
        for number, story in self._waiting.items():
            story.picture = views[number]
            story.picture.link = self._words.words(address(views[number].link)) or story.url

        def put(found: re.Match[str]) -> str:
            return self._picture_html(views[int(found[1])], found[2])

        def filled(markup: Markup) -> Markup:
            return Markup(_LATER.sub(put, markup)) if "<!--dgp" in markup else markup

        self.note, self.footnotes = filled(self.note), filled(self.footnotes)
        for section in self.sections:
            section.title = filled(section.title)
            for group in section.groups:
                group.html = filled(group.html)
                items: list[StoryView | BriefView] = [*group.stories, *group.briefs]
                for item in items:
                    item.title, item.html = filled(item.title), filled(item.html)

    def _section(self, section: Section) -> SectionView:
        layout = section.layout or self._look.theme.layout
        view = SectionView(
            title=self._inline(section.title_markdown),
            depth=section.depth,
            sponsor=sponsor_label(section, self._language),
            layout=layout,
            groups=[],
        )
        # Stories above the first section stand right below the masthead: no level of heading is left out.
        level = min(6, section.depth + (2 if section.title else 1))
        boxed = bool(view.sponsor)
        for block in section.blocks:
            match block:
                case Story():
                    if not view.groups or view.groups[-1].kind != "stories":
                        view.groups.append(GroupView("stories"))
                    view.groups[-1].stories.append(self._story(block, layout, level, boxed))
                case Briefs():
                    briefs = [self._brief(item, at, block.start, level) for at, item in enumerate(block.items)]
                    view.groups.append(GroupView("briefs", briefs=briefs))
                case Prose():
                    self._room = self._look.room("text", boxed=boxed)
                    html = self._block(block.markdown, block.line, level, prose=True)
                    # Text that defines footnotes and says nothing else leaves none.
                    if html:
                        view.groups.append(GroupView("prose", html=html))
        return view

    def _story(self, story: Story, layout: str, level: int, boxed: bool) -> StoryView:
        mark, end = self._counted(story.title, story.line)
        own = self._direction(story) or self._language.direction
        turned = own != self._language.direction
        attributes = f' dir="{own}"' if turned else ""
        if own == "rtl" or turned:
            # Word and old web mail turn nothing by `dir` alone.
            attributes += f' align="{"right" if own == "rtl" else "left"}"'
        if story.language:
            attributes += f' lang="{escape(story.language)}"'
        room = self._look.room(layout, boxed=boxed)
        self._room = self._look.room_among(layout, boxed=boxed, picture=bool(story.picture))
        url = self._words.words(address(story.url))
        view = StoryView(
            title=Markup(no_widow(self.markdown.inline(story.title_markdown, links=not url, line=story.line))),
            url=url,
            level=level,
            facts=facts(story, self._issue, self._language),
            html=self._block(story.body, story.body_line or story.line, level + 1, turned=turned),
            attributes=Markup(attributes),
            mark=mark,
            end=end,
            room=room.width,
        )
        if story.picture and room.width:
            self._waiting[len(self.pictures)] = view
            self.pictures.append((story.picture, room))
        return view

    def _direction(self, story: Story) -> str:
        """Which way a story reads, by its `language` or else its title; "" when the title does not tell."""
        if not story.language:
            return direction_of(story.title)
        if not is_tag(story.language):
            raise BadValue(
                "language", 'a language such as "ar"', story.language, path=self._issue.path, line=story.line
            )
        return Language.of(story.language).direction

    def _brief(self, brief: Brief, at: int, start: int | None, level: int) -> BriefView:
        mark, end = self._counted(brief.title, brief.line) if brief.url else (Markup(), Markup())
        note = self._inline(brief.note)
        html = self._block(brief.body, brief.line, level + 1, prose=True)
        number = None if start is None else start + at
        if number is not None and not brief.url and html.startswith("<p"):
            html = Markup(html.replace(">", f">{number}. ", 1))
        return BriefView(
            title=self._inline(brief.title_markdown, links=not brief.url),
            url=self._words.words(address(brief.url)),
            number=number,
            note=Markup(f' <span class="m2">\u2014 {note}</span>') if brief.dash and note else note,
            html=html,
            mark=mark,
            end=end,
        )

    def _counted(self, title: str, line: int) -> tuple[Markup, Markup]:
        self.weights.append(Weight(title, line, 0))
        return blanks.place(len(self.weights) - 1)

    def _inline(self, text: str, *, links: bool = True) -> Markup:
        return Markup(self.markdown.inline(text, links=links))

    def _block(self, text: str, line: int, heading: int, *, prose: bool = False, turned: bool = False) -> Markup:
        if not text.strip():
            return Markup()
        self._alone = "t" if prose else "p"
        html = self.markdown.block(text, line=max(1, line), heading=heading)
        return self._set(html, prose=prose, turned=turned)

    def _set(self, html: str, *, prose: bool = False, turned: bool = False) -> Markup:
        start = "right" if (self._language.direction == "rtl") is not turned else "left"
        return Markup(_placed(html, prose=prose, turned=turned, start=start).strip())

    def _later(self, picture: Picture, alone: bool) -> str:
        """A comment in a body picture's place until all pictures are ready."""
        self.pictures.append((picture, self._room))
        return f"<!--dgp{len(self.pictures) - 1}{self._alone if alone else 'i'}-->"

    def _picture_html(self, picture: PictureView, kind: str) -> str:
        """`kind` says where: alone in a story ("p"), alone in prose ("t"), or inside a sentence ("i")."""
        alone = kind != "i"
        size = f' width="{picture.width}" height="{picture.height}"' if picture.width else ""
        if alone and picture.width:
            # It fills a phone, but is never blown up.
            size += f' style="max-width:{picture.width}px"'
        image = (
            f'<img class="{"f" if alone else "fi"}" src="{escape(picture.src)}" alt="{escape(picture.alt)}"{size} />'
        )
        link = self._words.words(address(picture.link))
        if link:
            image = f'<a href="{escape(link)}">{image}</a>'
        if not alone:
            return image
        caption = f'<p class="c">{escape(picture.caption)}</p>' if picture.caption else ""
        return f'<div class="{"fw" if kind == "p" else "fw2"}">{image}{caption}</div>'


def _placed(html: str, *, prose: bool, turned: bool, start: str) -> str:
    """`html` with the classes of its paragraphs, lists, quotes and cells as their place asks for.

    CSS would say `blockquote p:first-child`, but that reaches too few clients.
    """
    depth = opened = 0

    def put(found: re.Match[str]) -> str:
        nonlocal depth, opened
        shut, name, before, kind, after = found.groups()
        first = depth > 0 and not html[opened : found.start()].strip()
        if kind == "p":
            kind = "fp" if first else "p" if depth or not prose else "pt"
        elif prose and not depth:
            kind = _IN_PROSE.get(kind, kind)
        elif name == "th" and before and "align=" not in before:
            # Left alone it would be centred, the cells below it not.
            before = f' align="{start}"{before}'
        if turned:
            kind = _TURNED.get(kind, kind)
        if name in ("blockquote", "li"):
            depth += -1 if shut else 1
            opened = found.end()
        return f"<{shut}{name}{before}{kind}{after}" if before else found[0]

    return _CLASSED.sub(put, html)


def facts(story: Story, issue: Issue, language: Language) -> list[str]:
    """Source, author, date and minutes of a story, those there are, as its line shows them."""
    found = [story.source, story.author]
    if story.date:
        found.append(language.date_short(story.date, issue.date or story.date))
    if story.minutes:
        found.append(language.minutes(story.minutes))
    return [fact for fact in found if fact]


def dateline(issue: Issue, language: Language) -> list[str]:
    """Number and date alone."""
    number = [] if issue.number is None else [language.issue_number(issue.number)]
    return [*number, *([language.date_plain(issue.date)] if issue.date else [])]


def sponsor_label(section: Section, language: Language) -> str:
    """ "Sponsored", or "Sponsored by" whoever it is; "" for an editorial section."""
    if not section.sponsor:
        return ""
    if section.sponsor.casefold() in ("yes", "true", "on"):
        return language.word("sponsored")
    return language.word("sponsored_by", name=section.sponsor)


def masthead(issue: Issue, publication: Publication, language: Language) -> list[str]:
    """The line below the title: name, number, date, how much there is to read."""
    title = issue.title or publication.name
    found = [] if publication.name.casefold() in title.casefold() else [publication.name]
    if issue.number is not None:
        found.append(language.issue_number(issue.number))
    if issue.date:
        found.append(language.date_long(issue.date))
    editorial = [section for section in issue.sections if not section.sponsor]
    stories = [story for section in editorial for story in section.stories]
    briefs = [brief for section in editorial for brief in section.briefs]
    if count := len(stories) + len(briefs):
        # A sum of some would promise too little.
        timed = stories and all(story.minutes for story in stories)
        found.append(language.count_line(count, sum(story.minutes or 0 for story in stories) if timed else 0))
    return found
