"""When an issue is to go out: an editor's words become a moment, in the publication's time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digest.errors import DigestError

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = re.compile(r"(\d{1,2})[:.h](\d{2})(?:\s*([ap])\.?m\.?)?|(\d{1,2})\s*([ap])\.?m\.?|noon", re.IGNORECASE)
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)\s*(Z|[+-]\d{2}:?\d{2})", re.IGNORECASE)
_HINT = 'Such as "friday 09:00", "tomorrow 7:30", "2026-11-27 09:00" or "2026-11-27T09:00+01:00".'


class BadMoment(DigestError):
    """Raised when it cannot be told when something is to go out, or when that has passed."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment, and what is to be said of how it was understood."""

    when: datetime
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        utc = self.when.astimezone(UTC)
        zone = self.when.tzname() or "UTC"
        there = f"{self.when:%A} {self.when.day} {self.when:%B %Y, %H:%M} {zone}"
        return there if zone == "UTC" else f"{there} ({utc:%Y-%m-%d %H:%M} UTC)"


def read(words: str, *, now: datetime, zone: ZoneInfo, quarters: bool = False) -> Moment:
    """The moment that `words` mean, seen from `now`; raises BadMoment when it is none, or is over.

    A weekday is the next on which that time has not passed. `quarters` moves it on to the next full quarter.
    """
    # Two moments of one zone would be compared by what the clocks show, which comes twice on one night a year.
    here, now = now.astimezone(zone), now.astimezone(UTC)
    notes: list[str] = []
    if found := _ISO.fullmatch(words.strip()):
        try:
            moment = datetime.fromisoformat(f"{found[1]}T{found[2]}{found[3].upper().replace('Z', '+00:00')}")
        except ValueError as error:
            raise BadMoment(f'"{_short(words)}" is no day or time there is.', hint=_HINT) from error
        moment = moment.astimezone(zone)
    else:
        day, clock = _understood(words, here)
        moment = _local(day, clock, zone, notes)
        if _is_weekday(words) and moment <= now:
            moment = _local(day + timedelta(days=7), clock, zone, notes := [])
    if quarters and (moment.minute % 15 or moment.second):
        later = moment.astimezone(UTC) + timedelta(minutes=15 - moment.minute % 15)
        moment = later.replace(second=0).astimezone(zone)
        notes.append(f"The service sends at full quarters of an hour: {moment:%H:%M}.")
    if moment <= now:
        raise BadMoment(f"{Moment(moment)} has passed.", hint=f"It is {Moment(here)} now.")
    if moment - now > timedelta(days=366):
        raise BadMoment(f"{Moment(moment)} is more than a year away.", hint="Look at the year.")
    return Moment(moment, tuple(notes))


def _understood(words: str, here: datetime) -> tuple[date, time]:
    text = " ".join(re.sub(r"(\d{4}-\d{2}-\d{2})t", r"\1 ", words.lower().replace(",", " ")).split())
    found = list(_CLOCK.finditer(re.sub(r"\d{4}-\d{2}-\d{2}", lambda match: " " * len(match[0]), text)))
    if len(found) != 1:
        raise BadMoment(f'At what time is "{_short(words)}"?', hint=_HINT)
    clock = _clock(found[0], words)
    rest = (text[: found[0].start()] + text[found[0].end() :]).strip()
    rest = re.sub(r"\b(?:at|on|next|this|the)\b", " ", rest).strip()
    try:
        if not rest or rest == "today":
            day = here.date()
        elif rest == "tomorrow":
            day = here.date() + timedelta(days=1)
        elif re.fullmatch(r"\d{4}-\d{2}-\d{2}", rest):
            day = date.fromisoformat(rest)
        else:
            number = next(number for number, name in enumerate(_DAYS) if len(rest) > 2 and name.startswith(rest))
            day = here.date() + timedelta(days=(number - here.weekday()) % 7)
    except (StopIteration, ValueError, OverflowError) as error:
        raise BadMoment(f'"{_short(words)}" is no day and time that can be understood.', hint=_HINT) from error
    return day, clock


def _clock(found: re.Match[str], words: str) -> time:
    if found[0].lower() == "noon":
        return time(12)
    hour, minute = int(found[1] or found[4]), int(found[2] or 0)
    half = (found[3] or found[5] or "").lower()
    if half:
        hour = (hour % 12 + (12 if half == "p" else 0)) if 1 <= hour <= 12 else 99
    if hour > 23 or minute > 59:
        raise BadMoment(f'"{_short(words)}" has no time of day in it.', hint=_HINT)
    return time(hour, minute)


def _local(day: date, clock: time, zone: ZoneInfo, notes: list[str]) -> datetime:
    """That time on that day; where the clocks are changed, what comes nearest, and a note."""
    first = datetime.combine(day, clock, zone)
    there = first.astimezone(UTC).astimezone(zone)
    if there.replace(tzinfo=None) != first.replace(tzinfo=None):
        notes.append(f"The clocks are put forward that night and {clock:%H:%M} is left out: {there:%H:%M} is meant.")
        return there
    if first.utcoffset() != first.replace(fold=1).utcoffset():
        notes.append(f"The clocks are put back that night and {clock:%H:%M} comes twice: the first is meant.")
    return first


def _is_weekday(words: str) -> bool:
    text = words.lower()
    return any(re.search(rf"\b{name[:3]}", text) for name in _DAYS)


def _short(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) < 60 else words[:57] + "..."
