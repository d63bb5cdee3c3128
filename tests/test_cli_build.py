"""`digest build`: what it writes and says, and what it answers to whoever made a mistake."""

from __future__ import annotations

import email
import email.policy
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from newsroom import PUBLICATION, Desk, an_issue, command, environment, typed

MAIL = ["email.eml", "email.html", "email.txt"]
posix = pytest.mark.skipif(os.name != "posix", reason="needs signals, limits and links as POSIX has them")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(tmp_path / "news", monkeypatch)
    desk.write("digest.toml", PUBLICATION)
    desk.write("issues/011.md", an_issue(number=11, date="2024-01-26", title="An old story"))
    desk.write("issues/012.md", an_issue(number=12, title="A new story"))
    return desk


def built(desk: Desk) -> list[str]:
    return sorted(path.name for path in (desk.folder / "build").iterdir()) if (desk.folder / "build").exists() else []


# What it writes and says.


def test_the_newest_is_built_and_every_file_named(desk: Desk) -> None:
    result = desk.type("build")
    assert result.exit_code == 0
    assert result.stdout == "build/012/email.html\nbuild/012/email.txt\nbuild/012/email.eml\n"
    assert "of the 102,400 bytes that Gmail shows" in result.stderr
    assert "A new story" in desk.read("build/012/email.html")
    assert "A new story" in desk.read("build/012/email.txt")


@pytest.mark.parametrize("issue", ["011", "11", "#11", "011.md", "issues/011.md"])
def test_any_way_to_name_an_issue_builds_it(desk: Desk, issue: str) -> None:
    assert desk.type("build", issue).exit_code == 0
    assert built(desk) == ["011"]


def test_it_works_from_a_folder_inside_and_from_outside(desk: Desk) -> None:
    assert desk.type("build", "011.md", at="issues").stdout.startswith("../build/011/email.html\n")
    assert desk.type("build", "news/issues/012.md", at="..").stdout.startswith("news/build/012/email.html\n")
    assert built(desk) == ["011", "012"]


def test_another_folder_can_be_said(desk: Desk) -> None:
    assert desk.type("build", "--out", "out/mail").stdout.startswith("out/mail/email.html\n")
    assert sorted(os.listdir(desk.folder / "out/mail")) == [".digest-output", *MAIL]
    assert built(desk) == []


def test_all_are_built_each_into_its_folder(desk: Desk) -> None:
    assert desk.type("build", "--all").exit_code == 0
    assert built(desk) == ["011", "012"]
    assert desk.type("build", "--all", "--out", "out").exit_code == 0
    assert sorted(os.listdir(desk.folder / "out")) == ["011", "012"]


def test_one_bad_issue_keeps_none_of_the_others_from_being_built(desk: Desk) -> None:
    desk.write("issues/010.md", b"Caf\xe9\n")
    result = desk.type("build", "--all", "--json")
    assert result.exit_code == 1
    assert [each["issue"] for each in json.loads(result.stdout)] == ["011", "012"]
    assert "issues/010.md:1" in result.stderr


def test_a_script_gets_json(desk: Desk) -> None:
    desk.write("issues/012.md", an_issue(number=12, title="Twice") + "\n### [Twice](https://a.example/12)\n\nx\n")
    said = json.loads(desk.type("build", "--json").stdout)
    size = (desk.folder / "build/012/email.html").stat().st_size
    assert (said["issue"], said["subject"], said["html"]) == ("012", "News #12", "build/012/email.html")
    assert (said["bytes"], said["limit"], said["pictures"]) == (size, 102_400, 0)
    assert [(each["title"], each["line"]) for each in said["stories"]] == [("Twice", 10), ("Twice", 14)]
    assert said["findings"] == [
        {
            "level": "warning",
            "what": '"Twice" has the same address as the one on line 10.',
            "path": "issues/012.md",
            "line": 14,
            "hint": "",
        }
    ]


def test_blanks_in_a_subject_reach_a_script_as_their_fallbacks(desk: Desk) -> None:
    desk.write("issues/012.md", "---\nsubject: Dear [[first_name|reader]]\n---\n\nHello\n")
    assert json.loads(desk.type("build", "012", "--json").stdout)["subject"] == "Dear reader"


