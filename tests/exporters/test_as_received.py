"""What readers find in their inbox, whichever service mailed it: every address once, and nothing meant for machines."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from inbox import ADDRESS, FILLS, LEAVE, NAME, POSTAL, VIEW, Received, received

from digest import plugins
from digest.exporters.base import Draft, Service
from digest.exporting import Letter, drafting, prepared
from digest.project import Project
from digest.services.settings import settings_of
from digest.web import Web

pytest.importorskip("liquid", reason="python-liquid, of the group dev, is not installed")
pytest.importorskip("pybars", reason="pybars3, of the group dev, is not installed")

NAMES = [name for name in plugins.names("exporters") if hasattr(plugins.load("exporters", name), "Exporter")]
TABLES: dict[str, dict[str, Any]] = {
    "beehiiv": {"publication": "pub_01"},
    "campaignmonitor": {"client": "c1", "pages_url": "https://pages.example/{slug}.html"},
    "ghost": {"url": "https://ghost.example"},
    "listmonk": {"url": "https://lists.example", "lists": [1]},
    "mailgun": {"domain": "mg.example", "readers": "readers.csv"},
    "postmark": {"readers": "readers.csv"},
    "resend": {"segment": "s"},
    "ses": {"list": "weekly"},
    "smtp": {"host": "mail.example"},
}
SECRETS = {"ghost": "01ab:00ff", "listmonk": "api:token", "mailchimp": "x-us1"}

TOML = f"""[publication]
name = "Slow News"
sender_email = "ed@slownews.example"
postal_address = "{POSTAL}"
unsubscribe_url = "https://slownews.example/leave?who={{email}}"
view_url = "https://slownews.example/{{slug}}?a=1&b=2"
every = "friday"

[utm]
source = "news"
"""
PREHEADER = 'What "moths" & {{ bats }} say'
CODE = 'print(f"{{x}} {d}")  # {% if %} *|X|* %%{uuid}%% {$name} ' + "and so on, " * 100
TITLE = "{{ user }} {% raw %} *|FNAME|* %%{first_name}%% {$name} [firstname] %recipient.name% {{{ pm:unsubscribe }}}"
ISSUE = f"""---
number: 12
subject: 🚀 {{{{ user }}}} says "hi" & <b>, *|FNAME|*, [firstname]
preheader: {PREHEADER}
---

