"""What MJML knows: its tags, where each may stand, what it takes and what it holds. Facts only, no judgement.

Read from the npm package `mjml` 5.4 and compared with it by tests/render/test_mjml.py; where mrml, which
compiles our mail, knows less, the difference is a fact of its own (mrml 6.0, seen by compiling each).
"""

from __future__ import annotations

from collections.abc import Mapping

#: By tag, the kind of value as MJML writes it, and the attributes of that kind.
_TAKES: Mapping[str, Mapping[str, str]] = {
    "mjml": {"string": "lang owa", "enum(ltr,rtl,auto)": "dir"},
    "mj-body": {
        "color": "background-color",
        "string": "id",
        "unit(px)": "width",
    },
    "mj-head": {},
    "mj-attributes": {},
    "mj-breakpoint": {
        "unit(px)": "width",
    },
    "mj-font": {
        "string": "href name",
    },
    "mj-preview": {},
    "mj-style": {
        "string": "inline",
    },
    "mj-title": {},
    "mj-hero": {
        "color": "background-color inner-background-color",
        "enum(top,bottom,middle)": "vertical-align",
        "string": "background-position background-url border-radius mode",
        "unit(px,%)": (
            "background-height background-width height inner-padding-bottom inner-padding-left "
            "inner-padding-right inner-padding-top padding-bottom padding-left padding-right padding-top"
        ),
        "unit(px,%){1,4}": "inner-padding padding",
    },
    "mj-button": {
        "color": "background-color color container-background-color",
        "enum(left,center,right)": "align",
        "enum(left,right,center)": "text-align",
        "enum(top,bottom,middle)": "vertical-align",
        "string": (
            "border border-bottom border-left border-radius border-right border-top font-family font-style "
            "font-weight href name rel target text-decoration text-transform title"
        ),
        "unit(px)": "font-size",
        "unit(px,%)": "height padding-bottom padding-left padding-right padding-top width",
        "unit(px,%){1,4}": "inner-padding padding",
        "unit(px,%,)": "line-height",
        "unitWithNegative(px,em)": "letter-spacing",
    },
    "mj-column": {
        "color": "background-color inner-background-color",
        "enum(ltr,rtl)": "direction",
        "enum(top,bottom,middle)": "vertical-align",
        "string": (
            "border border-bottom border-left border-radius border-right border-top inner-border "
            "inner-border-bottom inner-border-left inner-border-radius inner-border-right "
            "inner-border-top"
        ),
        "unit(px,%)": "padding-bottom padding-left padding-right padding-top width",
        "unit(px,%){1,4}": "padding",
    },
    "mj-divider": {
        "color": "border-color container-background-color",
        "enum(left,center,right)": "align",
        "string": "border-style",
        "unit(px)": "border-width",
        "unit(px,%)": "padding-bottom padding-left padding-right padding-top width",
        "unit(px,%){1,4}": "padding",
    },
    "mj-group": {
        "color": "background-color",
        "enum(ltr,rtl)": "direction",
        "enum(top,bottom,middle)": "vertical-align",
        "unit(px,%)": "width",
    },
    "mj-image": {
        "boolean": "fluid-on-mobile",
        "color": "container-background-color",
        "enum(left,center,right)": "align",
        "string": (
            "alt border border-bottom border-left border-radius border-right border-top href name rel "
            "sizes src srcset target title usemap"
        ),
        "unit(px)": "font-size width",
        "unit(px,%)": "max-height padding-bottom padding-left padding-right padding-top",
        "unit(px,%){1,4}": "padding",
        "unit(px,auto)": "height",
    },
    "mj-raw": {
        "enum(file-start)": "position",
    },
    "mj-section": {
        "color": "background-color",
        "enum(full-width,false,)": "full-width",
        "enum(left,center,right)": "text-align",
        "enum(ltr,rtl)": "direction",
        "enum(repeat,no-repeat)": "background-repeat",
        "string": (
            "background-position background-position-x background-position-y background-size "
            "background-url border border-bottom border-left border-radius border-right border-top"
        ),
        "unit(px,%)": "gutter padding-bottom padding-left padding-right padding-top",
        "unit(px,%){1,4}": "padding text-padding",
    },
    "mj-spacer": {
        "color": "container-background-color",
        "string": "border border-bottom border-left border-right border-top",
        "unit(px,%)": "height padding-bottom padding-left padding-right padding-top",
        "unit(px,%){1,4}": "padding",
    },
    "mj-text": {
        "color": "background-color color container-background-color",
        "enum(left,right,center,justify)": "align",
        "enum(top,bottom,middle)": "vertical-align",
        "string": "font-family font-style font-weight text-decoration text-transform",
        "unit(px)": "font-size",
        "unit(px,%)": "height padding-bottom padding-left padding-right padding-top",
        "unit(px,%){1,4}": "padding",
        "unit(px,%,)": "line-height",
        "unitWithNegative(px,em)": "letter-spacing",
    },
    "mj-table": {
        "color": "color container-background-color",
        "enum(auto,fixed,initial,inherit)": "table-layout",
        "enum(left,right,center)": "align",
        "enum(none,presentation)": "role",
        "enum(top,bottom,middle)": "vertical-align",
        "integer": "cellpadding cellspacing",
        "string": "border font-family font-weight",
        "unit(px)": "font-size",
        "unit(px,%)": "padding-bottom padding-left padding-right padding-top",
        "unit(px,%){1,4}": "padding",
        "unit(px,%,)": "line-height",
        "unit(px,%,auto)": "width",
    },
    "mj-wrapper": {
        "color": "background-color",
        "enum(full-width,false,)": "full-width",
        "enum(left,center,right)": "text-align",
        "enum(ltr,rtl)": "direction",
        "enum(repeat,no-repeat)": "background-repeat",
        "string": (
            "background-position background-position-x background-position-y background-size "
            "background-url border border-bottom border-left border-radius border-right border-top"
        ),
        "unit(px)": "gap",
        "unit(px,%)": "gutter padding-bottom padding-left padding-right padding-top",
        "unit(px,%){1,4}": "padding text-padding",
    },
    "mj-social": {
        "color": "color container-background-color",
        "enum(auto,fixed)": "table-layout",
        "enum(horizontal,vertical)": "mode",
        "enum(left,right,center)": "align",
        "enum(top,bottom,middle)": "vertical-align",
        "string": "border border-radius font-family font-style font-weight text-decoration",
        "unit(px)": "font-size",
        "unit(px,%)": "icon-height icon-size padding-bottom padding-left padding-right padding-top",
        "unit(px,%){1,4}": "icon-padding inner-padding padding text-padding",
        "unit(px,%,)": "line-height",
    },
    "mj-social-element": {
        "color": "background-color color",
        "enum(left,center,right)": "align",
        "enum(left,right)": "icon-position",
        "enum(top,middle,bottom)": "vertical-align",
        "string": (
            "alt border border-radius font-family font-style font-weight href name rel sizes src "
            "srcset target text-decoration title"
        ),
        "unit(px)": "font-size",
        "unit(px,%)": "icon-height icon-size padding-bottom padding-left padding-right padding-top",
        "unit(px,%){1,4}": "icon-padding padding text-padding",
        "unit(px,%,)": "line-height",
    },
    "mj-navbar": {
        "color": "ico-color",
        "enum(left,center,right)": "align ico-align",
        "string": ("base-url hamburger ico-close ico-font-family ico-open ico-text-decoration ico-text-transform"),
        "unit(px,%)": (
            "ico-font-size ico-padding-bottom ico-padding-left ico-padding-right ico-padding-top "
            "padding-bottom padding-left padding-right padding-top"
        ),
        "unit(px,%){1,4}": "ico-padding padding",
        "unit(px,%,)": "ico-line-height",
    },
    "mj-navbar-link": {
        "color": "color",
        "string": "font-family font-style font-weight href name rel target text-decoration text-transform",
        "unit(px)": "font-size",
        "unit(px,%)": "padding-bottom padding-left padding-right padding-top",
        "unit(px,%){1,4}": "padding",
        "unit(px,%,)": "line-height",
        "unitWithNegative(px,em)": "letter-spacing",
    },
    "mj-accordion": {
        "color": "container-background-color",
        "enum(left,right)": "icon-position",
        "enum(top,middle,bottom)": "icon-align",
        "string": ("border font-family icon-unwrapped-alt icon-unwrapped-url icon-wrapped-alt icon-wrapped-url"),
        "unit(px,%)": "icon-height icon-width padding-bottom padding-left padding-right padding-top",
        "unit(px,%){1,4}": "padding",
    },
    "mj-accordion-element": {
        "color": "background-color",
        "enum(left,right)": "icon-position",
        "enum(top,middle,bottom)": "icon-align",
        "string": ("border font-family icon-unwrapped-alt icon-unwrapped-url icon-wrapped-alt icon-wrapped-url"),
        "unit(px,%)": "icon-height icon-width",
    },
    "mj-accordion-text": {
        "color": "background-color color",
        "string": "font-family font-weight",
        "unit(px)": "font-size",
        "unit(px,%)": "padding-bottom padding-left padding-right padding-top",
        "unit(px,%){1,4}": "padding",
        "unit(px,%,)": "line-height",
        "unitWithNegative(px,em)": "letter-spacing",
    },
    "mj-accordion-title": {
        "color": "background-color color",
        "string": "font-family font-weight",
        "unit(px)": "font-size",
        "unit(px,%)": "padding-bottom padding-left padding-right padding-top",
        "unit(px,%){1,4}": "padding",
    },
    "mj-carousel": {
        "color": "container-background-color tb-hover-border-color tb-selected-border-color",
        "enum(left,center,right)": "align",
        "enum(visible,hidden,supported)": "thumbnails",
        "string": "border-radius left-icon right-icon tb-border tb-border-radius",
        "unit(px,%)": "icon-width padding-bottom padding-left padding-right padding-top tb-width",
        "unit(px,%){1,4}": "padding",
    },
    "mj-carousel-image": {
        "string": "alt border-radius href rel src target tb-border tb-border-radius thumbnails-src title",
    },
}

