"""A story pasted or scraped as bare text: its title, date and byline found, what stands around it cut off."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from digest.incoming import encodings, headline, spoken, written_dates
from digest.incoming.around_articles import is_prose, kind, parts
from digest.incoming.head_lines import (
    BULLET,
    MARKDOWN_HEADING,
    PATH,
    Labelled,
    byline,
    ending_url,
    is_headline,
    is_kicker,
    is_relative,
    labelled,
    only_url,
    said_by,
    tells_same,
)
from digest.incoming.page_tree import web_address
from digest.incoming.plain_html import tidy
from digest.incoming.scraped_lines import HEAD, Line, day_first_in, headline_below, lines_of, sites_named
from digest.incoming.written_dates import Written
from digest.models import Item, Unread
from digest.render.language import reading_minutes
from digest.sources.base import Found

#: Characters that are taken apart; what comes after is kept as removed.
_LONGEST = 3_000_000
_UNDERLINE = re.compile(r"^[=\-_*~#]{3,}$")
_DATELINE = re.compile(r"(.{3,70}?)(?:\s+[–—-]{1,2}\s+|:\s+)")
_AGENCY = re.compile(r".{0,60}\((Reuters|AP|AFP|dpa|EFE|ANSA|PTI|Xinhua|TASS|UPI|ANI)\)")
_BY = re.compile(r"\b(?:by|von|par|por|di|door|av)\b", re.IGNORECASE)
_SEPARATED = re.compile(r"\s+[|·•—–-]\s+|\s*[|•]\s*")


@dataclass(slots=True)
class _Story:
    """What is known so far, and which lines were used for it. The one thing here that changes."""

    titles: list[tuple[str, int]] = field(default_factory=list)
    source: str = ""
    author: str = ""
    url: str = ""
    #: (rank, date, line's number, what to say of it): of several the lowest rank is believed.
    dates: list[tuple[int, Written, int, str]] = field(default_factory=list)
    #: The line from which on the head is looked for: behind a site's menus, where they were copied too.
    start: int = 0
    doubts: list[str] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    found: dict[str, str] = field(default_factory=dict)


def read(content: str | bytes, *, name: str = "", now: datetime) -> Found:
    """The one story of a text. Every line of it is in the title, the text or what was removed.

    `name` is the file's, for the report of a text that holds nothing; `now` decides which dates can be.
    """
    text = content if isinstance(content, str) else encodings.text(content)[0]
    lines = lines_of(text[:_LONGEST])
    if not any(re.search(r"\w", line.words) for line in lines):
        return Found(unread=(Unread(name or "text", "it holds no text"),))
    story = _Story()
    language = spoken.language(" ".join(line.words for line in lines[:200]))
    day_first = day_first_in(lines, language)
    sites = sites_named(lines)
    _read_labels(lines, story, now, day_first)
    _pass_menus(lines, story, sites)
    _read_head(lines, story, now, day_first)
    _read_titles(lines, story, sites)
    _read_source(lines, story, sites)
    _read_bare_names(lines, story)
    _read_edges(lines, story, now, day_first)
    item = _item(lines, story, language, now)
    if rest := tidy(text[_LONGEST:]):
        item = replace(item, removed=f"{item.removed}\n{rest}".strip())
    return Found(items=(item,))


def _item(lines: Sequence[Line], story: _Story, language: str, now: datetime) -> Item:
    body = [number for number in range(len(lines)) if number not in story.used]
    first = next((n for n in body if is_prose(lines[n].words) and not kind(lines[n].words)), None)
    kickers = {n for n in body if first is not None and n < first and story.titles and is_kicker(lines[n].words)}
    body = [number for number in body if number not in kickers]
    title, others = _best_title(story, " ".join(lines[number].words for number in body[:8]))
    keep = parts([lines[number].words for number in body]) if body else []
    again = {headline.folded(each) for each in (title, *others)}
    kept = {n for n, each in zip(body, keep, strict=True) if each and headline.folded(lines[n].words) not in again}
    if not title:
        # The first line is all the title there is; it stays in the text, for it may be its first sentence.
        title, story.found["title"] = _shortened(lines[min(kept, default=0)].words), "the first words of the text"
    said = {title, *others}
    removed = [each.words for n, each in enumerate(lines) if n not in kept and each.words not in said]
    published = _published(story, now)
    text = _paragraphs([lines[number] for number in sorted(kept)])
    story.found |= {"text": "what is left"} if text else {}
    story.found |= {"language": "its words"} if language else {}
    return Item(
        url=story.url,
        title=title,
        source=story.source,
        author=story.author,
        published=published,
        text=text,
        language=language,
        minutes=reading_minutes(text, language or "en") if text else None,
        other_titles=tuple(others),
        removed="\n".join(removed),
        found=dict(story.found),
    )


def _read_labels(lines: Sequence[Line], story: _Story, now: datetime, day_first: bool | None) -> None:
    """ "Title: ...", "Source: ...", "Published: ..." near the top, and such lines at the very end."""
    edges = [*range(min(len(lines), HEAD)), *range(max(len(lines) - 8, HEAD), len(lines))]
    for at in edges:
        line = lines[at]
        said: Labelled | None = labelled(line.words)
        if said is None:
            continue
        where = f'line {line.number}, "{said.label}"'
        if said.field == "date":
            _date(line, at, story, now, day_first)
            continue
        if said.field == "url" and not story.url and (url := web_address(said.value)):
            story.url, story.found["url"] = url, where
        elif said.field == "title" and at < HEAD:
            story.titles.append((said.value, at))
            story.found.setdefault("title", where)
        elif said.field == "author" and not story.author and (author := byline(said.value, labelled=True)):
            story.author, story.found["author"] = author, where
        elif said.field == "source" and not story.source and len(said.value) < 80 and not is_prose(line.words):
            url = web_address(said.value)
            story.source, story.found["source"] = headline.host(url) or said.value, where
            if url and not story.url:
                story.url, story.found["url"] = url, where
        else:
            continue
        story.used.add(at)


def _pass_menus(lines: Sequence[Line], story: _Story, sites: Sequence[str]) -> None:
    """Start behind the menus, where the page's title comes again as its headline."""
    if story.titles:
        return
    for at, line in enumerate(lines[:4]):
        words = line.words
        sentence = is_prose(words) and words.endswith((".", "。"))
        if at in story.used or kind(words) or sentence or not 3 <= headline.size(words) <= 40:
            continue
        title, site = headline.cut(words, sites=sites)
        place = headline_below(lines, at, title)
        if place is None:
            continue
        if headline.folded(words) != headline.folded(lines[place].words):
            title, site = headline.cut(words, sites=sites, headlines=[lines[place].words])
        story.start = place
        story.titles.append((title, at))
        story.used |= set(range(place))
        if site and not story.source:
            story.source, story.found["source"] = site, f"line {line.number}, behind the title"
        return


