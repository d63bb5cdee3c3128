"""What an issue file says, as an editor wrote it and as other editors wrote theirs."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from digest import issue_file
from digest.errors import CannotRead, DigestError, Mistakes
from digest.models import Brief, Briefs, Issue, Picture, Prose, Section, Story

SAMPLE = """\
---
title: The World Brief
number: 12
date: 2024-02-02
subject: Nujaba: attacks go on, and "four" other stories
status: draft
---

Good morning, [[first_name|reader]].

## Top stories

### [Nujaba *vows* to go on](https://news.example/nujaba)
source: TOME
author: Staff
date: 2024-02-02
minutes: 4

![A convoy](images/convoy.jpg "Near Baghdad")

The group broke ranks.

> **Why it matters:** a split.

<!-- editor: TODO second source -->

## From our sponsor
sponsor: yes

### [Paper that lies flat](https://acme.example/notebooks)

A paragraph the sponsor paid for.

## Also noted

- [A budget in one chart](https://charts.example/budget) - *The Ledger*, 2 min
- [How moths hear bats](https://sci.example/moths)
"""


def parsed(text: str) -> Issue:
    return issue_file.parse(text).issue


def a_section(text: str) -> Section:
    """The first section of `## S` with `text` below it."""
    return parsed(f"## S\n\n{text}").sections[0]


def a_story(text: str) -> Story:
    return parsed(f"## S\n\n{text}").stories[0]


def a_brief(text: str) -> Brief:
    block = a_section(text).blocks[0]
    assert isinstance(block, Briefs)
    return block.items[0]


def mistakes(text: str) -> list[str]:
    with pytest.raises(Mistakes) as caught:
        issue_file.parse(text, path=Path("issues/012.md"))
    return [str(each) for each in caught.value.mistakes]


def warnings(text: str) -> list[tuple[int | None, str]]:
    return [(each.line, each.what) for each in issue_file.parse(text).findings]


def test_an_issue_reads_as_its_editor_meant_it():
    issue = parsed(SAMPLE)

    assert (issue.title, issue.number, issue.date) == ("The World Brief", 12, date(2024, 2, 2))
    assert issue.subject == 'Nujaba: attacks go on, and "four" other stories'
    assert (issue.note, issue.note_line) == ("Good morning, [[first_name|reader]].", 9)
    assert [(each.title, each.sponsor, each.line) for each in issue.sections] == [
        ("Top stories", "", 11),
        ("From our sponsor", "yes", 27),
        ("Also noted", "", 34),
    ]
    assert issue.stories[0] == Story(
        title="Nujaba vows to go on",
        title_markdown="Nujaba *vows* to go on",
        url="https://news.example/nujaba",
        source="TOME",
        author="Staff",
        date=date(2024, 2, 2),
        minutes=4,
        picture=Picture("images/convoy.jpg", "A convoy", "Near Baghdad", line=19),
        body="The group broke ranks.\n\n> **Why it matters:** a split.\n\n<!-- editor: TODO second source -->",
        line=13,
        body_line=21,
    )
    assert issue.briefs[0] == Brief(
        "A budget in one chart",
        "A budget in one chart",
        "https://charts.example/budget",
        "*The Ledger*, 2 min",
        dash=True,
        line=36,
    )


def test_a_todo_is_one_even_in_a_comment():
    assert issue_file.parse(SAMPLE).todos == (25,)
    assert issue_file.parse("TODOS, todo, x_TODO\n").todos == ()


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff", "just a line", "---\ntitle: x\n---", "\ufeff## A\r\n"])
def test_a_file_with_next_to_nothing_in_it_is_an_issue(text):
    assert "".join(issue_file.split(issue_file.parse(text))) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("---\nprehaeder: x\n---\n", 'The head knows no "prehaeder". Did you mean "preheader"?'),
        ("---\ntitle: a\ntitle: b\n---\n", '"title" stands here a second time.'),
        ("---\ndate: tomorrow\n---\n", 'date should be a date such as 2024-02-29, not "tomorrow".'),
        ("---\ndate: 2023-02-29\n---\n", 'date should be a date such as 2024-02-29, not "2023-02-29".'),
        ("---\nnumber: twelve\n---\n", 'number should be a whole number, not "twelve".'),
        ("---\nstatus: done\n---\n", 'status should be "draft" or "sent", not "done".'),
        ("---\ntitle: x\n\nHello\n", "The head that begins here is never closed."),
        ("---\ntags:\n  - rust\n---\n", "This line of the head is not of the form `key: value`."),
        ("Hello [[frist_name]]", 'There is no blank [[frist_name]]. Did you mean "first_name"?'),
        ("## S\n### T\ndate: soon\n", 'date should be a date such as 2024-02-29, not "soon".'),
        ("## S\n### T\nminutes: five\n", 'minutes should be a whole number, not "five".'),
    ],
)
def test_a_mistake_is_told_in_words_and_with_its_place(text, told):
    (mistake,) = mistakes(text)
    assert mistake.startswith(f"{told}\n  issues/012.md:")


def test_all_mistakes_of_a_file_are_told_at_once():
    told = mistakes("---\nnumber: x\ndat: 1\n---\n\n[[emial]]\n\n## S\n\n### T\ndate: soon\n")
    assert [line.split("\n")[1].strip() for line in told] == [f"issues/012.md:{line}" for line in (2, 3, 6, 11)]


@pytest.mark.parametrize("name", ["con.md", "a?b.md", "dot..md", "x" * 220 + ".md"])
def test_a_file_whose_name_can_name_no_folder_is_told(name):
    with pytest.raises(Mistakes, match="cannot be the name of a folder"):
        issue_file.parse("", path=Path(name))


def test_the_head_of_older_files_is_read():
    text = "Title: Week 1: hello\nDate: 2013-06-07 18:46\nTags: a, b\nAuthors: Jo\nLang: de\n\nNote.\n\n# A\n"
    issue = parsed(text)
    assert (issue.title, issue.date, issue.author, issue.language) == (
        "Week 1: hello",
        date(2013, 6, 7),
        "Jo",
        "de",
    )
    assert (issue.extra, issue.note) == ({"tags": "a, b"}, "Note.")


def test_prose_with_a_colon_on_top_is_no_head():
    assert parsed("Warning: this is prose.\n\n## A\n").note == "Warning: this is prose."


def test_line_ends_and_byte_order_mark_are_no_content():
    issue = parsed("\ufeff" + SAMPLE.replace("\n", "\r\n"))
    assert issue == parsed(SAMPLE)


def test_control_characters_are_no_content():
    assert parsed("## A\x00b\x02c\x85d\n").sections[0].title == "Abcd"


def test_headings_in_code_quotes_comments_and_lists_are_no_headings():
    text = "```\n## a\n### b\nsource: x\n```\n\n<!--\n## c\n-->\n\n> ## d\n\n- ## e\n\n## real\n"
    issue = parsed(text)
    assert [section.title for section in issue.sections] == ["real"]
    assert "### b\nsource: x" in issue.note


@pytest.mark.parametrize(
    ("text", "title", "sections"),
    [
        ("---\ntitle: Brief\n---\n# Brief\n\nHi.\n\n## A\n", "Brief", [("A", 1)]),
        ("# Brief\n\nHi.\n\n## A\n\n## B\n", "Brief", [("A", 1), ("B", 1)]),
        ("# A\n\n## B\n\n# C\n", "", [("A", 1), ("B", 2), ("C", 1)]),
        ("## A\n\n# B\n\n## C\n", "", [("A", 1), ("B", 1), ("C", 2)]),
        ("A\n=\n\nB\n-\n\nC\n=\n", "", [("A", 1), ("B", 2), ("C", 1)]),
        ("---\ntitle: Other\n---\n# A\n\n## B\n", "Other", [("A", 1), ("B", 2)]),
        ("## A\n### B\n- [x](y)\n### C\n### [D](u)\n", "", [("A", 1), ("B", 2), ("C", 2)]),
        ("## A\n### B\n- 1 | [x](y)\n### C\n- [no] [x](z)\n", "", [("A", 1), ("B", 2), ("C", 2)]),
        ("## A\n### B\nText.\n### C\nMore.\n", "", [("A", 1)]),
        ("## A\n### B\nsource: TOME\n", "", [("A", 1)]),
        ("### [T](u)\n", "", [("", 1)]),
        ("#### a\n\n## S\n#### b\n", "", [("S", 1)]),
    ],
)
def test_sections_are_those_a_reader_sees(text, title, sections):
    issue = parsed(text)
    assert (issue.title, [(each.title, each.depth) for each in issue.sections]) == (title, sections)


def test_a_link_in_the_title_of_a_page_is_not_lost():
    issue = parsed("# [Brief](https://b.example)\n\nHi.\n\n## A\n")
    assert (issue.title, issue.note) == ("Brief", "# [Brief](https://b.example)\n\nHi.")


@pytest.mark.parametrize(
    ("heading", "title", "markdown", "url"),
    [
        ("[a *b* `c`](u)", "a b c", "a *b* `c`", "u"),
        ("**[a](u)**", "a", "**a**", "u"),
        ("🎈 [a](u) 🎉", "🎈 a 🎉", "🎈 a 🎉", "u"),
        ("[a][r]", "a", "a", "https://r.example"),
        ("[r]", "r", "r", "https://r.example"),
        ("<https://a.example/x_y>", "https://a.example/x_y", "https://a.example/x\\_y", "https://a.example/x_y"),
        ("New: [a](u)", "New: a", "New: [a](u)", ""),
        ("[a](u) and [b](v)", "a and b", "[a](u) and [b](v)", ""),
        ("AT&amp;T \\*x\\* ![p](q)", "AT&T *x* p", "AT&amp;T \\*x\\* ![p](q)", ""),
        ("[a](u) <!-- check -->", "a", "a", "u"),
        ("[a](<u v>)", "a", "a", "u v"),
        ("[a](javascript:x)", "[a](javascript:x)", "[a](javascript:x)", ""),
        ("C# and `<!--`", "C# and <!--", "C# and `<!--`", ""),
    ],
)
def test_a_title_keeps_every_word_and_link(heading, title, markdown, url):
    story = a_story(f"### {heading}\n\nText.\n\n[r]: https://r.example\n")
    assert (story.title, story.title_markdown, story.url) == (title, markdown, url)


@pytest.mark.parametrize(
    ("item", "title", "url", "note", "dash"),
    [
        ("[a](u) - why", "a", "u", "why", True),
        ("[a](u) -- why", "a", "u", "why", True),
        ("[a](u) — why", "a", "u", "why", True),
        ("[a](u): why", "a", "u", "why", True),
        ("[a](u) | why", "a", "u", "why", True),
        ("[a](u). 🎈", "a", "u", ". 🎈", False),
        ("[a](u) (2 min)", "a", "u", " (2 min)", False),
        ("[a](u), which\n  goes on", "a", "u", ", which\ngoes on", False),
        ("**[a](u)** - why", "a", "u", "why", True),
        ("[**a**](u)", "a", "u", "", False),
        ("[a](u) <!-- y -->", "a", "u", "", False),
        ("<https://a.example>", "https://a.example", "https://a.example", "", False),
    ],
)
def test_a_list_item_that_begins_with_a_link_is_a_brief(item, title, url, note, dash):
    brief = a_brief(f"- {item}\n")
    assert (brief.title, brief.url, brief.note, brief.dash) == (title, url, note, dash)


def test_what_stands_below_a_brief_is_markdown_of_its_own():
    brief = a_brief("1.  [a](u) - why\n\n    More.\n\n    - x\n        - y\n\n          deep\n2. [b](v)\n")
    assert brief.body == "More.\n\n- x\n    - y\n\n      deep"


def test_items_without_a_link_in_front_keep_their_place_in_the_list():
    block = a_section("3. [video] [a](u)\n   more\n4. [b](v)\n").blocks[0]
    assert isinstance(block, Briefs)
    assert (block.start, block.items[0]) == (3, Brief("", body="[video] [a](u)\nmore", line=3))


def test_other_lists_and_tables_are_prose_and_comments_are_nothing():
    blocks = a_section("- a\n- b\n\n<!-- x -->\n\n- [a](u)\n\n<!-- y -->\n\n| a |\n|---|\n| b |\n").blocks
    assert [type(block) for block in blocks] == [Prose, Briefs, Prose]
    assert blocks[0] == Prose("- a\n- b\n\n<!-- x -->", 3)


def test_a_list_in_a_story_stays_in_its_text():
    assert a_story("### [T](u)\n\n- [a](b)\n").body == "- [a](b)"


def test_head_lines_end_at_the_first_line_that_is_none():
    story = a_story("### [T](u)\n\nsource: TOME\nThe news: it is out.\nauthor: nobody\n")
    assert (story.source, story.author, story.body) == (
        "TOME",
        "",
        "The news: it is out.\nauthor: nobody",
    )


def test_a_head_line_above_a_rule_is_no_heading():
    issue = parsed("## S\n\n### [T](u)\nsource: TOME\n---\n\nText.\n")
    assert ([each.title for each in issue.sections], issue.stories[0].source) == (["S"], "TOME")


def test_head_lines_that_other_parts_read_are_kept():
    story = a_story("### [T](u)\ntext: Read it\nlayout: wide\nlink: v\n")
    assert (story.url, story.extra, story.body) == ("u", {"text": "Read it", "layout": "wide", "link": "v"}, "")
    assert a_story("### T\nlink: https://v.example\n\nText.\n").url == "https://v.example"


def test_a_misspelt_head_line_is_told_and_kept():
    text = "## S\n\n### [T](u)\nsorce: TOME\nauthor: Jo\n\nData: it is new.\n"
    story = parsed(text).stories[0]
    assert warnings(text) == [(4, '"sorce" is no head line, so readers will see it. Did you mean "source"?')]
    assert (story.author, story.body) == ("Jo", "sorce: TOME\n\n\nData: it is new.")


@pytest.mark.parametrize(("written", "sponsor"), [("yes", "yes"), ("Yes", "yes"), ("no", ""), ("Acme", "Acme")])
def test_a_section_names_its_sponsor(written, sponsor):
    section = parsed(f"## S\nsponsor: {written}\nlayout: wide\ncarry: yes\n").sections[0]
    assert (section.sponsor, section.layout, section.extra) == (sponsor, "wide", {"carry": "yes"})


@pytest.mark.parametrize(
    ("text", "picture", "body"),
    [
        ("![a](p)", Picture("p", "a", line=5), ""),
        ("[![a](p)](l)\n\nText.", Picture("p", "a", link="l", line=5), "Text."),
        ("Text ![a](p) more.\n\n![b](q)", None, "Text ![a](p) more.\n\n![b](q)"),
        ("`![a](p)`\n\n![b](q)", Picture("q", "b", line=7), "`![a](p)`"),
        ("![a](p) ![b](q)", None, "![a](p) ![b](q)"),
        ("- x\n\n![a](p)\n\n- y", Picture("p", "a", line=7), "- x\n\n<!-- -->\n\n- y"),
    ],
)
def test_the_first_picture_of_a_story_is_its_picture(text, picture, body):
    story = a_story(f"### [T](u)\n\n{text}\n")
    assert (story.picture, story.body) == (picture, body)


def test_link_definitions_count_wherever_they_stand():
    issue = parsed("[A  b]: <x y> 'T'\n\n## S\n\n- [a b]\n- [t][c]\n\n[c]: https://c.example\n")
    assert issue.references == {"A B": ("x y", "T"), "C": ("https://c.example", "")}
    assert [brief.url for brief in issue.briefs] == ["x y", "https://c.example"]


def test_a_footnote_is_content():
    assert a_section("Text.[^1]\n\n[^1]: word\n").blocks == (Prose("Text.[^1]\n\n[^1]: word", 3),)


def test_blanks_we_do_not_know_are_text_where_they_are_no_slip():
    text = "[[wiki link]] [[Berlin]] `[[frist_name]]` <!-- [[frist_name]] --> [[email]]\n\n    [[emial]]\n"
    assert warnings(text) == []


def test_two_stories_with_one_address_are_told():
    text = "## S\n\n### [A](https://x.example)\n\n### [B](https://y.example)\n\n## T\n\n- [C](https://x.example)\n"
    assert warnings(text) == [(9, '"C" has the same address as the one on line 3.')]


def test_a_picture_with_a_blank_in_its_name_is_told():
    text = "![A boat](images/my boat.JPG)\n\n`![x](a b.jpg)`\n\n<!-- ![y](c d.png) -->\n\n![z](<e f.png>)\n"
    told = 'The picture "images/my boat.JPG" has a blank in its name, so readers see brackets in its place.'
    assert warnings(text) == [(1, told)]


def test_a_comment_that_is_never_closed_is_told():
    assert warnings("## S\n\n<!-- oops\n\n## Lost\n") == [
        (3, "The comment that begins here is never closed; it swallows the rest.")
    ]


def test_a_file_is_read_from_disk_with_its_bytes(tmp_path):
    path = tmp_path / "012.md"
    path.write_bytes(SAMPLE.encode())
    file = issue_file.read(path)
    assert (file.original, file.issue.slug, file.issue.path) == (SAMPLE.encode(), "012", path)


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"ok\nok\n\xff", "it is not UTF-8"), ("x".encode("utf-16"), "it is saved as UTF-16")],
)
def test_a_file_in_another_encoding_is_told_how_to_save_it(tmp_path, content, told):
    path = tmp_path / "a.md"
    path.write_bytes(content)
    with pytest.raises(CannotRead, match=told) as caught:
        issue_file.read(path)
    assert caught.value.hint == "Save it as UTF-8 in your text editor."
    assert caught.value.line == (3 if b"ok" in content else None)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CannotRead):
        issue_file.read(tmp_path / "none.md")


@pytest.mark.parametrize(
    "text",
    ["> " * 3000 + "a", "- " * 3000 + "a", "[" * 9000 + "a" + "](x)" * 9000, "### " + "![" * 3000, "*_" * 3000],
)
def test_absurdly_deep_markdown_is_read(text):
    assert "".join(issue_file.split(issue_file.parse(f"## S\n\n{text}\n"))) == f"## S\n\n{text}\n"


LINES = """\
# A
## B
### [C](u)
### D
source: x
date: 2024-01-01
- [e](f) - g
  - h
text
---
===
```
<!--
-->
> q
![p](q)
[r]: https://r.example
[r]
| a |
|---|
title: x
[[email]]
[[frist_name]]
    code
1. [x](y)
#### z
<div>
"""
PIECES = st.sampled_from([*LINES.splitlines(keepends=True), *"\n\r\t`*\x00\x0c\ufeff", "\r\n"])


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=25).map("".join)))
def test_any_text_is_an_issue_or_a_mistake_and_loses_no_byte(text):
    try:
        file = issue_file.parse(text)
    except DigestError:
        return
    assert "".join(issue_file.split(file)) == text