#: Attributes by tag, each with its kind of value.
ATTRIBUTES: Mapping[str, Mapping[str, str]] = {
    tag: {name: kind for kind, names in kinds.items() for name in names.split()} for tag, kinds in _TAKES.items()
}

#: Tags of the body, which take `css-class` and `mj-class` too.
DRAWN = frozenset(ATTRIBUTES) - {
    "mjml",
    "mj-head",
    "mj-attributes",
    "mj-breakpoint",
    "mj-font",
    "mj-preview",
    "mj-raw",
    "mj-style",
    "mj-title",
}

#: What MJML has and mrml drops without a word.
IGNORED: Mapping[str, frozenset[str]] = {
    tag: frozenset(names.split())
    for tag, names in {
        "mjml": "owa",
        "mj-body": "id",
        "mj-hero": "border-radius",
        "mj-button": "title",
        "mj-image": "border-bottom border-left border-right border-top sizes",
        "mj-raw": "position",
        "mj-section": "gutter text-padding",
        "mj-spacer": "border border-bottom border-left border-right border-top",
        "mj-text": "background-color",
        "mj-table": "font-weight role",
        "mj-wrapper": "gap gutter text-padding",
        "mj-social": "border table-layout",
        "mj-social-element": "border icon-position sizes srcset",
        "mj-accordion-title": "font-weight",
        "mj-carousel-image": "rel",
    }.items()
}

