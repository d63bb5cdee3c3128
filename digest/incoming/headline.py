"""A headline without the name of the site that page titles carry before or behind it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

#: What stands between a headline and a site's name. The bars and dots hardly ever stand inside a headline;
#: dashes do, and colons mostly do.
_BAR = re.compile(r"\s+(?:\|{1,2}|::|»|«|·|•|►|—\|)\s+|\s?[｜┃│]\s?|\s\|(?=\S)|(?<=\S)\|\s")
_DASH = re.compile(r"\s+[-–—―/~]{1,2}\s+")
_COLON = re.compile(r":\s+")
_WORD = re.compile(r"\w+")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
#: Small words that stand inside a name: "Journal of the Sea".
_SMALL = frozenset(
    "a an and at by da das de del der des di do du el en et for i in la las le les los of on the und van von "  # noqa: SIM905
    "y &".split()
)
_NEWSPAPER = re.compile(
    r"\b(?:news|times|post|journal|herald|guardian|tribune|gazette|chronicle|observer|telegraph|mail|courier|dispatch|examiner|"
    r"inquirer|register|sentinel|standard|star|sun|review|magazine|weekly|daily|today|press|record|ledger|wire|report|bulletin|reuters|bbc|"
    r"cnn|npr|zeitung|nachrichten|anzeiger|tageblatt|kurier|spiegel|monde|figaro|journal|diario|país|mundo|jornal|folha|corriere|giornale|"
    r"repubblica|gazzetta|dagblad|courant|tidning|bladet|posten|gazeta|dziennik)\b|新聞|新闻|日报|日報|신문|일보",
    re.IGNORECASE,
)
_SECOND_LEVEL = frozenset({"co", "com", "org", "net", "ac", "gov", "edu", "gob", "or", "ne", "go"})


def cut(title: str, *, sites: Sequence[str] = (), headlines: Sequence[str] = ()) -> tuple[str, str]:
    """`title` without the site's name, and that name as it stood there; ("Title", "") when there was none.

    `sites` are names or addresses the site is known by, `headlines` what the page calls itself elsewhere
    without the name: either is proof. Without proof only what follows a bar is taken for a name, or,
    behind a dash, what looks like one.
    """
    title = title.strip()
    same = {folded(each) for each in headlines if folded(each)}
    if not title or (folded(title) in same and not _proved(title, sites)):
        return title, ""
    for pattern in (_BAR, _DASH, _COLON):
        parts = _split(title, pattern)
        if len(parts) < 2:
            continue
        if found := _by_proof(title, parts, same, sites):
            return found
    bars = _split(title, _BAR)
    if len(bars) > 1:
        return _by_bars(title, bars)
    dashes = _split(title, _DASH)
    if len(dashes) > 1 and _is_name(dashes[-1][0]):
        before = title[: dashes[-2][2]]
        # In A Headline Like This any name may end it, and be no site's.
        plain = not is_title_case(before) or is_newspaper(dashes[-1][0]) or " " not in dashes[-1][0]
        if size(before) >= 4 and plain and not headlines:
            return before, dashes[-1][0]
    return title, ""


def folded(text: str) -> str:
    """`text` for comparing: its letters and digits only."""
    return "".join(_WORD.findall(text.casefold().replace("_", " ")))


def size(text: str) -> int:
    """Words; where words are not set apart, two letters count for one."""
    unspaced = len(_UNSPACED.findall(text))
    return unspaced // 2 + len(_WORD.findall(_UNSPACED.sub(" ", text)))


def host(url: str) -> str:
    """The host's name without "www."; "" when there is none."""
    try:
        name = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return re.sub(r"^(?:www\d?|m|mobile|amp)\.(?=[^.]+\.)", "", name)


def is_newspaper(words: str) -> bool:
    """Whether a few words are likely a paper's name."""
    return (
        len(words) < 50
        and _NEWSPAPER.search(words) is not None
        and (" " in words or not words.isascii() or words.isupper())
    )


def is_title_case(words: str) -> bool:
    """Whether nearly each of its longer words begins with a capital."""
    longer = [word for word in words.split() if len(word) > 3 and word[0].isalpha()]
    return len(longer) > 2 and sum(word[0].isupper() for word in longer) >= 0.8 * len(longer)


