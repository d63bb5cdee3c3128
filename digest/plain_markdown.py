"""An issue as Markdown that any editor on the web takes: headings, links and pictures, nothing of digest's own."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from digest import merge_tags
from digest.models import Asset, Brief, Briefs, Email, Issue, Picture, Prose, Section, Story

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def written(issue: Issue, email: Email) -> str:
    """The issue as Markdown. Blanks become their fallbacks: where this goes, nothing fills them.

    Pictures have the addresses that they have in `email`; those that are not on the web yet stay beside it.
    """
    places = {asset.source: _place(asset, email.html) for asset in email.assets if asset.source}
    parts = [f"# {issue.title}" if issue.title else "", issue.standfirst and f"*{issue.standfirst}*", issue.note]
    for section in issue.sections:
        parts += _section(section, places)
    references = [f'[{label}]: <{url}>{f" {_quoted(title)}" if title else ""}'
                  for label, (url, title) in issue.references.items()]  # fmt: skip
    parts.append("\n".join(references))
    text = "\n\n".join(part.strip("\n") for part in parts if part.strip())
    text = _COMMENT.sub("", text)
    text = merge_tags.fill(merge_tags.mark(text), merge_tags.plain({}))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _place(asset: Asset, document: str) -> str:
    """Where the mail looks for a picture: on the web, or beside itself."""
    found = re.search(rf"[\"'(](https?://[^\"'()\s]*/{re.escape(asset.name)})[\"')]", document)
    return html.unescape(found[1]) if found else f"images/{asset.name}"


def _section(section: Section, places: dict[str, str]) -> Iterator[str]:
    title = section.title_markdown or section.title
    label = f" ({section.sponsor})" if section.sponsor and section.sponsor.lower() not in ("yes", "true") else ""
    yield f"{'#' * (section.depth + 1)} {title}{label}"
    for block in section.blocks:
        if isinstance(block, Story):
            yield from _story(block, places)
        elif isinstance(block, Briefs):
            yield _briefs(block)
        elif isinstance(block, Prose):
            yield block.markdown


def _story(story: Story, places: dict[str, str]) -> Iterator[str]:
    title = story.title_markdown or story.title
    yield f"### [{title}](<{story.url}>)" if story.url else f"### {title}"
    if story.picture is not None:
        yield _picture(story.picture, places)
    yield story.body
    if told := ", ".join(part for part in (story.author, story.source) if part):
        yield f"*{told}*"


def _picture(picture: Picture, places: dict[str, str]) -> str:
    shown = f"![{picture.alt}](<{places.get(picture.src, picture.src)}>)"
    linked = f"[{shown}](<{picture.link}>)" if picture.link else shown
    return f"{linked}\n\n*{picture.caption}*" if picture.caption else linked


def _briefs(briefs: Briefs) -> str:
    return "\n".join(
        _brief(each, "-" if briefs.start is None else f"{briefs.start + number}.")
        for number, each in enumerate(briefs.items)
    )


def _brief(brief: Brief, mark: str) -> str:
    room = " " * (len(mark) + 1)
    line = f"[{brief.title_markdown or brief.title}](<{brief.url}>)" if brief.url else ""
    note = f" - {brief.note}" if brief.dash and brief.note else f" {brief.note}" if brief.note else ""
    body = brief.body.replace("\n", f"\n{room}")
    first = f"{line}{note}".strip()
    return f"{mark} {first}" + (f"\n\n{room}{body}" if first and body else body if not first else "")


def _quoted(title: str) -> str:
    return '"' + title.replace('"', "'") + '"'
