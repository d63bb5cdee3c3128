"""A mail full of other people's template tags arrives as it was built, after the service's own engine read it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from typing import Any

import jinja2
import pytest
from fakes.base import FakeService
from newsroom import PUBLICATION

from digest import plugins
from digest.exporters.base import Draft, Service
from digest.exporting import Letter, drafting, prepared
from digest.merge_tags import Blank, Syntax
from digest.models import Email, UtmPlan
from digest.project import Project
from digest.services import go_templates
from digest.services.settings import settings_of
from digest.web import Web

liquid = pytest.importorskip("liquid", reason="python-liquid, of the group dev, is not installed")
pybars = pytest.importorskip("pybars", reason="pybars3, of the group dev, is not installed")

#: What every service fills in for one reader, whose name it knows.
VALUES = {
    "unsubscribe_url": "https://leave.example/u",
    "view_url": "https://view.example/v",
    "first_name": "Ann",
    "email": "ann@reader.example",
    "postal_address": "1 Road, Town",
}

TITLE = (
    "{{ user }} {% raw %} {# no #} *|FNAME|* %%{uuid}%% {$name} {{{ x }}} {{#if a}} {{!-- c --}} [UNSUBSCRIBE] {FNAME}"
)
ISSUE = """---
number: 12
subject: "{{ subject }} {% if %} *|IF:X|* %%{{x}}%% {{$url}} { [[first_name|you]] }"
preheader: "{{{{ pre }}}} {{% endraw %}} *|END:IF|* {{{{/if}}}}"
---

Hello {{[[first_name|you]]}}, *[[first_name|you]]|* %[[first_name|you]]% { [[first_name|{{you}}]] } {[[email]]}

## News

### [{title}](https://a.example/{{{{x}}}}?q=%7B%7By%7D%7D&b={{%25%20z}}*|C|*#%%{{d}}%%)

Text with `{{{{ code }}}}`, `{{% tag %}}`, `{{#`, *|MC:SUBJECT|*, https://b.example/?{{{{c}}}}=1 and $[[first_name|$]]$.

