"""The mail in the preview's frame: dark or light, pictures or none, clickable, cut where Gmail cuts."""

from __future__ import annotations

import re
from pathlib import Path

import html5lib
import pytest
from previewed import a_picture, a_publication, an_issue

from digest.filled import fill
from digest.models import Asset, Email, Weight
from digest.preview import darkness, inbox_line, views
from digest.preview.finished import Finished
from digest.preview.views import View
from digest.project import Project

KEY = "the-key-of-a-page"
SVG = "{http://www.w3.org/1999/xhtml}"


def a_mail(body: str, head: str = "", **told: object) -> Finished:
    html = f'<!DOCTYPE html><html lang="en"><head><title>T</title>{head}</head><body>{body}</body></html>'
    return Finished.of(
        Email(
            **{
                "subject": "S",
                "preheader": "",
                "sender_name": "N",
                "sender_email": "n@a.example",
                "html": html,
                "text": "T",
                **told,
            }
        ),
        fill,
    )


def made(folder: Path, **options: object) -> Finished:
    a_publication(folder, first=an_issue(**options))
    return Finished.of(Project(folder).render("first"), fill)


def seen(html: str):
    """The document as a browser builds it."""
    return html5lib.parse(html)


# --- dark and light


def test_a_mails_own_dark_rules_hold_in_dark_and_not_in_light():
    css = "@media (prefers-color-scheme:dark){p{color:#fff}}"
    css += "@media screen and ( prefers-color-scheme : light ){p{color:#000}}"

    assert darkness.in_scheme(f"<style>{css}</style>", "dark").startswith(
        "<style>:root{color-scheme:dark!important}</style>"
        "<style>@media (min-width:0px){p{color:#fff}}@media screen and (max-width:0px){p{color:#000}}</style>"
    )
    assert "@media (max-width:0px){p{color:#fff}}@media screen and (min-width:0px)" in darkness.in_scheme(
        f"<style>{css}</style>", "light"
    )


def test_what_only_looks_like_a_dark_rule_stays():
    css = '/* @media (prefers-color-scheme:dark) */ p::before{content:"@media (prefers-color-scheme:dark){"}'
    text = "<p>@media (prefers-color-scheme:dark){</p>"

    assert css in darkness.in_scheme(f"<style>{css}</style>{text}", "dark")
    assert text in darkness.in_scheme(f"<style>{css}</style>{text}", "dark")


def test_a_mail_that_knows_nothing_of_the_dark_is_shown_light_in_it():
    assert "color-scheme:light!important" in darkness.in_scheme("<head></head><p>x</p>", "dark")
    known = '<head><meta name="color-scheme" content="light dark"></head>'
    assert "color-scheme:dark!important" in darkness.in_scheme(known, "dark")


def test_forced_inversion_turns_every_colour_and_no_picture():
    html = (
        "<head><style>p{color:#000;border:1px solid rgba(0,0,0,.5);background:url(#fff.png) white}</style></head>"
        '<td bgcolor="#ffffff" style="color:black;background-color:#FFF;width:100px"><font color=black>'
        '<img src="#000" alt="style=color:#000"></font></td>'
    )
    turned = darkness.inverted(html)

    assert "p{color:#ffffff;border:1px solid rgba(255,255,255,0.5);background:url(#fff.png) #333333}" in turned
    assert '<td bgcolor="#333333" style="color:#ffffff;background-color:#333333;width:100px">' in turned
    assert '<font color="#ffffff"><img src="#000" alt="style=color:#000">' in turned


def test_a_colour_of_the_middle_keeps_its_hue():
    assert darkness.inverted('<p style="color:hsl(0 100% 30%)">') != darkness.inverted('<p style="color:#000">')
    assert "transparent" in darkness.inverted('<p style="background:transparent">')


# --- pictures


def test_the_mails_own_pictures_come_from_us():
    asset = Asset("a-1.png", a_picture(), "a.png", "image/png")
    mail = a_mail('<img src="images/a-1.png"><img src="images/b-2.png">', assets=(asset,))

    html = views.mail(mail, "s", View(key=KEY))

    assert f'<img src="/pictures/s/a-1.png?key={KEY}"><img src="images/b-2.png">' in html


def test_pictures_on_the_newsletters_own_site_are_shown_before_they_are_there():
    asset = Asset("a-1.png", a_picture(), "a.png", "image/png")
    mail = a_mail('<img src="https://cdn.example/x/a-1.png">', assets=(asset,))

    assert "/pictures/s/a-1.png" in views.mail(mail, "s", View(key=KEY))


