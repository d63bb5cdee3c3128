"""What came of asking for a page, and what an editor should make of it. Nothing here asks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Literal
from urllib.parse import urlsplit

from digest import urls
from digest.errors import Garbled, NotTheWeb, RefusedAddress, TooSlow, WebError
from digest.web import Answer

Trouble = Literal[
    "",
    "slow",
    "host",
    "offline",
    "certificate",
    "unvouched",
    "silent",
    "loop",
    "cookies",
    "private",
    "garbled",
    "address",
]


@dataclass(frozen=True, slots=True)
class Visit:
    """The facts of one visit."""

    url: str
    #: Of the last answer; 0 when none came.
    status: int = 0
    #: Where it came from, redirects followed; "" when none came.
    end: str = ""
    #: It was led there by "moved for good" alone.
    for_good: bool = False
    trouble: Trouble = ""
    #: The trouble as a phrase: "its certificate cannot be trusted (it has expired)".
    reason: str = ""
    title: str = ""
    #: "text/html"; "" when not told.
    media_type: str = ""
    #: It asks for a password and has little else.
    login: bool = False
    #: It is what a seller of domains shows.
    parked: bool = False
    #: The same page by https, where that was seen to work; "" where nobody looked or it did not.
    secure: str = ""

    @property
    def well(self) -> bool:
        """The page was there; it may still be another than the editor meant."""
        return 200 <= self.status < 400 and not self.trouble


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an editor is told. `what` goes on after the link's name."""

    level: Literal["error", "warning", "note"]
    rule: str
    what: str
    effect: str = ""
    hint: str = ""


def secure_form(url: str) -> str:
    """`url` with https for http; "" when it has a port of its own, as no port speaks both."""
    found = re.fullmatch(r"http://([^/?#]*)(.*)", url, re.IGNORECASE | re.DOTALL)
    if not found or re.search(r":\d+$", found[1].removesuffix(":80")):
        return ""
    return f"https://{found[1].removesuffix(':80')}{found[2]}"


# What a visit is made of.


def answered(url: str, answer: Answer) -> Visit:
    """The facts of an answer, its body read as far as it came."""
    page = answer.body.decode(answer.charset if _known(answer.charset) else "utf-8", "replace")
    html = "html" in answer.media_type or page.lstrip()[:1] == "<"
    title = _title(page) if html else ""
    return Visit(
        url,
        answer.status,
        answer.url,
        bool(answer.redirects) and answer.permanent_url == answer.url,
        title=title,
        media_type=answer.media_type,
        login=html and _PASSWORD.search(page) is not None and bool(_LOGIN_TITLE.search(title)),
        parked=(html and _is_parked(page, title)) or (bool(answer.redirects) and urls.site(answer.url) in _SELLERS),
    )


def unanswered(url: str, error: WebError) -> Visit:
    """The facts of a visit to which nothing, or nothing of use, was said."""
    reason = error.reason
    trouble: Trouble = "silent"
    if isinstance(error, TooSlow):
        trouble = "slow"
    elif isinstance(error, RefusedAddress):
        trouble = "private"
    elif isinstance(error, NotTheWeb):
        trouble = "address"
    elif isinstance(error, Garbled):
        trouble = "garbled"
    elif "certificate" in reason:
        # Browsers fetch a missing link of the chain by themselves; we cannot.
        trouble = "unvouched" if "vouches" in reason else "certificate"
    elif "cookie" in reason:
        trouble = "cookies"
    elif "back to itself" in reason or "redirects" in reason:
        trouble = "loop"
    elif "online" in reason:
        trouble = "offline"
    elif "name is unknown" in reason:
        trouble = "host"
    return Visit(url, trouble=trouble, reason=reason)


