"""What each feature costs the reader whose program lacks it: the one table of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from digest.inspection.features import losses
from digest.inspection.features.losses import When


class Loss(Enum):
    """How bad it is. What only looks plainer has no place here: it is in PLAINER, and never told."""

    CONTENT = "something is missing"
    LAYOUT = "the layout breaks"


@dataclass(frozen=True, slots=True)
class Cost:
    """One feature's."""

    #: As an editor would write it: "display: flex".
    name: str
    loss: Loss
    #: What a reader would meet, a sentence.
    effect: str
    #: The way out, a sentence.
    hint: str
    when: When = losses.always
    #: Notes on caniemail's page that make its "partly" a no; without one of them "partly" is taken for yes.
    partly: frozenset[int] = frozenset()
    #: Whether such a "partly" counts at a place.
    partly_when: When = losses.always


_TABLE = 'Lay it out with a table (role="presentation"), or give Outlook one between <!--[if mso]> and <![endif]-->.'
_BEFORE = "Write the plain value first, in the same rule; programs take the last one they can read."
_HIDDEN = "Give it display:none, max-height:0, overflow:hidden and mso-hide:all together."
_LINK_PICTURE = "Show a picture that links to it."
_FORM = "Link to the form on your site."


def _content(
    name: str, effect: str, hint: str, when: When = losses.always, partly: frozenset[int] | None = None
) -> Cost:
    return Cost(name, Loss.CONTENT, effect, hint, when, partly or frozenset())


def _layout(
    name: str, effect: str, hint: str, when: When = losses.always, partly: frozenset[int] | None = None
) -> Cost:
    return Cost(name, Loss.LAYOUT, effect, hint, when, partly or frozenset())


def _picture(name: str, partly: frozenset[int] | None = None) -> Cost:
    hint = "Save it as JPEG or PNG; among an issue's own pictures digest does that by itself."
    effect = "The picture is missing there; its alt text stands in its place."
    return _content(f"{name} pictures", effect, hint, losses.the_only_format, partly)


def _size(name: str) -> Cost:
    return _layout(name, "The size is ignored there: boxes and letters come in whatever size they happen to.", _BEFORE,
                   losses.sized)  # fmt: skip


def _colour(name: str, when: When = losses.coloured, partly: frozenset[int] | None = None) -> Cost:
    return _layout(
        name, "The colour is ignored there, and the text cannot be read on what is left.", _BEFORE, when, partly
    )


def _behind(name: str, partly: frozenset[int] | None = None) -> Cost:
    effect = "There is nothing behind the text there, nor anywhere while pictures are off."
    return _layout(name, effect, "Set a background-color too, on which the text can be read.", losses.pictured, partly)


def _field(name: str) -> Cost:
    return _content(name, "Nothing can be filled in there.", _FORM, losses.loose)


def _state(name: str) -> Cost:
    effect = "What should come to light stays hidden there for good."
    return _content(name, effect, "Show it from the beginning, or link to a page where it can be opened.",
                    losses.revealed)  # fmt: skip


def _nowhere(tag: str) -> Cost:
    return _content(f"<{tag}>", "No mail program runs or shows it; many take the mail for an attack.",
                    "Take it out; show a picture that links to the page.")  # fmt: skip