def test_a_quick_look_leaves_pictures_out_of_the_window_blank():
    asset = Asset("a-1.png", a_picture(), "a.png", "image/png")
    picture = '<img width="9" height="9" src="images/a-1.png">'
    mail = a_mail(picture + "<p>words</p>" * 900 + picture + '<img src="images/a-1.png">', assets=(asset,))

    html = views.mail(mail, "s", View(key=KEY, quick=True, window=(0.0, 0.1)))

    assert re.findall(r'src="(/pictures/s|data:image/gif)', html) == ["/pictures/s", "data:image/gif", "/pictures/s"]


def test_a_text_that_looks_like_a_picture_stays_a_text():
    asset = Asset("a-1.png", a_picture(), "a.png", "image/png")
    words = """alt="see src='images/a-1.png' x" title='style="color:#000"'"""

    for mode in views.MODES:
        assert words in views.mail(a_mail(f"<img {words}>", assets=(asset,)), "s", View(mode=mode))


def test_without_pictures_the_mail_asks_for_none():
    html = views.mail(
        a_mail('<img src="https://a.example/x.png" srcset="y.png 2x" alt="Words"><td background="z.png">'),
        "s",
        View(pictures=False),
    )
    assert '<img alt="Words"><td>' in html


# --- stories


@pytest.mark.parametrize("find", [True, False])
@pytest.mark.parametrize("layout", ["", "cards", "digest", "lead"])
def test_every_story_can_be_clicked_and_tables_stay_tables(tmp_path, find, layout):
    project = Project(a_publication(tmp_path / "news"))
    known = [name for name in project.renderer.look(project.issue())[0].theme.layouts if name != "text"]
    chosen = layout if layout in known else known[hash(layout) % len(known)]
    text = (
        an_issue(stories=5).replace("## Top", f"## Top\nlayout: {chosen}")
        + "\n## Also\n\n- [A brief](https://b.example)\n"
    )
    (tmp_path / "news" / "issues" / "first.md").write_text(text)
    mail = Finished.of(project.render("first"), fill)

    root = seen(views.mail(mail, "first", View(find=find, key=KEY, watched=True)))
    parents = {child: parent for parent in root.iter() for child in parent}
    links = [each for each in root.iter(f"{SVG}a") if each.get("class") == "digest-at"]

    assert {each.get("href") for each in links} == {f"/at/first/{place.line}?key={KEY}" for place in mail.places}
    assert {parents[each].tag.removeprefix(SVG) for each in links} <= {"td", "th", "div"}
    assert all("digest-story" in parents[each].get("class") for each in links)


def test_whoever_looks_for_a_storys_place_stops_at_each_story_once(tmp_path):
    folder = a_publication(tmp_path / "news")
    (folder / "issues" / "images" / "p.png").write_bytes(a_picture())
    text = an_issue().replace("The blurb", "![A hill](images/p.png)\n\nThe blurb")
    (folder / "issues" / "first.md").write_text(text)
    mail = Finished.of(Project(folder).render("first"), fill)

    root = seen(views.mail(mail, "first", View(find=True, key=KEY, watched=True)))
    links = [each for each in root.iter(f"{SVG}a") if each.get("class") == "digest-at"]
    stops = [each for each in links if each.get("tabindex") != "-1"]

    assert len(links) > len(stops)
    assert [each.get("data-story") for each in stops] == [str(place.line) for place in mail.places]
    assert all(each.get("aria-label") for each in stops)


def test_links_open_beside_the_preview_and_footnotes_within_the_mail():
    html = views.mail(a_mail('<a href="https://a.example">x</a><a href="#fn1">1</a>'), "s", View())

    assert '<base target="_blank">' in html
    assert '<a target="_self" href="#fn1">' in html
    assert '<a href="https://a.example">' in html


def test_a_mail_that_nobody_watches_has_no_handles_and_no_ruler(tmp_path):
    html = views.mail(made(tmp_path / "news"), "first", View(key=KEY))

    assert "digest-at" not in html
    assert "digest-ruler" not in html


def test_the_ruler_rounds_down_by_less_than_a_step():
    from digest.preview import ruler

    rules = re.findall(r"min-height:(\d+)px\)\{#digest-ruler>i\{background:url\(/height/k/(\d+)\)", ruler.css("k"))
    heights = [int(height) for height, _ in rules] + [ruler.TALLEST]

    assert all(after - int(tell) == ruler.STEP for (_, tell), after in zip(rules, heights[1:], strict=True))


