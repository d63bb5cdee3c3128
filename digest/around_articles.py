"""Lines that stand around an article and are no part of it, and where the article among them ends."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Literal

from digest.headline import folded

#: "end": what follows is no longer the article ("Latest stories"); "box": the next few lines are not
#: ("Related"); "line": this line alone is not ("Share this").
Kind = Literal["", "end", "box", "line"]

_NOUN = (
    r"(?:stories|news|articles?|headlines|posts?|videos?|reads?|coverage|content|topics?|links|reading|items|updates)"
)
# Whole lines, case and what stands around them aside. A phrase of this kind in a sentence is a sentence.
_END = re.compile(
    "|".join(
        (
            rf"(?:the )?(?:latest|more|other|top|popular|recent|trending|featured|must|today'?s top|breaking) {_NOUN}(?: (?:from|on|in|about|for) .{{1,60}})?",
            rf"(?:more|latest) (?:from|in|on|about|like this)\b.{{0,50}}|related {_NOUN}|recommended(?: for you| {_NOUN}| by .{{1,30}})?",
            r"most (?:read|popular|viewed|shared|commented|recent)(?: .{1,30})?|trending(?: now| today| topics)?|popular now|in the news",
            r"(?:you|people) (?:may|might|could|will|'ll) (?:also |be )*(?:like|enjoy|love|interested in|have missed)(?: .{1,30})?|people also read",
            r"(?:what to )?(?:read|up|watch) next|(?:next|previous) (?:article|story|post)|editor'?s'? (?:picks?|choice)|from our (?:partners|sponsors)",
            r"(?:around|from around|elsewhere on|from) the web|(?:sponsored|promoted|paid|partner) (?:content|links|stories|posts?)",
            r"(?:\d+ |show |view |read |load |all |post )*comments?(?: \(?\d+\)?| section| are closed\.?| policy)?|leave a (?:comment|reply).{0,30}|join the (?:conversation|discussion)",
            r"(?:view|see|show) all (?:comments|stories|posts)|log in to comment.{0,20}|keep reading|explore more.{0,30}|discover more.{0,30}",
            # German, Dutch
            r"(?:das könnte (?:sie|dich|ihnen|euch) auch|auch interessant|mehr (?:zum thema|aus|von|zu|nachrichten|artikel)|weitere (?:artikel|nachrichten|meldungen|themen|beiträge)).{0,50}",
            r"(?:meistgelesen|meist gelesen|neueste (?:artikel|nachrichten|meldungen)|aktuelle (?:nachrichten|meldungen)|ähnliche (?:artikel|beiträge)|top-themen|empfehlungen der redaktion|(?:\d+ )?kommentare?(?: \(?\d+\)?)?|kommentar (?:schreiben|verfassen)|zur startseite).{0,30}",
            r"(?:lees ook|meer (?:over|nieuws|van)|meest gelezen|laatste nieuws|aanbevolen|gerelateerde? .{1,20}|(?:\d+ )?reacties?(?: \(?\d+\)?)?).{0,40}",
            # French, Spanish, Catalan, Portuguese, Italian, Romanian
            r"(?:les plus lus|articles (?:liés|similaires|récents|les plus lus)|sur le même (?:sujet|thème)|dans la même rubrique|à lire aussi|lire aussi|à la une|vous aimerez aussi|(?:\d+ )?commentaires?(?: \(?\d+\)?)?|dernières (?:actualités|nouvelles|infos)|plus d'(?:actualités|articles)).{0,40}",
            r"(?:lo más (?:leído|visto|popular)|más (?:noticias|leídas|información|sobre|de)|noticias relacionadas|artículos relacionados|te puede interesar|también te puede interesar|últimas noticias|(?:\d+ )?comentarios?(?: \(?\d+\)?)?|contenido relacionado|els més llegits).{0,40}",
            r"(?:mais lidas|(?:notícias|artigos|matérias) (?:relacionad[ao]s|recentes)|leia (?:também|mais)|veja também|últimas notícias|você (?:também )?pode gostar|mais (?:notícias|sobre)|saiba mais).{0,40}",
            r"(?:i più letti|articoli (?:correlati|recenti)|potrebbe interessarti(?: anche)?|leggi anche|ultime notizie|altre notizie|notizie correlate|(?:\d+ )?commenti?(?: \(?\d+\)?)?|cele mai citite|citește și|articole (?:similare|recomandate)|ultimele știri).{0,40}",
            # Swedish, Danish, Norwegian, Finnish
            r"(?:läs (?:mer|också|även)|mest läst|senaste (?:nytt|nyheterna)|fler (?:nyheter|artiklar)|relaterat|læs (?:også|mere)|mest læste?|seneste nyt|seneste nyheder|les også|mest lest|siste nytt|flere (?:nyheter|saker|artikler)|lue (?:myös|lisää)|luetuimmat|uusimmat|kommentarer).{0,40}",
            # Polish, Czech, Slovak, Hungarian, Russian, Ukrainian, Turkish, Greek
            r"(?:czytaj (?:także|też|więcej|również)|zobacz (?:także|też|również|więcej)|najczęściej czytane|najnowsze(?: wiadomości| artykuły)?|polecane(?: artykuły)?|podobne artykuły|komentarze|więcej (?:o|na temat)).{0,40}",
            r"(?:čtěte (?:také|dále|více)|nejčtenější|související(?: články)?|další články|prečítajte si|najčítanejšie|súvisiace články|diskuse|diskusia|legolvasottabb|kapcsolódó (?:cikkek|hírek)|ajánlott).{0,40}",
            r"(?:читайте (?:также|також|ещё)|самое читаемое|популярное|новости по теме|похожие (?:новости|статьи)|последние новости|другие новости|комментарии|останні новини|найпопулярніше|схожі новини|коментарі|материалы по теме).{0,40}",
            r"(?:ilgili haberler|son dakika haberleri|en çok okunanlar|diğer haberler|yorumlar|son haberler|διαβάστε (?:επίσης|ακόμη)|δημοφιλή|σχετικά άρθρα|τελευταία νέα).{0,40}",
            # Arabic, Hebrew, Chinese, Japanese, Korean
            r"(?:اقرأ أيضا|اقرأ أيضًا|الأكثر قراءة|مواضيع ذات صلة|أخبار ذات صلة|آخر الأخبار|עוד בנושא|הנקראות ביותר|כתבות נוספות|תגובות).{0,40}",
            r"(?:相关(?:新闻|文章|阅读|推荐)|相關(?:新聞|文章)|热门(?:文章|新闻)|最新(?:新闻|消息|文章|新聞|記事|ニュース)|推荐阅读|延伸閱讀|关连記事|関連(?:記事|ニュース)|おすすめ(?:記事)?|人気記事|アクセスランキング|관련 ?(?:기사|뉴스)|많이 본 (?:뉴스|기사)|최신 (?:뉴스|기사)|인기 (?:기사|뉴스)).{0,20}",
        )
    )
)
_BOX = re.compile(
    "|".join(
        (
            rf"related(?: {_NOUN})?|see also|also (?:read|see)|read (?:more|also|this)|read more (?:about|on)\b.{{0,50}}|learn more|don'?t miss|further reading",
            r"(?:sign up|subscribe|register|join)(?: (?:here|now|today|for free))?(?: (?:to|for) (?:our|the|my|this|a|free|daily|weekly)\b.{0,80})?|(?:[\w'’&]+ ){0,4}newsletters?(?: sign-?up)?|get (?:our|the) (?:newsletter|best of|latest|day'?s)\b.{0,90}",
            r"advertisements?(?: continues.*)?|sponsored|anzeige|werbung|publicité|publicidade|publicidad|pubblicità|annons(?:e)?|reklama|reklam|реклама|广告|広告|광고",
            r"(?:jetzt )?newsletter (?:abonnieren|bestellen).{0,30}|abonniere[nt]? .{0,50}newsletter.{0,30}|(?:abonnez-vous|inscrivez-vous|suscríbete|suscríbase|iscriviti|inscreva-se|assine|zapisz się|prenumerera)\b.{0,80}",
        )
    )
)
_LINE = re.compile(
    "|".join(
        (
            r"(?:share|tweet|save|print|email|e-mail|copy link|link copied!?|whatsapp|facebook|twitter|x|linkedin|reddit|telegram|pinterest|bookmark|listen|gift|like|flipboard|messenger|bluesky|threads|pocket|viber|sms|\s|[·|,/•&+]|and|on|via|\d+)+",
            r"(?:share|save|print|email|bookmark|listen to|gift|republish|report|rate|like|tweet|send|download) (?:this|the|on|via|by|with|article|story|post|it)\b.{0,50}|share|listen to .{0,30}article.{0,20}|order reprints|print article|reprints?(?: and permissions)?",
            r"(?:article |story |post )?(?:teilen|drucken|merken|partager|imprimer|compartir|imprimir|compartilhar|condividi|stampa|deel|delen|dela|del|udostępnij|поделиться|поширити|paylaş|分享|共有する?|シェア(?:する)?|공유(?:하기)?)(?: (?:sie|auf|on|via|sur|en|no|su|op|på|na|в|cet?|este?|l'|den?|diesen|il|ten)\b.{0,40})?",
            r"follow (?:us|him|her|them|me|@?[\w.]+|[\w. ]{1,40}) (?:on|at)\b.{0,80}|(?:folgen sie|suivez|síguenos|siga|segui|volg|följ)\b.{0,15}(?:uns|nous|sur|auf|en|no|su|ons|op|oss|på|twitter|facebook|instagram|x\b).{0,50}|find us on .{0,60}|like us on .{0,40}",
            r"(?:©|\(c\) ?\d{4}|copyright\b).{0,200}|.{0,100}\ball rights reserved\b.{0,100}|.{0,80}\b(?:alle rechte vorbehalten|tous droits réservés|todos los derechos reservados|todos os direitos reservados|tutti i diritti riservati|wszelkie prawa zastrzeżone|все права защищены)\b.{0,80}",
            r"(?:we|this (?:site|website|page)) uses? cookies.{0,300}|.{0,40}\b(?:accept|manage|reject|allow)(?: all)?(?: optional)? cookies.{0,60}|cookie (?:policy|settings|preferences|notice)|(?:accept|reject|agree|i agree|got it!?|ok|close|dismiss|manage preferences|privacy policy|terms of (?:use|service)|terms (?:and|&) conditions|terms)(?: all)?",
            r"(?:wir|diese (?:website|seite)) (?:verwende[nt]|nutz(?:t|en)) cookies.{0,300}|(?:nous utilisons|ce site utilise) des cookies.{0,300}|(?:utilizamos|usamos|este sitio (?:web )?utiliza) cookies.{0,300}|(?:questo sito utilizza|utilizziamo)(?: i)? cookie.{0,300}|(?:alle )?(?:cookies )?(?:akzeptieren|accepter|aceptar|accetta|aceitar)(?: (?:alle|tout|todo|todas|tutti|tudo))?",
            r"(?:read|click|tap|see|find|view|watch|hear) (?:more|also|next|here|this|also here)\b(?: (?:here|about|on|at)\b.{0,60}|[:>»→…].{0,160})?|continue reading\b.{0,60}|(?:related|see also|also read|more|read also|must read|don'?t miss|read more|watch|mehr|lesen sie auch|siehe auch|lire aussi|lea también|lee también|leggi anche|leia também|lees ook|läs också|czytaj także|читайте также):.{1,180}",
            r"skip to (?:main )?(?:content|navigation|article)|skip .{0,30}advertisement|menu|search|home|log ?in|sign ?in|sign ?up|subscribe(?: now)?|register|my account|open menu|close menu|toggle .{1,20}|navigation|breadcrumbs?|back to (?:top|home)|scroll (?:down|up|to top)",
            r"(?:your )?e-?mail(?: address)?\*?|enter your e-?mail.{0,40}|by (?:signing up|subscribing|clicking|entering|submitting|providing)\b.{0,250}|(?:you can )?unsubscribe (?:at )?any ?time\.?|(?:no spam|we respect your privacy)\b.{0,80}|thank(?:s| you) for (?:signing up|subscribing).{0,60}|.{0,60}\ban error (?:has )?occurred\b.{0,60}|there was an error .{0,60}|keep an eye on your inbox.{0,60}|[\w-]+ \w+=[\"”″“'].*|please try again(?: later)?\.?|invalid e-?mail.{0,20}",
            r"(?:\d+|an?|\w{3,6}) ?[-–]?min(?:ute)?s?[-– ]?(?:read|reading(?: time)?)|(?:estimated )?(?:reading|read) time:? ?.{1,20}|\d+ (?:min(?:uten)?|minutes?) (?:lesezeit|de lecture|de lectura|di lettura|de leitura|leestijd|lästid|czytania)|(?:lesezeit|temps de lecture|tiempo de lectura|tempo di lettura|tempo de leitura|leestijd|lästid|czas czytania)\b.{1,25}|время чтения.{1,20}",
            r"(?:\d[\d.,]*[km]? )?(?:shares?|views?|likes?|retweets?|claps?)(?: ?\d[\d.,]*[km]?)?|(?:have a|got a) (?:tip|story)\b.{0,150}|(?:e-?mail|write to|contact|reach) [\w .]{1,50} at \S+@\S+.{0,120}|(?:support|donate|become a member|help us)\b[^.]{0,60}|(?:tags?|filed under|topics?|categor(?:y|ies)|schlagworte|themen|mots[- ]clés|etiquetas|temas|tagi|теги|keywords?):.{0,200}",
            r"this (?:copy is for your personal|article (?:has been sent|was originally published|originally appeared|first appeared)|story (?:was originally|originally|first)|content is)\b.{0,400}|(?:image|photo|picture|video|illustration) ?(?:credit|by|source|caption|courtesy)?s?:.{0,120}|(?:getty images|shutterstock|enlarge|view image|hide caption|toggle caption|close)(?: .{0,40})?|play(?: video| audio)?|(?:video|audio) player.{0,40}",
        )
    )
)
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_SENTENCE = re.compile(r"[.!?…。！？।؟][»”\"’'」』)\]]*\s*$|[»”\"」』]\s*$")
_BULLET = re.compile(r"^\s*(?:[-*•‣▪–—·]|\d{1,3}[.)])\s")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


def kind(line: str) -> Kind:
    """What a line is by its words alone; "" for one that may well be the article's."""
    if len(line) > 420:
        return ""
    words = " ".join(line.casefold().replace("’", "'").split())
    if re.match(r"[©]|\(c\)", words):
        return "line"
    bare = _EDGES.sub("", words)
    if not bare:
        return "line" if words and len(words) < 12 and not re.search(r"[.*#~=_-]{3}|\*", words) else ""
    for pattern, name in ((_LINE, "line"), (_BOX, "box"), (_END, "end")):
        if pattern.fullmatch(bare):
            # A bullet in front, or a full stop after several words, and it is rather a point or a sentence.
            if (
                name != "line"
                and (words.endswith((".", ";")) or (words.endswith("?") and name == "box"))
                and not words.endswith("...")
            ):
                return ""
            return name  # type: ignore[return-value]
    return ""


