"""When an issue goes out, in an editor's words, whatever the clocks do that night."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from digest import moments
from digest.moments import BadMoment

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
#: A Wednesday, 11:00 in Copenhagen.
NOW = datetime(2026, 11, 4, 10, 0, tzinfo=UTC)


def utc(words: str, *, now: datetime = NOW, quarters: bool = False) -> str:
    return f"{moments.read(words, now=now, zone=COPENHAGEN, quarters=quarters).when.astimezone(UTC):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("friday 09:00", "2026-11-06 08:00"),
        ("Fri 9:00", "2026-11-06 08:00"),
        ("on Friday at 9am", "2026-11-06 08:00"),
        ("wednesday 12:00", "2026-11-04 11:00"),
        ("wednesday 10:59", "2026-11-11 09:59"),
        ("tomorrow 7.30", "2026-11-05 06:30"),
        ("today 23:59", "2026-11-04 22:59"),
        ("12:15 pm", "2026-11-04 11:15"),
        ("noon", "2026-11-04 11:00"),
        ("2026-11-27 09:00", "2026-11-27 08:00"),
        ("2026-11-27T09:00", "2026-11-27 08:00"),
        ("2026-11-27T09:00Z", "2026-11-27 09:00"),
        ("2026-11-27 09:00 +05:30", "2026-11-27 03:30"),
    ],
)
def test_words_mean_a_moment(words: str, wanted: str) -> None:
    assert utc(words) == wanted


@pytest.mark.parametrize(
    "words",
    ["", "friday", "soon 09:00", "25:00", "9:60", "13pm", "2026-02-30 09:00", "2026-02-30T09:00Z", "f 09:00",
     "friday 09:00 10:00", "monday friday 9:00"],
)  # fmt: skip
def test_what_is_no_moment_is_told(words: str) -> None:
    with pytest.raises(BadMoment):
        utc(words)


@pytest.mark.parametrize("words", ["10:59", "today 09:00", "2026-11-03 09:00", "2026-11-04T09:59Z"])
def test_what_is_over_is_refused(words: str) -> None:
    with pytest.raises(BadMoment, match="has passed"):
        utc(words)


def test_a_year_that_is_mistyped_is_refused() -> None:
    with pytest.raises(BadMoment, match="a year away"):
        utc("2062-11-27 09:00")


def test_a_time_that_the_clocks_leave_out_is_told() -> None:
    found = moments.read("2027-03-28 02:30", now=NOW, zone=COPENHAGEN)
    assert f"{found.when.astimezone(UTC):%H:%M}" == "01:30"
    assert found.notes == ("The clocks are put forward that night and 02:30 is left out: 03:30 is meant.",)


def test_a_time_that_comes_twice_is_told() -> None:
    found = moments.read("2027-10-31 02:30", now=NOW, zone=COPENHAGEN)
    assert f"{found.when.astimezone(UTC):%H:%M}" == "00:30"
    assert found.notes == ("The clocks are put back that night and 02:30 comes twice: the first is meant.",)


def test_in_the_second_of_two_equal_hours_the_first_is_over() -> None:
    second = datetime(2027, 10, 31, 1, 15, tzinfo=UTC)
    with pytest.raises(BadMoment, match="has passed"):
        utc("2027-10-31 02:30", now=second)


def test_a_service_that_counts_quarters_gets_the_next_and_says_so() -> None:
    found = moments.read("friday 09:50", now=NOW, zone=COPENHAGEN, quarters=True)
    assert (f"{found.when:%H:%M}", found.notes) == (
        "10:00",
        ("The service sends at full quarters of an hour: 10:00.",),
    )
    assert utc("friday 09:45", quarters=True) == "2026-11-06 08:45"


def test_a_moment_is_shown_in_words_and_in_utc() -> None:
    found = moments.read("friday 09:00", now=NOW, zone=COPENHAGEN)
    assert str(found) == "Friday 6 November 2026, 09:00 CET (2026-11-06 08:00 UTC)"
