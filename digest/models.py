"""The nouns of a newsletter. Frozen data; every datetime is aware, every line counts from 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Literal

#: `date` under a name that a field called `date` does not hide.
Day = date


@dataclass(frozen=True, slots=True)
class SectionPlan:
    """A section that every issue has, as `[[section]]` in digest.toml lists it."""

    title: str
    #: The last issue's section is copied into the next one, stories and all.
    carry: bool = False
    #: The name of a sponsor or "yes"; "" for an editorial section.
    sponsor: str = ""
    layout: str = ""
    #: `digest draft` fills the section with candidates that have this tag (`from` in digest.toml); "" with none.
    tag: str = ""
    #: The most that `digest draft` puts there; 0 for no bound.
    max: int = 0


@dataclass(frozen=True, slots=True)
class FeedPlan:
    """A feed the publication follows, as `[[feed]]` in digest.toml lists it."""

    url: str
    #: Shown in place of the feed's own title.
    name: str = ""
    tags: tuple[str, ...] = ()
    #: Days: what this feed dated, or we first saw, longer ago is left out. 0 for no bound.
    window: int = 0
    #: Candidates taken from one gathering at most. 0 for all.
    max: int = 0
    #: Words or phrases of which a title or description must hold one; empty keeps all.
    keep: tuple[str, ...] = ()
    #: Words or phrases that keep an item out; stronger than `keep`.
    block: tuple[str, ...] = ()
    #: Kept in the list, not asked.
    paused: bool = False


@dataclass(frozen=True, slots=True)
class WebPlan:
    """`[web]`: what may be reached, for intranets."""

    #: True, or networks such as "10.1.0.0/16": addresses of one's own network may be fetched from.
    allow_private: bool | tuple[str, ...] = False
    #: Whether to go by HTTP_PROXY and HTTPS_PROXY.
    use_proxy: bool = False


@dataclass(frozen=True, slots=True)
class CheckPlan:
    """`[check]`: what `digest check` looks for in this publication."""

    #: Mail programs whose readers count, as `digest check --list` names them; empty for the usual ones.
    clients: tuple[str, ...] = ()
    #: Checks that are never run, by name.
    skip: tuple[str, ...] = ()
    #: What every story has to have: any of "link", "source", "date", "author", "picture".
    require: tuple[str, ...] = ()
    #: Hosts that no reader may be sent to, such as a site's staging copy; those below them count.
    staging: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PreviewPlan:
    """`[preview]`: how the preview behaves on this editor's machine."""

    #: The command that opens a text editor; "{file}" and "{line}" in it are filled. "" to find one.
    editor: str = ""