_TITLE = re.compile(r"<title\b[^>]{0,300}>([^<]{0,1000})", re.IGNORECASE)
_FIRST_HEADING = re.compile(r"<h1\b[^>]{0,1000}>(.{0,600}?)</h1", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]{0,1000}>")
_PASSWORD = re.compile(r"<input\b[^>]{0,600}\btype\s*=\s*[\"']?password", re.IGNORECASE)
_LOGIN_TITLE = re.compile(
    r"\b(?:log ?in|sign ?in|log ?on|anmelden|einloggen|connexion|se connecter|iniciar sesi[oó]n|acceder|accedi|inloggen"
    r"|logga in|log ind|logg inn|zaloguj|entrar)\b|ログイン|登录|로그인|войти|вход",
    re.IGNORECASE,
)
#: Words with which sites of many languages say 404 where they answer 200. Whole titles, or a part of one between bars.
_NOT_THERE = re.compile(
    r"(?:error |http |fehler |erreur )?(?:404|410)(?: error| not found| fehler)?[!.]?"
    r"|(?:error[:,]? )?(?:404[:,]? )?not found[!.]?"
    r"|(?:error[:,]? )?(?:404[:,]? )?(?:the |this |that |sorry,? )*"
    r"(?:page|article|post|content|story|document|file|url)"
    r" (?:you (?:requested|are looking for) )?(?:was |is |could |can ?|has been |you.{0,20} )?"
    r"(?:not (?:be )?found|no longer (?:available|exists?)|does(?: not|n['’]t) exist|gone|missing|removed|deleted"
    r"|(?:is)?n['’]t available|not available|unavailable)[!.]?"
    r"|oops[!.,]* ?(?:404|(?:that |this )?page.{0,30})?"
    r"|(?:die )?seite (?:wurde )?nicht (?:gefunden|vorhanden|verf[uü]gbar)"
    r"|(?:la )?page (?:non trouv[ée]e|introuvable|not found)"
    r"|p[aá]gina n(?:o|[aã]o) (?:encontrada|existe|disponible)"
    r"|pagina non trovata|pagina niet gevonden|siden? (?:ble )?ikke fu?nnet|siden blev ikke fundet|sidan hittades inte"
    r"|sivua ei l[oö]ytynyt|strona nie (?:zosta[lł]a )?(?:znaleziona|istnieje)|str[aá]nka nenalezena"
    r"|страница не найдена|сторінку не знайдено|ページが見つかりません(?:でした)?|页面不存在|找不到(?:页面|頁面)"
    r"|페이지를 찾을 수 없습니다|الصفحة غير موجودة|sayfa bulunamad[ıi]",
    re.IGNORECASE,
)
_PARTS = re.compile(r"\s+[-–—|·•»«/]+\s+|\s*[|·•»«]\s*")
_CHALLENGE = re.compile(
    r"just a moment|attention required|are you (?:a )?(?:human|robot)|verify(?:ing)? you are human|access denied"
    r"|security check|bot verification|please wait|checking your browser|captcha|ddos-guard",
    re.IGNORECASE,
)
_FOR_SALE = re.compile(
    r"\bdomain\b.{0,60}\b(?:is|may be|might be)?\s*(?:for sale|available for purchase|zu verkaufen|[aà] vendre|te koop)"
    r"|^[\w-]+(?:\.[\w-]+)*\.[a-z]{2,} (?:is|may be|might be) (?:for sale|available)"
    r"|\bbuy this domain\b|\bparked (?:domain|page)\b|\bdomain parking\b|\bthis domain (?:has expired|is parked)",
    re.IGNORECASE,
)
_PARKING_MARKS = re.compile(
    r"sedoparking\.com|parkingcrew\.net|\.bodis\.com|parking-lander|hugedomains\.com/domain_profile|dan\.com/buy-domain"
    r"|afternic\.com/forsale|window\.location\.href\s*=\s*[\"']/lander|d38psrni17bvxu\.cloudfront|park\.namecheap"
    r"|domainmarket\.com/buynow",
    re.IGNORECASE,
)
_SELLERS = (
    "hugedomains.com", "sedo.com", "sedoparking.com", "dan.com", "afternic.com", "parkingcrew.net", "bodis.com",
    "domainmarket.com", "buydomains.com", "undeveloped.com", "squadhelp.com", "atom.com",
)  # fmt: skip
#: Letters of a page that a seller's notice stays below; an article on the trade in names does not.
_SHORT_PAGE = 30_000


