"""What an editor writes passes through every service's template language as itself."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import jinja2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.services import languages
from digest.services.languages import Language

liquid = pytest.importorskip("liquid", reason="python-liquid, of the group dev, is not installed")
pybars = pytest.importorskip("pybars", reason="pybars3, of the group dev, is not installed")

#: What a reader called Ann would have filled in.
NAME = "Ann"


def by_jinja(text: str) -> str:
    environment = jinja2.Environment(keep_trailing_newline=True, undefined=jinja2.StrictUndefined)  # as a mail: no HTML
    return environment.from_string(text).render(name=NAME)


def by_liquid(text: str) -> str:
    return str(liquid.Environment().from_string(text).render(name=NAME))


def by_handlebars(text: str) -> str:
    return str(pybars.Compiler().compile(text)({"name": NAME}))


def by_go(text: str) -> str:
    """text/template, as far as it can be met: a literal in backquotes, a field, or an error."""

    def action(found: re.Match[str]) -> str:
        inside = found[1].strip()
        if literal := re.fullmatch(r"`([^`]*)`", inside):
            return literal[1]
        assert inside == ".Name", f"template: unexpected {inside!r}"
        return NAME

    printed = re.sub(r"\{\{(.*?)\}\}", action, text, flags=re.DOTALL)
    left = re.sub(r"\{\{.*?\}\}", "", text, flags=re.DOTALL)
    assert "{{" not in left, "template: unclosed action"
    return printed


def by_pattern(pattern: str) -> Callable[[str], str]:
    """A language that replaces what looks like a tag, whether it knows it or not."""
    return lambda text: re.sub(pattern, lambda found: NAME if found[1].lower() == "name" else "", text)


ENGINES: dict[str, tuple[Language, str, Callable[[str], str]]] = {
    "django": (languages.DJANGO, "{{ name }}", by_jinja),
    "liquid": (languages.LIQUID, "{{ name }}", by_liquid),
    "go": (languages.GO, "{{ .Name }}", by_go),
    "handlebars": (languages.HANDLEBARS, "{{name}}", by_handlebars),
    "brevo": (languages.BREVO, "{{ name }}", by_jinja),
    "bars": (languages.BARS, "*|NAME|*", by_pattern(r"\*\|([^|]*)\|\*")),
    "ghost": (languages.GHOST, "%%{name}%%", by_pattern(r"%%\{(.*?)\}%%")),
    "dollar": (languages.DOLLAR, "{$name}", by_pattern(r"\{\$(\w+)\}")),
    "percent": (languages.PERCENT, "%recipient.name%", by_pattern(r"%recipient\.(\w+)%")),
    "brackets": (languages.BRACKETS, "[name]", by_pattern(r"\[(\w+)[^\]]*\]")),
}

#: Texts full of what means something to somebody.
PIECES = st.sampled_from(
    ["{", "}", "{{", "}}", "{{{", "{%", "%}", "{#", "#}", "*|", "|*", "%%{", "}%%", "{$", "%recipient.name%", "[", "]",
     "name", "user", " ", "'", '"', "`", "\\", "raw", "endraw", "if", "end", "-", "#", "&", "!", "\n", "ü", "🚀", "|",
     "*", "%", "$", "comment"]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=14).map("".join)


@pytest.mark.parametrize("name", ENGINES)
@settings(max_examples=80, deadline=None)
@given(before=TEXTS, after=TEXTS)
@example(before="Jinja's {{ user }} and {% raw %}", after="{# gone #} *|FNAME|* %%{uuid}%% {$name} {{{ x }}}")
@example(before="{", after="}")
@example(before="{{", after="}}")
def test_a_text_comes_out_as_it_went_in_around_a_tag(name: str, before: str, after: str) -> None:
    language, tag, engine = ENGINES[name]
    sent = language.text(before) + tag + language.text(after)
    assert engine(sent).replace("\u2060", "") == (before + NAME + after).replace("\u2060", "")


@pytest.mark.parametrize("name", ENGINES)
@settings(max_examples=80, deadline=None)
@given(before=TEXTS, after=TEXTS)
@example(before="{{ user }}", after="{% if %}")
def test_html_says_the_same_to_a_reader_around_a_tag(name: str, before: str, after: str) -> None:
    language, tag, engine = ENGINES[name]
    sent = language.html(html.escape(before)) + tag + language.html(html.escape(after))
    read = html.unescape(engine(sent))
    assert (read.replace("\u2060", "") if language.rewritten else read) == before + NAME + after


@pytest.mark.parametrize("name", ENGINES)
def test_a_style_sheet_means_what_it_meant(name: str) -> None:
    language, _, engine = ENGINES[name]
    css = "<style>@media print{#a{color:red}}@media x{{b{c:d}}}</style>"
    assert re.sub(r"\s", "", engine(language.html(css))) == re.sub(r"\s", "", css)


@pytest.mark.parametrize("language", [each[0] for each in ENGINES.values()], ids=list(ENGINES))
def test_what_is_no_tag_is_left_byte_for_byte(language: Language) -> None:
    text = "Plain words, a {brace}, 100 %, 2 * 3, an <b>element</b> and https://a.example/?x=%20y."
    assert (language.text(text), language.html(text)) == (text, text)


def test_an_attribute_keeps_its_quotes() -> None:
    sent: Any = languages.DJANGO.html('<a href="https://a.example/{{x}}" title="{% y %}">')
    assert by_jinja(sent).count('"') == 4
    assert html.unescape(by_jinja(sent)) == '<a href="https://a.example/{{x}}" title="{% y %}">'


def test_an_address_with_a_letter_of_another_script_is_no_tag_of_mailguns() -> None:
    text = "https://el.news.example/%ce%b1%ed%95%9c and 100%off. %unsubscribe_url%."
    assert languages.PERCENT.text(text) == text.replace("%unsubscribe", "%\u2060unsubscribe")


@pytest.mark.parametrize("language", [each[0] for each in ENGINES.values()], ids=list(ENGINES))
def test_what_outlook_reads_stays_for_it(language: Language) -> None:
    html_ = "<!--[if mso | IE]><table><![endif]--><!--[if !mso]><!--><p>x</p><!--<![endif]-->"
    assert language.html(html_) == html_
