"""The canonical key of a URL, and the clean form to show; two URLs of one page have one key.

A false join hides a story from the editor, a missed one shows it twice: in doubt two URLs stay two.
So nothing is guessed from the shape of a path: `/amp` may be about amplifiers, `m.` may be another
site. Such variants meet through rel=canonical and redirects, which the store keeps as aliases.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import quote, unquote

_URL = re.compile(r"(https?):[/\\]{2}([^/\\?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.IGNORECASE | re.DOTALL)
#: What browsers take out of an address wherever it stands (WHATWG URL, "basic URL parser").
_INVISIBLE = re.compile(r"[\t\n\r\x00]")
_AMPERSAND = re.compile(r"&(?:amp;|#0*38;|#x0*26;)+", re.IGNORECASE)
_APOSTROPHE = re.compile(r"&(?:#0*39|#x0*27|apos);", re.IGNORECASE)


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Parameters that say how a reader came and never which page it is; a trailing * stands for any ending.
_TRACKERS = _names("""
    utm_* at_medium at_campaign at_link_* at_custom* at_format mtm_* pk_* piwik_* matomo_* itm_* hsa_*
    ga_source ga_medium ga_campaign _ga _gl gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid srsltid
    fbclid fb_action_ids fb_action_types fb_ref fb_source msclkid yclid ysclid twclid ttclid igshid igsh li_fat_id
    epik rdt_cid irclickid wickedid zanpid dicbo __twitter_impression _openstat
    mc_cid mc_eid mkt_tok _hsenc _hsmi __hssc __hstc __hsfp hsctatracking vero_id vero_conv oly_anon_id oly_enc_id
    ck_subscriber_id _bhlid bhlid sc_campaign sc_channel sc_content s_cid cmpid cndid bxid
    guccounter guce_referrer guce_referrer_sig __readwiselocation trk trkcampaign trackingid ref_src ref_url
    ns_campaign ns_mchannel ns_source ns_linkname ns_fee xtor traffic_source wt_mc wt.mc_id
    smid smtyp maca ftag _branch_match_id _branch_referrer gh_src icid echobox spm
    sharemedium triedredirect shareimagevariant isfreemail showwelcomeonshare postpublishedtype
""")
_EXACT = frozenset(name for name in _TRACKERS if not name.endswith("*"))
_BEGINS = tuple(sorted(name[:-1] for name in _TRACKERS if name.endswith("*")))

#: Of no weight for the key, but a shown link may need them: they open a paywall or hold a session.
_DOOR_KEYS = _names(
    "unlocked_article_code giftcopy gifttoken accesstoken gaa_at gaa_n gaa_ts gaa_sig phpsessid jsessionid"
)

#: Names that track on one site and tell pages apart on the next: it depends on what they say.
_REFERRERS = _names("ref referrer referer via")
_LOOSE = _REFERRERS | _names("source src from partner emc cmp")
_FEEDS = _names("rss rss1 rss2 atom feed feeds rssfeed rss-feed edit_rss newsletter embed hash share sharing")
_PLACES = _names("""
    twitter twtr twitter-share tw facebook fb linkedin reddit hn hackernews hacker-news lobsters mastodon bluesky
    bsky email mail e-mail social producthunt telegram whatsapp slack googlenews appnews