COSTS: Mapping[str, Cost] = {
    "css-animation": _content(
        "animation", "What should fade in is never seen there.", "Let it be visible from the start.", losses.brought_in
    ),
    "css-at-font-face": _content(
        "fonts of icons",
        "Instead of the icons there are empty boxes, or their names in letters.",
        "Use a small picture with an alt text, or a character that every font has.",
        losses.drawn_with_letters,
    ),
    "css-at-import": _layout(
        "@import", "The styles in the imported sheet are missing there.", "Write them into the mail.", losses.imported
    ),
    "css-background-clip": _content(
        "background-clip: text",
        "The letters are transparent, and nothing is behind them.",
        "Give the text a colour.",
        losses.see_through,
    ),
    "css-background-image": _behind("background-image"),
    "css-conic-gradient": _behind("conic-gradient()"),
    "css-display-flex": _layout(
        "display: flex",
        "What should stand side by side comes one below the other there, or runs together.",
        _TABLE,
        losses.side_by_side,
    ),
    "css-display-grid": _layout(
        "display: grid",
        "What should stand in columns comes one below the other there.",
        _TABLE,
        losses.side_by_side,
    ),
    "css-display-none": Cost(
        "display: none",
        Loss.LAYOUT,
        "What should be hidden is seen there.",
        _HIDDEN,
        losses.kept_hidden,
        frozenset({1, 2}),
        losses.partly_hidden,
    ),
    "css-flex-direction": _layout(
        "flex-direction: column", "What should stand in a column is squeezed into a row there.", _TABLE, losses.in_a_box
    ),
    "css-flex-wrap": _layout(
        "flex-wrap", "On a narrow screen the row does not break there; its end is cut off.", _TABLE, losses.in_a_box
    ),
    "css-function-clamp": _size("clamp()"),
    "css-function-light-dark": _colour("light-dark()"),
    "css-function-max": _size("max()"),
    "css-function-min": _size("min()"),
    "css-grid-template": _layout(
        "grid-template", "The columns are gone there: everything stands in one.", _TABLE, losses.in_a_box
    ),
    "css-linear-gradient": _behind("linear-gradient()"),
    "css-modern-color": _colour("colours in lab, lch, oklab or oklch"),
    "css-nesting": _layout(
        "rules inside rules",
        "The inner rules are lost there, or meant for the wrong part.",
        "Write each rule by itself.",
        losses.nested,
    ),
    "css-object-fit": _layout(
        "object-fit",
        "The picture is squeezed or stretched there.",
        "Cut the picture itself to the shape.",
        losses.squeezed,
    ),
    "css-opacity": _layout("opacity: 0", "What should be hidden is seen there.", _HIDDEN, losses.kept_hidden),
    "css-position": _layout(
        "position: absolute or fixed",
        "What should lie over something, or stand at an edge, comes in the middle of the text there.",
        "Put it where it belongs with a table; for text on a picture use a background.",
        losses.out_of_flow,
        frozenset({2, 3, 4}),
    ),
    "css-pseudo-class-checked": _state(":checked"),
    "css-pseudo-class-focus": _state(":focus"),
    "css-pseudo-class-focus-within": _state(":focus-within"),
    "css-pseudo-class-hover": _state(":hover"),
    "css-pseudo-class-target": _state(":target"),
    "css-pseudo-element-after": _content(
        "::after", "The words it adds are missing there.", "Write them into the text.", losses.spoken
    ),
    "css-pseudo-element-before": _content(
        "::before", "The words it adds are missing there.", "Write them into the text.", losses.spoken
    ),
    "css-radial-gradient": _behind("radial-gradient()"),
    "css-rgb": _colour("rgb() without commas", losses.whitespaced, frozenset({1})),
    "css-rgba": _colour("rgba()"),
    "css-unit-calc": _size("calc()"),
    "css-unit-ch": _size("the unit ch"),
    "css-unit-rem": _size("the unit rem"),
    "css-unit-vh": _size("the unit vh"),
    "css-unit-vmax": _size("the unit vmax"),
    "css-unit-vmin": _size("the unit vmin"),
    "css-unit-vw": _size("the unit vw"),
    "css-variables": _layout(
        "CSS variables", "What is set by a variable is not set there: colours, sizes, places.", _BEFORE, losses.variable
    ),
    "css-visibility": _layout(
        "visibility: hidden", "What should be hidden is seen there.", _HIDDEN, losses.kept_hidden
    ),
    "html-applet": _nowhere("applet"),
    "html-audio": _content(
        "<audio>", "There is nothing to hear there, nor to click.", "Link to the recording.", losses.player
    ),
    "html-background": _behind("the attribute background", frozenset({2})),
    "html-base": _content(
        "<base>", "Links and pictures lead nowhere there.", "Write whole addresses.", losses.relative
    ),
    "html-button-submit": _field("<button>"),
    "html-canvas": _nowhere("canvas"),
    "html-embed": _nowhere("embed"),
    "html-form": _content("<form>", "It cannot be filled in or sent there.", _FORM, losses.shown, frozenset({6})),
    "html-frame": _nowhere("frame"),
    "html-hidden": _layout("the attribute hidden", "What should be hidden is seen there.", _HIDDEN, losses.kept_hidden),
    "html-iframe": _nowhere("iframe"),
    "html-image-maps": _content(
        "image maps",
        "The parts of the picture are no links there.",
        "Cut the picture up, or link all of it to one page.",
    ),
    "html-input-submit": _field("<input type=submit>"),
    "html-input-text": _field("<input>"),
    "html-link": _layout(
        "style sheets from the web", "The styles in it are missing there.", "Write them into the mail.", losses.imported
    ),
    "html-meter": _content("<meter>", "There is nothing to see there.", "Write the figure inside it.", losses.empty),
    "html-object": _content("<object>", "There is nothing to see there.", _LINK_PICTURE),
    "html-picture": _content(
        "<picture>", "There is no picture there.", "Put an <img> with a JPEG or PNG into it.", losses.without_picture
    ),
    "html-progress": _content(
        "<progress>", "There is nothing to see there.", "Write the figure inside it.", losses.empty
    ),
    "html-script": _nowhere("script"),
    "html-select": _field("<select>"),
    "html-svg": _content(
        "drawings in <svg>",
        "The drawing is missing there, and all text in it.",
        "Save it as PNG and show that.",
        losses.shown,
    ),
    "html-textarea": _field("<textarea>"),
    "html-video": _content(
        "<video>",
        "There is nothing to play there, nor to click.",
        "Put a picture that links to the film inside it.",
        losses.player,
    ),
    "image-avif": _picture("AVIF"),
    "image-base64": _picture("data:"),
    "image-bmp": _picture("BMP"),
    "image-hdr": _picture("HDR"),
    "image-heif": _picture("HEIF"),
    "image-ico": _picture("ICO"),
    "image-mp4": _picture("MP4"),
    "image-svg": _picture("SVG", frozenset({1})),
    "image-tiff": _picture("TIFF"),
    "image-webp": _picture("WebP"),
}

