"""A time zone that a service names in words, "(GMT+10:00) Canberra, Melbourne, Sydney", as one that we know."""

from __future__ import annotations

import functools
import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

_WORDS = re.compile(r"\(GMT(?:([+-])(\d\d):(\d\d))?\)\s*(.+)")
#: Regions that the names of no city stand for.
_REGIONS = {
    "Eastern Time": "America/New_York",
    "Central Time": "America/Chicago",
    "Mountain Time": "America/Denver",
    "Pacific Time": "America/Los_Angeles",
    "Atlantic Time": "America/Halifax",
    "Indiana": "America/Indiana/Indianapolis",
    "West Central Africa": "Africa/Lagos",
    "Cape Verde Is.": "Atlantic/Cape_Verde",
    "New Delhi": "Asia/Kolkata",
    "Abu Dhabi": "Asia/Dubai",
    "Bern": "Europe/Zurich",
    "Beijing": "Asia/Shanghai",
    "Osaka": "Asia/Tokyo",
}


def named(name: str) -> ZoneInfo | None:
    """The zone that is called so, as in "Europe/Copenhagen"; None when none is."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone(words: str, *, chosen: str = "") -> tzinfo | None:
    """The zone that is meant by `words`; None when that is not certain.

    `chosen` is what an editor takes it for. Its clocks, or those of a city that `words` name, have to differ from
    Greenwich as `words` say, in winter or in summer: else a mail would go out at an hour that nobody meant.
    """
    found = _WORDS.fullmatch(words.strip())
    if found is None:
        return None
    sign, hours, minutes, names = found.groups()
    ahead = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    if not chosen and names.startswith("Coordinated Universal Time"):
        return timezone(ahead) if ahead else UTC
    asked = [chosen] if chosen else [each for name in re.split(r"[,:;(]", names) for each in _called(name.strip(" )"))]
    return next((each for each in map(named, asked) if each is not None and ahead in _offsets(each)), None)


@functools.cache
def _called(name: str) -> list[str]:
    """The zones that bear the name of a city or region."""
    if name in _REGIONS:
        return [_REGIONS[name]]
    end = f"/{name.replace(' ', '_')}"
    return sorted(each for each in available_timezones() if each.endswith(end))


def _offsets(found: ZoneInfo) -> set[timedelta | None]:
    year = datetime.now(UTC).year
    return {datetime(year, month, 1, tzinfo=found).utcoffset() for month in (1, 7)}