""")
_DOMAIN = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}/?", re.IGNORECASE)
_REFERRAL = re.compile(r"rss-{2,}.*|twsrc(?:%5e|\^).*", re.IGNORECASE)
#: `#.U4_INvldUkI` and `#.Uupx3qddN-w.reddit`: AddThis left these behind every shared address.
_ADDTHIS = re.compile(r"\.[\w-]{9,14}(?:\.\w+)?", re.ASCII)

_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~]", re.DOTALL)
#: Which percent-encoded marks are the same thing as the mark itself, in a path and in a query.
_PLAIN_IN_PATH = frozenset("!'()*,:@$=+|")
_PLAIN_IN_QUERY = frozenset("!'()*,:@$/?|")
_KEPT = frozenset("!'()*,:@$/?|;=&+[]")

_ODD_IN_HOST = re.compile(r"[^\w.\-\[\]%]", re.ASCII)

_INDEX = frozenset(("index.html", "index.htm", "index.shtml", "index.php"))
_JSESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)

#: Other doors to the same pages, each tried and documented by the site itself.
_SAME_HOST = {
    "m.youtube.com": "youtube.com",
    "music.youtube.com": "youtube.com",
    "mobile.twitter.com": "x.com",
    "m.twitter.com": "x.com",
    "twitter.com": "x.com",
    "old.reddit.com": "reddit.com",
    "new.reddit.com": "reddit.com",
    "np.reddit.com": "reddit.com",
    "m.reddit.com": "reddit.com",
    "mobile.nytimes.com": "nytimes.com",
    "m.facebook.com": "facebook.com",
}
#: Parameters of one site that name no page of it.
_ON_SITE = {
    "x.com": frozenset(("s", "t", "src")),
    "open.spotify.com": frozenset(("si",)),
    "docs.google.com": frozenset(("usp",)),
    "drive.google.com": frozenset(("usp",)),
    "nytimes.com": frozenset(("_r",)),
    "reddit.com": frozenset(("context", "depth", "share_id", "rdt")),
    "medium.com": frozenset(("sk",)),
    "fortune.com": frozenset(("queryly",)),
    "money.cnn.com": frozenset(("iid",)),
}
_VIDEO = re.compile(r"/(?:shorts|embed|live|v)/([\w-]{11})", re.ASCII)
_POST = re.compile(r"/[^/]+/status/(\d+)(?:/.*)?")
_BOOK = re.compile(r"(?:/[^/]+)?/(?:dp|gp/product)/([A-Z0-9]{10})(?:/.*)?")
_AMAZON = re.compile(r"amazon\.(?:com?\.)?[a-z]{2,3}")


def key(url: str) -> str:
    """The name that all URLs of one page share; an https URL, though nobody promises that it opens.

    What is no http(s) URL is its own key. An in-page anchor is not part of a key (see `anchor`), a
    fragment that a script reads as a route is. Never raises; a key is its own key.
    """
    text = _tidied(url)
    found = _URL.fullmatch(text)
    host, rest = _authority(found[2]) if found else ("", "")
    if not found or not host:
        return text
    path = _path(found[3])
    pairs = sorted(_pairs(found[4] or "", host), key=lambda pair: pair[0])
    host, path, pairs = _one_door(host, path, pairs)
    query = "&".join("".join(pair) for pair in pairs)
    route = _route(found[5] or "", path)
    return f"https://{rest.replace(_HOST, host)}{path}{'?' + query if query else ''}{'#' + route if route else ''}"


def clean(url: str) -> str:
    """The URL to show: without what tracks the reader, every other byte as it was given."""
    head, hash_mark, fragment = url.partition("#")
    base, mark, query = head.partition("?")
    if not re.match(r"\s*https?:", base, re.IGNORECASE):
        return url
    host = _authority(re.sub(r"^\s*https?:[/\\]*|[/\\].*$", "", base, flags=re.IGNORECASE | re.DOTALL))[0]
    kept, dropped = _without_trackers(query, host)
    if dropped:
        head = base + (mark + kept if kept else "")
    if _ADDTHIS.fullmatch(fragment):
        fragment = hash_mark = ""
    elif "=" in fragment:
        fragment, dropped = _without_trackers(fragment, host)
        hash_mark = "" if dropped and not fragment else hash_mark
    return head + hash_mark + fragment


def anchor(url: str) -> str:
    """The place within its page that a URL names, such as "episode-15"; "" for none, or for a script's route.

    Two stories may live on one page: https://netcast.example/#episode-15 and #episode-22 share a key.
    """
    found = _URL.fullmatch(_tidied(url))
    fragment = (found[5] or "") if found else ""
    fragment = fragment.split(":~:", 1)[0]
    if not found or not fragment or _ADDTHIS.fullmatch(fragment) or _route(fragment, found[3]):
        return ""
    return "" if "=" in fragment else _encoded(fragment, frozenset())


def site(url: str) -> str:
    """The host of a URL as its key has it; "" for what is no http(s) URL."""
    found = _URL.fullmatch(_tidied(url))
    host = _authority(found[2])[0] if found else ""
    return _SAME_HOST.get(host, host)


def _tidied(url: str) -> str:
    """Without what browsers overlook, and with marks that were escaped for HTML once too often."""
    text = _INVISIBLE.sub("", url).strip(" \x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0").strip()
    text = _APOSTROPHE.sub("'", _AMPERSAND.sub("&", text))
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


_HOST = "\x00"


# The items of a feed are nearly all on one host.
@lru_cache(maxsize=1024)
def _authority(text: str) -> tuple[str, str]:
    """The host, and the whole authority with \\x00 in the host's place; ("", "") when there is no host."""
    user, at, place = text.rpartition("@")
    found = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::([0-9]*))?", place)
    host, port = (found[1], found[2] or "") if found else (place, "")
    host = _host(host)
    # Keys fold http into https, so both their ports are the ordinary one.
    port = port.lstrip("0")
    shown = "" if port in ("", "80", "443") else f":{port}"
    user = _encoded(user, frozenset()) + at if user else ""
    return (host, user + _HOST + shown) if host else ("", "")


