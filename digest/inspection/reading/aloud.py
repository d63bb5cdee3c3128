"""What goes wrong for who listens to the mail: language, headings, tables, links, order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from digest.inspection import styles
from digest.inspection.reading import Fault, Page, short, words
from digest.inspection.reading.words import own_text, spoken
from digest.render.language import Language


def faults(page: Page) -> Iterator[Fault]:
    for part in (_whole, _zoom, _languages, _headings, _tables, _links, _alike, _order):
        yield from part(page)


def _whole(page: Page) -> Iterator[Fault]:
    """What the document says of itself."""
    root = page.proof.root
    language = (root.get("lang") or "").strip()
    theme = "In the theme, give <mjml> lang and dir."
    effect = "A screen reader reads it aloud by the rules of its owner's own language."
    if language in ("", "und"):
        yield Fault(None, "error", "no-language", "The mail does not say its language.", effect=effect, hint=theme)
    elif language.partition("-")[0].casefold() != page.language.partition("-")[0].casefold():
        what = f'The mail says that it is in "{language}"; the issue is in "{page.language}".'
        yield Fault(None, "error", "no-language", what, effect=effect, hint=theme)
    yield from _inside(page, effect, theme)
    title = root.find(".//title")
    if title is None or not (title.text or "").strip():
        yield Fault(
            None,
            "warning",
            "no-title",
            "The mail's document has no title.",
            effect="In a browser, and by a screen reader, it is called by its address.",
            hint="In the theme, put <mj-title> into <mj-head>.",
        )


def _inside(page: Page, effect: str, hint: str) -> Iterator[Fault]:
    """Language and direction of what mail programs keep: they cut off <html> and <body> themselves."""
    tops = [each for each in page.body if each in page.light and spoken(each)] if page.body is not None else []
    if any(not (each.get("lang") or "").strip() for each in tops):
        what = "Inside the body, nothing says the mail's language."
        yield Fault(
            None, "warning", "no-language", what, effect=f"Many programs keep the body alone. {effect}", hint=hint
        )
    wanted = Language.of(page.language).direction
    directions = [(each.get("dir") or "").casefold() for each in (page.proof.root, *tops)]
    if any(not each for each in directions):
        what = "The mail does not say which way it reads."
        effect = "Where the program is in Arabic or Hebrew, it is shown the wrong way round."
        yield Fault(None, "warning", "no-direction", what, effect=effect, hint=hint)
    if any(each and each != "auto" and each != wanted for each in directions):
        what = f"The mail says that it reads {'from left to right' if wanted == 'rtl' else 'from right to left'}."
        effect = f'"{page.language}" does not; punctuation and lists come out on the wrong side.'
        yield Fault(None, "error", "no-direction", what, effect=effect, hint=hint)


def _zoom(page: Page) -> Iterator[Fault]:
    for each in page.proof.root.iter("meta"):
        if (each.get("name") or "").casefold() == "viewport" and words.forbids_zoom(each.get("content") or ""):
            yield Fault(
                None,
                "error",
                "no-zoom",
                "The theme forbids to enlarge the mail.",
                effect="Who cannot read small letters cannot make them larger.",
                hint="Take user-scalable and maximum-scale out of the viewport.",
            )


def _languages(page: Page) -> Iterator[Fault]:
    """Stories written in other letters than their language has."""
    for number, story in enumerate(page.proof.stories):
        mine = [each for each in page.met if page.number(each) == number]
        if not mine:
            continue
        said = next((at for each in (mine[0], *mine[0].iterancestors()) if (at := each.get("lang"))), "")
        texts = " ".join(own_text(each) for each in mine if _language_of(each) == said)
        if said and (script := words.foreign_script(texts, said)):
            yield Fault(
                mine[0],
                "warning",
                "wrong-language",
                f'"{story.title}" is written in {script}, and is said to be in "{said}".',
                effect="A screen reader spells it out, or falls silent.",
                hint='Write its language below its heading, as in "language: ar".',
                same=f"{script} {said}",
            )


def _language_of(element: Any) -> str:
    return next((at for each in (element, *element.iterancestors()) if (at := each.get("lang"))), "")


def _headings(page: Page) -> Iterator[Fault]:
    found = [each for each in page.met if each.tag in ("h1", "h2", "h3", "h4", "h5", "h6")]
    effect = "Who listens to the mail goes from heading to heading, and is misled here."
    if not any(each.tag == "h1" for each in found):
        hint = "In the theme, let the masthead's name be an <h1>."
        yield Fault(None, "warning", "headings", "The mail has no first heading.", effect=effect, hint=hint)
    level = 0
    firsts = 0
    for each in found:
        now = int(each.tag[1])
        if not spoken(each):
            yield Fault(each, "warning", "headings", "A heading is empty.", effect=effect, hint="Take it out.")
            continue
        name = short(spoken(each))
        firsts += now == 1
        if now == 1 and firsts > 1:
            what = f'"{name}" is one more heading of the first level.'
            yield Fault(each, "warning", "headings", what, effect=effect, hint="Let it be <h2>, or deeper.")
            continue
        if level and now > level + 1:
            what = f'The heading "{name}" is of level {now}, right below one of level {level}.'
            yield Fault(each, "warning", "headings", what, effect=effect, hint=f"Let it be of level {level + 1}.")
        level = now


def _tables(page: Page) -> Iterator[Fault]:
    effect = '"Table with one column and three rows", says a screen reader, and again at every cell.'
    hint = 'Write <table role="presentation">.'
    for each in page.proof.root.iter("table"):
        if each in page.light:
            data = any(isinstance(inner.tag, str) and inner.tag in ("th", "caption") for inner in _cells(each))
            lays_out = each.get("role") in ("presentation", "none")
            if not data and not lays_out:
                what = 'A table that lays out lacks role="presentation".'
                yield Fault(each, "warning", "table-role", what, effect=effect, hint=hint)
            elif data and lays_out:
                what = "A table with headings is said to be there for the layout only."
                told = "Its headings are not read aloud with its cells."
                yield Fault(each, "warning", "table-role", what, effect=told, hint='Take role="presentation" off.')
    for problem in words.for_word_only(page.proof.root):
        rule = "table-role" if problem.startswith("A table") else "no-alt" if "alt" in problem else "hidden-link"
        yield Fault(
            None,
            "warning",
            rule,
            problem,
            effect="Readers of classic Outlook on Windows meet it.",
            hint="Mend it in the theme, between <!--[if mso]> and <![endif]-->.",
        )


def _cells(table: Any) -> Iterator[Any]:
    """What is in a table and in no table inside it."""
    for each in table:
        if isinstance(each.tag, str) and each.tag != "table":
            yield each
            yield from _cells(each)


def _links(page: Page) -> Iterator[Fault]:
    for each in page.met:
        if each.tag != "a" or not each.get("href"):
            continue
        if not spoken(each) and not _wordless_picture(each):
            yield Fault(
                each,
                "error",
                "empty-link",
                f"A link to {short(each.get('href'))} holds no words.",
                effect="A screen reader reads its address aloud, letter by letter; who sees well may see nothing.",
                hint="Write words into it, or take it out.",
                same=each.get("href"),
            )
        if each.get("tabindex") != "-1" and any(
            up.get("aria-hidden") == "true" for up in (each, *each.iterancestors())
        ):
            what = f'The link "{short(spoken(each))}" is hidden from screen readers (aria-hidden).'
            told = "Who uses the keyboard comes to a place where nothing is said."
            yield Fault(each, "warning", "hidden-link", what, effect=told, hint="Take aria-hidden off.")


def _wordless_picture(link: Any) -> bool:
    """Whether all it lacks is the words of a picture, of which the check of pictures tells."""
    return any(each.get("role") not in ("presentation", "none") for each in link.iter("img"))


def _alike(page: Page) -> Iterator[Fault]:
    """Links that only their addresses tell apart; from story to story the titles tell them apart."""
    met: dict[tuple[int, str], dict[str, Any]] = defaultdict(dict)
    for each in page.met:
        number = page.number(each)
        if each.tag == "a" and each.get("href") and number is not None and spoken(each):
            met[number, spoken(each).casefold()].setdefault(each.get("href").partition("#")[0], each)
    for links in met.values():
        if len(links) > 1:
            last = list(links.values())[-1]
            yield Fault(
                last,
                "warning",
                "same-words",
                f'"{short(spoken(last))}" stands for {len(links)} links in one story, each to another page.',
                effect="Who goes from link to link by ear cannot tell them apart.",
                hint="Say in each link's words where it leads.",
            )


def _order(page: Page) -> Iterator[Fault]:
    effect = "Who listens hears it in another order than it stands there."
    for each in page.met:
        if (index := (each.get("tabindex") or "").strip()).isdigit() and int(index) > 0:
            yield Fault(
                each,
                "warning",
                "reading-order",
                f'tabindex="{index}" changes the order of the keyboard.',
                effect=effect,
                hint="Take it off.",
                same="tabindex",
            )
        for declaration in styles.inline(each.get("style") or ""):
            turned = {"row-reverse", "column-reverse"} & styles.words(declaration)
            if turned or (declaration.name == "order" and declaration.value not in ("0", "initial")):
                what = f'"{declaration.name}: {declaration.value}" turns the order round.'
                yield Fault(
                    each, "warning", "reading-order", what, effect=effect, hint="Write it in the order of words."
                )
        if each.tag in ("table", "tr") and words.turned_for_looks(each, page.light):
            what = 'dir="rtl" on a table that holds no such text turns its columns round.'
            yield Fault(each, "warning", "reading-order", what, effect=effect, hint="Write them in the order of words.")
