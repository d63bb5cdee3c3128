"""The next issue: its number, its day, its name and its first text. Nothing here reads a file or the clock."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from markdown_it.common.utils import normalizeReference

from digest import issue_file
from digest.config import WEEKDAYS
from digest.issue_file import IssueFile
from digest.models import SectionPlan

_YES = frozenset({"yes", "true"})
_LABEL = re.compile(r"\[((?:[^\[\]\\]|\\.){1,999})\]")
_STEPS = {"day": timedelta(days=1), "week": timedelta(weeks=1), "fortnight": timedelta(weeks=2)}


def next_date(every: str, last: date | None, today: date, *, before: Iterable[date] = ()) -> date:
    """The next day an issue is due: after `last`, not before `today`.

    A weekday gives the first such day; "week", "fortnight" and "month" count on from `last`, so a
    missed issue keeps the rhythm; a month's 31st becomes the last day of a shorter one, and the days of
    the issues `before` tell that it was the 31st. Without a rhythm it is today, or the day after `last`
    when that one is dated later. Raises OverflowError
    beyond the year 9999.
    """
    every = every.casefold()
    earliest = max(today, last + timedelta(days=1)) if last else today
    if every in WEEKDAYS:
        return earliest + timedelta(days=(WEEKDAYS.index(every) - earliest.weekday()) % 7)
    if last is None:
        return today
    if step := _STEPS.get(every):
        steps = -(-(earliest - last).days // step.days)
        return last + step * steps
    if every == "month":
        months = max(1, (earliest.year - last.year) * 12 + earliest.month - last.month)
        cut_short = last.day == calendar.monthrange(last.year, last.month)[1]
        day = max([last.day, *(each.day for each in before)]) if cut_short else last.day
        due = _months_on(last, months, day)
        return due if due >= earliest else _months_on(last, months + 1, day)
    return earliest


def next_slug(slugs: Sequence[str], number: int | None, day: date) -> str:
    """A file name in the manner of the last of `slugs`: "012" -> "013", "2024-02-02" -> the new day's.

    Words behind the number or the day stay when the two last issues share them ("2024-02-02-brief");
    otherwise they spoke of that one issue.
    """
    plain = f"{number:03d}" if number is not None else day.isoformat()
    if not slugs:
        return plain
    last = slugs[-1]
    if found := re.search(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", last):
        new = day.isoformat()
    else:
        runs = [run for run in re.finditer(r"[0-9]+", last) if number is not None and int(run[0]) == number - 1]
        if not runs:
            return plain
        found = runs[-1]
        new = f"{number:0{len(found[0])}d}"
    before, after = last[: found.start()], last[found.end() :]
    shared = len(slugs) < 2 or slugs[-2].endswith(after)
    return f"{before}{new}{after if shared else ''}"


def skeleton(
    *,
    number: int | None,
    day: date,
    theme: str,
    sections: Sequence[SectionPlan],
    carried: Mapping[str, str] | None = None,
) -> str:
    """The text of a new issue file: a head to fill in and the publication's sections in order.

    `carried` holds, by section title, the whole text of sections that come over from the last issue.
    """
    head = [
        "---",
        f"number: {'' if number is None else number}".rstrip(),
        f"date: {day.isoformat()}",
        "subject:",
        "preheader:",
        f"theme: {theme}",
        "status: draft",
        "---",
    ]
    parts = ["\n".join(head) + "\n"]
    left = {_alike(title): text for title, text in (carried or {}).items()}
    for plan in sections:
        if text := left.pop(_alike(plan.title), ""):
            parts.append(text.strip("\n") + "\n")
            continue
        lines = [f"## {plan.title}"]
        if plan.sponsor:
            lines.append(f"sponsor: {plan.sponsor}")
        if plan.layout:
            lines.append(f"layout: {plan.layout}")
        parts.append("\n".join(lines) + "\n")
    parts += [text.strip("\n") + "\n" for text in left.values()]
    return "\n".join(parts)


def carried(file: IssueFile, sections: Sequence[SectionPlan]) -> dict[str, str]:
    """The whole text of each section of an issue that comes over to the next, by its title.

    Those are the ones that the publication or the section's own head lines mark with `carry`, with
    the sections inside them and the link definitions that they use, wherever those stood.
    """
    wanted = {_alike(plan.title) for plan in sections if plan.carry}
    wanted |= {_alike(each.title) for each in file.issue.sections if each.extra.get("carry", "").lower() in _YES}
    found: dict[str, str] = {}
    current = ""
    for span in file.spans:
        if span.kind == "section" and span.depth == 1:
            current = span.title
        if span.kind in ("section", "story") and _alike(current) in wanted:
            text = file.source[span.start : span.end]
            found[current] = found.get(current, "") + re.sub(r"\r\n?", "\n", text)
    return {title: text + _definitions(text, file.issue.references) for title, text in found.items()}


def _definitions(text: str, references: Mapping[str, tuple[str, str]]) -> str:
    """The link definitions that a section's text uses but does not hold."""
    own = issue_file.parse(text).issue.references
    missing = {
        normalizeReference(label[1]): label[1]
        for label in _LABEL.finditer(text)
        if normalizeReference(label[1]) in references.keys() - own.keys()
    }
    lines = [_definition(label, *references[key]) for key, label in missing.items()]
    return "\n" + "\n".join(lines) + "\n" if lines else ""


def _definition(label: str, url: str, title: str) -> str:
    shown = " ".join(title.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f"[{label}]: <{url}>" + (f' "{shown}"' if shown else "")


def _alike(title: str) -> str:
    return " ".join(title.split()).casefold()


def _months_on(start: date, months: int, day: int) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if year > date.max.year:
        raise OverflowError("date value out of range")
    return date(year, month + 1, min(day, calendar.monthrange(year, month + 1)[1]))
