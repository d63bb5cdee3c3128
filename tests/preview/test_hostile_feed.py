"""What a feed brings reaches the preview as words: nothing in it runs, and nothing but pictures is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import html5lib
import pytest
from previewed import a_browser, a_publication, running

from digest import story_text
from digest.preview import views
from digest.preview.finished import Finished
from digest.preview.views import View
from digest.project import Project
from digest.sources import feed

#: Ways a text has become a program in one browser or another.
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "![x](data:text/html,<script>alert(1)</script>)",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<style>@import 'https://evil.example/a.css';*{background:url(javascript:alert(1))}</style>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href='https://evil.example/'>",
    "<form action='https://evil.example'><button autofocus onfocus=alert(1)>x</button></form>",
    "--><script>alert(1)</script><!--",
    "<![if mso]><script>alert(1)</script><![endif]>",
    '"><script>alert(1)</script>',
    "</title></style></textarea><script>alert(1)</script>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "{{ ''.__class__ }}{% include '/etc/passwd' %}",
    "<!--dg+0--><script>alert(1)</script>",
    "<mj-raw><script>alert(1)</script></mj-raw>",
)
browser = a_browser
XHTML = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publication whose issue holds each of them as a picked title, and as what a story is about."""
    items = "".join(
        f"<item><title>{escape(title)}</title><link>https://a.example/{number}{kind}</link>"
        f"<description>{escape(text)}</description></item>"
        for number, words in enumerate(HOSTILE)
        for kind, title, text in (("t", words, "Plain."), ("d", f"Plain {number}", words))
    )
    content = f"<rss version='2.0'><channel><title>News</title>{items}</channel></rss>".encode()
    found = feed.read(content, url="https://a.example/feed", now=datetime(2024, 2, 2, tzinfo=UTC))
    told = "\n".join(story_text.story(item) for item in found.items)
    return a_publication(
        tmp_path_factory.mktemp("hostile") / "news",
        first=f"---\ntitle: News\nnumber: 1\ndate: 2024-02-02\n---\n\n## Top\n\n{told}",
    )


@pytest.mark.parametrize("mode", views.MODES)
def test_no_text_of_a_feed_is_more_than_text_in_the_frame(folder: Path, mode: Any) -> None:
    from digest.filled import fill

    mail = Finished.of(Project(folder).render("first"), fill)
    html = views.mail(mail, "first", View(mode, key="a-key-of-a-page", watched=True, find=True))
    document = list(html5lib.parse(html).iter())

    names = {str(each.tag).removeprefix(XHTML) for each in document}
    assert not names & {"script", "iframe", "object", "embed", "form", "button", "svg", "math", "link"}
    assert len([each for each in document if each.tag == f"{XHTML}base"]) == 1
    assert not [name for each in document for name in each.attrib if str(name).startswith("on")]
    addresses = [value for each in document for name, value in each.attrib.items() if name in {"href", "src"}]
    assert {re.split("[:/]", each)[0] for each in addresses} <= {"https", "http", "mailto", "data", ""}
    assert not [each for each in addresses if each.startswith("data:") and not each.startswith("data:image/gif")]
    assert len(mail.places) == 2 * len(HOSTILE)


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    opened = browser.new_page()
    opened.set_default_timeout(60_000)  # this one has forty stories, and the machine may be busy
    yield opened
    opened.close()


def test_nothing_runs_in_the_page_and_nothing_strange_is_asked_for(folder: Path, page: Any) -> None:
    said: list[str] = []
    asked: list[str] = []
    page.on("dialog", lambda dialog: said.append(dialog.message) or dialog.dismiss())
    page.on("request", lambda request: asked.append(request.url))
    with running(folder) as preview:
        for view in ("", "?panel=weight&find=1", "?view=text", "?view=source", "?panel=findings&mode=inverted"):
            page.goto(preview.address + view)
            page.wait_for_selector("iframe.mail, #lines .l", state="attached")

    assert said == []
    assert {re.split(r"(?<=\d)/", each)[0] for each in asked} == {f"http://{preview.host}:{preview.port}"}