@dataclass(frozen=True, slots=True)
class UtmPlan:
    """`[utm]`: what is added to the addresses of links when an issue is exported. "" adds nothing."""

    #: "{slug}", "{number}" and "{date}" stand for the issue's in every value.
    source: str = ""
    medium: str = ""
    campaign: str = ""
    content: str = ""
    term: str = ""
    #: Only links to these hosts, and those below them; empty for all.
    hosts: tuple[str, ...] = ()
    #: Never links to these.
    skip: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Publication:
    """What digest.toml says of the newsletter as a whole."""

    name: str
    sender_email: str
    #: Who the mail is from, as the inbox shows it; "" for the publication's name.
    sender_name: str = ""
    #: Lines as on an envelope; the law of most countries wants them in every mail.
    postal_address: str = ""
    #: Why a reader gets this mail: one sentence in the footer.
    reason: str = ""
    #: The publication's own site.
    url: str = ""
    reply_to: str = ""
    #: BCP 47, such as "en", "pt-BR", "zh-Hant".
    language: str = "en"
    #: IANA name, such as "Europe/Copenhagen".
    timezone: str = "UTC"
    theme: str = "brief"
    #: A weekday, "day", "week", "fortnight" or "month"; "" when issues come as they come.
    every: str = ""
    #: Clock time at which an issue goes out, "HH:MM" in `timezone`.
    at: str = "09:00"
    #: Where the pictures of an issue will be found on the web; "{slug}" stands for the issue's.
    assets_url: str = ""
    #: For mail that no service sends. "{slug}" and "{number}" stand for the issue's.
    unsubscribe_url: str = ""
    unsubscribe_email: str = ""
    view_url: str = ""
    sections: tuple[SectionPlan, ...] = ()
    feeds: tuple[FeedPlan, ...] = ()
    web: WebPlan = field(default_factory=WebPlan)
    check: CheckPlan = field(default_factory=CheckPlan)
    preview: PreviewPlan = field(default_factory=PreviewPlan)
    utm: UtmPlan = field(default_factory=UtmPlan)
    #: `[export.<service>]`: each service's own table, as TOML gave it; the exporter reads it.
    exports: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    #: `[theme]`: the theme's own options, by name, as TOML gave them.
    options: Mapping[str, object] = field(default_factory=dict)
    #: `[words]`: fixed words of the mail that the publication puts its own way.
    words: Mapping[str, str] = field(default_factory=dict)
    #: The digest.toml all this was read from; None for one made in a script.
    path: Path | None = None
    #: Line of each key in it, by dotted name ("publication.name", "theme.accent").
    lines: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as the editor wrote it: `![alt](src "caption")`."""

    #: A path beside the issue file, or an http(s) address.
    src: str
    alt: str = ""
    caption: str = ""
    #: Where it leads when clicked, if the editor said so.
    link: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Story:
    """`### [title](url)` and what stands below it up to the next heading."""

    #: The title as read aloud: no markup.
    title: str
    #: The title as written, inline Markdown, the link around it taken off.
    title_markdown: str
    #: As the editor gave it; "" for a story without a link.
    url: str = ""
    source: str = ""
    author: str = ""
    date: Day | None = None
    #: Minutes to read, as a head line gave them; None to have them counted or left out.
    minutes: int | None = None
    #: BCP 47 when the story's language is not the issue's.
    language: str = ""
    #: The first picture, unless it stands inside a sentence.
    picture: Picture | None = None
    #: Block Markdown without the heading, the head lines and the first picture.
    body: str = ""
    #: Further head lines, known to other parts ("text").
    extra: Mapping[str, str] = field(default_factory=dict)
    #: Of the heading.
    line: int = 0
    #: Of the body's first line, for errors inside it.
    body_line: int = 0


@dataclass(frozen=True, slots=True)
class Brief:
    """A list item that begins with a link; or, without `url`, any other item of such a list."""

    title: str
    #: As written, inline Markdown. For an item that begins with no link it is "" and all is in `body`.
    title_markdown: str = ""
    url: str = ""
    #: What follows the link on its line, inline Markdown, without the dash between.
    note: str = ""
    #: A dash, a colon or a bar stood between link and note; else the note follows as it was written.
    dash: bool = False
    #: Further paragraphs and nested lists of the item, block Markdown.
    body: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Briefs:
    """A list in which at least one item begins with a link."""

    items: tuple[Brief, ...]
    #: First number of an ordered list; None for bullets.
    start: int | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Prose:
    """The editor's own text: block Markdown, rendered where it stands."""

    markdown: str
    line: int = 0


Block = Story | Briefs | Prose


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it, in the order of writing."""

    #: As read aloud: no markup.
    title: str
    title_markdown: str
    #: 1 for a section, 2 for one inside the section before it.
    depth: int = 1
    #: The name of a sponsor or "yes"; "" for an editorial section.
    sponsor: str = ""
    layout: str = ""
    #: Further head lines, known to other parts.
    extra: Mapping[str, str] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()
    line: int = 0

    @property
    def stories(self) -> tuple[Story, ...]:
        return tuple(block for block in self.blocks if isinstance(block, Story))

    @property
    def briefs(self) -> tuple[Brief, ...]:
        """List items that begin with a link, of every list of the section."""
        return tuple(item for block in self.blocks if isinstance(block, Briefs) for item in block.items if item.url)


Status = Literal["draft", "sent"]


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue as its file tells it."""

    #: The file's name without its ending; names the build folder and the draft in a service.
    slug: str
    #: "" when the file gives none; the publication's name stands in.
    title: str = ""
    number: int | None = None
    #: The day it goes out.
    date: Day | None = None
    subject: str = ""
    preheader: str = ""
    theme: str = ""
    language: str = ""
    status: Status = "draft"
    sent: Day | None = None
    #: An italic line below the title, in themes that show one.
    standfirst: str = ""
    author: str = ""
    #: Head keys that older files carry and nothing reads ("category", "tags").
    extra: Mapping[str, str] = field(default_factory=dict)
    #: Block Markdown above the first section.
    note: str = ""
    note_line: int = 0
    sections: tuple[Section, ...] = ()
    #: Link definitions (`[label]: url "title"`) of the whole file: normalised label to (url, title).
    references: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    path: Path | None = None
    #: Line of each head key.
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def stories(self) -> tuple[Story, ...]:
        return tuple(story for section in self.sections for story in section.stories)

    @property
    def briefs(self) -> tuple[Brief, ...]:
        return tuple(brief for section in self.sections for brief in section.briefs)