def _head(lines: Sequence[Line], story: _Story) -> list[tuple[int, Line]]:
    """The lines that may be the article's head, each with its place."""
    return list(enumerate(lines))[story.start : story.start + HEAD]


def _read_head(lines: Sequence[Line], story: _Story, now: datetime, day_first: bool | None) -> None:
    """Dates, bylines and the text's own address in the first lines, before or right after the lead."""
    paragraphs = 0
    for at, line in _head(lines, story):
        if at in story.used:
            continue
        if paragraphs > 1:
            break
        if url := only_url(line.words):
            if not story.url:
                story.url, story.found["url"] = url, f"line {line.number}"
            story.used.add(at)
        elif _UNDERLINE.match(line.words):
            story.used.add(at)
        elif (len(line.words) < 160 and _date(line, at, story, now, day_first)) or BULLET.match(line.words):
            continue
        elif (author := byline(line.words)) and len(line.words) < 120:
            if not story.author:
                story.author, story.found["author"] = author, f"line {line.number}"
            if said := said_by(line.words):
                story.source, story.found["source"] = (
                    story.source or said,
                    story.found.get("source", f"line {line.number}"),
                )
            story.used.add(at)
        elif is_prose(line.words) and not kind(line.words) and line.words.rstrip().endswith((".", "。", "”", '"')):
            paragraphs += 1


def _date(line: Line, at: int, story: _Story, now: datetime, day_first: bool | None) -> bool:
    """Whether the line is there for a date; then it is noted, with byline and source that share the line."""
    words = line.words
    if is_relative(words):
        story.doubts.append(f'line {line.number}, "{words[:60]}" counts from a moment that the text does not tell')
        _share(line, at, story)
        story.used.add(at)
        return True
    found = written_dates.find(words, now=now, day_first=day_first)
    if found is None:
        return False
    label = words[: found.start].casefold()
    around = _without_dates(f"{words[: found.start]} | {words[found.end :]}")
    rest = [each for each in _SEPARATED.split(around) if each.strip(" ,;:()[]")]
    if not all(_goes_with_date(each) for each in rest):
        return False
    updated = re.search(
        r"updat|modif|aktualis|mis à jour|actuali|atualiz|aggiorn|bijgewerkt|uppdater|opdater|обновл|更新", label
    )
    published = re.search(r"publi|post|veröff|publié|erschien|geplaatst|public|опубл|発表|公開|发布|first", label)
    rank = 3 if updated and not published else 0 if published else 1
    story.dates.append((rank, found, at, f'line {line.number}, "{found.words}"'))
    _share(line, at, story)
    story.used.add(at)
    return True