def _host(host: str) -> str:
    """Lower case, Punycode, no trailing dot, no `www.`."""
    if "%" in host and not re.search(r"[/?#@:%\\\x00-\x20\x7f]", opened := unquote(host, errors="replace")):
        host = opened
    if not host.isascii() and "%" not in host:
        folded = unicodedata.normalize("NFKC", host)
        host = host if re.search(r"[/?#@:%\\\[\]\x00-\x20]", folded) else folded
        host = ".".join(_label(label) for label in re.split(r"[.。．｡]", host))
    if re.fullmatch(r"\[[0-9a-fA-F:.]+\]", host):
        return host.lower()
    host = _ODD_IN_HOST.sub(lambda found: quote(found[0], safe="", errors="replace"), host)
    host = host.lower().strip(".")
    while host.startswith("www.") and "." in host[4:]:
        host = host[4:].lstrip(".")
    return host


def _label(label: str) -> str:
    """One part of a host name in ASCII. Not Python's "idna", whose 2003 rules make one host of ß and ss."""
    label = label.lower()
    if label.isascii() or len(label) > 63:
        return label
    return "xn--" + label.encode("punycode").decode("ascii")


def _path(path: str) -> str:
    """Without doubled and trailing slashes, dot segments, index pages and session numbers."""
    path = _AMPERSAND.sub("&", _encoded(path.replace("\\", "/"), _PLAIN_IN_PATH))
    segments: list[str] = []
    for segment in _JSESSION.sub("", path).split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in ("", "."):
            segments.append(segment)
    while segments and segments[-1] in _INDEX:
        del segments[-1]
    return "".join("/" + segment for segment in segments)


def _encoded(text: str, plain: frozenset[str]) -> str:
    """Percent-encoding in one spelling: `plain` and unreserved marks decoded, all that must be is encoded."""

    def spelt(found: re.Match[str]) -> str:
        token = found[0]
        if len(token) == 3 and token[0] == "%":
            mark = chr(int(token[1:], 16))
            if mark in plain or (mark.isascii() and (mark.isalnum() or mark in "-._~")):
                return mark
            return token.upper()
        return token if token in _KEPT else quote(token, safe="", errors="replace")

    return _PERCENT.sub(spelt, text)


def _pairs(query: str, host: str) -> list[tuple[str, str, str]]:
    """What a query says of the page: name, "=" or "", value. Empty ones and trackers are left out."""
    found: list[tuple[str, str, str]] = []
    for part in query.split("&"):
        part = _encoded(part, _PLAIN_IN_QUERY).replace("%20", "+")
        part = re.sub(r"^(?:amp;|#0*38;)+", "", part)
        name, sign, value = part.partition("=")
        if part and not _tracks(name, value, host, for_key=True):
            found.append((name, sign, value))
    return found


