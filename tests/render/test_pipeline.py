"""From an issue to a mail: nothing is lost, nothing leaks, in any script."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import html5lib
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest import issue_file
from digest.errors import DigestError, Mistakes
from digest.exporters import folder
from digest.models import Email, Issue, Publication, Section, Story
from digest.render.pipeline import Renderer, render


def a_publication(**facts: object) -> Publication:
    return Publication(**{"name": "Slow News", "sender_email": "editor@slownews.example", **facts})  # type: ignore[arg-type]


def a_story(title: str = "On Lisp", **facts: object) -> Story:
    return Story(**{"title": title, "title_markdown": title, "url": "https://example.org/lisp", **facts})  # type: ignore[arg-type]


def an_issue(text: str, *, path: Path | None = None) -> Issue:
    return issue_file.parse(text, path=path, slug="" if path else "012").issue


RENDERER = Renderer(a_publication())


def mail(text: str, publication: Publication | None = None) -> Email:
    """A mail as the folder holds it, its blanks filled."""
    renderer = Renderer(publication) if publication else RENDERER
    return folder.fill(renderer.render(an_issue(text)))


def tree(html: str):
    return html5lib.parse(html, namespaceHTMLElements=False)


def words(element) -> str:
    return re.sub(r"\s+", " ", "".join(element.itertext())).strip()


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def test_title_source_date_and_blurb_arrive_in_both_parts():
    text = (
        "---\ntitle: The Brief\nnumber: 7\ndate: 2026-11-06\n---\n\n## Top\n\n"
        "### [On Lisp](https://example.org/lisp)\nsource: The Ledger\ndate: 2026-11-03\nminutes: 6\n\n"
        "Worth *every* page.\n"
    )
    email = mail(text)

    page = tree(email.html)
    assert words(page.find(".//h3")) == "On Lisp"
    assert page.find(".//h3/a").get("href") == "https://example.org/lisp"
    assert "The Ledger · 3 Nov · 6 min" in words(page)
    assert "Worth every page." in words(page)
    assert (
        "1. On Lisp\n   The Ledger · 3 Nov · 6 min\n   https://example.org/lisp\n\n   Worth every page.\n" in email.text
    )


def test_the_subject_is_the_number_where_none_was_written():
    assert mail("---\ntitle: The Brief\nnumber: 7\n---\n").subject == "The Brief #7"


def test_an_editors_comment_reaches_nobody():
    email = mail(
        "Hello <!-- editor: is this true? --> there\n\n<!-- TODO: ask -->\n\n## A <!-- b -->\n\n### T <!-- c -->\n"
    )
    for part in (email.html, email.text, email.subject):
        assert not re.search(r"editor:|TODO|<!-- [bc]", part)


def test_the_preheader_comes_first_hidden_and_keeps_the_body_out_of_the_inbox_line():
    email = mail("---\npreheader: Three things to know\n---\n\nGood morning.\n")
    body = tree(email.html).find("body")
    hidden = next(element for element in body.iter("div") if "display:none" in element.get("style", ""))

    seen = re.sub(r"\s+", " ", "".join(body.itertext())).strip()
    assert seen.startswith("Three things to know")
    assert seen.index("Good morning") > 130
    assert words(hidden).startswith("Three things to know")


def test_a_reader_without_a_name_is_called_what_the_editor_wrote():
    email = mail("Good morning, [[first_name|dear reader]].\n")
    assert "Good morning, dear reader." in words(tree(email.html))
    assert "Good morning, dear reader." in email.text


def test_without_a_service_readers_leave_by_the_publications_own_address():
    email = mail("Hi\n", a_publication(unsubscribe_url="https://slownews.example/leave?a=1&b=2"))
    assert 'href="https://slownews.example/leave?a=1&amp;b=2"' in email.html
    assert "Unsubscribe: https://slownews.example/leave?a=1&b=2\n" in email.text


def test_without_any_unsubscribe_address_readers_write_to_the_sender():
    assert 'href="mailto:editor@slownews.example?subject=unsubscribe"' in mail("Hi\n").html


def test_a_page_on_the_web_is_offered_only_where_there_is_one():
    assert "View in browser" not in mail("Hi\n").html + mail("Hi\n").text
    email = mail("Hi\n", a_publication(view_url="https://slownews.example/{slug}"))
    assert 'href="https://slownews.example/012"' in email.html


def test_the_sender_counts_days_and_hours_in_the_publications_own_zone():
    email = mail("---\ndate: 2026-07-03\n---\n", a_publication(timezone="Europe/Copenhagen", at="07:30"))
    assert email.date is not None
    assert email.date.isoformat() == "2026-07-03T07:30:00+02:00"


def test_a_heading_never_skips_a_level_and_there_is_one_h1():
    text = (
        "## A\n\n### [S](https://a.example/)\n\nText\n\n#### Inner\n\n"
        "## B\n\n### Sub\n\n- [x](https://b.example/)\n\n### [T](https://c.example/)\n"
    )
    levels = [
        int(element.tag[1]) for element in tree(mail(text).html).iter() if re.fullmatch("h[1-6]", str(element.tag))
    ]

    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_braces_bars_and_percent_signs_are_text():
    said = "Jinja's {{ user }} and {% raw %}, *|FNAME|*, %%x%%, ${y}, [[nobody]] and <%= z %>"
    email = mail(
        f"{said.replace('<', chr(92) + '<').replace('*|', chr(92) + '*|').replace('|*', '|' + chr(92) + '*')}\n"
    )
    assert said in words(tree(email.html))
    assert said in squeezed(email.text)


def test_quotes_300_deep_still_say_every_word():
    text = "> " * 300 + "deep down\n\n## After\n\n### [Still here](https://a.example/)\n"
    email = mail(text)
    assert "deep down" in words(tree(email.html))
    assert "Still here" in words(tree(email.html))


def test_html_nested_a_thousand_deep_loses_neither_its_text_nor_what_follows():
    text = "## A\n\n### [One](https://a.example/)\n\n" + "<div>" * 1000 + "kernel" + "</div>" * 1000
    text += "\n\n### [Two](https://b.example/)\n\nafter\n"
    page = words(tree(mail(text).html))
    assert "kernel" in page
    assert "Two after" in page


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<img src=https://a.example/x.png onerror="alert(1)">',
        "[x](javascript:alert(1))",
        '<a href="java&#x09;script:alert(1)">x</a>',
        "<style>*{display:none}</style>",
        '<p style="position:fixed">x',
        "<iframe src=https://a.example></iframe>",
        '<form action="https://a.example"><input></form>',
        "<![CDATA[x]]>",
        "<p><b>unclosed",
        "<!--[if mso]><b><![endif]-->",
    ],
)
def test_hostile_markup_neither_runs_nor_breaks_what_follows(hostile):
    email = mail(f"## A\n\n### [One](https://a.example/1)\n\n{hostile}\n\n### [Two](https://a.example/2)\n\nafter\n")
    page = tree(email.html)
    assert [element.tag for element in page.iter() if element.tag in ("script", "iframe", "form", "input")] == []
    assert [name for element in page.iter() for name in element.attrib if str(name).startswith("on")] == []
    assert "javascript:" not in email.html.lower()
    assert words(page.findall(".//h3")[1]) == "Two"


def test_two_stories_with_one_address_are_both_there():
    text = "## A\n\n### [One](https://a.example/)\n\n### [Two](https://a.example/)\n"
    email = mail(text)
    assert [words(each) for each in tree(email.html).findall(".//h3")] == ["One", "Two"]
    assert email.text.count("https://a.example/") == 2


def test_an_unknown_layout_is_told_with_its_line_and_the_one_that_was_meant():
    issue = an_issue("## A\nlayout: cards\n\n## B\nlayout: leed\n", path=Path("issues/012.md"))
    with pytest.raises(Mistakes) as told:
        RENDERER.render(issue)
    assert str(told.value).startswith('The theme "brief" has no layout "leed". Did you mean "lead"?\n  issues/012.md:4')


def test_an_unknown_theme_is_told_where_it_is_named():
    issue = an_issue("---\ntheme: breif\n---\n", path=Path("issues/012.md"))
    with pytest.raises(DigestError) as told:
        RENDERER.render(issue)
    assert str(told.value).startswith('There is no theme "breif". Did you mean "brief"?\n  issues/012.md:2')


def test_render_works_on_an_issue_that_no_file_holds():
    issue = Issue(slug="x", date=date(2026, 11, 6), sections=(Section("A", "A", blocks=(a_story(),)),))
    assert "On Lisp" in render(issue, a_publication(), theme="letter").html


def test_the_same_issue_makes_the_same_mail():
    text = "---\nnumber: 1\n---\n\nHi [[first_name|you]]\n\n## A\n\n### [S](https://a.example/)\n"
    assert Renderer(a_publication()).render(an_issue(text)) == Renderer(a_publication()).render(an_issue(text))


#: Letters of any script and what joins them; no controls, no lone surrogates, no line separators.
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Cn")), min_size=1, max_size=60).filter(
    lambda text: squeezed(text) != ""
)


def escaped(text: str) -> str:
    """`text` as Markdown that means just itself."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", squeezed(text))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=4))
