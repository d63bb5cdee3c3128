"""Words that say nothing of where a link leads, and words that say a section is paid for, in many languages."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

_NOTHING = """
here|click here|click|this|link|this link|more|read|read more|learn more|see more|find out more|more info|full story
read this|read it|read on|continue|continue reading|this article|this post|this page|see here|url
hier|klick hier|klicke hier|hier klicken|mehr|mehr lesen|weiter|weiterlesen|mehr erfahren|mehr dazu|lesen
zum artikel|ici|cliquez ici|cliquer ici|lire|lire la suite|en savoir plus|plus|voir plus|la suite|lien|voir
aquí|aqui|haz clic aquí|clic aquí|leer más|leer|ver más|más|más información|saber más|enlace|seguir leyendo
clique aqui|leia mais|ler mais|saiba mais|saber mais|mais|ver mais|veja mais
qui|clicca qui|leggi|leggi di più|leggi tutto|continua|continua a leggere|scopri di più|di più|altro
klik hier|lees meer|lees verder|meer|meer lezen|meer info|verder lezen
här|klicka här|läs mer|läs|mer|fortsätt läsa|länk
her|klik her|læs mere|les mer|mere|mer|klikk her|lue lisää|lisää|täällä|tästä
tutaj|tu|kliknij tutaj|czytaj|czytaj dalej|czytaj więcej|więcej|dowiedz się więcej
тут|сюди|натисніть тут|читати|читати далі|докладніше|детальніше|більше
здесь|тут|нажмите здесь|читать|читать далее|подробнее|далее|ещё|ссылка
burada|buraya|buraya tıklayın|tıklayın|devamı|devamını oku|daha fazla|okumaya devam et
هنا|اضغط هنا|انقر هنا|اقرأ المزيد|المزيد|رابط|اقرأ
כאן|לחצו כאן|קראו עוד|לקריאה|עוד|קישור|המשך קריאה
यहाँ|यहां|यहाँ क्लिक करें|यहां क्लिक करें|और पढ़ें|पढ़ें|लिंक
こちら|ここ|ここをクリック|こちらをクリック|続きを読む|もっと読む|詳しくはこちら|詳細|詳細はこちら|リンク
这里|這裡|点击这里|點擊這裡|点此|阅读更多|閱讀更多|更多|阅读全文|繼續閱讀|继续阅读|链接|連結
여기|여기를 클릭|더 보기|더보기|자세히|자세히 보기|계속 읽기|링크
"""
_SPONSOR = """
sponsor|sponsors|our sponsor|our sponsors|from our sponsor|from our sponsors|a word from our sponsor
a word from our sponsors|a message from our sponsor|sponsored|sponsored post|sponsored content|sponsored by|paid content
advertisement|advertisements|advert|adverts|ad|ads|classifieds|promoted|partner content
this week's sponsor|today's sponsor
anzeige|anzeigen|werbung|von unserem sponsor|unser sponsor|gesponsert|unser partner
publicité|contenu sponsorisé|sponsorisé|notre sponsor|notre partenaire
publicidad|patrocinado|patrocinador|nuestro patrocinador|contenido patrocinado
publicidade|patrocínio|conteúdo patrocinado|nosso patrocinador|nosso patrocinador
pubblicità|sponsorizzato|contenuto sponsorizzato|il nostro sponsor|inserzione
advertentie|advertenties|gesponsord|onze sponsor|reclame
annons|annonser|sponsrat|i samarbete med|reklam
reklama|materiał sponsorowany|sponsorowane
реклама|спонсор|на правах реклами|на правах рекламы|партнерський матеріал
sponsorlu|sponsorumuz
إعلان|إعلانات|برعاية|محتوى مدفوع
פרסומת|ממומן|תוכן ממומן|תוכן שיווקי
विज्ञापन|प्रायोजित
広告|スポンサー
广告|廣告|赞助|贊助|推广
광고|협찬|스폰서
"""


def _folded(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return " ".join(re.sub(r"^[^\w]+|[^\w]+$", "", text).split())


def _listed(text: str) -> frozenset[str]:
    return frozenset(_folded(each) for each in re.split(r"[|\n]", text) if each.strip())


_SAYS_NOTHING, _SAYS_PAID = _listed(_NOTHING), _listed(_SPONSOR)
_PAID_LEAD = re.compile(
    r"\s*[\[(]?(?:sponsored|advertisement|anzeige|werbung|annons|patrocinado|publicidad|pubblicità|advertentie|"
    r"реклама|広告|广告|廣告|광고|ad)(?:[\])]|\s*[:：])",
    re.IGNORECASE,
)


#: Behind these a name follows: "Sponsored by Acme", "A word from our sponsor, Acme", "Werbung: Acme".
_PAID_HEADING = re.compile(
    r"(?:(?:this (?:issue|week|month|edition) (?:is )?)?(?:sponsored|brought to you|made possible) by"
    r"|(?:a (?:word|message|note) )?from (?:our|this (?:week|month)'?s|today'?s) sponsors?"
    r"|(?:our|this week'?s) sponsors?"
    r"|(?:in partnership|together) with|mit freundlicher unterstützung (?:von|durch)|gesponsert von|präsentiert von"
    r"|(?:sponsorisé|présenté|offert) par|en partenariat avec|patrocinado por|presentado por|con el patrocinio de"
    r"|apresentado por|sponsorizzato da|offerto da|in collaborazione con|gesponsord door|sponsras av|i samarbete med"
    r"|sponsorowane przez)\b.{0,60}"
    r"|(?:sponsors?|advertisement|advert|ads?|anzeige|werbung|publicité|publicidad|publicidade|pubblicità|advertentie"
    r"|annons|reklam|reklama|реклама)\s*[:–—|-]\s*\S.{0,60}",
    re.IGNORECASE,
)
#: Of these only a name in capitals says that somebody paid: not "Supported by evidence".
_PAID_BY_A_NAME = re.compile(r"(?i:supported|presented|powered|funded) by (?!(?:The|A|An|Our) )[A-Z]\S*(?: \S+){0,4}")
#: Where pages are called after what they are about.
_LEXICON = re.compile(r"/(?:wiki|films?|movies?|albums?|books?|title|shows?|songs?|tracks?|games?|artists?|people)/")


def says_nothing(words: str, url: str = "", *, marked: bool = False) -> bool:
    """Whether the words of a link, read alone, tell nothing of where it leads.

    "Here" is also a film, and "More" wrote Utopia: such a name has a capital, and it is set off from the text as titles
    are (`marked`), or the address ends in it. An arrow or a star alone says nothing; a footnote's mark leads nowhere.
    """
    folded = _folded(words)
    if not folded:
        return bool(words.strip()) and url.startswith(("http:", "https:"))
    if folded not in _SAYS_NOTHING:
        return False
    is_name = words.strip()[:1].isupper() and " " not in folded
    return not (is_name and (marked or _ends_in(url, folded)))


def _ends_in(url: str, folded: str) -> bool:
    """Whether the last part of a path is this word, or a name that ends in it: /wiki/Thomas_More, /Here_(2024_film)."""
    path = unquote(re.sub(r"[?#].*", "", url)).rstrip("/")
    last = re.sub(r"\.\w{1,5}\Z", "", path.rpartition("/")[2])
    names = re.sub(r"[_\s-]*\(.*", "", last)
    parts = [_folded(each) for each in re.split(r"[-_+ ]+", names) if each]
    if len(parts) == 1 and names == last and not _LEXICON.search(path):
        return False  # a site's own page called /more
    return len(parts) <= 3 and parts[-1:] == [folded] and " ".join(parts) not in _SAYS_NOTHING - {folded}


def says_paid(heading: str) -> bool:
    """Whether a heading says that what stands below it is paid for: as a whole, or with the payer's name behind it."""
    text = " ".join(heading.replace("’", "'").split())
    return (
        _folded(heading) in _SAYS_PAID
        or _PAID_HEADING.fullmatch(text) is not None
        or _PAID_BY_A_NAME.fullmatch(text) is not None
    )


def begins_paid(title: str) -> bool:
    """Whether a title or a blurb begins with a mark of paid space: "Sponsored: ...", "[Ad] ..."."""
    return _PAID_LEAD.match(title) is not None
