"""Whether a reader whose program lacks a feature loses anything at one place: what stands in for it is looked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

from digest.inspection import styles
from digest.inspection.cascade import DARK, LIGHT, Look, has_picture
from digest.inspection.features import css
from digest.inspection.features.mail import Mail, Use
from digest.render.colours import contrast

#: Whether the use costs anybody anything.
When = Callable[[Use, Mail], bool]

#: Below this nobody reads a text; between this and 4.5 it is a strain, which is for another check to say.
_UNREADABLE = 3.0
_SIZES = frozenset({"width", "height", "font-size", "font", "flex-basis"})
_INKS = frozenset({"color", "background", "background-color"})
_ICONS = re.compile(r"material (?:icons|symbols)|font ?awesome|icomoon|glyphicons|ionicons|icons?\b", re.IGNORECASE)
_FONT_HOSTS = re.compile(r"//(?:fonts|use|use\.typekit|p\.typekit|cloud\.typography|rsms)\.|[/.]fonts?[./]|family=")


#: What the check of pictures says of every picture, whoever the readers are.
_TOLD_BY_PICTURES = frozenset({"avif", "heic", "svg", "svgz", "webp"})


def always(use: Use, mail: Mail) -> bool:
    return True


def backed(use: Use, mail: Mail) -> bool:
    """Whether the same property is declared once more without the feature."""
    if use.declaration is None:
        return False
    name = css.bare(use.declaration.name)
    names = {name} | ({"background", "background-color"} if name in ("background", "background-color") else set())
    if name == "font-size":
        names.add("font")
    if name in ("width", "height") and use.element is not None and use.element.get(name):
        return True
    return any(
        css.bare(each.name) in names and use.slug not in css.of_declaration(each) and each.value
        for each in mail.others(use)
    )


def sized(use: Use, mail: Mail) -> bool:
    """A width, a height or a size of letters that has nothing to fall back on."""
    return use.declaration is not None and use.declaration.name in _SIZES and not backed(use, mail)


def variable(use: Use, mail: Mail) -> bool:
    """A `var()` where a size, a place or a readable colour hangs on it."""
    if use.declaration is None or use.declaration.name.startswith("--") or backed(use, mail):
        return False
    name = use.declaration.name
    return name in _SIZES or name in ("display", "padding", "position") or name in _INKS


def coloured(use: Use, mail: Mail) -> bool:
    """A colour without which text cannot be read."""
    if use.declaration is None or use.element is None or use.declaration.name not in _INKS or backed(use, mail):
        return False
    parent = use.element.getparent()
    around = mail.look(parent) if parent is not None else Look()
    if use.declaration.name == "color":
        look = mail.look(use.element)
        return _has_text(use.element) and contrast(around.colour, look.ground) < _UNREADABLE
    return any(contrast(look.colour, around.ground) < _UNREADABLE for look in _on_its_ground(use.element, mail))


def pictured(use: Use, mail: Mail) -> bool:
    """A picture or a gradient behind text, and no colour to read the text on when it is missing."""
    if use.element is None:
        return False
    if use.declaration is not None and not has_picture(use.declaration):
        return False
    if use.slug.endswith("-gradient") and backed(use, mail):
        return False
    texts = _on_its_ground(use.element, mail)
    if not texts:
        return False
    grounds = [*mail.others(use), *([use.declaration] if use.declaration is not None else [])]
    own = use.element.get("bgcolor") or any(
        each.name in ("background", "background-color") and styles.ground_of(each) for each in grounds
    )
    return not own or any(contrast(look.colour, look.ground) < _UNREADABLE for look in texts)


def _on_its_ground(element: Any, mail: Mail) -> list[Look]:
    """The look of every text that stands on the element's own ground."""
    ground = mail.look(element).ground
    inside = (each for each in element.iter() if isinstance(each.tag, str) and _own_text(each))
    looks = (mail.look(each) for each in inside)
    return [look for look in looks if look.ground == ground and not look.hidden]


def side_by_side(use: Use, mail: Mail) -> bool:
    """A flex or grid box with several things in it that would not stand below one another anyway."""
    if use.element is None or backed(use, mail) or not _several(use.element):
        return False
    declared = {each.name: each.value for each in (*use.beside, *mail.others(use))}
    return "column" not in declared.get("flex-direction", "") and "column" not in declared.get("flex-flow", "")