def test_as_many_stories_come_out_as_went_in_and_every_word_of_them(stories):
    text = "## Section\n\n" + "\n\n".join(
        f"### [{escaped(title)}](https://example.org/{at})\n\n"
        f"![{escaped(alt)}](https://example.org/{at}.png)\n\nA {escaped(blurb)} Z"
        for at, (title, alt, blurb) in enumerate(stories)
    )
    email = mail(text)

    page = tree(email.html)
    titles = [squeezed("".join(each.itertext())) for each in page.findall(".//h3")]
    assert titles == [squeezed(title) for title, _, _ in stories]
    assert [a.get("href") for a in page.findall(".//h3/a")] == [
        f"https://example.org/{at}" for at in range(len(stories))
    ]
    alts = [squeezed(img.get("alt")) for img in page.findall(".//img")]
    assert alts == [squeezed(alt) for _, alt, _ in stories]
    body = words(page)
    for title, _, blurb in stories:
        assert f"A {squeezed(blurb)} Z" in body
        assert squeezed(f"A {blurb} Z").replace(" ", "") in re.sub(r"\s", "", email.text)
        assert re.sub(r"\s", "", title) in re.sub(r"\s", "", email.text)


def links(text: str) -> Counter[str]:
    """Every link a reader of the file would see, by a whole-document parse."""
    from markdown_it import MarkdownIt

    found: Counter[str] = Counter()
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        for inner in token.children or []:
            if inner.type == "link_open":
                found[str(inner.attrs["href"])] += 1
    return found


