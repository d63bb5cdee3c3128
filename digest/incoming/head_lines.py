"""The short lines above an article, read one by one: a label with its value, a byline, an address."""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest.incoming import headline
from digest.incoming.around_articles import is_prose
from digest.incoming.page_tree import web_address

#: What a scraper or an editor writes before a value, and the field that it names.
_LABELS = {
    "title": "title headline überschrift titel titre título titulo titolo tytuł заголовок 标题 標題 タイトル 제목",
    "author": "author authors byline autor autorin autoren auteur autore autori writer автор 作者 記者 记者 기자",
    "date": "date published publication-date posted datum veröffentlicht publié fecha publicado data pubblicato "
    "gepubliceerd publicerad dato updated aktualisiert "
    "дата 日期 時間 时间 公開日 更新 작성일 입력",
    "source": "source site publication publisher newspaper website quelle fonte fuente bron källa kilde "
    "źródło источник 来源 來源 出典 출처",
    "url": "url link address permalink canonical original weblink 链接",
}
_FIELDS = {label.replace("-", " "): field for field, labels in _LABELS.items() for label in labels.split()}
_LABEL = re.compile(r"^\W{0,3}([^\W\d_][\w -]{1,24}?)\W{0,3}?\s*[:：]\s*\W{0,2}\s*(\S.*)$")
_URL = re.compile(r"<?(?:https?://|www\.)[^\s<>]+>?", re.IGNORECASE)
_PARTICLES = (
    r"(?:de|del|della|di|da|dos|van|von|der|den|ter|zu|al|bin|ibn|el|la|le|af|av"
    r"|and|und|et|y|e|en|och|og|i|with|,|&|\+)"
)
#: Two or more words that begin with a capital, or a single one after a word that says so.
_NAME = rf"(?:[^\W\d_a-zß-öø-ÿ][\w’'.\-]*)(?:,?\s+(?:{_PARTICLES}\s+)*[^\W\d_a-zß-öø-ÿ][\w’'.\-]*){{0,9}}"
_BY = re.compile(
    r"^(?i:(?:(?:written|posted|words|story|reported|reporting|report|text|edited|published|article|"
    r"opinion|analysis|review|interview|photographs?|photos?)\s+)?by\s*:?|von|"
    r"par|por|de|di|door|av|af|przez|autor(?:in|a)?:?|от|автор:?|text:|texte:|texto:|testo:|tekst:|redaktion:|"
    r"(?:article|artikel|artículo|articolo)\s+(?:de|von|par|di|van))\s+"
    rf"(?P<name>{_NAME})(?P<rest>.*)$"
)
_WITH_JOB = re.compile(
    r",\s+(?=[^,]*\b(?i:editor|correspondent|reporter|writer|staff|chief|producer|redakteur(?:in)?)\b)"
)
_JOB = re.compile(
    r"^\s*(?:[,|·•–—-]|\bin\b|\bfor\b|\bof\b|\bat\b|\bfür\b|\bpour\b|\bà\b|\bpara\b|\(|@|$)"
    r"|^\s+(?:staff|senior|chief|political|science)\b",
    re.IGNORECASE,
)
_EAST_ASIAN = re.compile(
    r"^(?:(?:文|撰文|作者|记者|記者|責任編集)\s*[/／:：丨|]?\s*(?P<a>\w{2,12})|(?P<b>[\w]{2,5})\s*(?:기자|記者|记者))$"
)
_NOT_NAMES = frozenset(
    {"the", "numbers", "invitation", "request", "popular", "this", "our", "email", "phone", "default", "subscribing"}
)
_RELATIVE = re.compile(
    r"^(?:(?:published|posted|updated|last updated|added|shared|veröffentlicht|aktualisiert|publié|mis à jour"
    r"|publicado|actualizado|atualizado"
    r"|pubblicato|aggiornato|gepubliceerd|publicerad|uppdaterad|opublikowano|опубликовано)\s*:?\s*)?"
    r"(?:(?:about |over |il y a |hace |há |vor |för |for |około )?"
    r"(?:\d+|an?|one|two|three|few|einer?|einem|un[ea]?|uma?|een|en)\s*"
    r"(?:s|m|h|d|w|sec|min|mins|hrs?|seconds?|minutes?|hours?|days?|weeks?|months?|years?|sekunden?|minuten?|stunden?"
    r"|tag(?:en?)?|wochen?|monat(?:en?)?"
    r"|heures?|jours?|semaines?|mois|ans?|minutos?|horas?|d[ií]as?|semanas?|mes(?:es)?|minuti|or[ae]|giorn[io]|settiman[ae]"
    r"|uur|uren|dag(?:en|ar)?|weken"
    r"|minuter|timm(?:ar|e)|veck(?:a|or)|timer|minutter|godzin[yę]?|dni|минут[ыу]?|час(?:а|ов)?|дн(?:я|ей)|день)"
    r"(?:\s+(?:ago|fa|atrás|geleden|sedan|siden|temu|назад))?|yesterday|today|just now"
    r"|gestern|heute|hier|aujourd'hui|ayer|hoy|ontem|hoje|ieri|oggi"
    r"|gisteren|vandaag|igår|idag|wczoraj|dzisiaj|вчера|сегодня|\d+\s*(?:分|時間|日|小时|小時|天|시간|분|일)\s*(?:前|전))"
    r"(?:[,\s]+(?:at |um |à |a las )?\d{1,2}[:.h]\d\d(?:\s?[ap]\.?m\.?)?)?(?:\s*[|·•].{0,60})?$",
    re.IGNORECASE,
)
MARKDOWN_HEADING = re.compile(r"^#{1,6}\s+|\s+#+$")
#: "Home > World", "Accueil / Monde".
PATH = re.compile(r"\s+[/>»›]\s+")
BULLET = re.compile(r"^\s*(?:[-*•‣▪–]|\d{1,3}[.)])\s")
_DAY_IN_ADDRESS = re.compile(r"/((?:19|20)\d\d)[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?=[/_.-]|$)")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A line that says itself what it is."""

    #: "title", "author", "date", "source" or "url".
    field: str
    #: As written: "Published".
    label: str
    value: str


def labelled(words: str) -> Labelled | None:
    """ "Source: The Ledger" taken apart; None for any other line."""
    if len(words) > 300 or not (found := _LABEL.match(words)):
        return None
    label = " ".join(found[1].casefold().replace("-", " ").split())
    for lead in ("", "article ", "original ", "page ", "full "):
        if field := _FIELDS.get(label.removeprefix(lead)):
            value = found[2].strip().strip("*_`<>").strip()
            if field == "url" and not web_address(value):
                return None
            return Labelled(field, found[1].strip(), value)
    return None


def byline(words: str, *, labelled: bool = False) -> str:
    """The author a line names ("By Jane Doe, Staff Writer"); "" for a line that is none.

    With `labelled` the words are known to be a name.
    """
    words = re.sub(r"\s+", " ", words).strip(" |·•—–-\t*_")
    if found := _EAST_ASIAN.match(words):
        return found["a"] or found["b"]
    if labelled and not _BY.match(words):
        name = re.split(r"\s*[|•·]\s*|\s+[–—-]\s+", words)[0].strip(" ,")
        return name if 1 < len(name) < 100 and not re.search(r"https?:|\d{3}", name) else ""
    found = _BY.match(words)
    if not found or not _JOB.match(found["rest"]) or len(words) > 140:
        return ""
    name = _WITH_JOB.split(found["name"])[0].strip(" ,.")
    half = name[: len(name) // 2].strip()
    name = half if f"{half} {half}" == name else name
    # "Jane Roe, Berlin": the place she writes from.
    people = re.split(r",\s+", name)
    if len(people) > 1 and " " in people[0] and " " not in people[-1]:
        name = ", ".join(people[:-1])
    if {each.casefold() for each in name.split()} & _NOT_NAMES:
        return ""
    single = len(name.split()) == 1
    lead = words.split()[0].casefold().strip(":")
    return (
        "" if single and lead in ("de", "di", "por", "par", "av", "af", "von") and not found["rest"].strip() else name
    )


def said_by(words: str) -> str:
    """The paper a byline writes for: "By Jane Doe for The Ledger"."""
    found = re.search(r"\b(?:for|für|pour|para|per)\s+((?:[A-Z][\w’'&.-]*\s?){1,5})$", words)
    return found[1].strip() if found else ""


def only_url(words: str) -> str:
    """The address, when the line holds nothing else."""
    words = words.strip(" <>()[]")
    if not _URL.fullmatch(words):
        return ""
    return web_address(words if "://" in words else "https://" + words)


def is_relative(words: str) -> bool:
    """Whether a line is a date that counts from when it was read: "3 hours ago", "Gestern, 14:30"."""
    return len(words) < 120 and _RELATIVE.match(words.strip(" .|·•")) is not None


def ending_url(url: str) -> str:
    """The day that an address names, as YYYY-MM-DD; "" when it names none."""
    found = _DAY_IN_ADDRESS.search(url)
    return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}" if found else ""


def tells_same(one: str, other: str) -> bool:
    """Whether two headlines may be of one story: a third of the longer words of the shorter one is shared."""
    first, second = ({word for word in re.findall(r"\w+", each.casefold()) if len(word) > 3} for each in (one, other))
    if not first or not second:
        return headline.folded(one)[:4] == headline.folded(other)[:4]
    return 3 * len(first & second) >= min(len(first), len(second))


def is_headline(words: str) -> bool:
    words = MARKDOWN_HEADING.sub("", words)
    if PATH.search(words) and all(headline.size(each) <= 3 for each in PATH.split(words)):
        return False
    if not 2 < headline.size(words) <= 40 or len(words) > 220 or BULLET.match(words):
        return headline.size(words) == 2 and len(words) > 8 and "|" not in words and words[0].isupper()
    if re.search(r"[.。][\"”’)]?$", words) and not words.endswith(("...", "U.S.")):
        return False
    several = len(re.findall(r"[.!?]\s+[A-ZÀ-Þ]", words)) > 1
    return not re.search(r"[:;,]$", words) and not (several and is_prose(words))


def is_kicker(words: str) -> bool:
    """A section's name, or the way to it, above the article."""
    return (headline.size(words) <= 4 and not words.endswith((".", "?", "!", "”", '"'))) or (
        " > " in words or " » " in words
    )