- [{title}](https://c.example/{{$name}}) - {title}
""".replace("{title}", TITLE)

MSO = f'<!--[if mso]><table title="{html.escape(TITLE)}"><tr><td>{html.escape(TITLE)}</td></tr></table><![endif]-->'


@pytest.fixture(scope="module")
def email(tmp_path_factory: pytest.TempPathFactory) -> Email:
    folder = tmp_path_factory.mktemp("news")
    (folder / "issues").mkdir()
    (folder / "digest.toml").write_text(PUBLICATION, "utf-8")
    text = ISSUE.replace("{{{{", "{{").replace("}}}}", "}}").replace("{{%", "{%").replace("%}}", "%}")
    (folder / "issues/012.md").write_text(text, "utf-8")
    made = Project.of(str(folder / "issues/012.md")).render(str(folder / "issues/012.md"))
    return replace(made, html=made.html.replace("</body>", f"{MSO}</body>", 1))


# --- the engines


def django(text: str) -> str:
    """Jinja, which does alike what matters here."""
    known = {"unsubscribe_url": VALUES["unsubscribe_url"], "email_url": VALUES["view_url"]}
    reader = {"metadata": {"first_name": VALUES["first_name"]}, "email": VALUES["email"]}
    return jinja2.Environment(keep_trailing_newline=True).from_string(text).render(**known, subscriber=reader)


def brevo(text: str) -> str:
    contact = {"FIRSTNAME": VALUES["first_name"], "EMAIL": VALUES["email"]}
    made = jinja2.Environment(keep_trailing_newline=True).from_string(text)
    return made.render(unsubscribe=VALUES["unsubscribe_url"], mirror=VALUES["view_url"], contact=contact)


def by_liquid(text: str) -> str:
    contact = {"first_name": VALUES["first_name"], "email": VALUES["email"], "email_address": VALUES["email"]}
    facts = {"unsubscribe_url": VALUES["unsubscribe_url"], "unsubscribe_link": VALUES["unsubscribe_url"]}
    return str(liquid.Environment().from_string(text).render(**facts, contact=contact, subscriber=contact))


def sendgrid(text: str) -> str:
    facts = {"unsubscribe": VALUES["unsubscribe_url"], "weblink": VALUES["view_url"], **VALUES}
    facts |= {f"Sender_{name}": name for name in ("Name", "Address", "City", "State", "Zip", "Country")}
    return str(pybars.Compiler().compile(text)(facts))


def resend(text: str) -> str:
    facts = {"RESEND_UNSUBSCRIBE_URL": "unsubscribe_url", "contact.first_name": "first_name", "contact.email": "email"}
    found = re.sub(r"\{\{\{\s*([^{}|]*?)\s*(?:\|[^{}]*)?\}\}\}", lambda tag: VALUES[facts[tag[1]]], text)
    assert "{{{" not in found
    return found


def bars(text: str) -> str:
    """Mailchimp's grammar: any tag that nobody knows is nothing, IF has an ELSE and an END."""
    facts = {"UNSUB": "unsubscribe_url", "ARCHIVE": "view_url", "FNAME": "first_name", "EMAIL": "email"}
    facts |= {"HTML:LIST_ADDRESS_HTML": "postal_address", "LIST:ADDRESSLINE": "postal_address"}
    text = re.sub(
        r"\*\|IF:FNAME\|\*(.*?)\*\|ELSE:\|\*(.*?)\*\|END:IF\|\*", lambda found: found[1], text, flags=re.DOTALL
    )
    return re.sub(r"\*\|([^|]*)\|\*", lambda found: VALUES[facts[found[1]]], text)


def by(pattern: str) -> Callable[[str], str]:
    """Whatever looks like a tag has to be one of ours."""

    def engine(text: str) -> str:
        names = {"unsubscribe": "unsubscribe_url", "url": "view_url", "live_url": "view_url", "name": "first_name"}
        return re.sub(pattern, lambda tag: VALUES[names.get(tag[1], tag[1])], text)

    return engine


def go(text: str) -> str:
    """text/template as far as it can be met: literals, `Safe`, if with an else, the names that listmonk has."""
    names = {"UnsubscribeURL": "unsubscribe_url", "MessageURL": "view_url", ".Subscriber.Email": "email"}
    names |= {".Subscriber.FirstName": "first_name"}
    out: list[str] = []
    silent = 0
    for number, part in enumerate(re.split(r"\{\{((?:`[^`]*`|[^`])*?)\}\}", text, flags=re.DOTALL)):
        if number % 2 == 0:
            assert "{{" not in part, "template: unclosed action"
            out += [] if silent else [part]
            continue
        words = part.strip().removeprefix("Safe ").strip()
        if words.startswith("if "):
            assert words[3:] in names
        elif words in ("else", "end"):
            silent = int(words == "else")
        elif not silent:
            literal = re.fullmatch(r"`([^`]*)`", words)
            out.append(literal[1] if literal else VALUES[names[words]])
    return "".join(out)


ENGINES: dict[str, Callable[[str], str]] = {
    "beehiiv": by(r"\{\{\s*(\w+)[^{}]*\}\}"),
    "brevo": brevo,
    "buttondown": django,
    "ghost": by(r"%%\{(\w+)[^}]*\}%%"),
    "keila": by_liquid,
    "kit": by_liquid,
    "listmonk": go,
    "mailchimp": bars,
    "mailerlite": by(r"\{\$(\w+)[^}]*\}"),
    "resend": resend,
    "sendgrid": sendgrid,
}


# --- what is compared


class _Read(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Any] = []
        self._text = ""

    def text(self) -> None:
        text, self._text = self._text.replace("\u2060", ""), ""
        in_style = bool(self.found) and self.found[-1][:1] == ("style",)
        if text:
            self.found.append("".join(text.split()) if in_style else text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.text()
        self.found.append((tag, [(name, (value or "").replace("\u2060", "")) for name, value in attrs]))

    def handle_endtag(self, tag: str) -> None:
        self.text()
        self.found.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_comment(self, data: str) -> None:
        self.text()
        self.found.append(f"<!--{html.unescape(data)}-->".replace("\u2060", ""))


def as_read(document: str) -> list[Any]:
    """Elements, attributes, texts and comments as a mail program makes them out."""
    parser = _Read()
    parser.feed(document)
    parser.close()
    parser.text()
    return parser.found


@dataclass
class Mails:
    """An issue as the service is given it, and as a reader of the name above should get it."""

    service: Service
    sent: Draft
    wanted: Draft


@pytest.fixture(params=sorted(ENGINES))
def mails(request: pytest.FixtureRequest, services: dict[str, FakeService], email: Email) -> Mails:
    fake = services[request.param]
    exporter = plugins.load("exporters", request.param).Exporter
    settings = settings_of(exporter, request.param, fake.settings, mistakes=[])
    utm = UtmPlan(source="{{news}}*|X|*%%{y}%%{$z}", medium="e mail")
    letter = Letter(email, slug="012", number=12, title="T", publication="News", utm=utm)

    def draft(written: Callable[[Syntax], Syntax]) -> Draft:
        service = prepared(exporter, settings, fake.secret, web=Web(allow_private=True))
        service.html, service.text = written(service.html), written(service.text)  # type: ignore[misc]
        return drafting.draft(letter, service, {})

    def filled(syntax: Syntax) -> Syntax:
        def value(blank: Blank) -> str | None:
            tag = syntax.tag(blank)
            return tag if tag is None else ENGINES[request.param](tag)

        return Syntax(tag=value)

    service = prepared(exporter, settings, fake.secret, web=Web(allow_private=True))
    return Mails(service, draft(lambda syntax: syntax), draft(filled))


def test_the_html_of_a_whole_mail_arrives_as_it_was_built(mails: Mails, request: pytest.FixtureRequest) -> None:
    key = request.node.callspec.params["mails"]
    given = go_templates.html_kept(mails.sent.html) if key == "listmonk" else mails.sent.html
    assert "{% raw %}" in html.unescape(mails.wanted.html)
    assert as_read(ENGINES[key](given)) == as_read(mails.wanted.html)


def test_subject_preheader_and_text_of_a_whole_mail_arrive_as_they_were(
    mails: Mails, request: pytest.FixtureRequest
) -> None:
    key = request.node.callspec.params["mails"]
    # What Ghost takes as a subject it does not search for tags.
    engine = ENGINES[key] if key != "ghost" else lambda text: text
    text = go_templates.text_kept(mails.sent.text) if key == "listmonk" else mails.sent.text
    for sent, wanted in (
        (mails.sent.subject, mails.wanted.subject),
        (mails.sent.preheader, mails.wanted.preheader),
        (text, mails.wanted.text),
    ):
        assert engine(sent).replace("\u2060", "") == wanted