def test_findings_are_told_beside_the_result(desk: Desk) -> None:
    desk.write("issues/012.md", an_issue(number=12, title="Twice") + "\n### [Twice](https://a.example/12)\n\nx\n")
    result = desk.type("build")
    assert result.exit_code == 0
    assert 'warning: "Twice" has the same address as the one on line 10.\n  issues/012.md:14\n' in result.stderr


def test_the_heaviest_stories_are_named_and_a_mail_that_gmail_cuts(desk: Desk) -> None:
    stories = "".join(f"### [Story {at}](https://a.example/{at})\n\n{'word ' * at}\n\n" for at in range(1, 400, 2))
    desk.write("issues/012.md", f"## All\n\n{stories}")
    told = desk.type("build", "012").stderr
    assert "Gmail will cut the end off" in told
    assert "Heaviest:" in told
    assert "Story 399; " in told


def test_the_message_opens_as_a_draft_and_says_what_the_files_say(desk: Desk) -> None:
    desk.type("build")
    content = (desk.folder / "build/012/email.eml").read_bytes()
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert (message["Subject"], message["X-Unsent"]) == ("News #12", "1")
    parts = {part.get_content_type(): part.get_content() for part in message.walk() if not part.is_multipart()}
    assert parts["text/plain"].replace("\r\n", "\n").rstrip() == desk.read("build/012/email.txt").rstrip()


@pytest.mark.parametrize(
    ("line", "href"),
    [
        ("", "mailto:ed@news.example?subject=unsubscribe"),
        ('unsubscribe_email = "a&b+c@news.example"', "mailto:a%26b+c@news.example?subject=unsubscribe"),
        ('unsubscribe_url = "https://news.example/leave?a=1&b={slug}"', "https://news.example/leave?a=1&amp;b=012"),
    ],
)
def test_readers_can_leave_without_a_service(desk: Desk, line: str, href: str) -> None:
    desk.write("digest.toml", PUBLICATION.replace("\n\n", f"\n{line}\n\n", 1))
    assert desk.type("build").exit_code == 0
    assert f'href="{href}"' in desk.read("build/012/email.html")


def test_building_twice_writes_nothing(desk: Desk) -> None:
    desk.type("build")
    before = {name: (desk.folder / "build/012" / name).stat().st_mtime_ns for name in MAIL}
    assert desk.type("build").exit_code == 0
    assert {name: (desk.folder / "build/012" / name).stat().st_mtime_ns for name in MAIL} == before


@posix
def test_the_mail_can_be_opened_in_a_browser(desk: Desk) -> None:
    browser = f"{sys.executable} -c \"import sys; open('opened', 'w').write(sys.argv[1])\" %s"
    assert typed("build", "--open", folder=desk.folder, env={"BROWSER": browser}).returncode == 0
    assert desk.read("opened") == (desk.folder / "build/012/email.html").resolve().as_uri()


# The same input, the same bytes; no network.


def test_time_zone_language_hashes_and_place_change_no_byte(desk: Desk, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere/copy"
    desk.type("init", "start", "--yes", "--name", "Café", "--timezone", "Asia/Tokyo")
    shutil.copytree(desk.folder / "start", other)
    for folder, env in (
        (desk.folder / "start", {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8"}),
        (other, {"TZ": "America/Los_Angeles", "PYTHONHASHSEED": "2", "LC_ALL": "C", "LANG": "de_DE"}),
    ):
        at = folder if folder == other else folder.parent
        words = [] if folder == other else ["start/issues/001.md"]
        assert typed("build", *words, folder=at, env=env).returncode == 0

    def all_of(folder: Path) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (folder / "build/001").rglob("*") if path.is_file()}

    assert all_of(other) == all_of(desk.folder / "start")
    assert len(all_of(other)) == 5


NO_NETWORK = """
import sys

def watch(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "urllib.Request"):
        print("NETWORK", event, args, file=sys.stderr)
        sys.stderr.flush()
        import os
        os._exit(99)

sys.addaudithook(watch)
"""


def test_building_touches_no_network(desk: Desk) -> None:
    desk.write("issues/012.md", an_issue(number=12) + "\n![A map](https://a.example/map.png)\n")
    result = typed("build", "012", folder=desk.folder, first=NO_NETWORK)
    assert (result.returncode, "NETWORK" in result.stderr) == (0, False), result.stderr


# Mistakes.


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--bogus"], "No such option: --bogus"),
        (["--all", "012"], "--all builds every issue: leave out either it or the issue."),
        (["011", "012"], "unexpected extra argument"),
    ],
)
def test_wrong_use_ends_with_2(desk: Desk, words: list[str], told: str) -> None:
    result = desk.type("build", *words)
    assert result.exit_code == 2
    assert told in result.stderr
    assert built(desk) == []