def in_a_box(use: Use, mail: Mail) -> bool:
    """A property that orders several things in a flex or grid box."""
    if use.element is None or use.declaration is None or not _several(use.element):
        return False
    words = styles.words(use.declaration)
    if use.slug == "css-flex-wrap" and "wrap" not in words:
        return False
    if use.slug == "css-flex-direction" and not words & {"column", "column-reverse"}:
        return False
    shown = [each.value for each in (*use.beside, *mail.others(use)) if each.name == "display"]
    return any(value.endswith(("flex", "grid")) for value in shown)


def out_of_flow(use: Use, mail: Mail) -> bool:
    """Something laid over something else."""
    words = styles.words(use.declaration) if use.declaration is not None else frozenset()
    if not words & {"absolute", "fixed"} or use.element is None:
        return False
    return (_has_content(use.element) or mail.look(use.element).picture) and not mail.look(use.element).hidden


def squeezed(use: Use, mail: Mail) -> bool:
    """A picture cut to a shape that is not its own."""
    if use.element is None or use.element.tag != "img" or use.declaration is None:
        return False
    own = mail.cascade.applied(use.element)
    fixed = [side for side in ("width", "height") if _is_length(own[side].value if side in own else "", use, side)]
    return len(fixed) == 2 and bool(styles.words(use.declaration) & {"cover", "contain", "none", "scale-down"})


def _is_length(value: str, use: Use, side: str) -> bool:
    return value not in ("auto", "") or (not value and bool(use.element.get(side)))


def kept_hidden(use: Use, mail: Mail) -> bool:
    """Something that is hidden by this alone, and would be seen."""
    if use.element is None or use.conditions or ":" in use.selector:
        return False
    if not _has_content(use.element) or not _hides(use):
        return False
    others = {each.name: each.value for each in mail.others(use)}
    if any(css.bare(name).startswith("animation") for name in others):
        return False
    if use.slug == "html-hidden":
        return others.get("display") != "none"
    if use.slug != "css-display-none" and others.get("display") == "none":
        return False
    return styles.pixels(others.get("max-height", "1px")) != 0 and styles.pixels(others.get("font-size", "1px")) != 0


def _hides(use: Use) -> bool:
    if use.declaration is None:
        return use.slug == "html-hidden"
    value = use.declaration.value.casefold()
    return value in ("none", "hidden", "collapse") or (use.slug == "css-opacity" and styles.number(value) == 0)


def partly_hidden(use: Use, mail: Mail) -> bool:
    """Word shows tables and pictures that `display:none` should hide, unless it is told in its own words."""
    if use.element is None or any(each.name == "mso-hide" for each in mail.others(use)):
        return False
    return use.element.tag == "img" or next(use.element.iter("table"), None) is not None


def spoken(use: Use, mail: Mail) -> bool:
    """Words, or an icon of a font, that only `content` puts there."""
    said = "".join(text for each in use.beside if each.name == "content" for text in styles.strings(each))
    return len(re.findall(r"[^\W\d_]", said)) > 1 or any(unicodedata.category(letter) == "Co" for letter in said)


def revealed(use: Use, mail: Mail) -> bool:
    """Something hidden that only this state shows."""
    if use.element is None or not (mail.look(use.element).hidden and _has_content(use.element)):
        return False
    for each in use.beside:
        value = each.value.casefold()
        if each.name == "display" and value != "none":
            return True
        if each.name == "visibility" and value == "visible":
            return True
        if each.name in ("opacity", "max-height", "height") and value not in ("0", "0px", "0%"):
            return True
    return False


def brought_in(use: Use, mail: Mail) -> bool:
    """Something that is seen only after an animation has run."""
    return (
        use.element is not None
        and any(each.name in ("opacity", "visibility") for each in (*use.beside, *mail.others(use)))
        and mail.look(use.element).hidden
        and _has_content(use.element)
    )


def imported(use: Use, mail: Mail) -> bool:
    """A style sheet from the web that holds more than letters."""
    address = use.address
    if use.element is not None:
        if (use.element.get("rel") or "").casefold() != "stylesheet":
            return False
        address = use.element.get("href") or ""
    return not _FONT_HOSTS.search(address) or bool(_ICONS.search(address))


