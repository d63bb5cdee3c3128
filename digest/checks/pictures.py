"""Whether pictures say something to those who do not see them, arrive soon, and arrive at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from digest import plugins
from digest.checks.base import Copy, Place, in_settings, placed, shown
from digest.errors import DigestError
from digest.inspection.mail_words import pixels, texts, unseen, words
from digest.inspection.whereabouts import written
from digest.models import Asset, Finding

RULES = {
    "no-alt": "a picture without words for readers who do not see it",
    "alt-says-nothing": "a picture whose words are its file's name, or only say that it is one",
    "heavy": "a picture file that takes long to arrive",
    "heavy-all": "pictures that take long to arrive together",
    "type": "a picture of a kind that some mail programs do not show",
    "no-size": "a picture without a width, for which the text jumps",
    "not-on-the-web": "a picture that has no address for readers to fetch it from",
    "only-pictures": "a mail that says nothing while pictures are off",
    "empty-first-frame": "an animation that Outlook shows as an empty frame",
    "tracking-pixel": "a picture nobody sees, which tells somebody that the mail was opened",
    "http": "a picture that is fetched by http",
}

#: Bytes. A phone on a slow line has 200 kB in about two seconds; beyond 1 MB Gmail's proxy may give up.
_HEAVY, _TOO_HEAVY, _HEAVY_ALL = 200_000, 1_000_000, 1_500_000
#: Fewer words than these, beside its name, its date and its footer, say nothing.
_FEW_WORDS = 40
_SAYS_NOTHING = re.compile(
    r"(?:an? |the |my )?(?:image|picture|photo(?:graph)?|pic|img|graphic|screenshot|screen shot|untitled|logo|icon"
    r"|banner|alt|alt text|thumbnail|figure|illustration|bild|foto|imagen?|afbeelding|grafik|null|undefined|none|todo"
    r"|placeholder)"
    r"[\s_-]*\d*",
    re.IGNORECASE,
)
_FILE = re.compile(
    r"\S*\.(?:jpe?g|png|gif|webp|avif|svg|heic|bmp|tiff?)|(?:img|dsc|dscn|pxl|screenshot)[_-]?\d[\w-]*"
    # As computers, phones and messengers name what they save.
    r"|(?:screen ?shot|bildschirmfoto|capture d[’']écran|captura de pantalla|schermata|schermafbeelding|skärmavbild"
    r"|whatsapp image|image|photo|img|foto|scan)[ _-](?:\w{2,6} )?\d{4}[-.]?\d\d[-.]?\d\d.{0,30}",
    re.IGNORECASE,
)
#: Chinese, Japanese, Thai, Lao, Khmer and Burmese letters.
_NO_BLANKS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
#: https://www.caniemail.com/features/image-webp/ and its neighbours: Outlook on Windows shows none of them.
_OUTLOOK_SHOWS_NONE = {
    ".webp": "WebP",
    ".avif": "AVIF",
    ".svg": "SVG",
    ".svgz": "SVG",
    ".heic": "HEIC",
    ".jxl": "JPEG XL",
}
_TRACKER = re.compile(
    r"/(?:pixel|track(?:er|ing)?|beacon|open|wf/open|o)(?:\.gif|\.png)?(?:[/?]|$)|google-analytics\.com|doubleclick\.net"
    r"|facebook\.com/tr\b|scorecardresearch",
    re.IGNORECASE,
)


def check(copy: Copy) -> Iterator[Finding]:
    """What is wrong with each picture, then with all of them together."""
    assets = {each.name: each for each in copy.email.assets}
    told: set[tuple[str, str]] = set()
    for element in copy.proof.elements("img"):
        src = (element.get("src") or "").strip()
        asset = assets.get(PurePosixPath(unquote(urlsplit(src).path)).name) if "data:" not in src[:5] else None
        place = _place(copy, element, src, asset)
        for rule, level, what, effect, hint in (*_seen(element, src, asset), *_fetched(copy, element, src, asset)):
            # A logo that has a twin for dark mode, a picture that is shown twice: told once.
            if (rule, place.story or src) not in told:
                told.add((rule, place.story or src))
                yield place.finding(
                    level, rule, f"{_name(element, src, asset, place)} {what}", effect=effect, hint=hint
                )
    yield from _together(copy)


_Told = tuple[str, str, str, str, str]


def _place(copy: Copy, element: Any, src: str, asset: Asset | None) -> Place:
    source = asset.source if asset else src
    place = placed(copy, element, source, unquote(source), *written(element))
    if place.line is None:
        for key, value in copy.publication.options.items():
            if isinstance(value, str) and value and value in (source, src):
                return Place(copy.publication.path, copy.publication.lines.get(f"theme.{key}"))
    return place


def _name(element: Any, src: str, asset: Asset | None, place: Place) -> str:
    file = asset.source if asset and asset.source else "" if src.startswith("data:") else src
    inside = f" in {shown(place.story)}" if place.story else ""
    return f"The picture {shown(file, 80)}{inside}" if file else f"A picture{inside}"


def _seen(element: Any, src: str, asset: Asset | None) -> Iterator[_Told]:
    """What of it a reader sees, or hears read."""
    width, height = pixels(element)
    if _is_pixel(width, height, src, asset):
        effect = "Readers are not told; some mail programs block the whole mail's pictures for it."
        yield (
            "tracking-pixel",
            "warning",
            "is too small to be seen, and only tells its owner who opened the mail.",
            effect,
            ("Take it out; your mailing service counts by itself if you let it."),
        )
        return
    alt = " ".join((element.get("alt") or "").split())
    # Where the same words stand beside it a theme may leave a picture silent, and says so.
    silent = element.get("role") in ("presentation", "none") or element.get("aria-hidden") == "true"
    how = "Say in the square brackets what it shows: ![A convoy on the road near Baghdad](images/convoy.jpg)."
    if not alt and not silent:
        effect = "Who has pictures off, or has the mail read aloud, gets nothing in its place."
        yield "no-alt", "warning", "has no words for readers who do not see it.", effect, how
    elif alt and (_SAYS_NOTHING.fullmatch(alt) or _FILE.fullmatch(alt) or _is_name_of(alt, src, asset)):
        effect = "Who does not see it hears a file's name, or that there is a picture."
        yield "alt-says-nothing", "warning", f"is described as {shown(alt)}, which says nothing.", effect, how
    # A width alone will do: with "height: auto" beside it the rest follows once the picture is there.
    if width is None and not unseen(element):
        effect = "The text jumps when it arrives, and Outlook may show it larger than the mail."
        hint = "Save it in the folder images and name that file: digest measures it."
        yield "no-size", "note", "has no width.", effect, hint


def _is_pixel(width: int | None, height: int | None, src: str, asset: Asset | None) -> bool:
    if asset is not None:
        return False
    tiny = width is not None and height is not None and width <= 2 and height <= 2
    return tiny or bool(_TRACKER.search(src) and (width or 99) < 10)


def _is_name_of(alt: str, src: str, asset: Asset | None) -> bool:
    file = PurePosixPath(unquote(urlsplit(asset.source if asset and asset.source else src).path))
    # "map" is a fine word for map.jpg; "map-2" and "convoy_near_baghdad" are names of files.
    return alt.casefold() in (file.name.casefold(), file.stem.casefold()) and re.search(r"[\d_.-]", alt) is not None


def _fetched(copy: Copy, element: Any, src: str, asset: Asset | None) -> Iterator[_Told]:
    """How it comes to a reader."""
    if not src:
        yield "not-on-the-web", "error", "has no address.", "Readers see an empty frame.", "Name a file or an address."
    elif src.startswith("data:"):
        effect = "Gmail and Outlook show nothing in its place."
        yield (
            "not-on-the-web",
            "error",
            "is written into the mail itself.",
            effect,
            "Save it as a file in the folder images.",
        )
    elif re.match(r"(?:cid|file|blob|about):|[A-Za-z]:\\|//", src):
        effect = "Readers see an empty frame."
        yield (
            "not-on-the-web",
            "error",
            f"leads nowhere from a mail: {shown(src)}.",
            effect,
            "Name a file or an https address.",
        )
    elif not re.match(r"https?:", src, re.IGNORECASE) and asset is None:
        effect = "Readers see an empty frame."
        yield (
            "not-on-the-web",
            "error",
            f"has only a part of an address: {shown(src)}.",
            effect,
            "Name a file or an https address.",
        )
    elif src.lower().startswith("http:"):
        effect = "Some mail programs leave it out, others warn."
        yield "http", "warning", "is fetched by http.", effect, f"Link to https:{src[5:]}, if that works."
    kind = _OUTLOOK_SHOWS_NONE.get(PurePosixPath(urlsplit(src).path).suffix.lower()) if asset is None else None
    if kind:
        effect = "Outlook on Windows shows an empty frame." + (" So does Gmail." if kind == "SVG" else "")
        yield (
            "type",
            "warning",
            f"is {kind}, which not every mail program shows.",
            effect,
            (
                "Save it as PNG in the folder images."
                if kind == "SVG"
                else "Save it in the folder images; digest makes a JPEG of it."
            ),
        )
    if asset is not None:
        yield from _file(asset)


def _file(asset: Asset) -> Iterator[_Told]:
    size = len(asset.content)
    if size > _HEAVY:
        told = f"is {size / 1_000_000:.1f} MB" if size >= _TOO_HEAVY else f"is {size // 1000} kB"
        hint = (
            "Make the animation shorter or smaller."
            if asset.media_type == "image/gif"
            else "Save it as JPEG, or cut it smaller."
        )
        level = "error" if size > _TOO_HEAVY else "warning"
        yield "heavy", level, f"{told}; 200 kB is a good deal.", "On a phone the reader waits, and pays for it.", hint
    if asset.media_type == "image/gif":
        from digest.render import gif

        if gif.shows_nothing_first(asset.content):
            effect = "Outlook on Windows shows the first frame alone."
            yield (
                "empty-first-frame",
                "warning",
                "begins with an empty frame.",
                effect,
                "Put a frame first that says it all.",
            )


def _together(copy: Copy) -> Iterator[Finding]:
    total = sum(len(each.content) for each in copy.email.assets)
    path = copy.issue.path
    heaviest = sorted(copy.email.assets, key=lambda each: -len(each.content))[:3]
    if total > _HEAVY_ALL:
        names = ", ".join(f"{each.source or each.name} {len(each.content) // 1000} kB" for each in heaviest)
        what = f"The pictures are {total / 1_000_000:.1f} MB together. Heaviest: {names}."
        yield Place(path).finding("warning", "heavy-all", what, effect="On a phone the reader waits, and pays for it.")
    count = len([each for each in copy.proof.elements("img") if not unseen(each)])
    said = sum(_words_in(text) for text, _ in texts(copy.proof.root))
    publication = copy.publication
    always = (publication.name, copy.issue.title, publication.reason, publication.postal_address)
    if count and said - sum(map(_words_in, always)) < _FEW_WORDS:
        what = f"The mail is nearly all pictures: {count} of them, and {said} words, footer included."
        effect = "Outlook shows no picture before it is asked to, and filters distrust such mails."
        yield Place(path).finding("warning", "only-pictures", what, effect=effect, hint="Say in words what matters.")
    if local := [each for each in copy.email.assets if f'"images/{each.name}"' in copy.email.html]:
        yield from _not_exported(copy, local)


def _words_in(text: str) -> int:
    """Words; where a script puts no blanks between them, two letters are counted as one."""
    return sum(max(1, len(_NO_BLANKS.findall(word)) // 2) for word in words(text))


def _not_exported(copy: Copy, local: list[Asset]) -> Iterator[Finding]:
    """Pictures lie beside email.html; what goes to a service needs them on the web."""
    if not copy.service or copy.publication.assets_url or hosts_pictures(copy.service):
        return
    count = "1 picture lies" if len(local) == 1 else f"{len(local)} pictures lie"
    what = f"{count} beside the mail, and {copy.service} takes none: {', '.join(each.source for each in local[:3])}."
    hint = 'Say with "assets_url" under [publication] where on the web you put the folder images.'
    effect = "Readers see empty frames."
    yield in_settings(
        copy.publication, "publication.assets_url", "warning", "not-on-the-web", what, effect=effect, hint=hint
    )


def hosts_pictures(service: str) -> bool:
    """Whether a service takes pictures, or needs none of us to; True for one nobody can ask."""
    try:
        module = plugins.load("exporters", service)
    except DigestError:
        return True
    can = getattr(getattr(module, "Exporter", None), "can", None)
    return bool(getattr(can, "pictures", True) or getattr(can, "encloses", False))
