"""Whether all is there and finished: subject, preheader, sender, unsubscribe link, nothing left to write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from digest import likeness, merge_tags, urls
from digest.checks.base import Copy, at, in_settings, line_of, of_story, shown
from digest.inspection import calendar, closed_pages, services_own, unfinished
from digest.inspection.mail_words import is_code, texts
from digest.models import Finding, Section, Story

RULES = {
    "no-subject": "no subject line was written",
    "subject-long": "the subject is longer than inboxes show",
    "subject-again": "an earlier issue has the same subject",
    "no-preheader": "no preheader was written",
    "preheader-short": "the preheader leaves most of its room empty",
    "preheader-long": "the preheader is longer than any inbox shows",
    "preheader-repeats": "the preheader says what the subject said",
    "no-unsubscribe": "the mail has no link to leave the list",
    "no-postal-address": "the mail has no postal address",
    "sender": "the sender's name or address is still the example's",
    "unfinished": "TODO, DRAFT, lorem ipsum or another mark of unfinished text",
    "staging": "a link or picture that opens for its makers only: on your own machine, a staging copy, a draft",
    "placeholder-link": "a link to example.com or another address that was to be replaced",
    "empty-section": "a heading with nothing below it",
    "no-blurb": "a story without a word below its title, where the others have some",
    "machine-blurb": "a blurb that nobody has written over yet",
    "feed-leftover": "what feeds put at the end of a text, left in a blurb",
    "missing": "a story lacks what [check] require asks for",
    "not-after": "the date is not after that of the issue before",
    "date-passed": "the date of an issue that was not sent has passed",
    "date-far": "the date is more than a year ahead",
    "weekday": "the date is not on the weekday on which issues go out",
    "number-gap": "the number does not follow on the last issue's",
}

#: Gmail in a browser shows about 70 letters of a subject, an iPhone's own Mail 48, Gmail on a phone 33 to 40:
#: https://www.emailtooltester.com/en/blog/email-subject-lines-character-limit/
_SUBJECT, _ON_PHONES = 70, 40
#: Of a preheader an iPhone shows 99 letters, a wide window up to 140; below 30 the line looks empty.
_PREHEADER, _PREHEADER_LEAST = 140, 30
_EXAMPLE_SENDER = re.compile(r"@(?:[\w.-]+\.)?example\.(?:com|org|net)\Z", re.IGNORECASE)
_EXAMPLE_POST = "12 Example Street, Example Town"
#: WordPress and others end a feed's text so.
_LEFTOVER = re.compile(
    r"The post .{3,300} (?:first )?appeared first on|(?:\[…\]|\[\.\.\.\]|\[&hellip;\])\s*\Z"
    r"|\b(?:Continue reading|Read the full (?:story|article|post)|Read more)\s*(?:[→»…]|&rarr;|\.\.\.)\s*\Z",
    re.DOTALL,
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_PUBLIC = "Put the public address there."


def check(copy: Copy) -> Iterator[Finding]:
    """What is missing from the mail, and what is not finished in it."""
    yield from _subject(copy)
    yield from _preheader(copy)
    yield from _footer(copy)
    yield from _sender(copy)
    yield from _todos(copy)
    yield from _marks(copy)
    yield from _hosts(copy)
    yield from _sections(copy)
    for section in copy.issue.sections:
        for story in section.stories:
            yield from _asked_for(copy, section, story)
            yield from _leftovers(copy, story)
    yield from _calendar(copy)
    # Last, for it raises CannotCheck where the inbox cannot be read; all before it stands.
    yield from _machine(copy)


def _subject(copy: Copy) -> Iterator[Finding]:
    issue, subject = copy.issue, copy.proof.subject
    line = issue.lines.get("subject")
    if not issue.subject.strip():
        what = f"The issue has no subject; the mail goes out as {shown(subject)}."
        hint = 'Write a line "subject: ..." into the head.'
        yield at(issue, line or 1, "warning", "no-subject", what, hint=hint)
        return
    if unfinished.is_placeholder(subject):
        yield _unfinished(copy, subject, line)
    if _width(subject) > _SUBJECT:
        yield at(
            issue,
            line,
            "warning",
            "subject-long",
            f"The subject has {_width(subject)} letters; inboxes show {_SUBJECT} at most.",
            effect=f"On a phone it reads {shown(_first(subject, _ON_PHONES), _ON_PHONES)}",
            hint="Shorten it, or put what matters first.",
        )
    for other in reversed(copy.before):
        if other.subject and likeness.plain_title(other.subject) == likeness.plain_title(issue.subject):
            what = f"The subject is that of issue {other.slug}."
            effect = "Mail programs put both into one conversation, and readers take this one for the last."
            yield at(issue, line, "warning", "subject-again", what, effect=effect, hint="Write another.")
            return


def _preheader(copy: Copy) -> Iterator[Finding]:
    issue, preheader = copy.issue, copy.proof.preheader
    line = issue.lines.get("preheader")
    if not issue.preheader.strip():
        what = "The issue has no preheader."
        effect = "Behind the subject, inboxes show the first words of the mail."
        hint = 'Write a line "preheader: ..." into the head.'
        yield at(issue, line or issue.lines.get("subject"), "warning", "no-preheader", what, effect=effect, hint=hint)
        return
    width = _width(preheader)
    if unfinished.is_placeholder(preheader):
        yield _unfinished(copy, preheader, line)
    elif likeness.plain_title(preheader) == likeness.plain_title(copy.proof.subject):
        what = "The preheader says the same as the subject."
        effect = "Inboxes show the one behind the other."
        yield at(issue, line, "warning", "preheader-repeats", what, effect=effect, hint="Say something else there.")
    elif width < _PREHEADER_LEAST:
        what = f"The preheader has only {width} letters."
        effect = "Inboxes show some 100 behind the subject; the rest of that line stays empty."
        yield at(issue, line, "warning", "preheader-short", what, effect=effect, hint="Name a second story in it.")
    elif width > _PREHEADER:
        what = f"The preheader has {width} letters; no inbox shows more than {_PREHEADER}."
        effect = f"A phone shows about 90: {shown(_first(preheader, 90), 90)}"
        yield at(issue, line, "warning", "preheader-long", what, effect=effect, hint="Shorten it.")


def _width(text: str) -> int:
    """Letters as wide as Latin ones: one of Chinese, Japanese or Korean takes the room of two."""
    return sum(2 if "\u1100" <= letter <= "\ud7ff" and letter > "\u2e7f" else 1 for letter in text)


def _first(text: str, width: int) -> str:
    while _width(text) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def _footer(copy: Copy) -> Iterator[Finding]:
    issue, proof = copy.issue, copy.proof
    leave = "https://blank.invalid/unsubscribe_url"
    links = [each for each in proof.elements("a") if leave in (each.get("href") or "")]
    if not any(_has_words(each) for each in links):
        what = "The mail has no link with which a reader can leave."
        effect = "Readers press the button for spam instead; the law of most countries wants such a link."
        hint = 'Put {{ blank.unsubscribe_url }} back into the footer, or "[leave]([[unsubscribe_url]])" into the text.'
        yield at(issue, None, "error", "no-unsubscribe", what, effect=effect, hint=hint)
    elif _by_writing_alone(copy):
        what = f"Readers can leave only by writing to you, at {copy.email.sender_email}."
        effect = "Nobody makes a page for that behind a mail that no service sends; see who writes, and take them off."
        hint = 'Set unsubscribe_url = "https://..." or unsubscribe_email in digest.toml.'
        where = "publication.unsubscribe_url"
        yield in_settings(copy.publication, where, "warning", "no-unsubscribe", what, effect=effect, hint=hint)
    elif leave not in proof.text and proof.text.strip():
        what = "The plain text has no address with which a reader can leave."
        hint = "Put {{ blank.unsubscribe_url }} back into the theme's footer.txt."
        yield at(issue, None, "error", "no-unsubscribe", what, hint=hint)
    yield from _postal_address(copy)


def _postal_address(copy: Copy) -> Iterator[Finding]:
    issue, proof = copy.issue, copy.proof
    asked = "The law of most countries wants it in every mail of this kind, and filters look for it."
    words = " ".join(likeness.plain_title(copy.publication.postal_address).split())
    takers = [] if words else services_own.takers("postal_address", copy.service, copy.publication.exports)
    without = [each for each in takers if each.fills is False]
    if not words and (without or not takers):
        framed = bool(without) and all(each.footer for each in without)
        names = services_own.listed([each.name for each in without if each.drafts], "or")
        what = "The newsletter has no postal address" + (f"; no tag of {names} fills one in." if names else ".")
        hint = 'Set postal_address = "..." in digest.toml.'
        if framed:
            # Kit's templates have it; Ghost's frame has what its owner wrote there.
            hint = f"Look whether the footer of {names} has it; else set postal_address in digest.toml."
        level = "warning" if framed else "error"
        yield in_settings(copy.publication, "publication", level, "no-postal-address", what, effect=asked, hint=hint)
        return
    blanks = {blank.name for blank in merge_tags.blanks(copy.email.html)}
    if not words and ("postal_address" in blanks or not any(each.fills for each in takers)):
        return  # The service puts in the address that it keeps.
    if not words or words not in likeness.plain_title(proof.root.text_content()):
        what = "The postal address does not stand in the mail."
        hint = "Put {{ blank.postal_address }} back into the theme's footer."
        yield at(issue, None, "error", "no-postal-address", what, effect=asked, hint=hint)
    elif words not in " ".join(likeness.plain_title(proof.text).split()) and proof.text.strip():
        what = "The postal address does not stand in the plain text."
        hint = "Put {{ blank.postal_address }} back into the theme's footer.txt."
        yield at(issue, None, "warning", "no-postal-address", what, effect=asked, hint=hint)


def _by_writing_alone(copy: Copy) -> bool:
    """Whether the mail goes out without a service, and digest.toml says not where readers leave.

    Who names no service may yet have one; but only mail that no service sends needs a view_url of its own.
    """
    publication = copy.publication
    if publication.unsubscribe_url or publication.unsubscribe_email:
        return False
    takers = services_own.takers("unsubscribe_url", copy.service, publication.exports)
    nobody = all(each.fills is False and not each.footer for each in takers)
    return nobody and (bool(copy.service) or bool(publication.view_url))


def _has_words(link: object) -> bool:
    text = link.text_content()  # type: ignore[attr-defined]
    return bool(text.strip()) or any(each.get("alt") for each in link.iter("img"))  # type: ignore[attr-defined]


def _sender(copy: Copy) -> Iterator[Finding]:
    publication = copy.publication
    if _EXAMPLE_SENDER.search(copy.email.sender_email):
        what = f"The sender's address, {copy.email.sender_email}, is still the example's."
        effect = "Nobody can answer, and mail servers refuse the mail."
        hint = "Put your own into digest.toml."
        key = "publication.sender_email"
        yield in_settings(publication, key, "warning", "sender", what, effect=effect, hint=hint)
    if not copy.email.sender_name.strip() or unfinished.is_placeholder(copy.email.sender_name):
        what = "The sender has no name."
        effect = "Inboxes show the bare address."
        hint = 'Set sender_name = "..." in digest.toml.'
        key = "publication.sender_name"
        yield in_settings(publication, key, "warning", "sender", what, effect=effect, hint=hint)
    if publication.postal_address.strip() == _EXAMPLE_POST:
        what = "The postal address is still the example's."
        hint = "Put your own into digest.toml."
        key = "publication.postal_address"
        yield in_settings(publication, key, "warning", "sender", what, hint=hint)


def _todos(copy: Copy) -> Iterator[Finding]:
    """A TODO keeps an issue from going out wherever it stands, comments included."""
    lines = re.split(r"\r\n|\r|\n", copy.text.removeprefix("\ufeff"))
    found = unfinished.todos(copy.text)
    for number in found:
        seen = unfinished.has_todo(copy.lines[number - 1]) if number <= len(copy.lines) else True
        effect = "Readers see it." if seen else "Readers do not see it, but somebody meant to come back."
        what = f"A TODO stands here: {shown(lines[number - 1])}."
        hint = "Do it, or take the word out."
        story = _story_at(copy, number)
        yield at(copy.issue, number, "error", "unfinished", what, effect=effect, hint=hint, story=story)
    of_theme = not found and not unfinished.TODO.search(copy.text)
    if of_theme and unfinished.has_todo(copy.proof.root.text_content()):
        what = "A TODO stands in the mail, and not in the issue: in the theme or in digest.toml."
        yield at(copy.issue, None, "error", "unfinished", what, effect="Readers see it.", hint="Look there for it.")


def _marks(copy: Copy) -> Iterator[Finding]:
    in_code = False
    told = False
    unwritten: set[int] = set()
    for story in copy.issue.stories:
        body = " ".join(_COMMENT.sub("", story.body).split())
        if unfinished.is_placeholder(story.title) or (body and unfinished.is_placeholder(body)):
            told = True
            unwritten.add(story.line)
            what = f"{shown(story.title)} is not written yet."
            yield of_story(story, copy.issue, "error", "unfinished", what, hint="Write it, or take the story out.")
    language = copy.issue.language or copy.publication.language
    for number, line in enumerate(copy.lines, 1):
        in_code = in_code != line.lstrip().startswith(("```", "~~~"))
        if in_code or max((start for start in copy.starts if start <= number), default=0) in unwritten:
            continue
        if not unfinished.has_todo(line) and (mark := unfinished.mark(line, language)):
            told = True
            yield _unfinished(copy, mark, number)
    if not told and not copy.text and (mark := unfinished.mark(copy.proof.root.text_content())):
        yield _unfinished(copy, mark, None)
    elif copy.text and unfinished.is_lorem(copy.proof.text) and not told:
        yield _unfinished(copy, "lorem ipsum", None)


def _unfinished(copy: Copy, mark: str, line: int | None) -> Finding:
    what = f"{shown(mark)} looks like text that is not finished."
    story = _story_at(copy, line or 0)
    level = "error" if unfinished.is_lorem(mark) else "warning"
    return at(
        copy.issue, line, level, "unfinished", what, effect="Readers see it.", hint="Write what is meant.", story=story
    )


def _hosts(copy: Copy) -> Iterator[Finding]:
    """Of each address one finding, at the first story that has it; what digest.toml brings is told there."""
    from_settings = []
    # Who fetches from his own network writes for those who are in it.
    inside = bool(copy.publication.web.allow_private)
    staging, own = copy.publication.check.staging, urls.site(copy.publication.url)
    for key in ("url", "assets_url", "unsubscribe_url", "view_url"):
        url = getattr(copy.publication, key)
        why = closed_pages.closed(url, staging, inside=inside)
        if why and why.sure:
            from_settings.append(url.partition("{")[0])
            what = f"{key} leads to {shown(url)}, {why.why}."
            effect = "No reader sees the pictures." if key == "assets_url" else "No reader can open it."
            place = f"publication.{key}"
            yield in_settings(copy.publication, place, "error", "staging", what, effect=effect, hint=_PUBLIC)
    told: dict[str, list[int]] = {}
    first: dict[str, Finding] = {}
    for element in copy.proof.elements("a", "img", "area", "source"):
        url = element.get("href") or element.get("src") or ""
        if not url or url.startswith(("#", "mailto:", "https://blank.invalid/", *from_settings)):
            continue
        where = copy.proof.story_of(element)
        said = " ".join((*copy.about(where.line if where else 0), element.text_content()))
        why = closed_pages.closed(url, staging, own=own, inside=inside, said=said)
        if not why and not closed_pages.is_example(url):
            continue
        line = line_of(copy, where.line if where else 0, url) or (where.line if where else 0)
        if url in first:
            told[url] += [line] if line and line != first[url].line and line not in told[url] else []
            continue
        told[url] = []
        kind = "picture" if element.tag == "img" else "link"
        name = f"{shown(where.title)}: its {kind}" if where else f"A {kind}"
        first[url] = _closed(copy, line, f"{name} leads to {shown(url)}", why, where.title if where else "")
    for url, finding in first.items():
        yield _with_also(finding, told[url])
    yield from _named_hosts(copy, [line for finding in first.values() for line in (finding.line, *finding.also)])


def _closed(copy: Copy, line: int, what: str, why: closed_pages.Closed | None, story: str) -> Finding:
    """A link or picture that leads nowhere; without a `why`, to a site that is there for examples."""
    sure = why is not None and why.sure
    effect = "No reader can open it." if sure else "Readers may find it closed."
    return at(
        copy.issue,
        line,
        "error" if sure else "warning",
        "staging" if why else "placeholder-link",
        f"{what}, {why.why if why else 'an address for examples'}.",
        effect=effect if why else "Readers find a page that says nothing.",
        hint=_PUBLIC if sure or not why else "Open it in a private window; put the public address there.",
        story=story,
    )


def _named_hosts(copy: Copy, told: Iterable[int | None]) -> Iterator[Finding]:
    """Staging hosts that are written out; many mail programs make a link of such a name by themselves."""
    staging, own = copy.publication.check.staging, urls.site(copy.publication.url)
    lines = set(told)
    for text, element in texts(copy.proof.root):
        name, why = (
            ("", "") if "." not in text or is_code(element) else closed_pages.named_staging(text, staging, own=own)
        )
        line = _line_with(copy, name) if name else 0
        if name and line not in lines:
            lines.add(line)
            what = f"The text names {shown(name)}, {why}."
            effect = "No reader can open it; many mail programs make a link of it."
            hint = "Put the public name there."
            story = _story_at(copy, line)
            yield at(copy.issue, line, "error", "staging", what, effect=effect, hint=hint, story=story)


def _with_also(finding: Finding, lines: Iterable[int]) -> Finding:
    return replace(finding, also=tuple(sorted(lines)))


def _line_with(copy: Copy, words: str) -> int:
    """The first line that readers see with these words in it; 0 when none has."""
    return next((number for number, line in enumerate(copy.lines, 1) if words in line), 0)


def _story_at(copy: Copy, line: int) -> str:
    """The title of the story whose lines hold `line`; "" outside of stories."""
    heads = [(section.line, "") for section in copy.issue.sections]
    heads += [(story.line, story.title) for story in copy.issue.stories]
    heads += [(brief.line, brief.title) for brief in copy.issue.briefs]
    return max((head for head in heads if head[0] <= line), default=(0, ""))[1] if line else ""


def _sections(copy: Copy) -> Iterator[Finding]:
    sections = copy.issue.sections
    for place, section in enumerate(sections):
        inside = place + 1 < len(sections) and sections[place + 1].depth > section.depth
        if section.blocks or inside or not section.title:
            continue
        what = f"The section {shown(section.title)} is empty."
        hint = "Fill it, or take its heading out."
        effect = "Readers see a heading with nothing below it."
        yield at(copy.issue, section.line, "warning", "empty-section", what, effect=effect, hint=hint)
    stories = [story for story in copy.issue.stories if not story.picture]
    bare = [story for story in copy.issue.stories if not _COMMENT.sub("", story.body).strip()]
    if len(stories) >= 3 and bare and len(bare) * 3 <= len(copy.issue.stories):
        for story in bare:
            what = f"{shown(story.title)} has no word below its title."
            yield of_story(story, copy.issue, "warning", "no-blurb", what, hint="Say why it is worth reading.")


def _asked_for(copy: Copy, section: Section, story: Story) -> Iterator[Finding]:
    """What `[check] require` names. What a sponsor says has neither source nor author."""
    has = {
        "link": bool(story.url) or story.extra.get("text", "").casefold() in ("yes", "true", "on"),
        "picture": story.picture is not None,
        "source": bool(story.source or section.sponsor or not story.url),
        "author": bool(story.author or section.sponsor or not story.url),
        "date": bool(story.date or section.sponsor or not story.url),
    }
    for need in copy.publication.check.require:
        if not has.get(need, True):
            what = f"{shown(story.title)} has no {need}."
            hint = {
                "link": 'Put the address into its heading, or "text: yes" below it.',
                "picture": "Put ![what it shows](images/...) below its heading.",
            }.get(need, f'Write "{need}: ..." below its heading.')
            yield of_story(story, copy.issue, "warning", "missing", what, hint=hint)


def _leftovers(copy: Copy, story: Story) -> Iterator[Finding]:
    body = _COMMENT.sub("", story.body).strip()
    if found := _LEFTOVER.search(body):
        what = f"{shown(story.title)} ends as a feed's text does: {shown(found[0])}."
        line = line_of(copy, story.line, *reversed(found[0].split("\n")), found[0].split()[-1]) if copy.text else 0
        hint = "Take that out of the blurb."
        yield at(copy.issue, line or story.line, "warning", "feed-leftover", what, hint=hint, story=story.title)


def _calendar(copy: Copy) -> Iterator[Finding]:
    issue = copy.issue
    for each in calendar.slips(issue, copy.publication, copy.before, copy.today):
        line = issue.lines.get(each.key)
        yield at(issue, line, each.level, each.rule, each.what, effect=each.effect, hint=each.hint)


def _machine(copy: Copy) -> Iterator[Finding]:
    for story in copy.issue.stories:
        words = likeness.plain_title(_COMMENT.sub("", story.body))
        if not story.url or not words:
            continue
        if likeness.plain_title(copy.machine_blurb(story.url)) == words:
            what = f"The blurb of {shown(story.title)} is still the machine's."
            effect = "Readers get what the page says of itself, not why you chose it."
            yield of_story(story, copy.issue, "warning", "machine-blurb", what, effect=effect, hint="Write your own.")