_PARTS = "mj-accordion mj-button mj-carousel mj-divider mj-image mj-navbar mj-raw mj-social mj-spacer mj-table mj-text"

#: The tags that may stand directly in a tag. In mj-attributes any tag may.
INSIDE: Mapping[str, frozenset[str]] = {
    tag: frozenset(names.split())
    for tag, names in {
        "mjml": "mj-body mj-head",
        "mj-head": "mj-attributes mj-breakpoint mj-font mj-preview mj-raw mj-style mj-title",
        "mj-body": "mj-hero mj-raw mj-section mj-wrapper",
        "mj-wrapper": "mj-hero mj-raw mj-section",
        "mj-section": "mj-column mj-group mj-raw",
        "mj-group": "mj-column mj-raw",
        "mj-column": _PARTS,
        "mj-hero": _PARTS,
        "mj-social": "mj-social-element",
        "mj-navbar": "mj-navbar-link",
        "mj-accordion": "mj-accordion-element",
        "mj-accordion-element": "mj-accordion-text mj-accordion-title",
        "mj-carousel": "mj-carousel-image",
    }.items()
}

#: Parents in which npm's mjml takes an mj-raw and mrml does not.
NO_RAW = frozenset({"mjml", "mj-accordion", "mj-accordion-element", "mj-navbar", "mj-social"})

