"""Whether the blanks that a mailing service fills in are ones it knows, and none is left to be read as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from digest import merge_tags, plugins
from digest.checks.base import Copy, Place, at, line_of, placed, shown
from digest.errors import CannotCheck, DigestError, did_you_mean
from digest.inspection.mail_words import is_code, texts
from digest.merge_tags import Blank
from digest.models import Finding

RULES = {
    "not-filled": "double brackets that no service will fill in",
    "no-fallback": "a blank with nothing to stand in it for readers of whom nothing is known",
    "not-known-there": "a blank that the service cannot fill",
    "no-unsubscribe": "the service asks for an unsubscribe link that the mail, or its text part, lacks",
    "foreign": "another service's tag, written out in the text",
}

#: What is typed for a blank by those who know it from elsewhere, by what it is called once "subscriber." and the like
#: are off.
_MEANT = {
    "first_name": "fname firstname first_name name username given_name vorname prenom nombre voornaam lname last_name",
    "email": "email email_address emailaddress e_mail mail",
    "unsubscribe_url": "unsub unsubscribe unsubscribe_url unsubscribe_link unsubscribeurl unsubscribelink optout"
    " opt_out resend_unsubscribe_url pm_unsubscribe_url preferences_url",
    "view_url": "archive webversion web_version weblink mirror view_in_browser messageurl email_url browser_url url",
    "postal_address": "address list_address list_address_html list_addressline addressline company_address",
}
_NEUTRAL = {said: name for name, all_said in _MEANT.items() for said in all_said.split()}
#: How services write their tags. What is inside has to be one of the words above: `{{ user }}` may be what a story
#: is about.
_FOREIGN = re.compile(
    r"\*\|(?P<mailchimp>[A-Z][A-Z0-9_:]*)\|\*"
    r"|\{\{\{?-?\s*(?P<braces>[\w.$ -]+?)\s*(?:\|[^{}]*)?(?:\s+default=[^{}]*)?-?\}?\}\}"
    r"|%%\{?(?P<percents>[\w.]+)(?:,[^%]*)?\}?%%"
    r"|%(?P<percent>[A-Za-z_]+(?:\.[A-Za-z_]+)*)%"
    r"|(?<!\$)\{\$(?P<dollar>[\w.]+)\}"
    r"|\$\{(?P<shell>[\w.]+)\}"
    r"|<%=?\s*(?P<erb>[\w.]+)\s*%>"
    r"|\[(?P<bracket>[A-Za-z_]+),\s*fallback=[^\]]*\]"
    r"|(?<!\[)\[(?P<single>[A-Za-z]+_[A-Za-z_]+)(?:\s*\|[^\[\]\n]*)?\](?![\](:])"
    r"|(?<![{$])\{(?P<brace>[A-Za-z]+_[A-Za-z_]+|FNAME|UNSUBSCRIBE)\}(?!\})"
    r"|<(?P<tag>unsubscribe|webversion)>"
)
_BEFORE_NAME = re.compile(
    r"^(?:subscriber|contact|recipient|user|member|person|email|list|metadata|merge|params|data|attributes|campaign)[.:_]"
)
_BRACKETS = re.compile(r"\[\[\s*([A-Za-z][\w -]{0,40}?)\s*(?:\|[^\[\]\n]*)?\]\]|\[\[\s*([A-Za-z_]{3,30})\s*\}\}")


def check(copy: Copy) -> Iterator[Finding]:
    """What would be printed as it was typed, or stand empty; for a service also what it cannot do."""
    yield from _typed(copy)
    yield from _fallbacks(copy)
    if copy.service:
        yield from _for_service(copy)


def _typed(copy: Copy) -> Iterator[Finding]:
    told: set[tuple[int | None, str]] = set()
    for text, element in _read(copy):
        for found in (*_BRACKETS.finditer(text), *_FOREIGN.finditer(text)):
            line = copy.issue.lines.get("subject") if element is None else None
            place = Place(copy.issue.path, line) if element is None else placed(copy, element, found[0])
            if (place.line, found[0]) in told:
                continue
            told.add((place.line, found[0]))
            if finding := _about(found, place):
                yield finding


def _read(copy: Copy) -> Iterator[tuple[str, Any]]:
    """The subject, then every text that readers see and that is no code."""
    yield copy.proof.subject, None
    for text, element in texts(copy.proof.root):
        if element.tag == "em" and text[:1] == text[-1:] == "|":
            yield f"*{text}*", element  # Markdown reads the stars of *|FNAME|* as its own
        elif ("[" in text or "{" in text or "%" in text or "*|" in text or "<" in text) and not is_code(element):
            yield text, element


def _about(found: re.Match[str], place: Place) -> Finding | None:
    inside = f" in {shown(place.story)}" if place.story else ""
    effect = "Readers see it as it stands."
    if found.re is _BRACKETS:
        name = (found[1] or found[2]).strip().replace(" ", "_").replace("-", "_")
        known = name if name in merge_tags.NAMES else _NEUTRAL.get(name.casefold(), "")
        guess = f" Did you mean {_written(known)}?" if known else did_you_mean(name, merge_tags.NAMES)
        if not guess and not re.fullmatch(r"\[\[\s*\w+\s*\|[^\[\]]*\]\]", found[0]):
            return None  # [[a page's name]] is how some notebooks link
        return place.finding("warning", "not-filled", f"{found[0]}{inside} is no blank.{guess}", effect=effect)
    said = next(value for value in found.groupdict().values() if value).strip(" $.").casefold().replace(" ", "_")
    bare = said
    while (shorter := _BEFORE_NAME.sub("", bare)) != bare and bare not in _NEUTRAL:
        bare = shorter
    known = bare if bare in merge_tags.NAMES else _NEUTRAL.get(bare, "")
    if not known:
        return None
    what = f"{found[0]}{inside} looks like a service's own tag, and is text here."
    return place.finding(
        "warning", "foreign", what, effect=effect, hint=f"Write {_written(known)}, which fits every service."
    )


def _written(name: str) -> str:
    return "[[first_name|reader]]" if name == "first_name" else f"[[{name}]]"


def _fallbacks(copy: Copy) -> Iterator[Finding]:
    """Only who signed up with a name has one."""
    in_code = False
    for number, line in enumerate(copy.lines, 1):
        in_code = in_code != line.lstrip().startswith(("```", "~~~"))
        for found, blank in merge_tags.written(line):
            code = line.count("`", 0, found.start()) % 2
            if blank.name == "first_name" and not blank.fallback and not code and not in_code:
                start = max((each for each in copy.starts if each <= number), default=0)
                titled = {each.line: each.title for each in copy.issue.stories} | {
                    each.line: each.title for each in copy.issue.briefs
                }
                what = f"{found[0]} has nothing to stand there for readers who gave no name."
                effect = 'They read "Good morning, ."'
                hint = "Write [[first_name|reader]], with your own word behind the bar."
                story = titled.get(start, "")
                yield at(copy.issue, number, "warning", "no-fallback", what, effect=effect, hint=hint, story=story)


# For a service.


def _for_service(copy: Copy) -> Iterator[Finding]:
    try:
        exporter = getattr(plugins.load("exporters", copy.service), "Exporter", None)
    except DigestError as error:
        raise CannotCheck(error.what, hint=error.hint) from error
    html, can = getattr(exporter, "html", None), getattr(exporter, "can", None)
    if html is None or can is None:
        return  # A folder: no service fills anything in.
    name = getattr(exporter, "name", copy.service)
    # What a service does not know of, the publication may say.
    own = {"view_url": copy.email.view_url, "postal_address": copy.email.postal_address}
    for blank in _blanks(copy):
        line = line_of(copy, 0, f"[[{blank.name}]]", f"[[{blank.name}|")
        if html.tag(blank) is None and not own.get(blank.name) and line:
            stands = f'"{blank.fallback}" stands in its place' if blank.fallback else "nothing stands in its place"
            what = f"{name} cannot fill in [[{blank.name}]]; {stands}."
            level = "note" if blank.fallback else "warning"
            yield at(copy.issue, line, level, "not-known-there", what, effect="All readers read the same there.")
    parts = [("mail", copy.email.html)] + ([("text part", copy.email.text)] if can.text else [])
    for part, content in parts:
        known = {blank.name for blank in merge_tags.blanks(content)}
        if "unsubscribe_url" not in known and not can.footer:
            what = f"The {part} has no unsubscribe link, and {name} asks for one."
            effect = f"{name} adds a footer of its own, or refuses to send."
            hint = "The themes have one in their footer; in your own write [[unsubscribe_url]]."
            yield Place(copy.issue.path).finding("error", "no-unsubscribe", what, effect=effect, hint=hint)


def _blanks(copy: Copy) -> list[Blank]:
    email = copy.email
    every = [
        blank for part in (email.subject, email.preheader, email.html, email.text) for blank in merge_tags.blanks(part)
    ]
    return list(dict.fromkeys(every))
