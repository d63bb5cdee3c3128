"""What spam filters weigh and anybody can see: the subject's tone, links in disguise, words that nobody sees."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from digest import urls
from digest.checks.base import Copy, Place, at, placed, shown
from digest.inspection import subject_tone, unfinished
from digest.inspection.mail_words import pixels, texts, unseen, words
from digest.inspection.whereabouts import first_words, written
from digest.models import Finding

RULES = {
    "capitals": "a subject in capitals",
    "exclamation": "a subject that shouts, with exclamation marks or signs of money",
    "signs": "a subject or preheader with a row of emoji or of other signs",
    "no-words": "a subject without a word in it",
    "fake-reply": "a subject that pretends to be an answer",
    "picture-ratio": "much picture and little text",
    "parts-differ": "a text part that says something else than the HTML",
    "disguised-link": "a link whose words name one site and which leads to another",
    "shortener": "a link by way of an address shortener",
    "ip-link": "a link to a number instead of a site's name",
    "hidden-text": "words that the mail hides from its readers",
}

_REPLY = re.compile(r"\s*(?:re|fwd?|aw|wg|sv|vs|tr|rv|enc|odp|antw|ynt)\s*(?:\[\d+\])?\s*[:：]", re.IGNORECASE)
#: "R: " and "I: " are answers in Italian; elsewhere a language for statistics, and somebody called I.
_ITALIAN_REPLY = re.compile(r"\s*[ri]\s*[:：]", re.IGNORECASE)
#: A mark that ends something; "Yahoo!, Jeopardy! and a town" has none.
_MARK = re.compile(r"[!！](?=\s*\Z|[!！?？]|\s+[^\w\s]*[^\W\d_])")
#: Who owns one of these decides tomorrow where it leads; filters know them for that.
_SHORTENERS = frozenset("""
    bit.ly bitly.com tinyurl.com goo.gl t.co ow.ly is.gd buff.ly rebrand.ly cutt.ly shorturl.at tiny.cc rb.gy t.ly
    bl.ink lnkd.in soo.gd s.id v.gd adf.ly shorte.st ouo.io clck.ru vk.cc dlvr.it ift.tt fb.me wp.me trib.al
    snip.ly po.st q.gs x.co u.to qr.ae hubs.ly hubs.la spr.ly mcaf.ee tr.im cli.gs short.io shorturl.com
    urlz.fr 0rz.tw reurl.cc ppt.cc lihi.cc