def is_prose(line: str) -> bool:
    """Whether it reads like a paragraph: long, and with a sentence that ends."""
    size = len(line) + 2 * len(_UNSPACED.findall(line))
    return size >= 200 or (size >= 80 and _SENTENCE.search(line) is not None)


def parts(lines: Sequence[str], *, links: Collection[str] = (), headed: bool = True) -> list[bool]:
    """For each line whether it is the article's.

    `lines` are paragraphs without the empty ones between; `links` the words of every link of the page, folded,
    by which a list of other stories gives itself away. `headed` tells that the article's head stands
    before: what looks like the end of an article cannot end it before its first paragraph either way.
    """
    kinds = [kind(line) for line in lines]
    prose = [is_prose(line) and not kinds[number] for number, line in enumerate(lines)]
    keep = [not each for each in kinds]
    number = 0
    while number < len(lines):
        if kinds[number] in ("end", "box"):
            goes_on = _goes_on(number, kinds, prose)
            for inner in range(number, goes_on):
                # A list or a sentence after "Read more" may still be the article's: only links and titles go.
                keep[inner] = False
            number = max(goes_on, number + 1)
        else:
            number += 1
    _cut_last_lines(lines, keep, prose, kinds, set(links))
    if not any(keep) and lines:
        return [not each for each in kinds] if not all(kinds) else [True] * len(lines)
    return keep


