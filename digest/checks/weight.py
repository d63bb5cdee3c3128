"""Whether Gmail shows the whole mail: its bytes, its style sheet, and which stories weigh most."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest import merge_tags
from digest.checks.base import Copy, at, shown
from digest.clipping import GMAIL_CUTS_AT, GMAIL_STYLES, NEAR, Weighed, weighed
from digest.models import Finding, Weight

RULES = {
    "clipped": "Gmail cuts the mail off, the unsubscribe link with it",
    "nearly-clipped": "the mail is within a tenth of where Gmail cuts it off",
    "styles-too-long": "Gmail drops a style sheet of more than 16 KB",
    "nested-rule": "Gmail drops a style sheet with an @ inside an @-rule",
    "raw-bytes": "letters that a service may re-encode, which makes Gmail cut the mail wherever they stand",
}

_RAW = re.compile(r"[^\x00-\x7f]")
#: Windows' own typographic marks, written as numbers that mean control characters everywhere else.
_MISNUMBERED = re.compile(r"&#(?:0*1(?:2[89]|[34]\d|5\d)|x0*[89][0-9a-f]);", re.IGNORECASE)
_CSS = re.compile(r"""/\*.*?(?:\*/|\Z)|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\\.|[@{};]""", re.DOTALL)


def check(copy: Copy) -> Iterator[Finding]:
    """What keeps Gmail from showing all of the mail."""
    yield from _bytes(copy)
    yield from _styles(copy)
    yield from _letters(copy)


def _bytes(copy: Copy) -> Iterator[Finding]:
    scales = weighed(copy.email)
    part = scales.bytes / GMAIL_CUTS_AT
    if part > 1:
        yield at(
            copy.issue,
            scales.cut.line if scales.cut else None,
            "error",
            "clipped",
            f"The mail is {scales.bytes:,} bytes long; Gmail stops at {GMAIL_CUTS_AT:,}.",
            effect=_lost(scales),
            hint=f"Shorten or split the issue.{_heaviest(copy.email.weights)}",
            story=scales.cut.title if scales.cut else "",
        )
    elif part >= NEAR:
        yield at(
            copy.issue,
            None,
            "warning",
            "nearly-clipped",
            f"The mail is {scales.bytes:,} bytes long, {part:.0%} of what Gmail shows.",
            effect="A service that counts clicks makes every link longer; Gmail may then cut the end off.",
            hint=f"Shorten the issue.{_heaviest(copy.email.weights)}",
        )


def _lost(scales: Weighed) -> str:
    if scales.cut is None:
        return "Gmail's readers lose the footer, with the unsubscribe link in it."
    others = f" and {scales.lost} more" if scales.lost else ""
    return f"Gmail's readers lose the end of {shown(scales.cut.title)}{others}, and the unsubscribe link."


def _heaviest(weights: tuple[Weight, ...]) -> str:
    most = sorted(weights, key=lambda each: -each.bytes)[:3]
    if not most:
        return ""
    return " Heaviest: " + "; ".join(f"{shown(each.title, 40)} {each.bytes:,}" for each in most) + "."


def _styles(copy: Copy) -> Iterator[Finding]:
    sheets = [str(element.text or "") for element in copy.proof.elements("style")]
    size = sum(len(sheet.encode()) for sheet in sheets)
    lost = "Gmail then drops the whole style sheet: no dark mode, no layout for phones."
    if size > GMAIL_STYLES:
        # Counted over all <style> elements: https://github.com/hteumeuleu/email-bugs/issues/90
        what = f"The mail's style sheets are {size:,} bytes long; Gmail takes {GMAIL_STYLES:,}."
        hint = "Take rules out of the theme's keep_own.css, or out of the parts that you changed."
        yield at(copy.issue, None, "error", "styles-too-long", what, effect=lost, hint=hint)
    nested = [found for sheet in sheets if (found := nested_at_rule(sheet))]
    if nested:
        # https://github.com/hteumeuleu/email-bugs/issues/21
        what = f'A style sheet of the mail has an @ inside an @-rule: "{nested[0]}".'
        hint = 'Write the two conditions as one, joined by "and", or put the rule into a <style> of its own.'
        yield at(copy.issue, None, "error", "nested-rule", what, effect=lost, hint=hint)


def nested_at_rule(css: str) -> str:
    """The beginning of the first @ that stands inside an @-rule's braces; "" when there is none."""
    open_rules: list[bool] = []
    pending = False
    for found in _CSS.finditer(css):
        match found[0]:
            case "@":
                if any(open_rules):
                    return " ".join(css[found.start() : found.start() + 40].partition("{")[0].split())
                pending = True
            case "{":
                open_rules.append(pending)
                pending = False
            case "}":
                if open_rules:
                    open_rules.pop()
                pending = False
            case ";":
                pending = False
    return ""


def _letters(copy: Copy) -> Iterator[Finding]:
    """EMAIL.md: raw non-ASCII bytes and U+0080 to U+009F make Gmail cut even a short mail once a service re-encodes it.

    https://github.com/hteumeuleu/email-bugs/issues/41
    """
    html = copy.email.html
    ours = [(found.start(), found[0]) for pattern in (_RAW, _MISNUMBERED) for found in pattern.finditer(html)]
    # What stands inside a blank's mark is written as a number when the blank is filled.
    blanks = [(found.start(), found.end()) for found in re.finditer(_blank(), html)] if ours else []
    told = [each for each in ours if not any(start <= each[0] < end for start, end in blanks)]
    if not told:
        return
    where = next((each for each in copy.email.weights if each.start <= told[0][0] < each.end), None)
    letter = told[0][1]
    said = f"U+{ord(letter):04X}" if len(letter) == 1 else letter
    count = "1 letter" if len(told) == 1 else f"{len(told)} letters"
    yield at(
        copy.issue,
        where.line if where else None,
        "warning",
        "raw-bytes",
        f"The HTML holds {count} that mail cannot carry as they are, the first {said}.",
        effect="Where a service re-encodes the mail, readers may see odd marks, and Gmail may cut it off there.",
        hint="Look for it in the story's text and type it again, or write it as &#...; in the theme.",
        story=where.title if where else "",
    )


def _blank() -> str:
    return f"{merge_tags.OPEN}[^{merge_tags.CLOSE}]*{merge_tags.CLOSE}"
