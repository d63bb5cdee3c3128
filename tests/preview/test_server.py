"""What the preview answers to its own page, and what it refuses to everybody else."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from previewed import Preview, a_picture, a_publication, an_issue, running

ISSUE = an_issue(stories=2).replace("The blurb of story 1.", "![A square](images/square.png)\n\nThe blurb of story 1.")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = a_publication(tmp_path_factory.mktemp("preview"), first=ISSUE, second=an_issue(number=2))
    (folder / "issues" / "images" / "square.png").write_bytes(a_picture())
    return folder


@pytest.fixture(scope="module")
def preview(folder: Path) -> Iterator[Preview]:
    with running(folder, env={"EDITOR": f"{sys.executable} {folder / 'editor.py'}", "VISUAL": ""}) as preview:
        yield preview


# --- to our own page


def test_the_bare_address_leads_to_the_newest_issue(preview):
    answer = preview.ask("/")

    assert (answer.status, answer.headers["location"]) == (302, "/issue/second")


def test_the_page_lets_no_script_but_ours_run_and_nobody_frame_it(preview):
    headers = preview.ask("/issue/first").headers

    assert "script-src 'self';" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert {name: headers[name] for name in ("x-content-type-options", "referrer-policy", "cache-control")} == {
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
    }
    assert "access-control-allow-origin" not in headers


def test_the_mail_may_run_nothing_and_ask_for_pictures_only(preview):
    policy = preview.ask("/mail/first").headers["content-security-policy"]

    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src ")
    assert policy.endswith("sandbox allow-popups allow-popups-to-escape-sandbox")


def test_with_pictures_off_nothing_but_the_ruler_may_be_asked_for(preview):
    answer = preview.ask("/mail/first?pictures=off")

    assert f"img-src http://127.0.0.1:{preview.port}/height/;" in answer.headers["content-security-policy"]
    assert " src=" not in answer.text


@pytest.mark.parametrize(
    ("path", "kind", "beginning"),
    [
        ("/text/first", "text/plain; charset=utf-8", "The news"),
        ("/source/first", "text/plain; charset=utf-8", "<!DOCTYPE html>"),
        ("/headers/first", "text/plain; charset=utf-8", "From: News <ed@news.example>"),
        ("/eml/first", "message/rfc822", "From: News <ed@news.example>"),
        ("/page/preview.js", "text/javascript; charset=utf-8", "//"),
    ],
)
def test_every_form_of_the_mail_has_an_address(preview, path, kind, beginning):
    answer = preview.ask(path)

    assert (answer.status, answer.headers["content-type"]) == (200, kind)
    assert answer.text.lstrip().upper().startswith(beginning.upper())


def test_the_message_is_downloaded_under_the_issues_name(preview):
    assert preview.ask("/eml/first").headers["content-disposition"] == "attachment; filename*=UTF-8''first.eml"


def test_the_state_knows_the_mail_and_the_weight_of_each_story(preview):
    state = preview.state()

    assert (state["ok"], state["subject"], state["sender_name"], state["file"]) == (
        True,
        "The news #1",
        "News",
        "issues/first.md",
    )
    assert [each["slug"] for each in state["issues"]] == ["first", "second"]
    assert [(each["title"], each["line"]) for each in state["weight"]["stories"]] == [("Story 1", 11), ("Story 2", 17)]
    assert state["weight"]["bytes"] == len(preview.ask("/source/first").body)
    assert state["pictures"]["count"] == 1


def test_a_place_in_the_weight_is_where_the_story_stands_in_the_source(preview):
    source, weight = preview.ask("/source/first").text, preview.state()["weight"]
    story = weight["stories"][1]
    start, end = (round(story[name] * weight["bytes"]) for name in ("from", "to"))

    assert "The blurb of story 2." in source[start - 2 : end + 2]
    assert "The blurb of story 1." not in source[start - 2 : end + 2]


def test_only_the_mails_own_pictures_are_served_and_only_with_a_key(preview):
    key = preview.state()["key"]
    source = preview.ask("/source/first").text
    name = source.split("images/")[1].split('"')[0]
    strange = {"Origin": "null", "Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"}

    picture = preview.ask(f"/pictures/first/{name}?key={key}", **strange)

    assert (picture.status, picture.headers["content-type"]) == (200, "image/png")
    assert picture.headers["cross-origin-resource-policy"] == "cross-origin"
    assert preview.ask(f"/pictures/first/{name}", **strange).status == 403
    for other in ("square.png", "..%2f..%2fdigest.toml", "first.md"):
        assert preview.ask(f"/pictures/first/{other}?key={key}").status == 404


def test_a_click_in_the_mail_is_told_to_that_page_alone(preview):
    with preview.events(key="page-one-1") as one, preview.events(key="page-two-2") as two:
        assert preview.ask("/at/first/17?key=page-one-1").status == 204
        assert preview.ask("/at/first/11?key=page-two-2").status == 204

        assert one("at") == {"type": "at", "line": 17, "file": "issues/first.md", "story": "Story 2"}
        assert two("at")["line"] == 11


def test_the_frames_height_is_told_to_its_page(preview):
    with preview.events(key="page-one-1") as following:
        assert preview.ask("/height/page-one-1/960", Origin="null", Sec_Fetch_Site="cross-site").status == 204

        assert following("height") == {"type": "height", "n": 960}


def test_a_height_told_before_its_page_listens_is_not_lost(preview):
    preview.ask("/issue/first?key=a-page-being-opened")
    preview.ask("/height/a-page-being-opened/960")

    with preview.events(key="a-page-being-opened") as following:
        assert following("height")["n"] == 960


def test_the_page_comes_with_a_mail_that_tells_it_its_height(preview):
    html = preview.ask("/issue/first").text
    (source,) = re.findall(r'<iframe [^>]* src="([^"]+)"', html)

    assert "digest-ruler" in preview.ask(unescape(source)).text


def test_the_editor_is_opened_at_the_line(preview, folder):
    (folder / "editor.py").write_text(
        f"import sys, json, pathlib\npathlib.Path({str(folder / 'said')!r}).write_text(json.dumps(sys.argv[1:]))\n"
    )
    answer = preview.post("/open", {"slug": "first", "line": 17})

    assert (answer.status, answer.json["ok"]) == (200, True)
    for _ in range(200):
        if (folder / "said").exists() and (folder / "said").read_text():
            break
        subprocess.run([sys.executable, "-c", "import time; time.sleep(0.02)"], check=True)
    assert json.loads((folder / "said").read_text())[-1].startswith(str(folder / "issues" / "first.md"))


def test_no_file_is_opened_that_the_page_was_not_told_of(preview):
    for name in ("/etc/passwd", "../../etc/passwd", "digest.toml", "issues/second.md"):
        answer = preview.post("/open", {"slug": "first", "line": 1, "file": name})

        assert (answer.status, answer.json["ok"]) == (409, False)


def test_a_test_that_cannot_be_sent_says_why(preview):
    answer = preview.post("/send-test", {"slug": "first", "to": ["me@a.example"], "plain_subject": False})

    assert (answer.status, answer.json["ok"]) == (409, False)
    assert answer.json["what"]
    assert answer.json["hint"]


# --- to everybody else


@pytest.mark.parametrize(
    "path", ["/nothing", "/issue/third", "/mail/<script>", "/state/../digest.toml", "/page/page.html"]
)
def test_an_address_that_leads_nowhere_is_not_repeated(preview, path):
    answer = preview.ask(path.replace("<", "%3C").replace(">", "%3E"))

    assert (answer.status, answer.text) == (404, "There is nothing at this address.\n")


@pytest.mark.parametrize("host", ["evil.example", "localhost", "127.0.0.1:1", "localhost.evil.example:{port}", ""])
def test_another_name_for_this_machine_is_refused(preview, host):
    assert preview.ask("/", host=host.replace("{port}", str(preview.port))).status == 403


@pytest.mark.parametrize("host", ["localhost:{port}", "LOCALHOST:{port}", "[::1]:{port}"])
def test_this_machines_own_names_are_let_in(preview, host):
    assert preview.ask("/", host=host.replace("{port}", str(preview.port))).status == 302


@pytest.mark.parametrize("path", ["/state/first", "/issue/first", "/events/first", "/page/preview.js", "/text/first"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"},
        {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": "cors", "Origin": "http://localhost:1"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "iframe"},
    ],
)
def test_another_sites_page_gets_nothing(preview, path, headers):
    assert preview.ask(path, **headers).status == 403


def test_a_link_from_elsewhere_may_lead_to_the_page(preview):
    visit = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}

    assert preview.ask("/issue/first", **visit).status == 200


def test_a_key_that_another_site_made_up_opens_nothing(preview):
    visit = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    preview.ask("/mail/first?key=made-up-elsewhere", **visit)

    assert preview.ask("/height/made-up-elsewhere/24", Sec_Fetch_Site="cross-site").status == 403


@pytest.mark.parametrize("path", ["/open", "/send-test"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X_Digest_Token": ""}, 403),
        ({"X_Digest_Token": "x" * 32}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
    ],
)
def test_nothing_is_done_but_for_our_own_page(preview, path, headers, status):
    assert preview.post(path, {"slug": "first", "to": ["me@a.example"], "line": 1}, **headers).status == status


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 50_000, b'{"a":"' + b"x" * 70_000 + b'"}'])
def test_what_cannot_be_read_is_refused_without_a_word_of_python(preview, body):
    answer = preview.ask("/open", "POST", body=body, Content_Type="application/json", X_Digest_Token=preview.token())

    assert (answer.status, answer.json["what"]) == (400, "That cannot be read.")


def test_the_attacks_of_the_bench_find_nothing(preview, shared):
    script = shared / "qa" / "preview_sec.py"
    attacks = [f"http://127.0.0.1:{preview.port}/", "--ws", "/events/first", "--post", "/open", "--post", "/send-test"]
    ran = subprocess.run([sys.executable, script, *attacks], capture_output=True, text=True, timeout=60)

    assert json.loads(ran.stdout)["faults"] == []