def _known(charset: str) -> bool:
    try:
        return bool(charset) and "".encode(charset) is not None
    except (LookupError, ValueError):
        return False


def _title(page: str) -> str:
    found = _TITLE.search(page)
    words = unescape(found[1]) if found else ""
    if not words.strip() and (heading := _FIRST_HEADING.search(page)):
        words = unescape(_TAG.sub(" ", heading[1]))
    return "".join(letter if letter.isprintable() else " " for letter in " ".join(words.split()))[:200]


def _is_parked(page: str, title: str) -> bool:
    return _PARKING_MARKS.search(page) is not None or (len(page) < _SHORT_PAGE and _FOR_SALE.search(title) is not None)


# What to make of it.

_LOGIN_STEP = re.compile(
    r"/(?:log-?in|sign-?in|sign_in|log_in|sso|oauth2?|auth|session|register|subscribe-wall)(?:[/.?]|$)"
)
_LOGIN_HOSTS = ("accounts.google.com", "login.microsoftonline.com", "login.live.com")
_HOME = re.compile(r"/?(?:[a-z]{2}(?:[-_][a-zA-Z]{2})?/?|index\.\w{3,5}|home/?)?")
#: Names that are made to be led on from, for as long as there is an internet.
_MADE_TO_LEAD_ON = ("doi.org", "dx.doi.org", "hdl.handle.net", "purl.org", "w3id.org", "n2t.net", "urn.fi", "ark.org")
#: Answers to somebody who is no reader with a browser: who asks too often, has no account, is a program.
_NOT_FOR_US = frozenset({401, 402, 403, 406, 407, 408, 409, 418, 421, 423, 425, 429, 430, 451, 460, 463, 999})


def judge(visit: Visit) -> tuple[Verdict, ...]:
    """What to tell of a visit, the worst first; nothing where all is well."""
    if visit.trouble:
        return (_troubled(visit),)
    if not visit.well:
        return (_refused(visit),)
    if found := _another_page(visit):
        return (found,)
    told = []
    if visit.secure:
        told.append(
            Verdict(
                "note",
                "https",
                "is linked by http, and https works.",
                hint=f"Link to {visit.secure}",
                effect=_IN_THE_OPEN,
            )
        )
    if found := _moved(visit):
        told.append(found)
    return tuple(told)


_IN_THE_OPEN = "Some mail programs warn before such a link, and anybody on the way can see what is read."
_TRY_IT = "Open it in a browser to be sure."


def _troubled(visit: Visit) -> Verdict:
    reason = visit.reason
    match visit.trouble:
        case "slow":
            hint = "Open it in a browser; if it comes at once, the site was only busy."
            return Verdict("warning", "slow", f"did not answer in time: {reason}.", "Readers would wait too.", hint)
        case "host":
            return Verdict(
                "error", "dead", "leads to a site that does not exist: its name is unknown.", _NOTHING, _spelling(visit)
            )
        case "offline":
            return Verdict("warning", "unsure", f"could not be tried: {reason}")
        case "certificate":
            effect = "Browsers put a warning in front of the page that few readers pass."
            return Verdict("error", "certificate", f"is not safe to open: {reason}.", effect, "Link to another copy.")
        case "unvouched":
            return Verdict("warning", "certificate", f"may not be safe to open: {reason}.", hint=_TRY_IT)
        case "loop":
            return Verdict("error", "loop", f"never arrives: {reason}.", _NOTHING, "Find the page's own address.")
        case "cookies":
            return Verdict("note", "unsure", f"is unsure: {reason}.", hint=_TRY_IT)
        case "private":
            effect = "No reader outside of that network can open it."
            return Verdict("error", "private", f"was not asked: {reason}.", effect, "Link to the public page.")
        case "garbled":
            return Verdict("warning", "garbled", f"does not answer as a web page does: {reason}.", _NOTHING, _TRY_IT)
        case "address":
            return Verdict("error", "malformed", f"is no address that can be opened: {reason}.", _NOTHING)
        case _:
            level: Literal["error", "warning"] = "error" if "nobody listens" in reason else "warning"
            return Verdict(level, "no-answer", f"does not answer: {reason}.", _NOTHING, _TRY_IT)