def _tracks(name: str, value: str, host: str, *, for_key: bool = False) -> bool:
    """Whether a parameter says nothing of the page: by its name, by the site, or by what it says."""
    name = name.casefold()
    if name in _EXACT or name.startswith(_BEGINS):
        return True
    if for_key and name in _DOOR_KEYS:
        return True
    if name in _ON_SITE.get(_SAME_HOST.get(host, host), ()):
        return for_key or name != "sk"  # Medium's "friend link": without it the reader meets a wall.
    if name in ("r", "s", "publication_id", "post_id") and host.endswith(".substack.com"):
        return name in ("r", "s")
    if name in ("amp", "outputtype"):
        return for_key and value.casefold() in ("", "1", "true", "amp")
    if name not in _LOOSE:
        return False
    value = value.casefold()
    if value in _FEEDS or _REFERRAL.fullmatch(value):
        return True
    # Ghost and others write the referring site: ?ref=example.org. A git tag ("v1.2") ends in a number.
    return name in _REFERRERS and (value in _PLACES or bool(_DOMAIN.fullmatch(unquote(value))))


def _without_trackers(query: str, host: str) -> tuple[str, bool]:
    """`query` without its trackers, and whether there were any; the rest byte for byte."""
    parts = re.split(r"(&(?:amp;)?)", query)
    kept: list[str] = []
    dropped = False
    for sign, part in zip(["", *parts[1::2]], parts[::2], strict=True):
        name, _, value = part.partition("=")
        if part and _tracks(unquote(name), value, host):
            dropped = True
        else:
            kept.append((sign if kept else "") + part)
    return "".join(kept), dropped


def _route(fragment: str, path: str) -> str:
    """A fragment that names a page of its own: `#!topic/x`, `#/route`, `#narrow/stream`, `#search=SVG`."""
    fragment = fragment.split(":~:", 1)[0]
    if not fragment or path.casefold().endswith(".pdf"):
        return ""
    if "=" in fragment and not fragment.startswith(("!", "/")):
        fragment = "&".join(part for part in fragment.split("&") if not _tracks_in_fragment(part))
    if not fragment.startswith(("!", "/", "?")) and "/" not in fragment and "=" not in fragment:
        return ""
    return _encoded(fragment, frozenset()).replace("#", "%23") if fragment.strip("/!?") else ""


def _tracks_in_fragment(part: str) -> bool:
    name, _, value = part.partition("=")
    return name.casefold() == "publisher" or _tracks(name, value, "", for_key=True)


Pair = tuple[str, str, str]


def _one_door(host: str, path: str, pairs: list[Pair]) -> tuple[str, str, list[Pair]]:
    """The one address that some large sites' many addresses of a page stand for."""
    host = _SAME_HOST.get(host, host)
    if host.endswith(".m.wikipedia.org"):
        host = host.removesuffix(".m.wikipedia.org") + ".wikipedia.org"
    if host == "youtu.be" and re.fullmatch(r"/[\w-]{11}", path, re.ASCII):
        return "youtube.com", "/watch", [("v", "=", path[1:])]
    if host in ("youtube.com", "youtube-nocookie.com") and (video := _VIDEO.fullmatch(path)):
        return "youtube.com", "/watch", [("v", "=", video[1])]
    if host == "youtube.com" and path == "/watch":
        video_pairs = [pair for pair in pairs if pair[0] == "v"][:1]
        return host, path, video_pairs or pairs
    if host == "x.com" and (post := _POST.fullmatch(path)):
        return host, f"/i/status/{post[1]}", []
    if _AMAZON.fullmatch(host) and (book := _BOOK.fullmatch(path)):
        return host, f"/dp/{book[1]}", []
    if host == "github.com":
        pairs = [pair for pair in pairs if pair != ("tab", "=", "readme-ov-file")]
    return host, path, pairs
