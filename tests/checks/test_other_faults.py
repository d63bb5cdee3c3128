"""What looks like a fault of links, pictures, tags or the text part, and is what the editor meant: nobody is told."""

from __future__ import annotations

import functools
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from faults import CHECKOUT

from digest import config, issue_file
from digest.checks import links, merge_tags, pictures, spam, spamassassin, text
from digest.checks.base import Copy
from digest.errors import CannotCheck
from digest.models import Finding
from digest.render.pipeline import Renderer

PENCIL = "### [Why so many pencils are yellow](https://en.wikipedia.org/wiki/Pencil)"


@functools.cache
def renderer() -> Renderer:
    return Renderer(config.read(CHECKOUT / "digest.toml"), root=CHECKOUT)


def with_words(words: str, *, subject: str = "") -> Copy:
    """Number 12 with something more in the blurb about pencils."""
    path = CHECKOUT / "issues" / "012.md"
    source = path.read_text("utf-8").replace("They bought paint.", f"They bought paint. {words}")
    if subject:
        head, line, rest = source.partition("subject: ")
        source = head + line + subject + rest[rest.index("\n") :]
    file = issue_file.parse(source, path=path)
    email = renderer().render(file.issue)
    return Copy(issue=file.issue, email=email, publication=renderer().publication, text=file.source)


def found(copy: Copy) -> list[Finding]:
    return [each for check in (links, pictures, spam, text, merge_tags) for each in check.check(copy)]


def test_the_numbers_that_only_the_text_part_has_are_no_words_it_has_too_many_of() -> None:
    stories = "".join(f"### [The same](https://a.example/{at})\n\nThe same again.\n\n" for at in range(300))
    said = "Good morning to all who wake early and read slowly, with coffee near an open window facing north, "
    said += "while trains leave small harbours, gulls argue over bread, and somebody whistles an old song about rivers."
    file = issue_file.parse(
        f"---\nsubject: Stories\n---\n\n{said}\n\n## Top stories\n\n{stories}", path=CHECKOUT / "x.md"
    )
    email = renderer().render(file.issue)
    copy = Copy(issue=file.issue, email=email, publication=renderer().publication, text=file.source)
    assert [each for each in spam.check(copy) if each.rule == "parts-differ"] == []


@pytest.mark.parametrize(
    "words",
    [
        "See [Pencil](https://en.wikipedia.org/wiki/Pencil_(drawing)).",
        "See [Inc.](https://en.wikipedia.org/wiki/Staedtler_Inc.).",
        "See [the copy](https://web.archive.org/web/2020/https://a.example/b).",
        "See [the page](https://a.example/with%20blanks?a=1&b=2#part).",
        "See [the page](<https://a.example/with blanks>).",
        "See [Bücher](https://bücher.example/).",
        "See [the port](https://a.example:8443/b).",
        "Write to [us](mailto:ed@news.example?subject=Pencils).",
        "Write to <ed@news.example>.",
        "Leave [here](<[[unsubscribe_url]]>) or [read it](<[[view_url]]>) on the web.",
        "A note.[^1]\n\n[^1]: Its [source](https://a.example/source).",
        "In code: `[a](b)` and `[[first_name]]` and `{{ subscriber.first_name }}` and `*|FNAME|*`.",
        "The array `a[i](x.y)` and a list of [references] without any.",
        "The list comprehension {{ user }} and {% for %} and 100%% sure, 50% off, ${total}.",
        "As [[Pencil drawing]] has it in a notebook.",
        "The matrix[0][1] and [sic] and [he] and [they] did (see below).",
        "A word [with a label][l] behind it.\n\n[l]: https://a.example/label",
        "About <br> and &amp; and two ** stars ** and 2**3.",
        "Made with [Node.js](https://nodejs.org/en), says [booking.example](https://www.booking.example/a).",
        "At [github.com/rust-lang](https://github.com/rust-lang/rust).",
        "![A pencil](images/pencil.jpg)",
        "By [the shortener](https://bit.ly/).",
        "An address in words: <https://a.example/" + "long-" * 30 + ">",
        "日本語の鉛筆は緑色が多い。" * 12,
        "אחד שניים שלושה ארבעה.",
    ],
)
def test_what_an_editor_may_well_write_is_not_told(words: str) -> None:
    assert found(with_words(words)) == []


@pytest.mark.parametrize(
    "subject",
    [
        "NASA and ESA: who pays for the GPS of the Moon",
        "Re-reading Walden",
        "Reading: a town invented by a map",
        "Yahoo! and the others",
        "FBI",
        "Ø: en ö är en øy",
        "地図が発明した町！",
        "What does it cost? $5",
        "100% recycled",
        "R: a language for statistics",
        "I: Claudius, and eleven others",
        "Yahoo!, Jeopardy! and a town",
    ],
)
def test_a_subject_that_is_only_unusual_is_not_told(subject: str) -> None:
    assert found(with_words("", subject=subject)) == []


def test_a_picture_that_lies_beside_the_mail_is_no_fault_for_a_service_that_hosts_pictures() -> None:
    assert list(pictures.check(replace(with_words(""), service="mailchimp"))) == []


@pytest.mark.parametrize("service", ["mailchimp", "buttondown", "ghost"])
def test_a_sample_as_it_is_suits_every_service(service: str) -> None:
    copy = replace(with_words(""), service=service)
    assert [each for each in merge_tags.check(copy) if each.level != "note"] == []


def test_a_service_that_nobody_knows_is_told_as_not_checked() -> None:
    with pytest.raises(CannotCheck, match="mailchip"):
        list(merge_tags.check(replace(with_words(""), service="mailchip")))


@pytest.mark.skipif(shutil.which("spamassassin") is None, reason="SpamAssassin is not installed")
def test_spamassassin_is_asked_and_its_rules_are_named() -> None:
    assert list(spamassassin.check(with_words(""))) == []
    gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
    (told,) = spamassassin.check(with_words(f"`{gtube}`"))
    assert (told.level, told.rule) == ("error", "score")
    assert "GTUBE" in told.what


def test_where_spamassassin_is_not_installed_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotCheck, match="not installed"):
        list(spamassassin.check(with_words("")))
