"""What an editor changes of a theme: it is in the mail, or it is told what is wrong with it, and where."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from publications import THEMES, Reader, a_picture, head, made

from digest.errors import DigestError, Mistakes

ISSUE = (
    "Hello.\n\n## Stories\n\n### [A story](https://example.org/1)\n\nIts blurb, with [a link](https://example.org/2).\n"
)
FOOTER = "templates/brief/parts/footer.mjml"


def mistakes(
    root: Path, *, text: str = head("brief") + ISSUE, conf: str = "", **files: bytes | str
) -> list[DigestError]:
    with pytest.raises(DigestError) as told:
        made(root, text, conf=conf, **files)
    error = told.value
    return list(error.mistakes) if isinstance(error, Mistakes) else [error]


def the_mistake(root: Path, **others: bytes | str) -> tuple[str, str, int | None]:
    """Words, file and line of the only mistake."""
    (error,) = mistakes(root, **others)
    assert error.path is not None
    return str(error), error.path.relative_to(root).as_posix(), error.line


# Parts


def test_a_publications_own_part_stands_in_for_the_themes(tmp_path):
    email = made(tmp_path, head("brief") + ISSUE, **{FOOTER: "<p>Printed on recycled electrons.</p>\n"})

    assert "Printed on recycled electrons." in email.html
    assert "12 Harbour Street" not in email.html


def test_a_publications_own_part_for_one_theme_leaves_the_other_alone(tmp_path):
    email = made(tmp_path, head("letter") + ISSUE, **{FOOTER: "<p>Printed on recycled electrons.</p>\n"})

    assert "recycled" not in email.html


def test_a_part_of_the_shared_folder_stands_in_for_it_in_every_theme(tmp_path):
    files = {"templates/shared/parts/footer.mjml": "<p>Ours alone.</p>\n"}

    assert [made(tmp_path, head(name) + ISSUE, **files).html.count("Ours alone.") for name in THEMES] == [1, 1]


def test_styles_of_a_publications_own_are_inlined(tmp_path):
    email = made(tmp_path, head("brief") + ISSUE, **{"templates/brief/parts/own.css": ".h{font-weight:normal}"})

    assert "font-weight:normal" in re.search(r"<h3[^>]*>", email.html)[0]


def test_a_tag_left_open_in_a_part_is_told_with_its_line(tmp_path):
    said, path, line = the_mistake(tmp_path, **{FOOTER: "<p>fine</p>\n<p>left open\n"})

    assert (path, line) == (FOOTER, 2)
    assert "<p> is not closed" in said


def test_an_attribute_mistyped_is_told_with_the_one_that_was_meant(tmp_path):
    own = '<mjml lang="en"><mj-body>\n<mj-section backgroud-color="#fff"><mj-column /></mj-section></mj-body></mjml>'

    said, path, line = the_mistake(tmp_path, **{"templates/brief/issue.mjml": own})

    assert (path, line) == ("templates/brief/issue.mjml", 2)
    assert 'Did you mean "background-color"?' in said


def test_a_name_that_is_not_there_is_told_with_its_line(tmp_path):
    said, path, line = the_mistake(tmp_path, **{FOOTER: "<p>\n{{ mail.reasn }}</p>\n"})

    assert (path, line) == (FOOTER, 2)
    assert "reasn" in said


def test_a_block_left_open_is_told(tmp_path):
    said, path, _ = the_mistake(tmp_path, **{FOOTER: "{% if mail.reason %}\n<p>x</p>\n"})

    assert path == FOOTER
    assert "'if'" in said


def test_a_part_mistyped_is_told_with_the_one_that_was_meant(tmp_path):
    said, path, line = the_mistake(tmp_path, **{FOOTER: "\n{% include 'parts/masthed.mjml' %}\n"})

    assert (path, line) == (FOOTER, 2)
    assert 'Did you mean "parts/masthead.mjml"?' in said


@pytest.mark.parametrize(
    "part",
    [
        "{% include 'parts/footer.mjml' %}",
        "{% for one in range(10 ** 10) %}{% endfor %}",
        "{% for one in range(9999) %}{% for two in range(9999) %}{% endfor %}{% endfor %}",
    ],
)
def test_a_part_that_never_ends_is_stopped(tmp_path, part):
    said, path, _ = the_mistake(tmp_path, **{FOOTER: part})

    assert path == FOOTER
    assert "never comes to an end" in said


@pytest.mark.parametrize("outside", ["../../../digest.toml", "/etc/hostname", "parts/../../../../digest.toml"])
def test_no_part_reads_a_file_outside_the_themes_folders(tmp_path, outside):
    said, path, line = the_mistake(tmp_path, **{FOOTER: f"{{% include '{outside}' %}}"})

    assert (path, line) == (FOOTER, 1)
    assert "has no part" in said


# Options


def test_a_colour_that_is_none_is_told(tmp_path):
    said, path, line = the_mistake(tmp_path, conf='[theme]\naccent = "#12g"\n')

    assert (path, line) == ("digest.toml", 8)
    assert '"#12g"' in said


def test_white_on_white_is_refused_and_what_is_proposed_is_accepted(tmp_path):
    proposed = {
        re.search(r'ink = "(#\w+)"', error.hint)[1] for error in mistakes(tmp_path, conf='[theme]\nink = "#ffffff"\n')
    }

    assert len(proposed) == 1
    made(tmp_path, head("brief") + ISSUE, conf=f'[theme]\nink = "{proposed.pop()}"\n')


def test_an_option_that_no_theme_has_is_told_with_the_one_that_was_meant(tmp_path):
    said, path, line = the_mistake(tmp_path, conf='[theme]\nacent = "#123456"\n')

    assert (path, line) == ("digest.toml", 8)
    assert 'Did you mean "accent"?' in said


def test_a_layout_that_no_theme_has_is_told_at_its_section(tmp_path):
    text = head("brief") + "Hello.\n\n## Stories\nlayout: rws\n\n### [A story](https://example.org/1)\n"

    said, path, _ = the_mistake(tmp_path, text=text)

    assert path == "issues/7.md"
    assert 'Did you mean "rows"?' in said


@pytest.mark.parametrize("name", THEMES)
def test_colours_fonts_and_width_are_as_tuned(tmp_path, name):
    conf = '[theme]\naccent = "#2a4466"\nserif = "Palatino, serif"\nwidth = 600\n'

    html = made(tmp_path, head(name) + ISSUE, conf=conf).html

    assert "#2a4466" in html
    assert "Palatino,serif" in html.replace("Palatino, serif", "Palatino,serif")
    assert "max-width:600px" in html


@pytest.mark.parametrize("name", THEMES)
def test_tight_density_leaves_less_air_between_stories(tmp_path, name):
    def gap(conf: str) -> int:
        html = made(tmp_path, head(name) + ISSUE, conf=conf).html
        return int(re.search(r'<td class="t"[^>]* style="padding:0 0 (\d+)px', html)[1])

    assert gap('[theme]\ndensity = "tight"\n') < gap("")


# Logos


def test_a_logo_that_is_no_picture_is_told(tmp_path):
    said, path, line = the_mistake(tmp_path, conf='[theme]\nlogo = "logo.png"\n', **{"logo.png": "not a picture"})

    assert (path, line) == ("digest.toml", 8)
    assert "logo.png" in said


@pytest.mark.parametrize("name", THEMES)
def test_a_logo_is_there_in_its_width_with_the_name_as_its_words(tmp_path, name):
    conf = '[theme]\nlogo = "logo.png"\nlogo_width = 180\n'

    (logo,) = Reader(
        made(tmp_path, head(name) + ISSUE, conf=conf, **{"logo.png": a_picture(720, 240, "PNG")}).html
    ).all("img")

    assert (logo["alt"], logo["width"], logo["height"]) == ("The Gauge", "180", "60")


@pytest.mark.parametrize("name", THEMES)
def test_a_dark_logo_is_hidden_until_the_dark_and_always_in_outlook(tmp_path, name):
    conf = '[theme]\nlogo = "logo.png"\nlogo_dark = "night.png"\n'
    files = {"logo.png": a_picture(720, 240, "PNG"), "night.png": a_picture(600, 200, "PNG")}

    html = made(tmp_path, head(name) + ISSUE, conf=conf, **files).html

    hidden = re.search(
        r'<!--\[if !mso\]><!--><span class="dk" style="([^"]*)"><img[^>]*night[^>]*></span><!--<!\[endif\]-->', html
    )
    assert hidden is not None
    assert "display:none" in hidden[1]
    assert "mso-hide:all" in hidden[1]
    assert ".lo{display:none!important}" in html
    assert ".dk{display:block!important" in html
