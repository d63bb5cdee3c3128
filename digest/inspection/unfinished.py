"""Marks that somebody meant to come back: TODO, lorem ipsum, an address of a machine that no reader can reach. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

#: What is no word of any text: addresses, and code.
_NO_PROSE = re.compile(r"<?\b[a-z][a-z0-9+.-]*://\S+|\bwww\.\S+|\bmailto:\S+|`[^`]*`", re.IGNORECASE)
#: As the design has it, in capitals: "todo el mundo" is Spanish, and a to-do list is a subject.
TODO = re.compile(r"(?<![\w/#.-])TODO(?![\w/-])")
_LOREM = re.compile(
    r"\blorem ipsum\b|\bdolor sit amet\b|\bconsectetu[er]r? adipisc\w+|\bsed do eiusmod\b|\bincididunt ut labore\b"
    r"|\bduis aute irure\b|\bexcepteur sint\b|\bquis nostrud exercitation\b",
    re.IGNORECASE,
)
#: "TK", to come, is what newsrooms write; alone it is also a country, an airline and a toolkit.
_MARKS = re.compile(
    r"(?<![\w/-])(?:FIXME|TKTK\w*|(?<![\"“‘«„*_])XXX+(?![\"”’»*_]))(?![\w/-])"
    r"|[\[(<](?:TK|TBD|TBC|XX+|DRAFT|PLACEHOLDER)[\])>](?!\()|(?<!\w)TK(?=[,;:]? TK\b)"
    # "TK years later"; the airline, the country and the shop are followed by a number, a verb or a name.
    r"|(?<![\w-])TK(?= (?:per ?cent|million|billion|thousand|hundred|more)\b"
    r"| (?!is\b|was\b|as\b|has\b|does\b|its\b)[a-z]{2,}s\b)"
    r"|\[(?i:draft|todo|to do|wip|entwurf|brouillon|borrador|rascunho|bozza|concept)\](?![\[(:])"
)
#: A line of its own that says "todo:" in small letters; where "todo" is a word for all, it is no mark.
_SMALL_TODO = re.compile(r"\s*(?:[-*+>]\s+|\d+[.)]\s+)*[*_]{0,2}(?:@todo\b|to-?do\s?:)", re.IGNORECASE)
_TODO_IS_ALL = frozenset({"es", "pt", "gl", "ast", "an"})
#: What nobody writes as a paragraph of its own, however short the others are.
_ALONE_IN_A_LINE = re.compile(
    r"(?:tbd|tba|tbc|tk|xx+|asdf\w*|placeholder|\?{3,}|(?:text|blurb|words) (?:here|goes here|to come))[.!]?",
    re.IGNORECASE,
)
_DRAFT = re.compile(r"(?<![\w'’&/-])DRAFT(?![\w'’/-])")
#: Thirty in Roman numerals.
_THIRTY = re.compile(r"\b(?:Bowl|Olympiad|Games|Vol\.|Volume|Chapter|Part|Book|Canto|Psalm|Article|No\.) XXX\b")
#: What stands alone in a field until somebody writes it.
_ALONE = re.compile(
    r"(?:x{2,}|tk|tbd|tba|tbc|todo|fixme|draft|test|testing|asdf\w*|title|headline|blurb|text|subject|preheader|"
    r"untitled|placeholder|(?:title|headline|blurb|text|subject|preheader|words) (?:here|goes here|to come)|"
    r"(?:your|the) (?:title|headline|blurb|text|subject|preheader)(?: goes)?(?: here)?|\.{3,}|…|\?{2,}|-+)[.!]?",
    re.IGNORECASE,
)

_LOCAL_NAME = "a name that only your own network knows"
_LOCAL = ("localhost", "local", "test", "internal", "lan", "intranet", "invalid", "home.arpa", "corp", "localdomain")
#: Doors that a developer opens to his own machine for an hour, and copies that live as long as a branch.
_TUNNELS = (
    "ngrok.io",
    "ngrok.app",
    "ngrok.dev",
    "ngrok-free.app",
    "ngrok-free.dev",
    "trycloudflare.com",
    "loca.lt",
    "localtunnel.me",
    "serveo.net",
    "lvh.me",
    "nip.io",
    "sslip.io",
    "gitpod.io",
    "app.github.dev",
    "webcontainer.io",
    "localhost.run",
    "lhr.life",
    "devtunnels.ms",
)
_STAGES = re.compile(r"(?:.*-)?(?:staging|stage|stg|preprod|pre-prod|preproduction|uat|localhost)(?:-.*|\d*)")
#: First parts of a name that are a copy for its makers when the rest is the newsletter's own site. Of other sites they
#: say nothing: dev.mysql.com and test.de are there for everybody.
_OWN_STAGES = frozenset(
    ("dev", "test", "testing", "preview", "draft", "drafts", "cms", "wip", "sandbox", "demo", "beta", "next")
)
#: Pages of a site's own office: WordPress and Ghost show them to who is logged in.
_OFFICE = re.compile(
    r"/wp-admin/|/wp-login\.php|/ghost/?#|[?&]preview(?:_id|_nonce)?=(?:true|\d)|//mail\.google\.com/mail/"
)
#: A name of three parts or more, written out in a text.
_NAMED = re.compile(r"(?<![\w@./-])(?:https?://)?((?:[a-z0-9][a-z0-9-]*\.){2,}[a-z]{2,})(?![\w-])", re.IGNORECASE)
_BRANCH = re.compile(r"deploy-preview-\d+--.*\.netlify\.app|.*-git-.*\.vercel\.app|[0-9a-f]{8}\..*\.pages\.dev")
#: RFC 2606, 3. The ending .example is left alone: who writes it means an example.
_EXAMPLES = ("example.com", "example.org", "example.net")


def without_addresses(text: str) -> str:
    """`text` with its addresses and code blanked: a TODO.md in a link is no mark."""
    return _NO_PROSE.sub(lambda found: " " * len(found[0]), text)


def mark(text: str, language: str = "") -> str:
    """The first mark of unfinished text in a line that readers see; "" for none. TODO is looked for apart."""
    text = _THIRTY.sub("", without_addresses(text))
    found = _LOREM.search(text) or _MARKS.search(text) or _DRAFT.search(text)
    if found is None and language.partition("-")[0].lower() not in _TODO_IS_ALL:
        found = _SMALL_TODO.match(text)
    found = found or _ALONE_IN_A_LINE.fullmatch(text.strip(" *_[]()<>\"'"))
    return found[0].strip() if found else ""


def is_lorem(text: str) -> bool:
    return _LOREM.search(text) is not None


def has_todo(text: str) -> bool:
    """Whether a TODO stands in a line, comments included, addresses not."""
    return TODO.search(without_addresses(re.sub(r"\]\([^)\s]*\)", "]", text))) is not None


def is_placeholder(text: str) -> bool:
    """Whether a title, a blurb or a subject is nothing but a word for one yet to be written."""
    return _ALONE.fullmatch(text.strip(" *_[]()<>\"'")) is not None


def unreachable(url: str, staging: Iterable[str] = (), *, own: str = "", inside: bool = False) -> str:
    """Why no reader should be sent to an address, as a phrase; "" when nothing speaks against it.

    `inside`: readers are in the network whose addresses and names are no one else's.
    `own` is the newsletter's own site, whose copies have names that say nothing elsewhere.
    """
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return ""
    if parts.scheme.lower() == "file" or re.match(r"[A-Za-z]:[\\/]", url):
        return "a file on your own computer"
    if not host or parts.scheme.lower() not in ("http", "https", ""):
        return ""
    for each in staging:
        name = (urlsplit(each).hostname or each) if "//" in each else each.partition("/")[0].partition(":")[0]
        if _below(host, name.lower().lstrip("*.")):
            return "a staging host, as [check] staging has it"
    if _OFFICE.search(url):
        return "a page that only its editors can open"
    if own and host != own and host.endswith(f".{own}") and host.removesuffix(f".{own}").split(".")[-1] in _OWN_STAGES:
        return "a copy of your site for its makers"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        why = _by_name(host)
        return "" if inside and why == _LOCAL_NAME else why
    if inside:
        return ""
    if address.is_private or address.is_loopback or address.is_link_local or address.is_unspecified:
        return "an address of your own network"
    return ""


def named_staging(text: str, staging: Iterable[str] = (), *, own: str = "") -> tuple[str, str]:
    """The first staging host that a text names, and why it is one; two empty texts where none is.

    A machine of one's own ("localhost", "192.168.0.1") may well be what a story is about.
    """
    for found in _NAMED.finditer(text):
        why = unreachable(f"https://{found[1].lower()}/", staging, own=own)
        if why and why != _LOCAL_NAME:
            return found[1], why
    return "", ""


def _by_name(host: str) -> str:
    labels = host.split(".")
    if host in _LOCAL or any(_below(host, ending) for ending in _LOCAL):
        return "" if host == "blank.invalid" else _LOCAL_NAME
    if any(_below(host, each) for each in _TUNNELS):
        return "a door to somebody's own computer, open for an hour"
    # The first part alone, or the one behind "www": stage.example.org is one, backstage.org is not.
    first = labels[1] if labels[0] == "www" and len(labels) > 3 else labels[0]
    if len(labels) > 2 and _STAGES.fullmatch(first):
        return "a staging host"
    return "a copy made for a branch" if _BRANCH.fullmatch(host) else ""


def is_example(url: str) -> bool:
    """Whether an address is one of the three that exist for examples only."""
    try:
        host = (urlsplit(url.strip()).hostname or "").rstrip(".")
    except ValueError:
        return False
    return any(_below(host, each) for each in _EXAMPLES)


def _below(host: str, name: str) -> bool:
    return bool(name) and (host == name or host.endswith(f".{name}"))
