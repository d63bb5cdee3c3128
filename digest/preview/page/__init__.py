"""The preview page: what the server knows of an issue, as HTML in which every control is a link.

The page is whole without a script. `preview.js` asks for the same page again after a save and takes over the parts
that changed, so all markup, and all escaping, is in `page.html`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

FOLDER = Path(__file__).parent

#: What can be chosen, and what is meant where an address says nothing. A width is any number as well.
CHOICES: Mapping[str, tuple[str, ...]] = {
    "view": ("mail", "text", "source", "headers", "inbox"),
    "width": ("desktop", "600", "375", "320"),
    "mode": ("light", "dark", "inverted"),
    "pictures": ("on", "off"),
    "panel": ("none", "findings", "weight"),
    "find": ("0", "1"),
}
#: Pixels between which the mail can be drawn.
NARROWEST, WIDEST = 240, 1600

_VIEWS = (
    ("mail", "Mail", "m"),
    ("text", "Text", "t"),
    ("source", "Source", "s"),
    ("headers", "Headers", "h"),
    ("inbox", "Inbox", "n"),
)
_WIDTHS = (("320", "320", "1"), ("375", "375", "2"), ("600", "600", "3"), ("desktop", "Desktop", "4"))
_MODES = (("light", "Light", "l"), ("dark", "Dark", "d"), ("inverted", "Inverted", "i"))
#: Every key and what it does, for the list that "?" shows.
KEYS = (
    ("1 2 3 4", "320, 375, 600 pixels wide; desktop"),
    ("l d i", "light; dark as the mail says; inverted as apps do it"),
    ("p", "pictures on or off"),
    ("f", "find in source: a click on a story names its line"),
    ("e", "open your editor, at the story you clicked last"),
    ("m t s h n", "mail, text, source, headers, inbox"),
    ("c w", "findings; weight"),
    ("j k", "next issue, previous issue"),
    ("/", "all issues"),
    ("?", "these keys"),
)


@dataclass(frozen=True, slots=True)
class _Link:
    """A control: where it leads, and whether that is where we are."""

    text: str
    href: str
    key: str = ""
    here: bool = False
    name: str = ""


def chosen(query: Mapping[str, str]) -> dict[str, str]:
    """Every choice: what an address asks for where that can be had, else what is meant by saying nothing."""
    found = {}
    for name, known in CHOICES.items():
        asked = str(query.get(name, ""))
        if name == "width" and asked.isascii() and asked.isdigit() and len(asked) < 6:
            found[name] = str(min(max(int(asked), NARROWEST), WIDEST))
        else:
            found[name] = asked if asked in known else known[0]
    return found


def address(slug: str, choices: Mapping[str, str]) -> str:
    """The page's own address: an issue and what was chosen, defaults left out."""
    said = {name: choices[name] for name, known in CHOICES.items() if choices[name] != known[0]}
    return f"/issue/{quote(slug, safe='')}" + (f"?{urlencode(said)}" if said else "")


@cache
def opening() -> str:
    """What every page begins with: enough for a browser to fetch the rest of what it needs."""
    return _environment().get_template("opening.html").render()


def render(state: Mapping[str, Any], choices: Mapping[str, str], token: str) -> str:
    """The page for one issue. `choices` may be an address's raw query."""
    choices = chosen(choices)
    slug = str(state["slug"])
    issues = state["issues"]
    at = next((number for number, each in enumerate(issues) if each["slug"] == slug), -1)

    def link(text: str, key: str = "", *, here: bool = False, name: str = "", **changes: str) -> _Link:
        return _Link(text, address(slug, {**choices, **changes}), key, here, name)

    return _template().render(
        state={"cannot_send": "", **state},
        choices=choices,
        token=token,
        keys=KEYS,
        issue=issues[at] if at >= 0 else {"slug": slug, "number": None, "title": "", "date": "", "status": ""},
        issues=[(each, address(each["slug"], choices)) for each in issues],
        before=address(issues[at - 1]["slug"], choices) if at > 0 else "",
        after=address(issues[at + 1]["slug"], choices) if 0 <= at < len(issues) - 1 else "",
        views=[link(text, key, here=choices["view"] == name, name=name, view=name) for name, text, key in _VIEWS],
        widths=[link(text, key, here=choices["width"] == name, width=name) for name, text, key in _WIDTHS],
        modes=[link(text, key, here=choices["mode"] == name, mode=name) for name, text, key in _MODES],
        pictures=_switch(link, choices, "pictures", "Pictures", "p", on="on", off="off"),
        find=_switch(link, choices, "find", "Find in source", "f", on="1", off="0"),
        panels=_panels(link, choices, state),
        closed=link("Close", panel="none"),
        sources=_sources(slug, state, choices),
        limits=(NARROWEST, WIDEST),
        weight=_weight(state["weight"]),
        findings=_findings(state["findings"]),
    )


