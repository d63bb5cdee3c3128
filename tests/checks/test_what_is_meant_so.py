"""What a second stranger wrote and meant so: pages for everybody, names that look like slips, days that are right."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from faults import Newsroom, _spoil
from faults_of_the_second_reader import NO_ADDRESS, PENCIL_URL, REAL, at, in_blurb, subject

from digest.models import Finding
from digest.project import Project
from digest.proofreading import report

Change = tuple[tuple[str, str], ...] | Callable[[str], str]


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    return Newsroom(tmp_path_factory.mktemp("newsroom") / "slow-news")


def told(
    newsroom: Newsroom,
    text: Change = (),
    settings: Change = (),
    *,
    issue: str = "012",
    service: str = "",
    today: date | None = None,
) -> list[Finding]:
    """What all checks say of the sample with this change, looked at on that day."""
    newsroom.restore()
    _spoil(newsroom.folder / f"issues/{issue}.md", text)
    _spoil(newsroom.folder / "digest.toml", settings)
    project = Project(newsroom.folder)
    return list(report(project, issue, project.render(issue), service=service, today=today).findings)


@pytest.mark.parametrize(
    "words",
    [
        "See [the handbook](https://dev.mysql.com/doc/) and [its developer pages](https://dev.acme.com/start).",
        "The [play about pencils](https://stage.nationaltheatre.com/pencils) opens at [The Stage](https://stage.co.uk/b).",
        "[The list](https://docs.google.com/spreadsheets/d/1AbC/edit?usp=sharing) is open to all.",
        "[As it was](https://web.archive.org/web/2020/https://dev.pencils.com/wp-admin/).",
        "Mend [the article](https://en.wikipedia.org/w/index.php?title=Pencil&action=edit) yourself.",
        "[One part](https://firm.example/a#one), and [another](https://firm.example/a#two).",
        f"See [the whole of it]({PENCIL_URL}).",
        "\n\n[![A firm](images/map.jpg)](https://firm.example/a)\n\nSo says [the firm](https://firm.example/a).",
        "\n\n- Monday: [the firm](https://firm.example/a)\n- Friday: [the firm again](https://firm.example/a)",
        "Write `[a](https://firm.example/a)` or `[b](https://firm.example/a)`.",
        "Ask [the firm](https://firm.example/a). " + "So it went with the paint. " * 60 + "[It](https://firm.example/a).",
        "The film *[Here](https://films.example/x)* shows one room, as [More](https://en.wikipedia.org/wiki/Thomas_More)"
        " and [Her](https://en.wikipedia.org/wiki/Her_(2013_film)) did.",
        "A TODO in a source file is a promise; most TODO comments are older than their authors, and “TODO” is a word.",
        "\n\n```c\n/* TODO: sharpen */ [[first_name]]\n```",
        "You may [insert](https://firm.example/i) a coin; [he] said [sic] so.",
        "\n\n| A | B |\n|---|---|\n| [x](https://firm.example/a) | 1 |\n| [y](https://firm.example/a) | 2 |",
        "So they say.[^1]\n\n[^1]: [The firm](https://firm.example/a), and [its book](https://firm.example/a).",
        "[Its admin guide](https://docs.example/admin/guide), [a preview of the fair](https://fair.example/preview/2026).",
        "AND/OR, the USA, the EU, NASA and the UK agreed on CET.",
    ],
)  # fmt: skip
def test_an_editor_may_write_so(newsroom: Newsroom, words: str) -> None:
    assert told(newsroom, in_blurb(words)) == []


@pytest.mark.parametrize(
    "words",
    [
        "🎄 A town invented by a map, and eleven other stories",
        "A town invented by a map 🗺️🧭",
        "🇩🇰🇸🇪🇳🇴 A town invented by a map",
        "👨‍👩‍👧‍👦 A town invented by a map",
        "★★★★☆: a town invented by a map",
        "The ____ that changed a map",
        "1984",
        "NASA, UNESCO and UNICEF",
        "NASA, UNESCO",
        "C++ and F#: a town on a map -- and why",
        "¿Qué? ¡Un pueblo inventado!",
    ],
)
def test_a_subject_may_be_so(newsroom: Newsroom, words: str) -> None:
    assert told(newsroom, subject(words)) == []


def test_a_title_may_be_about_todos(newsroom: Newsroom) -> None:
    assert told(newsroom, (("[Why so many pencils are yellow]", "[The oldest TODO comments of the kernel]"),)) == []


def test_a_sponsor_may_say_twice_where_to_go(newsroom: Newsroom) -> None:
    twice = "[Acme](https://acme.example/n) [Notebooks](https://acme.example/n) are sewn"
    assert told(newsroom, (("Acme Notebooks are sewn", twice),)) == []


@pytest.mark.parametrize("today", [date(2026, 11, 6), date(2026, 11, 2), date(2026, 1, 2)])
def test_a_day_may_come(newsroom: Newsroom, today: date) -> None:
    assert told(newsroom, settings=REAL, today=today) == []


def test_what_was_sent_has_an_old_day(newsroom: Newsroom) -> None:
    assert told(newsroom, settings=REAL, issue="011", today=date(2030, 1, 1)) == []


def test_for_a_sample_no_day_passes(newsroom: Newsroom) -> None:
    assert told(newsroom, today=date(2030, 1, 1)) == []


def test_in_an_archive_of_drafts_no_day_passes_but_the_last_ones(newsroom: Newsroom) -> None:
    newsroom.restore()
    _spoil(newsroom.folder / "digest.toml", REAL)
    old = (newsroom.folder / "issues/012.md").read_text("utf-8")
    new = re.sub(r"### .*?(?=## )", "", old, flags=re.DOTALL).replace("2026-11-06", "2026-11-13")
    (newsroom.folder / "issues/013.md").write_text(new.replace("number: 12", "number: 13"), "utf-8")
    project = Project(newsroom.folder)

    def days(name: str) -> list[int | None]:
        email = project.render(name)
        found = report(project, name, email, only=("required",), today=date(2026, 12, 1)).findings
        return [each.line for each in found if each.rule == "date-passed"]

    assert (days("012"), days("013")) == ([], [4])


@pytest.mark.parametrize("service", ["mailchimp", "markdown"])
def test_an_address_may_be_kept_by_the_service_or_by_whoever_pastes(newsroom: Newsroom, service: str) -> None:
    without = lambda text: re.sub(NO_ADDRESS, "", text)  # noqa: E731
    assert [each for each in told(newsroom, settings=without, service=service) if "postal" in each.rule] == []


def test_a_story_may_stand_on_a_name_that_a_builder_gave(newsroom: Newsroom) -> None:
    assert told(newsroom, at("https://web-pencils42.vercel.app/yellow")) == []
