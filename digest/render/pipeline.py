"""One way through: an issue becomes MJML, MJML becomes HTML, styles go inline, and the text is written beside it."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from digest import config, merge_tags
from digest.errors import BadValue, DigestError, Mistakes, RenderFailed, did_you_mean
from digest.merge_tags import Blank
from digest.models import Asset, Briefs, Email, Finding, Issue, Picture, Prose, Publication, Story, Weight
from digest.render import blanks, mjml, theme
from digest.render.blanks import Blanks, Guards
from digest.render.inline import inline
from digest.render.language import Language
from digest.render.markdown import Markdown, fragments
from digest.render.plaintext import Text, tidy
from digest.render.recoded import Recoded
from digest.render.templates import Templates, compiled
from digest.render.theme import Look
from digest.render.unchanged import Unchanged
from digest.render.view import Page, dateline, facts, masthead, sponsor_label

#: The template of the HTML part, and that of the text part.
_MAIN, _TEXT = "issue.mjml", "issue.txt"

Progress = Callable[[int, int], None]

#: Letters that an inbox may show after the subject; what the preheader leaves free would be filled from the body.
_INBOX_LINE = 140
#: A figure space, and a joiner that no client collapses it with: seen to keep Gmail and Apple Mail from
#: showing the first words of the body behind a short preheader.
_NOTHING = "&#8199;&#847;"


class Renderer:
    """A publication's themes, loaded once, ready for any number of issues."""

    def __init__(self, publication: Publication, *, root: Path | None = None) -> None:
        """`root` is the publication's folder: its own templates, pictures and cache are there."""
        self.publication = publication
        self.root = root
        self._looks: dict[str, tuple[Look, Templates]] = {}
        self._made: Unchanged[Recoded] = Unchanged()

    def render(self, issue: Issue, *, progress: Progress | None = None) -> Email:
        """The mail of `issue`, blanks neutral. Raises Mistakes with all that keeps it from being made."""
        wrong: list[DigestError] = []
        look, templates = self._looked(issue, wrong)
        issue = _in_known_layouts(issue, look, wrong)
        language = self._spoken(issue, wrong)
        words = Blanks([*_texts(issue), *_texts(self.publication)])
        page = Page(issue, self.publication, look, language, words)
        assets: tuple[Asset, ...] = ()
        logos: Mapping[str, Any] = {}
        found: list[Finding] = []
        try:
            assets, logos, found = self._pictures(issue, look, page, progress)
        except DigestError as error:
            wrong.append(error)
        if wrong:
            raise wrong[0] if len(wrong) == 1 else Mistakes(wrong)
        if not language.complete:
            found = [*found, _english_words(issue, self.publication, language)]
        subject = _subject(issue, self.publication)
        values = _values(issue, self.publication, look, language, page, words, subject, logos)
        html = inline(
            mjml.to_html(
                templates.mjml(_MAIN, values),
                path=look.theme.find(_MAIN) or Path(_MAIN),
                again=lambda: templates.marked(_MAIN, values),
            )
        )
        html, weights = _weighed(words.marked(html), page.weights, issue)
        return Email(
            subject=merge_tags.mark(subject),
            preheader=merge_tags.mark(issue.preheader),
            sender_name=self.publication.sender_name or self.publication.name,
            sender_email=self.publication.sender_email,
            html=html,
            text=self._text(issue, language, templates, values),
            language=language.tag,
            weights=weights,
            assets=assets,
            findings=tuple(found),
            **_posted(issue, self.publication),
        )

    def _looked(self, issue: Issue, wrong: list[DigestError]) -> tuple[Look, Templates]:
        """The issue's look; the theme's own where `[theme]` is wrong, to see what else is."""
        try:
            return self.look(issue)
        except DigestError as error:
            try:
                plain = Renderer(replace(self.publication, options={}), root=self.root).look(issue)
            except DigestError:
                raise error from None
            wrong.append(error)
            return plain

    def _spoken(self, issue: Issue, wrong: list[DigestError]) -> Language:
        """The issue's language; English where it or a word of it is wrong."""
        try:
            return _language(issue, self.publication)
        except DigestError as error:
            wrong.append(error)
            return Language.of("en")

    def look(self, issue: Issue) -> tuple[Look, Templates]:
        """The issue's theme, tuned, and its templates, compiled when first needed."""
        name = issue.theme or self.publication.theme
        if name not in self._looks:
            try:
                found = theme.load(name, self.root / "templates" if self.root else None)
            except DigestError as error:
                if error.path is not None:
                    raise
                path, line = (
                    (issue.path, issue.lines.get("theme"))
                    if issue.theme
                    else (self.publication.path, self.publication.lines.get("publication.theme"))
                )
                raise DigestError(error.what, path=path, line=line, hint=error.hint) from error
            self._looks[name] = (theme.tune(found, self.publication), compiled(found))
        return self._looks[name]

    def _pictures(
        self, issue: Issue, look: Look, page: Page, progress: Progress | None
    ) -> tuple[tuple[Asset, ...], Mapping[str, Any], list[Finding]]:
        """Every picture made ready and put in its place; the files, the logos, and what there is to say."""
        logos = {
            key: str(look.values[key])
            for key, option in look.theme.options.items()
            if option.kind == "logo" and look.values[key]
        }
        if not page.pictures and not logos:
            return (), {}, []
        from digest.render.images import Pictures, Request

        cache = self.root / ".digest" / "pictures" if self.root else None
        folders = [self.root] if self.root else [issue.path.parent] if issue.path else []
        pictures = Pictures(
            folders, cache=cache, assets_url=_with_slug(self.publication.assets_url, issue), made=self._made
        )
        requests = [
            Request(picture, issue.path, room.width, room.height, room.pixels) for picture, room in page.pictures
        ]
        for key, source in logos.items():
            line = self.publication.lines.get(f"theme.{key}", 0)
            drawn = Picture(source, alt=issue.title or self.publication.name, line=line)
            requests.append(Request(drawn, self.publication.path, int(look.values["logo_width"])))
        prepared = pictures.prepare_all(requests, progress)
        count = len(page.pictures)
        page.shown(prepared[:count])
        assets = {each.asset.name: each.asset for each in prepared if each.asset}
        found = [finding for each in prepared for finding in each.findings]
        return tuple(assets.values()), dict(zip(logos, prepared[count:], strict=True)), found

    def _text(self, issue: Issue, language: Language, templates: Templates, values: Mapping[str, Any]) -> str:
        text = Text(Markdown(issue.references, fragments=fragments(issue)))
        text.skip(*(story.url for story in issue.stories if story.url), *(brief.url for brief in issue.briefs))
        return tidy(
            templates.text(
                _TEXT,
                {
                    **values,
                    "mail": {**values["mail"], **_told(issue, self.publication, language, merge_tags.mark)},
                    "text": text,
                    "issue": issue,
                    "kind": lambda block: {Story: "story", Briefs: "briefs", Prose: "prose"}[type(block)],
                    "facts": lambda story: facts(story, issue, language),
                    "sponsor": lambda section: sponsor_label(section, language),
                    "when": Guards("?", comment=False),
                    "end": Guards("/", comment=False),
                    "blank": {name: Blank(name).mark() for name in merge_tags.NAMES},
                },
            )
        )