#: What caniemail knows and nobody is told of, for a reader without it loses nothing: it looks plainer.
_PLAINER = """
    css-accent-color css-align-items css-aspect-ratio css-at-keyframes css-at-media css-at-media-device-pixel-ratio
    css-at-media-hover css-at-media-orientation css-at-media-prefers-color-scheme
    css-at-media-prefers-reduced-motion css-at-supports css-backdrop-filter css-background css-background-blend-mode
    css-background-color css-background-origin css-background-position css-background-repeat css-background-size
    css-block-inline-size css-border css-border-collapse css-border-image css-border-inline-block
    css-border-inline-block-individual css-border-inline-block-longhand css-border-radius css-border-radius-logical
    css-border-spacing css-box-shadow css-box-sizing css-caption-side css-clear css-clip-path css-color-scheme
    css-column-count css-column-layout-properties css-comments css-cursor css-direction css-display css-empty-cells
    css-filter css-float css-font css-font-kerning css-font-size css-font-size-adjust css-font-stretch
    css-font-weight css-gap css-height css-hyphenate-character css-hyphenate-limit-chars css-hyphens css-important
    css-inert-attribute css-inline-size css-inset css-intrinsic-size css-justify-content css-left-right-top-bottom
    css-letter-spacing css-line-height css-list-style css-list-style-image css-list-style-position
    css-list-style-type css-margin css-margin-block-start-end css-margin-inline-block css-margin-inline-start-end
    css-mask-image css-max-block-size css-max-height css-max-inline-size css-max-width css-min-block-size
    css-min-height css-min-inline-size css-min-width css-mix-blend-mode css-object-position css-orphans css-outline
    css-outline-offset css-overflow css-overflow-wrap css-padding css-padding-block-start-end
    css-padding-inline-block css-padding-inline-start-end css-pseudo-class-active css-pseudo-class-default
    css-pseudo-class-first-child css-pseudo-class-first-of-type css-pseudo-class-focus-visible css-pseudo-class-has
    css-pseudo-class-lang css-pseudo-class-last-child css-pseudo-class-last-of-type css-pseudo-class-link
    css-pseudo-class-not css-pseudo-class-nth-child css-pseudo-class-nth-last-child
    css-pseudo-class-nth-last-of-type css-pseudo-class-nth-of-type css-pseudo-class-only-child
    css-pseudo-class-only-of-type css-pseudo-class-visited css-pseudo-element-first-letter
    css-pseudo-element-first-line css-pseudo-element-marker css-pseudo-element-placeholder css-resize
    css-scroll-snap css-selector-adjacent-sibling css-selector-attribute css-selector-chaining css-selector-child
    css-selector-class css-selector-descendant css-selector-general-sibling css-selector-grouping css-selector-id
    css-selector-type css-selector-universal css-shape-margin css-shape-outside css-sytem-ui css-tab-size
    css-table-layout css-text-align css-text-align-last css-text-decoration css-text-decoration-color
    css-text-decoration-line css-text-decoration-skip-ink css-text-decoration-style css-text-decoration-thickness
    css-text-emphasis css-text-emphasis-position css-text-indent css-text-justify css-text-orientation
    css-text-overflow css-text-shadow css-text-transform css-text-underline-offset css-text-underline-position
    css-text-wrap css-transform css-transition css-unit-cm css-unit-em css-unit-ex css-unit-in css-unit-initial
    css-unit-mm css-unit-pc css-unit-percent css-unit-pt css-unit-px css-user-select css-vertical-align
    css-white-space css-white-space-collapse css-widows css-width css-word-break css-word-spacing css-word-wrap
    css-writing-mode css-z-index html-abbr html-acronym html-address html-align html-anchor-links
    html-aria-describedby html-aria-hidden html-aria-label html-aria-labelledby html-aria-live html-bdi
    html-blockquote html-body html-button-reset html-cellpadding html-cellspacing html-code html-comments html-del
    html-dfn html-dialog html-dir html-div html-doctype html-h1-h6 html-height html-hr html-img html-input-checkbox
    html-input-hidden html-input-radio html-input-reset html-lang html-lists html-loading-attribute
    html-mailto-links html-marquee html-meta-color-scheme html-p html-popover html-pre html-required html-role
    html-rp html-rt html-ruby html-semantics html-small html-span html-srcset html-strike html-strong html-style
html-table
    html-target html-valign html-wbr html-width image-apng image-gif image-jpg image-png
"""
PLAINER = frozenset(_PLAINER.split())
#: Kinds of mail, not parts of one: AMP and a sender's logo.
NOT_IN_HTML = frozenset({"amp", "bimi"})