# Real issues of a newsletter by many hands.

ISSUES = ["2013-06-07", "2014-01-18", "2018-10-16", "2022-05-11", "2023-12-27", "2026-08-12", "2026-08-26"]


def real(shared: Path, day: str) -> Path:
    found = sorted((shared / "corpora" / "twir").glob(f"*/{day}-*.m*"))
    if not found:
        pytest.skip(f"the issue of {day} is not here")
    return found[0]


def links(markdown: str, references: dict[str, tuple[str, str]] | None = None) -> set[str]:
    env = {"references": {label: {"href": href, "title": title} for label, (href, title) in (references or {}).items()}}
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown, env)
    inside = [child for token in tokens for child in token.children or []]
    return {str(token.attrs["href"]) for token in inside if token.type == "link_open"}


def fragments(issue: Issue) -> list[str]:
    found = [issue.note]
    for section in issue.sections:
        found.append(section.title_markdown)
        for block in section.blocks:
            if isinstance(block, Story):
                found += [f"[x](<{block.url}>)", block.title_markdown, block.body]
            elif isinstance(block, Prose):
                found.append(block.markdown)
            else:
                for brief in block.items:
                    found += [f"[x](<{brief.url}>)", brief.title_markdown, brief.note, brief.body]
    return found


@pytest.mark.parametrize("day", ISSUES)
def test_a_real_issue_splits_and_joins_byte_for_byte(shared, day):
    path = real(shared, day)
    assert "".join(issue_file.split(issue_file.read(path))).encode() == path.read_bytes()