def _goes_on(start: int, kinds: Sequence[Kind], prose: Sequence[bool]) -> int:
    """Where the article goes on after the heading of something else at `start`; the end when it does not."""
    before, total = sum(prose[:start]), len(prose)
    after = [number for number in range(start + 1, total) if prose[number]]
    if not before:
        # Above the article: a heading of the site's own, with a few titles below it at most.
        return start + 1 if not after else min(after[0], start + 1)
    if kinds[start] == "box":
        return next((number for number in after if number - start <= 8), total) if after else total
    for number in after:
        # Teasers under "Latest stories" take turns with titles; an article goes on in paragraphs.
        following = prose[number : number + 2]
        between = [each for each in kinds[start + 1 : number] if each == "end"]
        if len(following) == 2 and all(following) and number - start <= 12 and not between:
            return number
    return total


def _cut_last_lines(
    lines: Sequence[str], keep: list[bool], prose: Sequence[bool], kinds: Sequence[Kind], links: set[str]
) -> None:
    """Take off, behind the last paragraph, titles of other stories: links, or lines after something cut."""
    last = max((number for number, each in enumerate(prose) if each and keep[number]), default=-1)
    if last < 0:
        return
    tail = range(last + 1, len(lines))
    titles = [number for number in tail if keep[number] and _is_title(lines[number])]
    cut_before = False
    for number in tail:
        if kinds[number]:
            cut_before = True
        elif _bare_item(lines[number]) in links or (cut_before and number in titles):
            keep[number] = False
    run: list[int] = []
    for number in [*(each for each in tail if keep[each]), -1]:
        if number in titles and not _BULLET.match(lines[number]):
            run.append(number)
            continue
        if len(run) >= 3 and not lines[run[0] - 1].rstrip().endswith((":", "：")):
            for each in run:
                keep[each] = False
        run = []


def _is_title(line: str) -> bool:
    return len(line) < 140 and not re.search(r"[.:;,。、！？，；：।]['\"”’」』)]*$|[!?]['\"”’)]$", line.rstrip())


def _bare_item(line: str) -> str:
    return folded(_BULLET.sub("", line))