def _template() -> Template:
    return _environment().get_template("page.html")


@cache
def _environment() -> Environment:
    known = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # As in `digest.render.templates`; an editor waits for the compiling at the start.
        optimized=False,
    )
    known.filters.update(kb=_kb, plural=_plural, sure=_sure)
    return known


def _switch(
    link: Callable[..., _Link], choices: Mapping[str, str], name: str, text: str, key: str, *, on: str, off: str
) -> _Link:
    """A link that leads to the other state of what is on or off."""
    is_on = choices[name] == on
    return link(text, key, here=is_on, name=name, **{name: off if is_on else on})


def _panels(
    link: Callable[..., _Link], choices: Mapping[str, str], state: Mapping[str, Any]
) -> list[tuple[_Link, str]]:
    """The two panels, each with the figure that stands on its button."""
    limit = state["weight"]["limit"] or 1
    figures = {"findings": f"{len(state['findings'])}", "weight": f"{state['weight']['bytes'] / limit:.0%}"}
    found = []
    for name, text, key in (("findings", "Findings", "c"), ("weight", "Weight", "w")):
        here = choices["panel"] == name
        found.append((link(text, key, here=here, name=name, panel="none" if here else name), figures[name]))
    return found


def _sources(slug: str, state: Mapping[str, Any], choices: Mapping[str, str]) -> dict[str, str]:
    """Where the mail and its other forms are asked for. A script adds the key by which the mail tells its height."""
    asked = {name: choices[name] for name in ("mode", "pictures", "find")}
    known = {name: f"/{name}/{quote(slug, safe='')}" for name in ("text", "source", "headers", "eml")}
    return {**known, "mail": f"/mail/{quote(slug, safe='')}?{urlencode(asked)}"}


def _weight(weight: Mapping[str, Any]) -> dict[str, Any]:
    """The weight as drawings 1000 units wide: the whole mail, or Gmail's limit if that is further; and each story,
    measured by the heaviest.
    """
    scale = max(weight["bytes"], weight["limit"]) or 1
    heaviest = max((story["bytes"] for story in weight["stories"]), default=1) or 1
    stories = []
    for story in weight["stories"]:
        start, end = (min(max(story[name], 0), 1) * weight["bytes"] / scale * 1000 for name in ("from", "to"))
        stories.append({**story, "x": round(start, 2), "width": round(max(end - start, 1), 2)})
        stories[-1]["share"] = round(story["bytes"] / heaviest * 1000)
    return {
        **weight,
        "stories": stories,
        "whole": round(weight["bytes"] / scale * 1000, 2),
        "line": round(weight["limit"] / scale * 1000, 2),
        "over": max(weight["bytes"] - weight["limit"], 0),
    }


def _findings(findings: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Findings by level, the gravest first, each level with its heading."""
    titles = {"error": "To mend", "warning": "To look at", "note": "Good to know"}
    return [
        (title, found) for level, title in titles.items() if (found := [f for f in findings if f["level"] == level])
    ]


def _kb(count: float) -> str:
    """Bytes in the kilobytes that Gmail's 102,400 are counted in."""
    return f"{count / 1000:,.1f} kB" if count >= 100 else f"{count:.0f} bytes"


def _plural(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _sure(text: object) -> str:
    """A text on one line, for an attribute or a title."""
    return " ".join(str(text).split())
