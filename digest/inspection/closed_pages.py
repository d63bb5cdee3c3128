"""Addresses that open for their makers and nobody else: staging copies, tunnels, drafts in an office. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from digest.inspection import offices


@dataclass(frozen=True, slots=True)
class Closed:
    """Why no reader should be sent to an address."""

    #: A phrase: "a staging host".
    why: str
    #: False where the address only looks so, and another of the same look may be there for everybody.
    sure: bool = True


_LOCAL_NAME = "a name that only your own network knows"
_TUNNEL = "a door to somebody's own computer, open for an hour"
_BRANCH = "a copy made for a branch"
_STAGING = "a staging host"
_LOCAL = ("localhost", "local", "test", "internal", "lan", "intranet", "invalid", "home.arpa", "corp", "localdomain")
#: Doors that a developer opens to his own machine for an hour.
_TUNNELS = frozenset("""
    ngrok.io ngrok.app ngrok.dev ngrok-free.app ngrok-free.dev trycloudflare.com loca.lt localtunnel.me serveo.net
    gitpod.io app.github.dev webcontainer.io localhost.run lhr.life devtunnels.ms ts.net pinggy.link
    pinggy.io pinggy.online bore.pub telebit.cloud localxpose.io loclx.io zrok.io tunnelmole.net
    lvh.me nip.io sslip.io xip.io localtest.me vcap.me lndo.site ddev.site
""".split())  # fmt: skip  # noqa: SIM905
#: Names that lead to one's own computer by themselves; of the others the bare name is the maker's own site.
_HOME = frozenset(("lvh.me", "localtest.me", "vcap.me", "lndo.site", "ddev.site"))
_MAKERS = frozenset(("www", "docs", "doc", "blog", "status", "dashboard", "admin", "api", "help", "community", "learn"))
#: Where hosting firms put a copy of a site before it has its name, or beside it.
_COPIES = frozenset("""
    wpcomstaging.com flywheelstaging.com flywheelsites.com kinsta.cloud mystagingwebsite.com myftpupload.com
    cloudwaysapps.com instawp.xyz instawp.site tastewp.com shopifypreview.com preview.webflow.com sg-host.com
    temp.domains wpstaging.io wpsandbox.net