def told_heights(css: str) -> list[tuple[int, int]]:
    found = re.findall(r"min-height:(\d+)px\)\{#digest-ruler>i\{background:url\(/height/k/(\d+)\)", css)
    return [(int(height), int(tell)) for height, tell in found]


@pytest.mark.parametrize("near", [1, 24, 500, 5000, 12_345, 39_990, 40_000])
def test_a_height_that_is_known_is_told_again_by_few_rules_and_to_the_pixel_as_before(near):
    from digest.preview import ruler

    whole, few = dict(told_heights(ruler.css("k"))), told_heights(ruler.css("k", near))

    assert len(few) < len(whole) / 6
    assert few == sorted(few)
    for height in (max(ruler.STEP, near - 300), near, min(near + 300, ruler.TALLEST - 1)):
        told = [tell for at, tell in few if at <= height]
        # As much as there is or more, and no more than a step too much.
        assert told == [] or height <= told[-1] + ruler.STEP <= height + ruler.STEP


def test_a_mail_of_any_height_is_shown_whole_at_once():
    from digest.preview import ruler

    few = told_heights(ruler.css("k", 5000))
    for height in range(ruler.STEP, ruler.TALLEST, 97):
        assert height <= [tell for at, tell in few if at <= height][-1] + ruler.STEP


def test_only_a_quick_look_at_a_mail_is_measured_by_few_rules():
    def rules(**how):
        return views.mail(a_mail("<p>x</p>"), "s", View(key=KEY, watched=True, **how)).count("@container")

    assert rules(quick=True, tall=5000) < 100 < rules(quick=True) == rules(tall=5000)


@pytest.mark.parametrize(
    ("asked", "height"), [("5016", 5016), ("0", 0), ("", 0), ("-1", 0), ("x", 0), ("999999", 40000)]
)
def test_a_page_says_how_tall_its_mail_is(asked, height):
    assert views.tall(asked) == height


# --- where Gmail cuts


def test_a_mail_that_fits_has_no_line(tmp_path):
    assert "digest-cut" not in views.mail(made(tmp_path / "news"), "first", View()).replace("#digest-cut", "")


@pytest.mark.parametrize("mode", views.MODES)
def test_the_line_stands_between_two_stories_near_the_byte(tmp_path, mode):
    mail = made(tmp_path / "news", stories=380)
    assert len(mail.html) > 102_400
    assert mail.cut is not None

    root = seen(views.mail(mail, "first", View(mode=mode)))
    row = next(each for each in root.iter() if each.get("id") == "digest-cut")
    parent = next(each for each in root.iter() if row in list(each))
    before = "".join(list(parent)[list(parent).index(row) - 1].itertext())
    after = "".join(list(parent)[list(parent).index(row) + 1].itertext())

    assert row.tag == f"{SVG}tr"
    number = int(mail.cut.title.split()[1])
    assert {f"Story {number}"} & {re.search(r"Story \d+", text)[0] for text in (before, after)}


# --- where stories stand, and inboxes


def test_a_storys_place_is_found_again_after_longer_blanks():
    html = "<p>\x02unsubscribe_url\x03</p><p>one</p><p>two</p>"
    start = html.index("<p>one")
    email = Email("S", "", "N", "n@a.example", html, "T", weights=(Weight("One", 7, 10, start, start + 10),))
    mail = Finished.of(email, fill)

    (place,) = mail.places
    assert mail.html[place.start : place.end] == "<p>one</p>"


def test_every_inbox_cuts_where_it_cuts():
    lines = inbox_line.lines("The newsletter", "word " * 40, "more " * 60)

    assert {(line["client"], line["device"]) for line in lines} == {
        (client, device) for client in ("Gmail", "Apple Mail", "Outlook") for device in ("phone", "desktop")
    }
    assert all(line["subject"].endswith("\u2026") for line in lines)
    assert min(len(line["subject"]) for line in lines) <= 37


def test_a_wide_letter_takes_the_room_of_two_and_no_emoji_is_torn():
    assert inbox_line.cut("\u65b0" * 10, 9) == "\u65b0" * 4 + "\u2026"
    assert inbox_line.cut("ab\U0001f469\u200d\U0001f680cd", 4) in {"ab\u2026", "ab\U0001f469\u200d\U0001f680\u2026"}
    assert inbox_line.cut("short", 9) == "short"