def _goes_with_date(words: str) -> bool:
    """Whether it may share a line with a date: a byline, a name, minutes to read, a few words of a label."""
    words = words.strip(" ,;:()[]|")
    if kind(words) or byline(words) or only_url(words):
        return True
    # "г.", "р.": the word for year that follows it in Russian and Ukrainian.
    sentence = words.endswith((".", "?", "!")) and len(words) > 5
    return words.isdigit() or (len(words) < 45 and headline.size(words) <= 5 and not sentence)


def _share(line: Line, at: int, story: _Story) -> None:
    """The byline on the line of the date."""
    rest = _without_dates(line.words)
    for each in [*_SEPARATED.split(rest), *(rest[found.start() :] for found in _BY.finditer(rest))]:
        if not story.author and (author := byline(each)):
            story.author, story.found["author"] = author, f"line {line.number}"


def _without_dates(words: str) -> str:
    """The words with a bar where each date stood."""
    for _ in range(3):
        found = written_dates.find(words)
        if found is None:
            break
        words = f"{words[: found.start]} | {words[found.end :]}"
    return words


def _read_titles(lines: Sequence[Line], story: _Story, sites: Sequence[str]) -> None:
    """The headlines above the first paragraph: one, or the page's title and its headline."""
    if story.titles and not story.start:
        title, site = headline.cut(story.titles[0][0], sites=sites)
        story.titles[0] = (title, story.titles[0][1])
        if site and not story.source:
            story.source, story.found["source"] = site, f"line {lines[story.titles[0][1]].number}, behind the title"
        return
    candidates: list[int] = []
    for at, line in _head(lines, story):
        if at in story.used or kind(line.words):
            continue
        if is_headline(line.words):
            candidates.append(at)
        elif is_prose(line.words):
            break
    if (
        len(candidates) > 1
        and headline.is_newspaper(lines[candidates[0]].words)
        and headline.size(lines[candidates[0]].words) < 5
    ):
        # The paper's name above its headline; `_read_source` takes it.
        candidates.pop(0)
    if not candidates:
        return
    said = {at: MARKDOWN_HEADING.sub("", lines[at].words).strip() for at in candidates}
    cuts = {at: _cut(said[at], [said[other] for other in candidates if other != at], sites) for at in candidates}
    main = next((at for at in candidates if cuts[at][1]), candidates[0])
    chosen = [main]
    if story.start:
        candidates = candidates[: candidates.index(main) + 1]
    for at in candidates:
        # Beside a page's title the headline stands on its own; elsewhere a second one tells the same again.
        near = abs(candidates.index(at) - candidates.index(main)) == 1
        if (
            at != main
            and len(chosen) < 3
            and (tells_same(cuts[at][0], cuts[main][0]) or (near and len(chosen) < 2 and cuts[main][1] and at > main))
        ):
            chosen.append(at)
    for at in sorted(chosen):
        title, site = cuts[at]
        story.titles.append((title, at))
        story.used.add(at)
        if site and not story.source:
            story.source, story.found["source"] = site, f"line {lines[at].number}, behind the title"


def _cut(words: str, others: Sequence[str], sites: Sequence[str]) -> tuple[str, str]:
    """The headline and the site's name; a date that stands between or behind them is dropped."""
    pieces = re.split(r"(\s+[|–—-]\s+)", words)
    if len(pieces) > 2 and (date := written_dates.find(pieces[-1])) and len(pieces[-1]) - len(date.words) < 8:
        words = "".join(pieces[:-2])
    alike = [each for each in others if tells_same(each, words)]
    alone, site = headline.cut(words, sites=sites, headlines=alike)
    return (alone, site) if site or words in alike else headline.cut(words, sites=sites)