def test_a_misspelt_command_is_answered(desk: Desk) -> None:
    result = desk.type("bulid")
    assert result.exit_code == 2
    assert "Did you mean 'build'?" in result.stderr


def test_an_unknown_issue_is_answered_with_the_one_meant(desk: Desk) -> None:
    result = desk.type("build", "0112")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == 'error: No issue "0112". Did you mean "012"?\n  There are: 012, 011.\n'


def test_mistakes_of_both_files_are_told_in_one_run(desk: Desk) -> None:
    desk.write("digest.toml", PUBLICATION.replace("name =", "nmae =", 1))
    desk.write("issues/012.md", an_issue(number=12).replace("date:", "dtae:") + "\nDear [[frist_name]]\n")
    result = desk.type("build", "012")
    assert result.exit_code == 1
    assert result.stderr == (
        'error: [publication] knows no "nmae". Did you mean "name"?\n  digest.toml:2\n'
        'error: The head knows no "dtae". Did you mean "date"?\n  issues/012.md:3\n'
        'error: There is no blank [[frist_name]]. Did you mean "first_name"?\n  issues/012.md:14\n'
        "3 mistakes.\n"
    )


def test_a_mistake_in_digest_toml_is_told_once_for_all_issues(desk: Desk) -> None:
    desk.write("digest.toml", PUBLICATION.replace("name =", "nmae =", 1))
    result = desk.type("build", "--all")
    assert (result.exit_code, result.stderr.count("digest.toml:2")) == (1, 1)


@pytest.mark.parametrize("words", [["build"], ["build", "--all"]])
def test_without_issues_the_way_to_the_first_is_told(desk: Desk, words: list[str]) -> None:
    shutil.rmtree(desk.folder / "issues")
    result = desk.type(*words)
    assert (result.exit_code, result.stderr) == (
        1,
        'error: There is no issue yet.\n  Make the first with "digest new".\n',
    )


def test_without_digest_toml_the_way_to_one_is_told(desk: Desk) -> None:
    (desk.folder / "digest.toml").unlink()
    result = desk.type("build")
    assert result.exit_code == 1
    assert '"digest init my-newsletter"' in result.stderr


def test_steering_characters_in_what_was_typed_do_not_reach_the_terminal(desk: Desk) -> None:
    told = desk.type("build", "a\x1b[31mb\u202ec").stderr
    assert "\x1b" not in told
    assert "\u202e" not in told


# Hostile and broken input: the right mail, or an error; never a traceback.


@pytest.mark.parametrize(
    "issue",
    [
        pytest.param("", id="empty"),
        pytest.param(" \n\n", id="blank"),
        pytest.param("\ufeff---\r\nnumber: 12\r\n---\r\n\r\nHello\r\n", id="byte order mark and CRLF"),
        pytest.param("---\ntitle: =?utf-8?q?a=0D=0ABcc=3A_evil=40x?=\n---\n\nx\n", id="encoded word"),
        pytest.param("---\nsubject: مرحبا 👩‍👩‍👧 \u202e\u200b\x07漢字\n---\n\n\x01\x02view_url\x03 x\n", id="scripts"),
        pytest.param("<script>alert(1)</script><b onclick=x>[a](javascript:alert(1)) <i>\n", id="script"),
        pytest.param("{{ x }} {% y %} *|z|* %%a%% ${b} {{{c}}} <%= d %> [[e]]\n", id="template languages"),
        pytest.param("> " * 300 + "deep\n", id="300 quotes"),
        pytest.param("[" * 20_000 + "\n", id="brackets"),
        pytest.param("## A\n\n### [T](https://a.example/)\n\n### [U](https://b.example/)\n", id="no blurbs"),
        pytest.param("word " * 200_000, id="a megabyte"),
    ],
)
def test_odd_issues_build(desk: Desk, issue: str) -> None:
    desk.write("issues/012.md", issue)
    result = desk.type("build", "012.md")
    assert result.exit_code == 0, result.stderr
    assert sorted(os.listdir(desk.folder / "build/012")) == [".digest-output", *MAIL]
    head = email.message_from_bytes((desk.folder / "build/012/email.eml").read_bytes(), policy=email.policy.default)
    assert head["Bcc"] is None
    assert "<script" not in desk.read("build/012/email.html")
    assert not re.search(r"(href|src)\s*=\s*.javascript", desk.read("build/012/email.html"), re.IGNORECASE)