_NOTHING = "Readers who follow it find nothing."


def _spelling(visit: Visit) -> str:
    return f"See whether {urlsplit(visit.url).hostname or visit.url} is spelt right."


def _refused(visit: Visit) -> Verdict:
    status, led = visit.status, _led(visit)
    if status in (404, 410):
        hint = f"Find where it went, or link to a copy of it: https://web.archive.org/web/{visit.url}"
        return Verdict("error", "dead", f"answers {status}: there is no such page{led}.", _NOTHING, hint)
    if status in _NOT_FOR_US or (status == 503 and _CHALLENGE.search(visit.title)):
        why = {401: "it wants a password", 429: "it is asked too often", 451: "it is kept back by law"}.get(
            status, "it does not let programs in"
        )
        return Verdict("note", "unsure", f"is unsure: the site answers {status}, {why}{led}.", hint=_TRY_IT)
    if status >= 500:
        effect = "Readers would meet an error page."
        return Verdict("warning", "broken", f"answers {status}: the site has a fault{led}.", effect, "Try again later.")
    return Verdict("warning", "refused", f"answers {status}{led}.", "Readers may meet an error page.", _TRY_IT)


def _led(visit: Visit) -> str:
    return f" at {_short(visit.end)}, where it leads" if visit.end and not _same(visit.url, visit.end) else ""


def _another_page(visit: Visit) -> Verdict | None:
    """Where a page came, and probably not the one that is meant."""
    if visit.parked:
        what = f"is unsure: the domain seems to be for sale{_led(visit)}."
        return Verdict("warning", "unsure", what, "Readers would meet an advertisement.", _TRY_IT)
    if any(_NOT_THERE.fullmatch(part) for part in (visit.title, *_PARTS.split(visit.title)) if part):
        what = f'is unsure: it answers {visit.status}, but its title is "{visit.title}".'
        return Verdict("warning", "unsure", what, "Readers would probably find nothing.", _TRY_IT)
    if _CHALLENGE.fullmatch(visit.title.strip(" .…!")):
        return Verdict("note", "unsure", f'is unsure: it says only "{visit.title}" to programs.', hint=_TRY_IT)
    here, there = urlsplit(visit.url), urlsplit(visit.end or visit.url)
    asks = _LOGIN_STEP.search(there.path) or (there.hostname or "") in _LOGIN_HOSTS
    if (asks and not _LOGIN_STEP.search(here.path) and not _same(visit.url, visit.end)) or visit.login:
        led = f", at {_short(visit.end)}" if not _same(visit.url, visit.end) else ""
        what = f"is unsure: it asks readers to log in{led}."
        return Verdict("note", "unsure", what, "Readers without an account see nothing else.", _TRY_IT)
    deep = not _HOME.fullmatch(here.path) or here.query
    if deep and _HOME.fullmatch(there.path) and not there.query and not _same(visit.url, visit.end):
        what = f"is unsure: it leads to a home page, {_short(visit.end)}."
        return Verdict("warning", "unsure", what, "Readers would have to look for the story.", _TRY_IT)
    return None


def _moved(visit: Visit) -> Verdict | None:
    if not visit.end or _same(visit.url, visit.end):
        return None
    here, there = urlsplit(visit.url), urlsplit(visit.end)
    if here.hostname in _MADE_TO_LEAD_ON:
        return None
    if visit.for_good:
        return Verdict(
            "note", "moved", f"has moved for good to {visit.end}", hint="Link there, and save readers the detour."
        )
    if here.hostname == there.hostname and _HOME.fullmatch(here.path):
        return None  # a home page that knows the reader's language, or its latest issue
    return Verdict("note", "redirect", f"leads on to {visit.end}")


def _same(one: str, other: str) -> bool:
    """Whether two addresses differ in nothing that an editor would call another page."""
    return urls.key(one.rstrip("/")) == urls.key(other.rstrip("/")) if other else True


def _short(url: str) -> str:
    return url if len(url) <= 90 else url[:89] + "…"