""".split())  # fmt: skip  # noqa: SIM905
_HOST = re.compile(r"(?P<how>https?://|www\.)?(?P<host>(?:[\w-]+\.)+[a-z]{2,})(?::\d+)?(?P<path>/\S*)?", re.IGNORECASE)
#: "Node.js" and "README.md" look like hosts to a program.
_NO_SITE = re.compile(
    r"\.(?:js|ts|py|rs|md|txt|html?|php|json|toml|ya?ml|go|c|h|cpp|java|rb|sh|css|pdf|zip|exe|net|io|ai|app|so|pl)\Z",
    re.IGNORECASE,
)
#: Square pixels that a letter of text takes, as mail is set; and the share of a mail that pictures may fill.
_LETTER, _MOST_PICTURE = 160, 0.9
#: Of the words of one part, how many the other may lack. SpamAssassin's MPART_ALT_DIFF begins near this.
_MAY_DIFFER = 0.25
_LEAST_WORDS = 40
_TINY = re.compile(
    r"(?:^|;)\s*(?:font-size\s*:\s*[01](?:\.\d+)?(?:px|pt|em)?|opacity\s*:\s*0(?:\.0+)?)\s*(?:!important\s*)?(?:;|$)",
    re.IGNORECASE,
)


def check(copy: Copy) -> Iterator[Finding]:
    """What makes a filter, or a reader, distrust the mail."""
    yield from _subject(copy)
    yield from _links(copy)
    yield from _hidden(copy)
    yield from _ratio(copy)
    yield from _parts(copy)


def _subject(copy: Copy) -> Iterator[Finding]:
    subject, line = copy.proof.subject, copy.issue.lines.get("subject")
    effect = "Filters count it against the mail, and readers learn to."
    if not subject_tone.has_words(subject):
        # A subject of dots or question marks is one yet to be written, and told as that.
        if subject.strip() and not unfinished.is_placeholder(subject):
            what = f"The subject has no word in it: {shown(subject)}."
            said = "Nobody can tell what the mail is about, and a screen reader reads out signs."
            yield at(copy.issue, line, "warning", "no-words", what, effect=said, hint="Say it in words.")
        return
    for key, text in (("subject", subject), ("preheader", copy.proof.preheader)):
        if row := subject_tone.signs(text):
            what = f"The {key} has a row of signs in it: {shown(row)}."
            said = "Filters count it against the mail, and a screen reader reads out every one."
            at_key = copy.issue.lines.get(key)
            yield at(copy.issue, at_key, "warning", "signs", what, effect=said, hint="One is enough, none is better.")
    if subject_tone.shouts(subject):
        what = f"The subject is written in capitals: {shown(subject)}."
        yield at(copy.issue, line, "warning", "capitals", what, effect=effect, hint="Write it as you would say it.")
    marks = [found for found in _MARK.finditer(subject) if not subject[found.end() :].lstrip()[:1].islower()]
    if len(marks) > 1 or re.search(r"[$€£]{2,}|\?!|!\?|[?]{3,}", subject):
        what = f"The subject shouts: {shown(subject)}."
        yield at(
            copy.issue, line, "warning", "exclamation", what, effect=effect, hint="One mark is enough, none is better."
        )
    italian = copy.email.language.partition("-")[0] == "it"
    if _REPLY.match(subject) or (italian and _ITALIAN_REPLY.match(subject)):
        what = f"The subject pretends to be an answer: {shown(subject)}."
        yield at(copy.issue, line, "warning", "fake-reply", what, effect=effect, hint="Begin with another word.")


def _links(copy: Copy) -> Iterator[Finding]:
    told = set()
    for element in copy.proof.elements("a", "area"):
        url = (element.get("href") or "").strip()
        host = _host(url)
        if not host or host == "blank.invalid":
            continue
        said = " ".join("".join(element.itertext()).split())
        for rule, level, what, hint in _about(url, host, said):
            place = placed(copy, element, url, *written(element))
            name = shown(place.story) if place.story and said in ("", place.story) else f"The link {shown(said or url)}"
            name += f" in {shown(place.story)}" if place.story and name != shown(place.story) else ""
            if (rule, url, place.story) not in told:
                told.add((rule, url, place.story))
                effect = "Filters and careful readers take it for a trap."
                yield place.finding(level, rule, f"{name} {what}", effect=effect, hint=hint)


def _about(url: str, host: str, said: str) -> Iterator[tuple[str, str, str, str]]:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        yield "ip-link", "warning", f"leads to a number, {host}, not to a site's name.", "Link to the site by its name."
    if (host in _SHORTENERS and urlsplit(url).path.strip("/")) or (
        host.removeprefix("www.") in _SHORTENERS and urlsplit(url).path.strip("/")
    ):
        yield "shortener", "warning", f"goes by way of {host}, which hides where it leads.", "Link to the page itself."
    found = _HOST.fullmatch(said.strip(".,;:!?()<>\"'“”‘’ "))
    if not found or (not found["how"] and (_NO_SITE.search(found["host"]) or not found["host"].islower())):
        return
    named = found["host"].lower().removeprefix("www.")
    if _related(named, host.removeprefix("www.")) or urls.site(f"https://{named}/") == urls.site(url):
        return
    # "booking.com" alone may be what a story is about; with https:// before it, it is an address.
    level = "warning" if found["how"] or found["path"] else "note"
    yield "disguised-link", level, f"names {named} and leads to {host}.", "Let the words name what it leads to."


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        return (parts.hostname or "") if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _related(one: str, other: str) -> bool:
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}") or _last(one) == _last(other)


def _last(host: str) -> str:
    """What stands for the owner: two labels, or three where the second to last is one of those that many share."""
    labels = host.split(".")
    shared = len(labels) > 2 and (
        len(labels[-2]) <= 3 or labels[-2] in ("github", "gitlab", "blogspot", "wordpress", "substack")
    )
    return ".".join(labels[-3:] if shared else labels[-2:])


def _hidden(copy: Copy) -> Iterator[Finding]:
    body = copy.proof.root.find("body")
    preheader = words(copy.proof.preheader)
    for element in _outermost(body) if body is not None else ():
        if unseen(element):
            text = "".join(text for text, _ in texts(element, hidden=True))
        elif _TINY.search(element.get("style") or ""):
            text = element.text or ""
        else:
            continue
        said = words(text)
        # The first hidden line is what inboxes show after the subject; where none was written, the mail's first words.
        if not said or said == preheader or _is_first_line(element, body):
            continue
        place = placed(copy, element, *written(element), *first_words(element))
        inside = f" in {shown(place.story)}" if place.story else ""
        what = f"Words{inside} are hidden from readers: {shown(' '.join(text.split()))}."
        effect = "Filters look for that, as it is how spam fools them."
        yield place.finding("warning", "hidden-text", what, effect=effect, hint="Show them, or take them out.")


def _outermost(element: Any) -> Iterator[Any]:
    """An element and those below it; below one that is not shown nothing."""
    if isinstance(element.tag, str):
        yield element
        if not unseen(element):
            for child in element:
                yield from _outermost(child)


def _is_first_line(element: Any, body: Any) -> bool:
    """Whether nothing that can be read stands before it."""
    for text, inside in texts(body, hidden=True):
        if text.strip():
            return inside is element or element in inside.iterancestors()
    return False


def _ratio(copy: Copy) -> Iterator[Finding]:
    area = 0
    for element in copy.proof.elements("img"):
        width, height = pixels(element)
        if width and not unseen(element):
            area += width * (height or width * 2 // 3)
    letters = sum(len("".join(text.split())) for text, _ in texts(copy.proof.root))
    share = area / (area + letters * _LETTER) if area else 0
    if share > _MOST_PICTURE:
        what = f"Pictures fill {share:.0%} of the mail."
        effect = "Filters distrust what they cannot read."
        yield Place(copy.issue.path).finding("warning", "picture-ratio", what, effect=effect, hint="Say more in words.")


def _parts(copy: Copy) -> Iterator[Finding]:
    # Addresses and their numbers stand in the text part only; what alt says stands in both.
    plain = set(filter(_tells, words(re.sub(r"\S+://\S+|mailto:\S+|\S+@\S+", " ", copy.proof.text))))
    html = {word for text, _ in texts(copy.proof.root) for word in filter(_tells, words(text))}
    alts = {word for each in copy.proof.elements("img") for word in words(each.get("alt") or "")}
    if not plain or len(html) < _LEAST_WORDS:
        return  # "text" tells of a text part that is not there
    missing, extra = html - plain, plain - html - alts
    if len(missing) > _MAY_DIFFER * len(html):
        share = len(missing) / len(html)
        what = f"The text part lacks {share:.0%} of the words that the HTML has, such as {_some(missing)}."
    elif len(extra) > _MAY_DIFFER * len(plain):
        what = f"The text part has many words that the HTML lacks, such as {_some(extra)}."
    else:
        return
    effect = "Filters hold it against the mail; readers of the text part get another issue."
    yield Place(copy.issue.path).finding(
        "warning", "parts-differ", what, effect=effect, hint="See issue.txt of your theme."
    )


def _tells(word: str) -> bool:
    return len(word) > 2 and not word.isdigit()


def _some(found: set[str]) -> str:
    return ", ".join(f'"{word}"' for word in sorted(found, key=lambda word: (-len(word), word))[:3])