def test_a_text_of_ten_megabytes_loses_no_word_and_nothing_after_it(desk: Desk) -> None:
    word = "w" * 49  # long ones: as many letters, and less to wrap
    desk.write("issues/012.md", f"{word} " * 210_000 + "\n\nThe end.\n")
    assert desk.type("build", "012").exit_code == 0
    html = desk.read("build/012/email.html")
    assert html.count(f"{word} ") + html.count(f"{word}<") >= 210_000
    assert "The end." in html


def test_a_thousand_stories_are_built(desk: Desk) -> None:
    stories = "".join(f"### [Story {at}](https://a.example/{at})\n\nBlurb {at}.\n\n" for at in range(1000))
    desk.write("issues/012.md", f"## All\n\n{stories}")
    result = desk.type("build", "012", "--json")
    assert len(json.loads(result.stdout)["stories"]) == 1000


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"Caf\xe9\n", "it is not UTF-8.\n  issues/012.md:1\n  Save it as UTF-8"),
        ("\ufeffx".encode("utf-16-le"), "it is saved as UTF-16, not as UTF-8.\n  issues/012.md"),
        (b"---\nnumber: 12\n", "is never closed.\n  issues/012.md:1"),
        (b"![x](images/none.png)\n", 'The picture "images/none.png" was not found.\n  issues/012.md:1'),
        (b"## A\nlayout: rwos\n", 'has no layout "rwos". Did you mean "rows"?\n  issues/012.md:1'),
    ],
)
def test_what_cannot_be_built_is_told_with_its_line(desk: Desk, content: bytes, told: str) -> None:
    desk.write("issues/012.md", content)
    result = desk.type("build", "012")
    assert result.exit_code == 1
    assert told in result.stderr
    assert built(desk) == []


# The folder it writes to.


@pytest.mark.parametrize(
    ("words", "in_the_way", "told"),
    [
        ([], "build", "a file stands where a folder should be.\n  build/012"),
        ([], "build/012", "a file of that name is in the way.\n  build/012"),
        (["--out", "o"], "o", "a file of that name is in the way.\n  o"),
        (["--out", "o"], "o/mine.txt", "did not put there: mine.txt.\n  o\n"),
        (["--out", "."], "mine.txt", "did not put there: "),
        ([], "build/012/mine.txt", "did not put there: mine.txt.\n  build/012\n"),
    ],
)
def test_what_is_not_ours_stays(desk: Desk, words: list[str], in_the_way: str, told: str) -> None:
    desk.write(in_the_way, "mine")
    before = desk.files()
    result = desk.type("build", *words)
    assert result.exit_code == 1
    assert told in result.stderr
    assert desk.files() == before


@posix
def test_a_build_folder_may_be_a_link(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "big disk").mkdir()
    (desk.folder / "build").symlink_to(tmp_path / "big disk")
    assert desk.type("build").exit_code == 0
    assert (tmp_path / "big disk/012/email.html").is_file()
    assert (desk.folder / "build").is_symlink()


FULL_DISK = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000))
"""


@posix
def test_a_full_disk_is_told_and_the_previous_mail_stays_whole(desk: Desk) -> None:
    desk.type("build")
    before = {name: content for name, content in desk.files().items() if name.startswith("build/")}
    desk.write("issues/012.md", an_issue(number=12, title="Another title"))
    result = typed("build", folder=desk.folder, first=FULL_DISK)
    assert result.returncode == 1
    assert "error: Cannot write: " in result.stderr
    assert "Traceback" not in result.stderr
    assert {name: content for name, content in desk.files().items() if name.startswith("build/")} == before
    assert os.listdir(desk.folder / "build") == ["012"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_read_only_newsletter_is_told_and_can_be_built_elsewhere(desk: Desk, tmp_path: Path) -> None:
    desk.folder.chmod(0o500)
    result = desk.type("build")
    assert result.exit_code == 1
    assert "you may not write there" in result.stderr
    assert desk.type("build", "--out", str(tmp_path / "elsewhere")).exit_code == 0


# The terminal.

#: Ctrl-C, one second after everything was imported.
INTERRUPTED = """
import signal
from digest.cli import app

