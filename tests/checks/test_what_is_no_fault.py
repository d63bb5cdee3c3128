"""Issues that an editor would send as they are: no check has a word to say of them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from faults import Fault, Newsroom

from digest.models import Finding
from digest.project import Project
from digest.proofreading import report

BLURB = "They bought paint."
TITLE = "[Why so many pencils are yellow]"


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    return Newsroom(tmp_path_factory.mktemp("newsroom") / "slow-news")


def told(newsroom: Newsroom, edit: Callable[[str], str], settings: str = "") -> list[Finding]:
    newsroom.restore()
    path = newsroom.folder / "issues/012.md"
    path.write_text(edit(path.read_text("utf-8")), "utf-8")
    toml = newsroom.folder / "digest.toml"
    toml.write_text(toml.read_text("utf-8") + settings, "utf-8")
    project = Project(newsroom.folder)
    return list(report(project, "012", project.render("012")).findings)


@pytest.mark.parametrize(
    "words",
    [
        "A to-do list is a promise, and a todo app keeps none.",
        "The first draft was written in a tavern; a draft blew it away. She shops at TK Maxx.",
        "It stood here: [the first factory of yellow pencils](https://pencils.org/factory).",
        "The people of www.pencils.org and of docs.python.org agree; so does dev.mysql.com.",
        "Its home is 127.0.0.1, and a server on localhost never sleeps.",
        "It was sponsored by the emperor, an advertisement in itself.",
        "| Year | Colour |\n|---|---|\n| 1890 | yellow |",
        "NASA, UNESCO and the IAEA agreed; so did the WHO.",
    ],
)
def test_words_that_only_look_like_a_fault(newsroom: Newsroom, words: str) -> None:
    assert (
        told(
            newsroom, lambda text: text.replace(BLURB, f"{BLURB} {words}" if words[0] != "|" else f"{BLURB}\n\n{words}")
        )
        == []
    )


@pytest.mark.parametrize(
    "title",
    [
        '"To be continued...": how serials taught us to wait',
        "He said: “I will be back...”",
        "Sponsored by the emperor: how pencils turned yellow",
        "Todo sobre los lápices amarillos",
        "鉛筆はなぜ黄色いのか",
    ],
)
def test_titles_that_only_look_like_a_fault(newsroom: Newsroom, title: str) -> None:
    assert told(newsroom, lambda text: text.replace(TITLE, f"[{title}]")) == []


def test_todo_is_a_word_for_all_in_spanish(newsroom: Newsroom) -> None:
    words = "Todo: lápices, pintura y tiempo."
    only = Fault(
        "", "required", "", text=(("theme: brief", "theme: brief\nlanguage: es"), (BLURB, f"{BLURB}\n\n{words}"))
    )
    assert newsroom.proofread(only) == []


def test_a_short_issue_in_chinese_is_not_all_pictures(newsroom: Newsroom) -> None:
    prose = "大约一八九零年，波希米亚的一家公司把最贵的铅笔涂成黄色，并以一颗钻石命名。"
    only = Fault(
        "",
        "pictures",
        "",
        text=lambda text: text[: text.index("Good morning")] + f"{prose * 4}\n\n![一幅地图](images/map.jpg)\n",
    )
    assert newsroom.proofread(only) == []


def test_a_short_word_with_one_picture_is_not_all_pictures(newsroom: Newsroom) -> None:
    note = "Thank you for counting with us in October. " * 7
    only = Fault(
        "",
        "pictures",
        "",
        text=lambda text: text[: text.index("Good morning")] + f"{note}\n\n![A wide river](images/map.jpg)\n",
    )
    assert newsroom.proofread(only) == []


def test_stories_need_no_section(newsroom: Newsroom) -> None:
    without = r"(?m)^(?:## .*|layout: .*|sponsor: .*)\n"
    paid = re.compile(r"## From our sponsor.*?(?=## Maps)", re.DOTALL)
    assert told(newsroom, lambda text: re.sub(without, "", paid.sub("", text))) == []


def test_who_writes_for_an_intranet_may_link_to_it(newsroom: Newsroom) -> None:
    inside = "\n[web]\nallow_private = true\n"
    edit = lambda text: text.replace("https://en.wikipedia.org/wiki/Pencil)", "http://wiki.intranet/pencil)")  # noqa: E731
    assert told(newsroom, edit, inside) == []
    assert [each.rule for each in told(newsroom, edit)] == ["staging"]


@pytest.mark.parametrize(
    ("html", "rule"),
    [
        ('<p style="opacity:0">cheap pills for everyone</p>', "hidden-text"),
        ('<p style="visibility:hidden">cheap pills for everyone</p>', "hidden-text"),
        ('<p class="fp"><a href="https://slownews.example/a"></a></p>', "empty-link"),
    ],
)
def test_one_thing_is_told_by_one_check(newsroom: Newsroom, html: str, rule: str) -> None:
    newsroom.restore()
    from faults import CHECKOUT

    part = newsroom.folder / "templates/brief/parts/footer.mjml"
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_text((CHECKOUT / "templates/shared/parts/footer.mjml").read_text("utf-8") + html, "utf-8")
    project = Project(newsroom.folder)
    assert [each.rule for each in report(project, "012", project.render("012")).findings] == [rule]