#: Tags whose content is HTML.
HTML = frozenset(
    {"mj-raw", "mj-text", "mj-table", "mj-button", "mj-navbar-link", "mj-social-element", "mj-accordion-text"}
)
#: Tags whose content is plain text, references such as &amp; apart.
TEXT = frozenset({"mj-title", "mj-preview", "mj-accordion-title"})
#: Tags whose content is CSS.
CSS = frozenset({"mj-style"})

#: HTML in which mrml cannot read an Outlook conditional comment.
NO_CONDITIONALS = frozenset({"mj-table", "mj-button"})

#: Where rows of a table are written, so that anything else is moved out of place by every reader.
ROWS = frozenset({"mj-column", "mj-hero"})
TABLE_PARTS = frozenset({"tr", "tbody", "thead", "tfoot", "colgroup", "col", "caption"})

#: Attributes without which a tag makes no sense.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "mjml": ("lang",),
    "mj-class": ("name",),
    "mj-font": ("name", "href"),
    "mj-breakpoint": ("width",),
    "mj-image": ("src",),
    "mj-carousel-image": ("src",),
}
#: Attributes whose default is a picture on somebody else's server: a request at every opening of the mail.
BORROWS: Mapping[str, tuple[str, ...]] = {
    "mj-social-element": ("src",),
    "mj-accordion": ("icon-wrapped-url", "icon-unwrapped-url"),
    "mj-carousel": ("left-icon", "right-icon"),
}

#: What MJML has and we do without, with the way out.
REFUSED: Mapping[str, str] = {
    "mj-include": 'Use Jinja\'s own: {% include "parts/name.mjml" %}.',
    "mj-html-attributes": "The compiler does not know it: write the HTML yourself, in mj-raw.",
    "mj-selector": "The compiler does not know it: write the HTML yourself, in mj-raw.",
    "mj-html-attribute": "The compiler does not know it: write the HTML yourself, in mj-raw.",
}

#: Every tag that may be written.
TAGS = frozenset(ATTRIBUTES) | {"mj-all", "mj-class"}

#: HTML tags that hold nothing and are not closed, as mrml has them.
VOID = frozenset(
    {
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    }
)
#: HTML that no mail client runs or shows, and that mail is rejected for.
FORBIDDEN = frozenset(
    {"applet", "base", "embed", "frame", "frameset", "iframe", "object", "plaintext", "script", "xmp"}
)

#: The colours that CSS knows by name, and the two words that stand for one.
COLOURS = frozenset(
    """
    aliceblue antiquewhite aqua aquamarine azure beige bisque black blanchedalmond blue blueviolet
    brown burlywood cadetblue chartreuse chocolate coral cornflowerblue cornsilk crimson cyan darkblue
    darkcyan darkgoldenrod darkgray darkgreen darkgrey darkkhaki darkmagenta darkolivegreen darkorange
    darkorchid darkred darksalmon darkseagreen darkslateblue darkslategray darkslategrey darkturquoise
    darkviolet deeppink deepskyblue dimgray dimgrey dodgerblue firebrick floralwhite forestgreen
    fuchsia gainsboro ghostwhite gold goldenrod gray green greenyellow grey honeydew hotpink indianred
    indigo inherit ivory khaki lavender lavenderblush lawngreen lemonchiffon lightblue lightcoral
    lightcyan lightgoldenrodyellow lightgray lightgreen lightgrey lightpink lightsalmon lightseagreen
    lightskyblue lightslategray lightslategrey lightsteelblue lightyellow lime limegreen linen magenta
    maroon mediumaquamarine mediumblue mediumorchid mediumpurple mediumseagreen mediumslateblue
    mediumspringgreen mediumturquoise mediumvioletred midnightblue mintcream mistyrose moccasin
    navajowhite navy oldlace olive olivedrab orange orangered orchid palegoldenrod palegreen
    paleturquoise palevioletred papayawhip peachpuff peru pink plum powderblue purple rebeccapurple
    red rosybrown royalblue saddlebrown salmon sandybrown seagreen seashell sienna silver skyblue
    slateblue slategray slategrey snow springgreen steelblue tan teal thistle tomato transparent
    turquoise violet wheat white whitesmoke yellow yellowgreen
    """.split()  # noqa: SIM905 - a list of 150 quoted words is no easier to read
)
