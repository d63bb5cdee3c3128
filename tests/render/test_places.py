"""A mistake in rendered MJML is told where its author can mend it: in a template, a part, or the issue."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from digest.errors import DigestError, Mistakes
from digest.render.mjml import to_html
from digest.render.places import LineMarks, mark, unmark

MAIN = """\
{% import "macros.mjml" as draw %}
<mjml lang="en">
<mj-body>
  <mj-section><mj-column><mj-text>
    {# a comment
       of two lines #}
    {% for story in stories %}
    {% include "story.mjml" %}
    {{ story.blurb }}<i>of {{ story.title }}</i>
    {% endfor %}
    {{ draw.rule("red") }}
  {%- if closing %}

    {{ closing }}
  {% endif %}
  </mj-text></mj-column></mj-section>
</mj-body>
</mjml>
"""
STORY = '<p class="t"\n   title="{{ story.title }}">\n{{ story.title }}</p>\n'
MACROS = '{% macro rule(colour) %}\n<b title="{{ colour }}">\n-</b>\n{% endmacro %}\n'


@pytest.fixture
def theme(tmp_path):
    for name, text in {"issue.mjml": MAIN, "story.mjml": STORY, "macros.mjml": MACROS}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def places(folder: Path, *, blurb: str = "Blurb.", marked_blurb: str = "", closing: str = "") -> list[str]:
    """`file:line` of each mistake in the theme's mail."""
    loader = FileSystemLoader(folder)
    blocks = {"trim_blocks": True, "lstrip_blocks": True, "autoescape": True}

    def rendering(text: str, **more: object) -> str:
        story = {"title": "A title", "blurb": Markup(text)}
        template = Environment(loader=loader, **blocks, **more).get_template("issue.mjml")
        return template.render(stories=[story, story], closing=closing)

    with pytest.raises(DigestError) as told:
        to_html(
            rendering(blurb),
            path=folder / "issue.mjml",
            again=lambda: rendering(marked_blurb or blurb, extensions=[LineMarks]),
        )
    mistakes = told.value.mistakes if isinstance(told.value, Mistakes) else [told.value]
    return [f"{mistake.path.name}:{mistake.line}" for mistake in mistakes]


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        ("issue.mjml", "<mj-text>", '<mj-text colour="red">', "issue.mjml:4"),
        ("issue.mjml", "<i>of", "<i>1 < 2 of", "issue.mjml:9"),
        ("issue.mjml", "</mjml>", "</mjml>\nmore", "issue.mjml:19"),
        ("issue.mjml", "{% endfor %}", "{% endfor %}<u>", "issue.mjml:10"),
        ("story.mjml", 'class="t"', "class=t", "story.mjml:1"),
        ("story.mjml", "</p>", "</p>\n<td", "story.mjml:4"),
        ("macros.mjml", "<b title", "<script>x</script>\n<b title", "macros.mjml:2"),
        ("macros.mjml", "-</b>", "-</em></b>", "macros.mjml:3"),
    ],
)
def test_a_mistake_is_told_with_the_line_of_the_file_that_made_it(theme, file, old, new, place):
    edit(theme / file, old, new)

    assert places(theme) == [place]


def test_mistakes_of_several_files_are_told_at_once(theme):
    edit(theme / "issue.mjml", "<mj-text>", '<mj-text colour="red">')
    edit(theme / "story.mjml", "{{ story.title }}</p>", "{{ story.title }}</em></p>")

    assert places(theme) == ["issue.mjml:4", "story.mjml:3"]


def test_a_mistake_in_a_text_of_the_issue_is_told_with_the_issues_line(theme):
    bad = "one\n<table"

    assert places(theme, blurb=bad, marked_blurb=mark("2024-02-02.md", 17) + bad) == ["2024-02-02.md:17"]


def test_what_follows_a_text_of_the_issue_belongs_to_the_template_again(theme):
    edit(theme / "issue.mjml", "<i>of", "</em><i>of")

    assert places(theme, marked_blurb=mark("2024-02-02.md", 17) + "Blurb.") == ["issue.mjml:9"]


def test_a_mistake_that_the_second_rendering_does_not_show_is_told_all_the_same(theme):
    with pytest.raises(DigestError) as told:
        to_html("<mjml lang='en'>\n<mj-bod>", path=theme / "issue.mjml", again=lambda: "")

    assert "mj-bod" in str(told.value)
    assert "line 2 of what the template renders" in str(told.value)


def test_a_second_rendering_that_fails_does_not_hide_the_mistake(theme):
    def fails() -> str:
        raise ZeroDivisionError

    with pytest.raises(DigestError, match="There is no <mjml>"):
        to_html("", path=theme / "issue.mjml", again=fails)


def test_a_good_mail_is_rendered_once(theme):
    def never() -> str:
        raise AssertionError("rendered twice")

    html = to_html('<mjml lang="en"><mj-body><mj-raw>x</mj-raw></mj-body></mjml>', path=theme, again=never)

    assert ">x<" in html


def test_text_without_its_marks_is_the_text():
    text, found = unmark(f"a{mark('ünder <b>.mjml', 3)}b\n{mark('c.mjml', 4)}c")

    assert text == "ab\nc"
    assert [found.find(at) for at in range(4)] == [
        None,
        (Path("ünder <b>.mjml"), 3),
        (Path("ünder <b>.mjml"), 3),
        (Path("c.mjml"), 4),
    ]


def test_a_forged_mark_is_no_mark():
    assert unmark("a\x0eabc:1\x0fb")[0] == "a\x0eabc:1\x0fb"