Dear [[first_name|O'Neil & Co]], this goes to [[email|you]].

## Top stories

### [{TITLE.replace("*", chr(92) + "*")}](https://a.example/{{{{x}}}}?a=1&copy=2&b=%7B#p)
source: The Ledger

![A convoy](https://pictures.example/convoy.jpg)

{"قصة طويلة عن النهر " * 60}

```
{CODE}
```

## From our sponsor
sponsor: yes

### [Paper that lies flat](https://acme.example/paper?id=1&x=2)

A paragraph that was paid for.

## Also noted

- [A brief](https://c.example/) - worth it
"""


@dataclass
class Mailed:
    """An issue on its way, and in two inboxes: of Ann, and of a reader whose name nobody knows."""

    service: Service
    draft: Draft
    ann: Received
    nobody: Received


@pytest.fixture(scope="module")
def letter(tmp_path_factory: pytest.TempPathFactory) -> Letter:
    folder = tmp_path_factory.mktemp("news")
    return written(folder, ISSUE)


def written(folder: Path, issue: str) -> Letter:
    (folder / "issues").mkdir(exist_ok=True)
    (folder / "digest.toml").write_text(TOML, "utf-8")
    path = folder / "issues/012.md"
    path.write_text(issue, "utf-8")
    project = Project.of(str(path))
    sponsored = drafting.sponsored(project.file(str(path)).issue)
    utm = project.publication.utm
    return Letter(project.render(str(path)), slug="012", number=12, title="T", utm=utm, sponsored=sponsored)


def exported(name: str, letter: Letter) -> tuple[Service, Draft]:
    exporter = plugins.load("exporters", name).Exporter
    settings = settings_of(exporter, name, TABLES.get(name, {}), mistakes=[])
    service = prepared(exporter, settings, SECRETS.get(name, exporter.example), web=_network())
    return service, drafting.draft(letter, service, {})


@cache
def _network() -> Web:
    return Web()


@pytest.fixture(scope="module", params=NAMES)
def mailed(request: pytest.FixtureRequest, letter: Letter) -> Mailed:
    name = request.param
    service, draft = exported(name, letter)
    ann, nobody = (received(name, service, draft, first_name=first) for first in (NAME, ""))
    return Mailed(service, draft, ann, nobody)


class _Read(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self._silent = "", 0
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._silent += tag in ("style", "title")
        self.text += "" if tag in ("a", "b", "em", "strong", "span", "code") else " "
        if tag == "a":
            self.links.append(dict(attrs).get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("style", "title")

    def handle_data(self, data: str) -> None:
        self.text += "" if self._silent else data


def read(document: str) -> _Read:
    reader = _Read()
    reader.feed(document)
    reader.close()
    reader.text = words(reader.text)
    return reader


def words(text: str) -> str:
    return " ".join(text.replace("\u2060", "").split())


def addresses(text: str) -> set[str]:
    return {found.rstrip(".,)") for found in re.findall(r"https?://[^\s\u2060]+", text)}


def test_every_service_has_an_inbox() -> None:
    assert set(NAMES) == set(FILLS)


def test_a_reader_finds_one_link_to_leave_and_one_postal_address(mailed: Mailed) -> None:
    found = read(mailed.ann.html)
    assert found.links.count(LEAVE) == 1
    assert found.text.count("12 Harbour Street") == 1
    if mailed.ann.text:
        assert mailed.ann.text.count(LEAVE) == 1
        assert mailed.ann.text.count("12 Harbour Street") == 1


def test_the_page_on_the_web_is_the_services_or_the_publications(mailed: Mailed) -> None:
    views = {each for each in read(mailed.ann.html).links if each == VIEW or each.startswith("https://slownews")}
    assert views <= {VIEW, "https://slownews.example/012?a=1&b=2"}
    assert views


def test_every_link_is_an_address_that_clicks_can_be_counted_on(mailed: Mailed) -> None:
    found = read(mailed.ann.html)
    assert [each for each in found.links if not re.match(r"https?://[a-z.]+(?:/|\?|\Z)", each)] == []
    assert "https://a.example/%7B%7Bx%7D%7D?a=1&copy=2&b=%7B&utm_source=news#p" in found.links
    assert "https://acme.example/paper?id=1&x=2" in found.links  # as the sponsor was promised it


def test_both_parts_lead_to_the_same_pages(mailed: Mailed) -> None:
    if not mailed.ann.text:
        pytest.skip("the service makes its own text part")
    links = {each for each in read(mailed.ann.html).links if each.startswith("http")}
    assert addresses(mailed.ann.text.replace(words(CODE), "")) == links


def test_what_looks_like_a_tag_is_read_as_it_was_written(mailed: Mailed) -> None:
    for mail in (mailed.ann, mailed.nobody):
        found = read(mail.html).text
        assert TITLE in found
        assert words(CODE) in found
        assert not re.search(r"[\x00-\x08\x0b-\x1f]", mail.html + mail.text + mail.subject + mail.preheader)
    assert words(mailed.ann.subject) == '🚀 {{ user }} says "hi" & <b>, *|FNAME|*, [firstname]'


def test_a_reader_is_greeted_by_name_or_as_the_editor_wrote(mailed: Mailed) -> None:
    for mail, who in ((mailed.ann, NAME), (mailed.nobody, "O'Neil & Co")):
        greeting = f"Dear {who}, this goes to {ADDRESS}."
        # MailerLite takes no quotation mark within a fallback.
        assert {words(greeting), words(greeting).replace("'", "")} & {_sentence(read(mail.html).text)}


def _sentence(text: str) -> str:
    found = re.search(r"Dear .*? this goes to \S+", text)
    assert found is not None
    return found[0]


def test_the_preheader_is_there_once(mailed: Mailed) -> None:
    assert read(mailed.ann.html).text.count(PREHEADER) == (0 if mailed.ann.preheader else 1)
    assert words(mailed.ann.preheader) in ("", PREHEADER)


def test_what_phones_and_dark_mode_need_is_there_where_style_sheets_are_kept(mailed: Mailed) -> None:
    sheets = "".join(re.findall(r"<style.*?</style>", mailed.draft.html, re.DOTALL))
    assert ("max-width:520px" in sheets) == (not mailed.service.can.fragment or mailed.service.can.phone_rules)
    assert ("prefers-color-scheme" in sheets) == (not mailed.service.can.fragment)
    assert sheets.count("{") == sheets.count("}")


def test_what_is_for_outlook_is_closed_again(mailed: Mailed) -> None:
    opened = len(re.findall(r"<!--\[if [^\]]*\]>", mailed.ann.html))
    assert opened == mailed.ann.html.count("<![endif]-->")
    # beehiiv alone drops every comment.
    assert opened or "beehiiv" in mailed.service.name


def test_no_line_is_cut_on_its_way(mailed: Mailed) -> None:
    """All but the one of the code, in which an editor set every blank."""
    lines = [line for line in mailed.ann.html.split("\n") if "and so on" not in line]
    assert max(map(len, lines)) < 998
    assert mailed.ann.html.isascii() or mailed.service.can.fragment


def test_a_service_adds_little_to_what_was_weighed(mailed: Mailed, letter: Letter) -> None:
    added = len(mailed.ann.html.encode()) - len(html_of(letter))
    assert added < 2_000


def html_of(letter: Letter) -> bytes:
    return letter.email.html.encode("ascii", "xmlcharrefreplace")


@pytest.mark.parametrize("name", ["ghost", "kit", "beehiiv"])
def test_a_link_to_leave_that_an_editor_wrote_stays_beside_the_frames_own(name: str, tmp_path: Path) -> None:
    letter = written(tmp_path, ISSUE.replace("Dear ", "[Leave]([[unsubscribe_url]]), dear "))
    service, draft = exported(name, letter)
    assert read(received(name, service, draft).html).links.count(LEAVE) == 2


@pytest.mark.parametrize("name", NAMES)
def test_without_a_page_on_the_web_nothing_offers_one(name: str, letter: Letter, tmp_path: Path) -> None:
    service, draft = exported(name, replace(letter, email=replace(letter.email, view_url="")))
    found = read(received(name, service, draft).html)
    assert "" not in found.links
    assert (found.text.count("View in browser") > 0) == (VIEW in found.links)
