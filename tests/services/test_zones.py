"""Time zones that a service names in words: found where they are certain, and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digest.services import zones

SUMMER, WINTER = datetime(2026, 7, 1, 12, tzinfo=UTC), datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "winter", "summer"),
    [
        ("(GMT) Greenwich Mean Time : Dublin, Edinburgh, Lisbon, London", 12, 13),
        ("(GMT) Coordinated Universal Time", 12, 12),
        ("(GMT) Monrovia, Reykjavik", 12, 12),
        ("(GMT+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", 13, 14),
        ("(GMT+02:00) Athens, Bucharest, Istanbul", 14, 15),
        ("(GMT+10:00) Canberra, Melbourne, Sydney", 23, 22),
        ("(GMT-02:00) Coordinated Universal Time-02", 10, 10),
        ("(GMT-05:00) Eastern Time (US & Canada)", 7, 8),
        ("(GMT-07:00) Arizona", 5, 5),
    ],
)
def test_words_that_name_a_place_mean_its_clocks(words: str, winter: int, summer: int) -> None:
    zone = zones.zone(words)
    assert zone is not None
    assert (WINTER.astimezone(zone).hour, SUMMER.astimezone(zone).hour) == (winter, summer)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "Paris",
        "(GMT-06:00) Central America",
        "(GMT+05:00) Paris",
        "(GMT-04:00) Paris, Nowhere",
        "(GMT+99:00) Paris",
    ],
)
def test_words_that_are_not_certain_mean_nothing(words: str) -> None:
    assert zones.zone(words) is None


def test_what_an_editor_chose_has_to_agree_with_the_words() -> None:
    chosen = zones.zone("(GMT-06:00) Central America", chosen="America/Guatemala")
    assert str(chosen) == "America/Guatemala"
    assert zones.zone("(GMT-06:00) Central America", chosen="Europe/Paris") is None
    assert zones.zone("(GMT-06:00) Central America", chosen="Mars/Base") is None