""".split())  # fmt: skip  # noqa: SIM905
#: Names that a firm gives to what it builds of a branch, or of a proposed change.
_BRANCHES = re.compile(
    r"[^.]+--[^.]+\.(?:netlify\.(?:app|com)|deno\.dev|(?:hlx|aem)\.(?:page|live))|[^.]+--[^.]+-[a-z0-9]{8}\.web\.app"
    # Vercel writes project-git-branch-team, and project-hash-team: https://vercel.com/docs/deployments/generated-urls
    r"|[^.]+-git-[^.]+\.(?:vercel\.app|now\.sh)|[^.]+-projects\.vercel\.app"
    r"|[^.]+-(?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{9}-[^.]+\.(?:vercel\.app|now\.sh)"
    r"|(?!www\.)[^.]+\.[^.]+\.pages\.dev|[0-9a-f]{8}-[^.]+\.[^.]+\.workers\.dev"
    r"|[^.]+-pr-?\d+\.(?:onrender\.com|herokuapp\.com|up\.railway\.app|fly\.dev|azurewebsites\.net|surge\.sh)"
    r"|pr-?\d+\.[^.]+\.amplifyapp\.com|[^.]+-\d+\.[a-z0-9]+(?:\.\d)?\.azurestaticapps\.net"
    r"|(?:dev|test|(?!live)[a-z0-9]{1,11})-[^.]+\.pantheonsite\.io"
)
#: Where one name has all that is built, its end says what it is for.
_SHARED_ROOFS = re.compile(
    r"([^.]+)\.(?:vercel\.app|netlify\.app|herokuapp\.com|azurewebsites\.net|onrender\.com|fly\.dev|up\.railway\.app"
    r"|run\.app|appspot\.com|web\.app|firebaseapp\.com|pages\.dev|deno\.dev|surge\.sh|wpengine(?:powered)?\.com"
    r"|[^.]+\.amplifyapp\.com|[^.]+\.workers\.dev)"
)
_FOR_MAKERS = re.compile(r"(?:.+[-_])?(?:dev|develop|test|testing|qa|stage|preview)\d{0,2}|.+(?:stg|dev)(?=\.wpengine)")

_STAGES = re.compile(r"(?:.*-)?(?:staging|stg|preprod|pre-prod|preproduction|uat|localhost)(?:-.*|\d*)")
#: First parts of a name that are a copy for its makers when the rest is the newsletter's own site.
_OWN_STAGES = frozenset(
    ("dev", "test", "testing", "preview", "draft", "drafts", "cms", "wip", "sandbox", "demo", "beta", "next")
)
#: Of another site they mostly are, too. A demo, a beta and what comes next are shown to everybody.
_OTHERS_STAGES = re.compile(
    r"(?:dev|develop|development|test|testing|qa|stage|preview|wip)\d{0,2}"
    r"|(?:www|app|web|api|cms|site|blog|news|admin|my|shop)-(?:dev|test|qa|stage|preview)\d{0,2}"
    r"|(?:dev|test|qa|stage|preview)\d{0,2}-(?:www|app|web|site|cms|admin|blog|news|shop)"
)
#: Such names that are there for everybody: the developers' pages of a firm, places to try, pictures.
_KNOWN = frozenset("""
    dev.mysql.com dev.opera.com dev.twitch.tv dev.azure.com dev.bukkit.org dev.twitter.com dev.vk.com dev.maxmind.com
    dev.splunk.com dev.epicgames.com dev.wix.com dev.evernote.com dev.bitly.com dev.fitbit.com dev.groupme.com
    dev.outlook.com dev.windows.com dev.office.com dev.socrata.com dev.gnupg.org dev.gentoo.org dev.w3.org
    dev.clojure.org dev.37signals.com dev.solita.fi dev.px4.io dev.eclipse.org dev.netatmo.com dev.bandwidth.com
    dev.realworldocaml.org dev.chromium.org dev.arma3.com dev.languagetool.org dev.acquia.com dev.yorhel.nl
    test.pypi.org test.salesforce.com test.ipv6.com qa.debian.org qa.ubuntu.com qa.fedoraproject.org
    preview.redd.it preview.mailerlite.com preview.mailerlite.io preview.tabler.io preview.themeforest.net
    preview.keenthemes.com preview.colorlib.com