def test_real_weekly_issues_build_and_lose_no_link(shared):
    paths = sorted((shared / "corpora/twir").glob("*/*-this-week-in-rust.m*"))
    assert paths
    for path in paths:
        file = issue_file.read(path)
        email = folder.fill(RENDERER.render(file.issue))
        hrefs = {a.get("href") for a in tree(email.html).iter("a")}
        wanted = {url for url in links(file.source) if url.startswith(("http", "mailto"))}
        assert wanted - hrefs == set(), path.name
        assert {url for url in wanted if url.removeprefix("mailto:") not in email.text} == set(), path.name


def test_what_is_wrong_with_colours_layouts_and_pictures_is_told_in_one_run(tmp_path):
    issue = an_issue("## A\nlayout: leed\n\n### T\n\n![A map](images/none.jpg)\n", path=tmp_path / "issues" / "012.md")
    renderer = Renderer(a_publication(options={"accnt": "#123456"}), root=tmp_path)
    with pytest.raises(Mistakes) as told:
        renderer.render(issue)
    said = str(told.value)
    assert len(told.value.mistakes) == 3
    assert "accnt" in said
    assert "leed" in said
    assert "none.jpg" in said


def test_a_language_without_words_of_its_own_is_told():
    email = Renderer(a_publication(language="cy")).render(an_issue("Bore da\n"))
    assert [finding.level for finding in email.findings] == ["note"]
    assert '"cy"' in email.findings[0].what
