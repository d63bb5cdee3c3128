"""A theme's rendered MJML becomes the HTML of a mail, or every mistake in it is told with file and line."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from pathlib import Path

from digest.errors import DigestError, Mistakes, RenderFailed, TemplateMistake
from digest.render.mjml_check import Flaw, check
from digest.render.places import Places, unmark

# mrml refuses C0 controls, U+FFFE and U+FFFF. A reference to a C1 control would be read as Windows-1252
# (HTML standard, 13.2.5.80), so those go too, and halves of a surrogate pair stand for nothing.
_UNREADABLE = re.compile("[\x00-\x08\x0b-\x0d\x10-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_MARKS = re.compile("[\x0e\x0f]")
_LINE_END = re.compile(r"\r\n?")

_RESET = '<style type="text/css">\n#outlook a '
_OUTLOOK_2003 = re.compile(
    r"<!--\[if lte mso 11\]>\n<style[^>]*>\n\.mj-outlook-group-fix [^<]*</style>\n<!\[endif\]-->\n?"
)
_MSO = re.compile(r"<!--\[if mso \| IE\]>(?!<!--)(.*?)<!\[endif\]-->", re.DOTALL)
_COLUMN = re.compile(r'<div class="([^"]*\bmj-outlook-group-fix\b[^"]*)"')
_FULL_WIDTH = re.compile(r"(?:\.moz-text-html )?\.mj-column-per-100 \{ width:100% !important; max-width:100%; \} ?")
_NO_COLUMNS = re.compile(
    r'<style type="text/css">@media only screen and \(min-width:\d+px\) \{ +\}</style>'
    r'|<style media="screen and \(min-width:\d+px\)"> *</style>'
)


def to_html(mjml: str, *, path: Path, again: Callable[[], str] | None = None) -> str:
    """The HTML document that `mjml` stands for: ASCII only, with MJML's own reset rules marked for premailer.

    `path` is the file that is named when a mistake's own place is unknown. `again` renders the same MJML
    with marks (`places.LineMarks`) and is called only when there is a mistake; without it `mjml` is taken
    for the very text of `path`. Raises TemplateMistake, or Mistakes holding several.
    """
    text, places = unmark(_readable(mjml))
    text = _MARKS.sub("", text)
    safe, flaws = check(text)
    if flaws:
        raise _told(flaws, text, places, path, again)
    return tidy(_compiled(safe, path))


def tidy(html: str) -> str:
    """mrml's HTML without what serves no reader, ready for premailer."""
    html = re.sub(r"\A<!doctype html>", "<!DOCTYPE html>", html, count=1)
    head, body_tag, body = html.partition("<body")
    # Copied onto every element they would weigh 26 KB; the clients that need them read <style>.
    head = head.replace(_RESET, f'<style type="text/css" data-premailer="ignore">{_RESET[23:]}', 1)
    styles = _OUTLOOK_2003.sub("", head, count=1)
    styles = _NO_COLUMNS.sub("", _FULL_WIDTH.sub("", styles))
    # A theme may have rules of its own for these classes.
    unused = {name for name in ("mj-outlook-group-fix", "mj-column-per-100") if f".{name}" not in styles + body}
    if unused:
        body = _COLUMN.sub(lambda found: _without(found[1], unused), body)
    return styles + body_tag + _merged(body)


def _without(classes: str, unused: Iterable[str]) -> str:
    left = " ".join(name for name in classes.split() if name not in unused)
    return f'<div class="{left}"' if left else "<div"


def _merged(body: str) -> str:
    """`body` with Outlook conditional comments that touch made one; other conditions are left alone."""
    parts: list[str] = []
    end = -1
    for found in _MSO.finditer(body):
        if found.start() == end:
            parts[-1] = parts[-1].removesuffix("<![endif]-->") + found[1] + "<![endif]-->"
        else:
            parts += (body[max(end, 0) : found.start()], found[0])
        end = found.end()
    parts.append(body[max(end, 0) :])
    return "".join(parts)


def _readable(mjml: str) -> str:
    """`mjml` without what no parser takes; the marks of places are still in it."""
    text = _LINE_END.sub("\n", mjml).removeprefix("\ufeff")
    return _UNREADABLE.sub("", text)


def _compiled(safe: str, path: Path) -> str:
    # Late, as it takes 10 ms that no other command should wait for.
    from mjml import mjml2html

    try:
        # Without fonts no mail asks Google for one; without a loader no mj-include reads a file.
        html = mjml2html(safe, fonts={}, disable_comments=False)
    except ValueError as error:
        raise _refused(str(error), safe, path) from error
    except BaseException as error:
        # What Rust calls a panic arrives as an exception of no public class.
        if type(error).__name__ != "PanicException":
            raise
        raise _refused("it gave up", safe, path) from error
    if "<body" not in html or not html.rstrip().endswith("</html>"):
        raise _refused("nothing came out", safe, path)
    return html


def _refused(reason: str, safe: str, path: Path) -> DigestError:
    """For what `check` did not foresee."""
    span = re.search(r"position (\d+):(\d+)", reason)
    near = f' near "{" ".join(safe[max(int(span[1]) - 30, 0) : int(span[2])].split())}"' if span else ""
    hint = "Undo the last change to the template; what is in it cannot be told more closely."
    return RenderFailed(f"The MJML compiler refuses the mail{near}: {reason}.", path=path, hint=hint)


def _told(
    flaws: tuple[Flaw, ...], text: str, places: Places, path: Path, again: Callable[[], str] | None
) -> DigestError:
    """The flaws as mistakes with file and line."""
    if again is None or places.offsets:
        mistakes = _placed(flaws, text, places, path)
    else:
        mistakes = _placed(*_marked(again), path)
        whats = {mistake.what for mistake in mistakes}
        for flaw in flaws:
            if flaw.what not in whats:
                line = text.count("\n", 0, flaw.at) + 1
                hint = " ".join((flaw.hint, f"It is line {line} of what the template renders.")).strip()
                mistakes.append(TemplateMistake(flaw.what, path=path, hint=hint))
    # One line of a template makes the same mistake in every story.
    told = list({(mistake.what, mistake.place): mistake for mistake in reversed(mistakes)}.values())[::-1]
    return told[0] if len(told) == 1 else Mistakes(told)


def _placed(flaws: Iterable[Flaw], text: str, places: Places, path: Path) -> list[TemplateMistake]:
    """Each flaw at its mark, or else at its line of `text`."""
    newlines = [found.start() for found in re.finditer("\n", text)]
    mistakes = []
    for flaw in flaws:
        file, line = places.find(flaw.at) or (path, bisect_right(newlines, flaw.at - 1) + 1)
        mistakes.append(TemplateMistake(flaw.what, path=file, line=line, hint=flaw.hint))
    return mistakes


def _marked(again: Callable[[], str]) -> tuple[tuple[Flaw, ...], str, Places]:
    """The flaws of the rendering with marks; none when that fails or has no marks."""
    try:
        text, places = unmark(_readable(again()))
    except Exception:
        # The first rendering went well, so only the marks can be at fault; the mistakes are known without.
        return (), "", Places((), ())
    return check(text)[1] if places.offsets else (), text, places