def render(issue: Issue, publication: Publication, theme: str = "") -> Email:
    """The mail of one issue. `theme` takes the place of the issue's and the publication's own.

    Themes and pictures are looked for where `publication` was read from, else beside the issue.
    """
    root = publication.path.parent if publication.path else None
    return Renderer(publication, root=root).render(replace(issue, theme=theme) if theme else issue)


def _language(issue: Issue, publication: Publication) -> Language:
    try:
        return Language.of(
            issue.language or publication.language,
            words=publication.words,
            path=publication.path,
            lines=publication.lines,
        )
    except BadValue as error:
        if error.path is not None:
            raise
        raise DigestError(error.what, path=issue.path, line=issue.lines.get("language")) from error


def _in_known_layouts(issue: Issue, look: Look, wrong: list[DigestError]) -> Issue:
    """The issue, each section whose layout nobody knows in the theme's first; `wrong` gets a mistake for it."""
    known = [name for name in look.theme.layouts if name != "text"]
    mistakes: list[DigestError] = [
        DigestError(
            f'The theme "{look.theme.name}" has no layout "{section.layout}".{did_you_mean(section.layout, known)}',
            path=issue.path,
            line=section.line,
            hint="It has: " + ", ".join(known) + ".",
        )
        for section in issue.sections
        if section.layout and section.layout not in known
    ]
    if not mistakes:
        return issue
    wrong.append(Mistakes(mistakes))
    sections = (replace(each, layout=each.layout if each.layout in known else "") for each in issue.sections)
    return replace(issue, sections=tuple(sections))


def _english_words(issue: Issue, publication: Publication, language: Language) -> Finding:
    """What an editor should know who writes in a language that we have no words in."""
    path, line = (
        (issue.path, issue.lines.get("language"))
        if issue.language
        else (publication.path, publication.lines.get("publication.language"))
    )
    return Finding(
        "note",
        f'The fixed words of the mail ("Unsubscribe" and so on) are English: we have none in "{language.tag}".',
        path,
        line,
        "Write your own below [words] in digest.toml.",
    )


def _told(
    issue: Issue, publication: Publication, language: Language, blanks_in: Callable[[str], str]
) -> dict[str, str]:
    """The lines of a mail that are no Markdown, their blanks as `blanks_in` writes them."""
    because = language.word("you_get_this_because", publication=publication.name)
    return {
        "title": blanks_in(issue.title or publication.name),
        "standfirst": blanks_in(issue.standfirst),
        "author": blanks_in(issue.author),
        "reason": blanks_in(publication.reason or because),
    }