def drawn_with_letters(use: Use, mail: Mail) -> bool:
    """A font of icons: without it a reader sees a box, or the icon's name."""
    families = {
        text.casefold().strip("\"'")
        for sheet in mail.sheets
        for rule in sheet.at_rules
        if rule.keyword == "font-face"
        for each in rule.declarations
        if each.name == "font-family"
        for text in [each.value]
    }
    for element in mail.elements:
        text = _own_text(element)
        if any(unicodedata.category(letter) == "Co" for letter in text):
            return True
        if text and (first := _first_family(element, mail)) in families and _ICONS.search(first):
            return True
    return False


def _first_family(element: Any, mail: Mail) -> str:
    own = mail.cascade.applied(element)
    value = own["font-family"].value if "font-family" in own else ""
    return value.partition(",")[0].strip().strip("\"'").casefold()


def see_through(use: Use, mail: Mail) -> bool:
    """Letters made transparent to show the picture behind them."""
    if use.declaration is None or use.element is None or "text" not in styles.words(use.declaration):
        return False
    clear = [each for each in (*use.beside, *mail.others(use)) if css.bare(each.name) in ("color", "text-fill-color")]
    return _has_content(use.element) and any((found := styles.colour(each.value)) and not found[3] for each in clear)


def nested(use: Use, mail: Mail) -> bool:
    """A rule inside a rule, in use."""
    return use.element is not None


def player(use: Use, mail: Mail) -> bool:
    """A video or a sound with nothing in it for those who cannot play it."""
    inside = [each for each in use.element if isinstance(each.tag, str) and each.tag not in ("source", "track")]
    return not any(_has_content(each) for each in inside) and not _own_text(use.element)


def empty(use: Use, mail: Mail) -> bool:
    return not "".join(use.element.itertext()).strip()


def loose(use: Use, mail: Mail) -> bool:
    """A field outside of a form; of those inside, the form tells."""
    return next(use.element.iterancestors("form"), None) is None and not mail.look(use.element).hidden


def without_picture(use: Use, mail: Mail) -> bool:
    """A <picture> without the plain <img> that everybody reads."""
    return not any(each.get("src") for each in use.element.iter("img"))


def the_only_format(use: Use, mail: Mail) -> bool:
    """A picture in a format that not everybody shows, unless the check of pictures tells of it."""
    address = (use.element.get("src") or "").casefold()
    ending = address.partition("?")[0].partition("#")[0].rpartition(".")[2]
    if use.element.tag != "img" or address.startswith("data:") or ending in _TOLD_BY_PICTURES:
        return False
    return not mail.look(use.element).hidden


def relative(use: Use, mail: Mail) -> bool:
    """Addresses that need the <base>."""
    targets = (each.get("href") or each.get("src") or "" for each in mail.elements if each.tag in ("a", "img"))
    return any(each and not re.match(r"[a-z][a-z0-9+.-]*:|#|//|images/", each, re.IGNORECASE) for each in targets)


def shown(use: Use, mail: Mail) -> bool:
    """Something a reader sees, in daylight or in the dark."""
    looks = (mail.cascade.looks(screen).get(use.element) for screen in (LIGHT, DARK))
    return any(look is not None and not look.hidden for look in looks)


def whitespaced(use: Use, mail: Mail) -> bool:
    """`rgb(0 0 0 / 50%)`, written with blanks for commas: Gmail drops the whole style attribute for it."""
    if use.declaration is None or backed(use, mail):
        return False
    return any(
        function.lower_name in ("rgb", "rgba")
        and not any(token.type == "literal" and token.value == "," for token in function.arguments)
        for function in styles.functions(use.declaration)
    )


def _several(element: Any) -> bool:
    inside = [each for each in element if isinstance(each.tag, str) and each.tag not in ("script", "style")]
    return len(inside) + bool(_own_text(element)) > 1


def _own_text(element: Any) -> str:
    return "".join(_own_texts(element)).strip()


def _own_texts(element: Any) -> Iterator[str]:
    yield element.text or "" if isinstance(element.tag, str) else ""
    yield from (each.tail or "" for each in element)


def _has_text(element: Any) -> bool:
    return bool("".join(element.itertext()).strip())


def _has_content(element: Any) -> bool:
    return element.tag == "img" or _has_text(element) or next(element.iter("img", "a", "video"), None) is not None