def names_site(words: str, sites: Sequence[str]) -> bool:
    """Whether `words` are a name of one of the `sites`, which are names, hosts or addresses."""
    name = _bare(words)
    if not name:
        return False
    for site in sites:
        if _bare(site) == name:
            return True
        label = _label(site)
        if label and (
            label in (name, _label(words)) or (len(label) > 3 and name.startswith(label) and size(words) < 5)
        ):
            return True
        # "The Guardian" of theguardian.com, "NYT" of The New York Times, "BBC News" of bbc.co.uk.
        if label and len(name) > 3 and (label in (name, "the" + name) or label.startswith(name)):
            return True
        letters = "".join(word[0] for word in _WORD.findall(words.casefold()))
        if label and len(label) > 2 and (letters == label or words.casefold().split()[0] == label):
            return True
    return False


def _split(title: str, pattern: re.Pattern[str]) -> list[tuple[str, int, int]]:
    """(part, start, end) of each part between separators, with the separators' places left out."""
    parts, start = [], 0
    for found in pattern.finditer(title):
        if found.start() > start:
            parts.append((title[start : found.start()].strip(), start, found.start()))
        start = found.end()
    if title[start:].strip():
        parts.append((title[start:].strip(), start, len(title)))
    return parts[:12]


def _by_proof(
    title: str, parts: list[tuple[str, int, int]], same: set[str], sites: Sequence[str]
) -> tuple[str, str] | None:
    """The cut that a headline known from elsewhere, or the site's known name, shows to be right."""
    for number in range(1, len(parts)):
        before, after = title[: parts[number - 1][2]].strip(), title[parts[number][1] :].strip()
        if folded(before) in same:
            return before, parts[-1][0]
        if folded(after) in same:
            return after, parts[0][0]
    last, first = parts[-1][0], parts[0][0]
    if names_site(last, sites):
        before = title[: parts[-2][2]].strip()
        # "Headline | World | SITE": with the name goes the section before it.
        while len(inner := _split(before, _BAR)) > 1 and size(inner[-1][0]) <= 3 <= size(before[: inner[-2][2]]):
            before = before[: inner[-2][2]].strip()
        return (before, last) if size(before) else None
    if names_site(first, sites) and (size(title[parts[1][1] :]) > 2 or _BAR.search(title)):
        return title[parts[1][1] :].strip(), first
    return None


def _by_bars(title: str, bars: list[tuple[str, int, int]]) -> tuple[str, str]:
    """The headline is the longest part; of what follows it the last is the name."""
    sizes = [size(part) for part, _, _ in bars]
    if sizes[0] >= 3 or sizes[0] >= max(sizes[1:]):
        if sizes[-1] <= 6 and sizes[0] > 1:
            return bars[0][0], bars[-1][0]
        return title, ""
    if sizes[-1] == max(sizes) and sizes[0] <= 4 and sizes[-1] >= max(3, 2 * sizes[0]):
        return bars[-1][0], bars[0][0]
    return title, ""


def _is_name(words: str) -> bool:
    """Whether it looks like a name: few words, each with a capital; or a host."""
    if re.fullmatch(r"(?:[\w-]+\.)+[a-z]{2,}", words, re.IGNORECASE):
        return True
    each = words.split()
    if not 1 <= len(each) <= 4 or re.search(r"[?!.,:;\"“”]", words):
        return False
    return all(word[0].isupper() or word.casefold() in _SMALL for word in each) and not words[0].isdigit()


def _proved(title: str, sites: Sequence[str]) -> bool:
    """Whether the title, though the page repeats it, ends in the site's name behind a bar or a dash."""
    for pattern in (_BAR, _DASH):
        parts = _split(title, pattern)
        if len(parts) > 1 and (names_site(parts[-1][0], sites) or names_site(parts[0][0], sites)):
            return True
    return False


def _bare(name: str) -> str:
    return folded(
        re.sub(r"^the\s+|\s+online$|^www\.", "", re.sub(r"^https?://(?:www\.)?|/$", "", name.casefold().strip()))
    )


def _label(site: str) -> str:
    """The telling part of a host or address: "nytimes" of www.nytimes.com; "" for a plain name."""
    name = host(site) if "://" in site else site.casefold().strip()
    if not re.fullmatch(r"(?:[\w-]+\.)+[a-z]{2,}", name):
        return ""
    labels = re.sub(r"^www\.", "", name).split(".")
    if len(labels) > 2 and labels[-2] in _SECOND_LEVEL:
        labels.pop()
    return folded(labels[-2]) if len(labels) > 1 else ""
