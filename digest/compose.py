"""The next issue: its number, its day, its name and its first text. Nothing here reads a file or the clock."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from digest.models import SectionPlan

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_STEPS = {"day": timedelta(days=1), "week": timedelta(weeks=1), "fortnight": timedelta(weeks=2)}


def next_date(every: str, last: date | None, today: date) -> date:
    """The next day an issue is due: after `last`, not before `today`.

    A weekday gives the first such day; "week", "fortnight" and "month" count on from `last`, so a
    missed issue keeps the rhythm; a month's 31st becomes the last day of a shorter one. Without a
    rhythm it is today, or the day after `last` when that one is dated later.
    """
    every = every.casefold()
    earliest = max(today, last + timedelta(days=1)) if last else today
    if every in _WEEKDAYS:
        return earliest + timedelta(days=(_WEEKDAYS.index(every) - earliest.weekday()) % 7)
    if last is None:
        return today
    if step := _STEPS.get(every):
        missed = max(0, -(-(earliest - last).days // step.days))
        return last + step * max(1, missed)
    if every == "month":
        months = 1
        while (due := _months_on(last, months)) < earliest:
            months += 1
        return due
    return earliest


def next_slug(last: str, number: int, day: date) -> str:
    """A file name in the manner of the last one: "012" -> "013", "2024-02-02" -> the new day's."""
    if re.search(r"\d{4}-\d{2}-\d{2}", last):
        return re.sub(r"\d{4}-\d{2}-\d{2}", day.isoformat(), last, count=1)
    numbers = list(re.finditer(r"\d+", last))
    if numbers:
        end = numbers[-1]
        return f"{last[: end.start()]}{number:0{len(end[0])}d}{last[end.end() :]}"
    return f"{number:03d}"


def skeleton(
    *,
    number: int,
    day: date,
    theme: str,
    sections: Sequence[SectionPlan],
    title: str = "",
    carried: Mapping[str, str] | None = None,
) -> str:
    """The text of a new issue file: a head to fill in and the publication's sections in order.

    `carried` holds, by section title, the whole text of sections that come over from the last issue.
    """
    head = [
        "---",
        *([f"title: {title}"] if title else []),
        f"number: {number}",
        f"date: {day.isoformat()}",
        "subject:",
        "preheader:",
        f"theme: {theme}",
        "status: draft",
        "---",
    ]
    parts = ["\n".join(head) + "\n"]
    left = dict(carried or {})
    for plan in sections:
        text = left.pop(plan.title, "")
        if text:
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


def _months_on(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