@pytest.mark.parametrize("day", ISSUES)
def test_no_link_of_a_real_issue_is_lost(shared, day):
    path = real(shared, day)
    issue = issue_file.read(path).issue
    kept = {link for fragment in fragments(issue) for link in links(fragment, dict(issue.references))}
    assert links(path.read_text(encoding="utf-8")) - kept == set()


@pytest.mark.parametrize(
    ("day", "number", "outer", "inner", "briefs", "stories"),
    [
        ("2013-06-07", None, 5, 2, 5, 0),
        ("2014-01-18", None, 5, 6, 13, 0),
        ("2018-10-16", 256, 7, 8, 58, 2),
        ("2022-05-11", 442, 7, 11, 98, 4),
        ("2023-12-27", 527, 7, 11, 92, 7),
        ("2026-08-12", 664, 8, 16, 132, 4),
        ("2026-08-26", 666, 8, 15, 11, 7),
    ],
)
def test_a_real_issue_has_the_sections_and_briefs_that_readers_see(shared, day, number, outer, inner, briefs, stories):
    issue = issue_file.read(real(shared, day)).issue
    depths = [section.depth for section in issue.sections]
    assert (issue.number, str(issue.date)) == (number, day)
    assert (depths.count(1), depths.count(2)) == (outer, inner)
    assert (len(issue.briefs), len(issue.stories)) == (briefs, stories)