def _best_title(story: _Story, lead: str) -> tuple[str, list[str]]:
    """The headline that tells most of what the lead tells, in a headline's length; and the others."""
    titles = list(dict.fromkeys(title for title, _ in story.titles if title))
    if not titles:
        return "", []
    told = set(re.findall(r"\w{4,}", lead.casefold()))

    def worth(title: str) -> float:
        words = set(re.findall(r"\w{4,}", title.casefold()))
        points = len(words & told) / (len(words) or 1)
        points += 0.3 * (25 <= len(title) <= 110)
        points -= (
            0.5 * (title.isupper() and len(title) > 12) + 1.0 * title.endswith(("…", "...")) + 0.3 * (len(title) > 140)
        )
        return points

    best = max(titles, key=lambda title: (round(worth(title), 1), titles.index(title)))
    at = next(place for title, place in story.titles if title == best)
    if "title" not in story.found:
        story.found["title"] = f"headline {at + 1}" if at < 0 else "its headline"
        if len(titles) > 1:
            story.found["title"] = "the headline that says more of what the text says"
    others = {headline.folded(each): each for each in titles if headline.folded(each) != headline.folded(best)}
    return best, list(others.values())


def _read_source(lines: Sequence[Line], story: _Story, sites: Sequence[str]) -> None:
    names = [site for site in sites if not site.startswith("http")]
    known = [story.source, *sites]
    first_title = min((at for _, at in story.titles), default=0)
    for at, line in _head(lines, story):
        short = (
            at not in story.used
            and not PATH.search(line.words)
            and headline.size(line.words) <= 6
            and len(line.words) < 60
        )
        if not short or is_prose(line.words):
            continue
        if any(known) and headline.names_site(line.words, [site for site in known if site]):
            story.used.add(at)
            if not story.source:
                story.source, story.found["source"] = line.words, f"line {line.number}"
        elif not story.source and at < first_title and headline.is_newspaper(line.words):
            story.source, story.found["source"] = line.words, f"line {line.number}"
            story.used.add(at)
    if not story.source and names:
        story.source, story.found["source"] = names[0], "its copyright line"
    if not story.source and story.url:
        story.source, story.found["source"] = headline.host(story.url), "its address"


def _read_bare_names(lines: Sequence[Line], story: _Story) -> None:
    """A name alone on a line, beside the date, is the author's."""
    for at, line in _head(lines, story):
        beside = any(at + step in {place for _, _, place, _ in story.dates} for step in (-1, 1))
        after_title = any(place < at for _, place in story.titles)
        if story.author or at in story.used or not beside or not after_title:
            continue
        if re.fullmatch(
            r"[^\W\d_a-z][\w’'.-]+(?: [^\W\d_]\.?| (?:de|van|von|der|da|al|bin|el))*(?: [^\W\d_a-z][\w’'.-]+){1,3}",
            line.words,
        ):
            story.author, story.found["author"] = line.words, f"line {line.number}, a name beside the date"
            story.used.add(at)


def _read_edges(lines: Sequence[Line], story: _Story, now: datetime, day_first: bool | None) -> None:
    """Where no line is there for a date: the dateline of the first paragraph, or the text's own address."""
    if story.dates:
        return
    first = next((line for line in lines[story.start :] if is_prose(line.words) and not kind(line.words)), None)
    opening = _DATELINE.match(first.words) if first else None
    place = opening[1] if opening and not re.search(r"[a-z]{3,}[^()]* [a-z]{3,} [a-z]{3,}", opening[1]) else ""
    if place and (found := written_dates.find(place, now=now, day_first=day_first)):
        story.dates.append((2, found, -1, f'the dateline of the first paragraph, "{found.words}"'))
    agency = _AGENCY.match(first.words) if first else None
    if agency and not story.source:
        story.source, story.found["source"] = agency[1], "the dateline of the first paragraph"
    if story.url and (day := ending_url(story.url)) and (found := written_dates.find(day)):
        story.dates.append((4, found, -1, "its address"))


def _published(story: _Story, now: datetime) -> datetime | None:
    """The date that is believed, and in `found` the reason, or why none is."""
    for _, date, _, where in sorted(story.dates, key=lambda each: (each[0], each[2])):
        if not date.certain:
            story.doubts.append(f"{where}: {date.why}")
        elif date.when > now + timedelta(days=1):
            story.doubts.append(f"{where} lies in the future")
        else:
            story.found["published"] = f"{where}, {date.why}" if date.why else where
            return date.when
    if story.doubts:
        story.found["published"] = f"not believed: {story.doubts[0]}"
    return None


def _shortened(words: str) -> str:
    if len(words) <= 100:
        return words
    return words[:100].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def _paragraphs(lines: Sequence[Line]) -> str:
    """Paragraphs with an empty line between; the points of a list, and lines of verse, on lines of their own."""
    text = ""
    for number, line in enumerate(lines):
        before = lines[number - 1] if number else line
        in_list = not line.after_gap and bool(BULLET.match(line.words)) and before.number < line.number
        text += ("" if not number else "\n" if in_list else "\n\n") + line.words
    return text