@dataclass(frozen=True, slots=True)
class Weight:
    """What one story adds to the HTML part."""

    title: str
    #: Of the issue file; 0 when the issue came from no file.
    line: int
    #: Bytes of the finished HTML, markup and styles included.
    bytes: int
    #: Where in `Email.html` it begins and ends, in characters, blanks still neutral.
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Asset:
    """A picture file that belongs to a mail."""

    #: File name only, made from the content, safe on every system and in a URL.
    name: str
    content: bytes = field(repr=False)
    #: As the issue file names it.
    source: str = ""
    #: "image/jpeg", "image/png" or "image/gif".
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """What a source found, before anybody knows whether it is new. All texts are plain, no markup."""

    #: Absolute, as given; "" for a text that has none.
    url: str
    title: str
    #: The feed's own name for it; unique within that feed at most.
    guid: str = ""
    #: The site or feed it comes from, by name.
    source: str = ""
    author: str = ""
    #: When the source says it appeared; None when it does not say, or says what cannot be.
    published: datetime | None = None
    #: The page's or feed's own summary.
    description: str = ""
    #: The body, paragraphs with an empty line between.
    text: str = ""
    #: Address of a picture on the web.
    picture: str = ""
    picture_alt: str = ""
    #: Other addresses of the same page: rel=canonical, where redirects ended.
    aliases: tuple[str, ...] = ()
    #: BCP 47, or "".
    language: str = ""
    #: To read it; None when unknown.
    minutes: int | None = None
    tags: tuple[str, ...] = ()
    #: What the reader who saved it wrote; becomes the first blurb.
    note: str = ""
    #: Other titles it goes by ("Headline B" beside "Headline A | SITE").
    other_titles: tuple[str, ...] = ()
    #: What was cut off as no part of the story.
    removed: str = ""
    #: For each field that was found, where: "title" -> "og:title".
    found: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unread:
    """A row, entry or file that no item could be made of."""

    #: Where in its file: "line 12", "bookmark 3".
    where: str
    why: str


State = Literal["new", "shortlisted", "placed", "sent", "skipped", "later"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item in the inbox."""

    #: Short, stable, typeable.
    id: str
    item: Item
    #: Canonical; two stories with one key are one story.
    key: str
    #: When we first saw it, UTC. Selection goes by this, never by a feed's own date.
    first_seen: datetime
    state: State = "new"
    #: Why it is here ("Rust Blog, keeps 'async'"), or why it was skipped.
    why: str = ""
    #: For "later": not shown before this day.
    until: Day | None = None
    #: For "placed" and "sent": the issue's slug.
    issue: str = ""
    #: The feed it came by; "" for one added by hand.
    feed: str = ""
    #: Other places where the same story was seen.
    also_at: tuple[str, ...] = ()
    #: Candidates that seem to tell of the same event share this; "" for one alone.
    group: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something an editor would want to know before sending."""

    level: Literal["error", "warning", "note"]
    what: str
    path: Path | None = None
    line: int | None = None
    #: The way out.
    hint: str = ""
    #: Which check found it, such as "links"; "" for what reading or rendering told.
    check: str = ""
    #: The kind of thing it is, one word or two with hyphens, stable between versions ("dead", "css-flex").
    rule: str = ""
    #: What a reader would meet, one sentence; "" where `what` says it already.
    effect: str = ""
    #: Title of the story it stands in; "" outside of stories.
    story: str = ""
    #: Further lines of `path` where the same thing stands.
    also: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Email:
    """A finished mail, blanks still neutral (`merge_tags.fill` writes them)."""

    subject: str
    preheader: str
    sender_name: str
    sender_email: str
    #: A whole HTML document, ASCII but for the marks of blanks.
    html: str = field(repr=False)
    text: str = field(repr=False)
    #: BCP 47.
    language: str = "en"
    #: When the issue goes out, in the publication's time zone; the Date header.
    date: datetime | None = None
    #: Without angle brackets.
    message_id: str = ""
    reply_to: str = ""
    #: Both or either make the List-Unsubscribe header; "" leaves it out.
    unsubscribe_url: str = ""
    unsubscribe_email: str = ""
    #: Where the issue can be read on the web, for mail that no service sends.
    view_url: str = ""
    #: The sender's, for mail that no service sends.
    postal_address: str = ""
    #: "Name <list.example.org>" as RFC 2919 has it; "" leaves it out.
    list_id: str = ""
    weights: tuple[Weight, ...] = ()
    assets: tuple[Asset, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an exporter leaves behind: where the draft is and what it holds."""

    service: str
    #: The service's own id of the draft; "" for a folder.
    id: str = ""
    url: str = ""
    paths: tuple[Path, ...] = ()