signal.signal(signal.SIGALRM, signal.default_int_handler)
signal.setitimer(signal.ITIMER_REAL, 1)
"""


@posix
def test_ctrl_c_ends_with_130_and_the_previous_mail_stays_whole(desk: Desk) -> None:
    desk.type("build")
    before = {name: content for name, content in desk.files().items() if name.startswith("build/")}
    stories = "".join(f"### [Story {at}](https://a.example/{at})\n\nBlurb {at}.\n\n" for at in range(8000))
    desk.write("issues/012.md", an_issue(number=12) + stories)
    result = typed("build", folder=desk.folder, first=INTERRUPTED)
    assert (result.returncode, result.stdout) == (130, ""), result.stderr
    assert "Interrupted; nothing half-done is left behind." in result.stderr
    assert {name: content for name, content in desk.files().items() if name.startswith("build/")} == before


@posix
@pytest.mark.parametrize("words", [["build", "--all"], ["build", "--all", "--json"], ["--help"], ["themes"]])
def test_a_reader_that_goes_away_early_stops_no_work(desk: Desk, words: list[str]) -> None:
    """`digest build --all | head -1`"""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as gone:
        result = typed(*words, folder=desk.folder, capture_output=False, stdout=gone, stderr=subprocess.PIPE)
    assert "Traceback" not in result.stderr
    assert "Exception" not in result.stderr
    if words[0] == "build":
        assert (result.returncode, built(desk)) == (0, ["011", "012"])


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_result_that_cannot_be_written_is_told(desk: Desk) -> None:
    with open("/dev/full", "wb") as full:
        result = typed("build", "--json", folder=desk.folder, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert result.returncode == 1
    assert result.stderr == "error: The result could not be written: no space left on device.\n"


@posix
def test_a_closed_output_is_no_trouble(desk: Desk) -> None:
    result = typed("build", folder=desk.folder, first="import os, sys; sys.stdout = sys.stderr = None")
    assert (result.returncode, built(desk)) == (0, ["012"])


@posix
@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize(
    ("env", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)], ids=str
)
def test_colour_is_for_a_terminal_that_wants_it(desk: Desk, env: dict[str, str], coloured: bool) -> None:
    import pty

    desk.write("issues/012.md", "---\nnmae: x\n---\n")
    ours, theirs = pty.openpty()
    whole = {**environment(), "TERM": "xterm", "NO_COLOR": "", **env}
    with subprocess.Popen(command(["build"]), cwd=desk.folder, env=whole, stderr=theirs) as child:
        child.wait(60)
    shown = os.read(ours, 4096)
    os.close(theirs)
    os.close(ours)
    assert (b"\x1b[31;1merror:\x1b[0m" in shown, b"error:" in shown) == (coloured, True)


def test_without_a_terminal_there_is_no_colour(desk: Desk) -> None:
    assert "\x1b" not in typed("build", "none", folder=desk.folder, env={"NO_COLOR": "", "TERM": "xterm"}).stderr


# The command itself.


@pytest.mark.parametrize("words", [[], ["init"], ["new"], ["build"], ["themes"], ["themes", "eject"]])
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_every_command_explains_itself(desk: Desk, words: list[str], flag: str) -> None:
    result = desk.type(*words, flag)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "Usage: digest" in result.stdout
    assert not words or "..." not in result.stdout.replace("[ARGS]...", "")


def test_the_version_is_said(desk: Desk) -> None:
    from digest import __version__

    assert desk.type("--version").stdout == f"digest {__version__}\n"


def test_a_shell_can_complete_it(desk: Desk) -> None:
    done = typed(
        folder=desk.folder, env={"_DIGEST_COMPLETE": "complete_bash", "COMP_WORDS": "digest bu", "COMP_CWORD": "1"}
    )
    assert done.stdout.strip() == "build"


def test_help_waits_for_nothing_that_renders_or_reads(desk: Desk) -> None:
    slow = {"jinja2", "premailer", "mjml", "markdown_it", "babel", "PIL", "requests", "lxml", "nh3", "digest.project"}
    first = "import atexit, sys; atexit.register(lambda: print(*sorted(sys.modules), file=sys.stderr))"
    result = typed("--help", folder=desk.folder, first=first)
    assert slow & set(result.stderr.split()) == set()