def _values(
    issue: Issue,
    publication: Publication,
    look: Look,
    language: Language,
    page: Page,
    words: Blanks,
    subject: str,
    logos: Mapping[str, Any],
) -> dict[str, Any]:
    """What the templates of both parts are given."""
    right_to_left = language.direction == "rtl"
    preheader = issue.preheader or _first_words(issue, page.markdown)
    return {
        "mail": {
            "language": language.tag,
            "dir": language.direction,
            "start": "right" if right_to_left else "left",
            "end": "left" if right_to_left else "right",
            **_told(issue, publication, language, words.words),
            "subject": words.words(subject),
            "preheader": words.words(preheader),
            "preheader_blanks": Markup(_NOTHING * max(0, _INBOX_LINE - len(preheader))),
            "facts": masthead(issue, publication, language),
            "dateline": dateline(issue, language),
            "note": page.note,
            "sections": page.sections,
            "footnotes": page.footnotes,
            "logo": logos.get("logo"),
            "logo_dark": logos.get("logo_dark"),
        },
        "publication": publication,
        "look": {
            **look.values,
            # Markup, for an apostrophe in CSS is none; the theme's bounds keep anything else out.
            "serif": Markup(language.font_stack("serif", str(look.values["serif"]))),
            "sans": Markup(language.font_stack("sans", str(look.values["sans"]))),
        },
        "light": look.light,
        "dark": look.dark,
        "language": language,
        "words": language.words,
        "blank": {name: words.word(Blank(name)) for name in merge_tags.NAMES},
        "when": Guards("?", comment=True),
        "end": Guards("/", comment=True),
    }


def _subject(issue: Issue, publication: Publication) -> str:
    """The subject line; a headline or the number stands in for one that is yet to be written."""
    if issue.subject:
        return issue.subject
    title = issue.title or publication.name
    return f"{title} #{issue.number}" if issue.number is not None and str(issue.number) not in title else title


def _first_words(issue: Issue, markdown: Markdown) -> str:
    """What the inbox shows where no preheader was written: the note's beginning, else the first titles."""
    words = markdown.plain(issue.note) if issue.note else ""
    words = words or "; ".join(story.title for story in issue.stories[:3])
    return words if len(words) <= _INBOX_LINE else words[:_INBOX_LINE].rsplit(" ", 1)[0] + "\u2026"


def _weighed(html: str, met: Sequence[Weight], issue: Issue) -> tuple[str, tuple[Weight, ...]]:
    """`html` without the places of stories, and what each weighs. Raises when one did not come out.

    premailer loses whatever lies below 255 nested elements, and all that follows, in silence.
    """
    html, spans = blanks.measured(html)
    lost = [weight for number, weight in enumerate(met) if number not in spans]
    if lost:
        raise Mistakes(
            [
                RenderFailed(
                    f'"{weight.title}" would be missing from the mail.',
                    path=issue.path,
                    line=weight.line or None,
                    hint="The theme leaves it out, or it holds HTML nested too deeply.",
                )
                for weight in lost
            ]
        )
    weights = []
    for number, weight in enumerate(met):
        start, end = spans[number]
        weights.append(replace(weight, bytes=end - start, start=start, end=end))
    return html, tuple(weights)


def _posted(issue: Issue, publication: Publication) -> dict[str, Any]:
    """What the message's headers say, all of it told by the issue and the publication, nothing by the clock."""
    when = None
    if issue.date:
        hour, minute = map(int, publication.at.split(":"))
        when = datetime.combine(issue.date, time(hour, minute), config.time_zone(publication.timezone))
    domain = publication.sender_email.rpartition("@")[2] or "localhost"
    seed = "\0".join([publication.name, publication.sender_email, issue.slug, str(issue.date)])
    name = re.sub(r"[^A-Za-z0-9-]+", "-", issue.slug).strip("-") or "issue"
    return {
        "date": when,
        "message_id": f"{name}.{hashlib.sha256(seed.encode()).hexdigest()[:16]}@{domain}",
        "reply_to": publication.reply_to,
        "unsubscribe_url": _with_slug(publication.unsubscribe_url, issue),
        "unsubscribe_email": publication.unsubscribe_email,
        "view_url": _with_slug(publication.view_url, issue),
        "postal_address": publication.postal_address,
    }


def _with_slug(url: str, issue: Issue) -> str:
    number = "" if issue.number is None else str(issue.number)
    return url.replace("{slug}", quote(issue.slug, safe="")).replace("{number}", number)


def _texts(thing: object) -> Iterator[str]:
    """Every text in a dataclass, however deep."""
    if isinstance(thing, str):
        yield thing
    elif dataclasses.is_dataclass(thing):
        for each in dataclasses.fields(thing):
            yield from _texts(getattr(thing, each.name))
    elif isinstance(thing, Mapping):
        for value in thing.values():
            yield from _texts(value)
    elif isinstance(thing, tuple):
        for value in thing:
            yield from _texts(value)