""".split())  # fmt: skip  # noqa: SIM905
#: What such a page is about where it is for everybody, by its path, and by what is said of it.
_FOR_DEVELOPERS = re.compile(
    r"/(?:docs?|documentation|api|apis|reference|sdks?|guides?|tutorials?|learn|manual|downloads?|forums?|community|blogs?"
    r"|changelog|releases|wiki|get-?started|getting-?started|~\w+)(?:[/?#.]|\Z)",
    re.IGNORECASE,
)
_DEVELOPERS = re.compile(
    r"\b(?:developers?|devs?|documentation|docs|APIs?|SDKs?|reference|manual|engineering|engineers|programm\w+|coders?"
    r"|compiler|open[- ]source|library|release notes|entwickler\w*|développeurs?|desarrollador\w*|sviluppator\w*)\b",
    re.IGNORECASE,
)
_THEATRE = re.compile(
    r"theat(?:re|er)|playhouse|opera|festival|concert|ballet|bühne|buehne|teatro"
    r"|\b(?:plays?|drama|actors?|stages?|staged|staging|performances?|dance|musicals?|band|scène)\b",
    re.IGNORECASE,
)
#: Second-level names that many share, below an ending of two letters.
_SHARED = frozenset(("co", "com", "org", "net", "ac", "gov", "edu", "or", "ne", "go", "gob", "nom", "sch", "ltd", "me"))
#: A name of three parts or more, written out in a text.
_NAMED = re.compile(r"(?<![\w@./-])(?:https?://)?((?:[a-z0-9][a-z0-9-]*\.){2,}[a-z]{2,})(?![\w-])", re.IGNORECASE)
#: RFC 2606, 3.
_EXAMPLES = ("example.com", "example.org", "example.net")


def closed(
    url: str, staging: Iterable[str] = (), *, own: str = "", inside: bool = False, said: str = ""
) -> Closed | None:
    """Why no reader should be sent to an address; None when nothing speaks against it.

    `inside`: readers are in the network whose addresses and names are no one else's.
    `own` is the newsletter's own site, whose copies have names that say less elsewhere.
    `said`: title, source and words of the link; who says "developer" knows where a dev.site leads.
    """
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return None
    if parts.scheme.lower() == "file" or re.match(r"[A-Za-z]:[\\/]", url):
        return Closed("a file on your own computer")
    if not host or parts.scheme.lower() not in ("http", "https", ""):
        return None
    for each in staging:
        name = (urlsplit(each).hostname or each) if "//" in each else each.partition("/")[0].partition(":")[0]
        if _below(host, name.lower().lstrip("*.")):
            return Closed("a staging host, as [check] staging has it")
    if why := offices.office(host, _rest(parts)):
        return Closed(*why)
    if own and host != own and host.endswith(f".{own}") and host.removesuffix(f".{own}").split(".")[-1] in _OWN_STAGES:
        return Closed("a copy of your site for its makers")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        found = _by_name(host)
        if found is None:
            return _by_look(host, parts, said)
        return None if inside and found.why == _LOCAL_NAME else found
    if inside or address.is_global or address.is_multicast:
        return None
    return Closed("an address of your own network")


def named_staging(text: str, staging: Iterable[str] = (), *, own: str = "") -> tuple[str, str]:
    """The first staging host that a text names, and why it is one; two empty texts where none is.

    A machine of one's own ("localhost", "192.168.0.1") may well be what a story is about, and so may "dev.site".
    """
    for found in _NAMED.finditer(text):
        why = closed(f"https://{found[1].lower()}/", staging, own=own)
        if why and why.sure and why.why != _LOCAL_NAME:
            return found[1], why.why
    return "", ""


def is_example(url: str) -> bool:
    """Whether an address is one of the three that exist for examples only.

    The ending .example is left alone: who writes it means an example.
    """
    try:
        host = (urlsplit(url.strip()).hostname or "").rstrip(".")
    except ValueError:
        return False
    return any(_below(host, each) for each in _EXAMPLES)


def _rest(parts: SplitResult) -> str:
    """Path, query and fragment."""
    query, fragment = f"?{parts.query}" if parts.query else "", f"#{parts.fragment}" if parts.fragment else ""
    return f"{parts.path}{query}{fragment}"


def _by_name(host: str) -> Closed | None:
    """What a host's name says for certain."""
    labels = host.split(".")
    if host in _LOCAL or any(_below(host, ending) for ending in _LOCAL):
        return None if host == "blank.invalid" else Closed(_LOCAL_NAME)
    for count in (2, 3):
        name = ".".join(labels[-count:])
        before = labels[:-count]
        if name in _TUNNELS:
            of_its_makers = not before or (len(before) == 1 and before[0] in _MAKERS)
            return Closed(_TUNNEL) if name in _HOME or not of_its_makers else None
        if name in _COPIES and before not in ([], ["www"]):
            return Closed(_STAGING)
    if _BRANCHES.fullmatch(host):
        return Closed(_BRANCH)
    roof = _SHARED_ROOFS.fullmatch(host)
    if any(_STAGES.fullmatch(each) for each in ([roof[1]] if roof else _own_part(labels))):
        return Closed(_STAGING)
    return None


def _by_look(host: str, parts: SplitResult, said: str) -> Closed | None:
    """What a host's name makes likely, unless address or words say that it is for everybody."""
    if roof := _SHARED_ROOFS.fullmatch(host):
        found = "-" in roof[1] and _FOR_MAKERS.fullmatch(roof[1])
        found = found or re.fullmatch(r".+(?:stg|dev)\.wpengine(?:powered)?\.com", host)
        return Closed("a copy for its makers", sure=False) if found else None
    names = [each for each in _own_part(host.split(".")) if _OTHERS_STAGES.fullmatch(each)]
    if not names or host in _KNOWN:
        return None
    if names[0].startswith("stage") and _THEATRE.search(
        f"{host.partition('.')[2]} {parts.path} {said}".replace("-", " ")
    ):
        return None
    if _FOR_DEVELOPERS.match(parts.path) or _DEVELOPERS.search(said) or host in said.casefold():
        return None
    return Closed(f'by its name ("{names[0]}") a copy for its makers', sure=False)


def _own_part(labels: list[str]) -> list[str]:
    """What stands before the name that was registered: stage.example.org has "stage", stage.co.uk nothing."""
    shared = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SHARED
    return labels[: -3 if shared else -2]


def _below(host: str, name: str) -> bool:
    return bool(name) and (host == name or host.endswith(f".{name}"))
