"""Whether an issue's day and number are those on which, and as which, it can go out. Nothing here reads the clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlsplit

from digest.config import WEEKDAYS
from digest.models import Issue, Publication

#: Nobody writes an issue so long before its day; a year was mistyped.
_FAR = timedelta(days=366)
_EXAMPLES = (".example", "example.com", "example.org", "example.net")


@dataclass(frozen=True, slots=True)
class Slip:
    """A day or a number that cannot be meant."""

    #: The key of the head that has it.
    key: str
    level: str
    rule: str
    what: str
    hint: str
    effect: str = ""


def slips(issue: Issue, publication: Publication, before: Sequence[Issue], today: date | None) -> Iterator[Slip]:
    """What is amiss with the head of a draft; of an issue that was sent nothing is said.

    `before` has the issues before this one, oldest first, and only those of the same row count: one in another theme
    has days and numbers of its own. Without `today` nothing is held against the calendar on the wall.
    """
    if issue.status != "draft":
        return
    own = issue.theme or publication.theme
    row = [each for each in before if (each.theme or publication.theme) == own]
    days = [(each.date, each) for each in row if each.status == "sent" and each.date]
    if issue.date and days and issue.date <= days[-1][0]:
        what = f"The date, {issue.date}, is not after that of issue {days[-1][1].slug}, which was sent."
        yield Slip("date", "warning", "not-after", what, "Put the day on which this one goes out.")
    elif issue.date and today and not _is_sample(publication):
        yield from _against(issue.date, today)
    yield from _weekday(issue.date, publication.every.casefold(), [day for day, _ in days])
    numbers = [each.number for each in row if each.number]
    # A greater gap means that only some of the issues were kept.
    if numbers and issue.number and max(numbers) + 1 < issue.number < max(numbers) + 6:
        what = f"The number is {issue.number}; the last one was {max(numbers)}."
        effect = "Readers look for the issue between them."
        yield Slip("number", "warning", "number-gap", what, f"Is it number {max(numbers) + 1}?", effect)


def _against(day: date, today: date) -> Iterator[Slip]:
    if day < today:
        ago = (today - day).days
        what = f"The date, {day}, has passed: it was {'yesterday' if ago == 1 else f'{ago} days ago'}."
        effect = "Readers find an old day on a new mail."
        hint = 'Put the day on which it goes out; if it went out then, say so with "digest sent".'
        yield Slip("date", "warning", "date-passed", what, hint, effect)
    elif day - today > _FAR:
        what = f"The date, {day}, is more than a year ahead."
        yield Slip(
            "date", "warning", "date-far", what, "Put the day on which it goes out.", "Readers see it on the mail."
        )


def _weekday(day: date | None, every: str, days: Sequence[date]) -> Iterator[Slip]:
    """Only where every issue of the row kept to the weekday."""
    if not day or every not in WEEKDAYS or not days:
        return
    wanted = WEEKDAYS.index(every)
    if day.weekday() != wanted and all(each.weekday() == wanted for each in days):
        what = f"{day} is a {WEEKDAYS[day.weekday()].capitalize()}; issues go out on {every.capitalize()}."
        yield Slip("date", "note", "weekday", what, "Is the date right?")


def _is_sample(publication: Publication) -> bool:
    """Whether a newsletter is there for an example: its drafts are never sent, and no day passes for them.

    RFC 2606: nobody can own a site below these names, and no mail comes from there.
    """
    host = urlsplit(publication.url).hostname or publication.sender_email.rpartition("@")[2]
    return f".{host}".endswith(tuple(f".{each.lstrip('.')}" for each in _EXAMPLES))
