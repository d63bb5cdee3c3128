"""Jinja2, kept on a leash: a theme's files only, every name defined, every value made safe, an end in sight."""

from __future__ import annotations

import builtins
import re
import traceback
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import (
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    UndefinedError,
)
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from digest.errors import DigestError, RenderFailed, did_you_mean
from digest.render.places import LineMarks
from digest.render.theme import Theme

#: Turns of all `range` loops in one mail; a theme that needs more has lost its way.
MOST_TURNS = 1_000_000

#: Themes whose compiled templates are kept; compiling takes as long as rendering thirty stories.
_MOST_KEPT = 8

_TABLE = {
    ord("&"): "&amp;",
    ord("<"): "&lt;",
    ord(">"): "&gt;",
    ord('"'): "&#34;",
    ord("'"): "&#39;",
    # mrml takes a backslash in an attribute for the start of an escape.
    ord("\\"): "&#92;",
}
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def escape(value: object) -> Markup:
    """`value` as MJML that reads the same in a text and in an attribute. Markup stays as it is."""
    if hasattr(value, "__html__"):
        return Markup(value.__html__())
    return Markup(_CONTROLS.sub("", str(value)).translate(_TABLE))


class _OneLine(Extension):
    """Takes the indentation out of a theme's markup, so that no reader downloads it.

    A line break next to a tag or a Jinja block goes; one inside a text or between a tag's
    attributes becomes a blank. Done on tokens, so errors keep the line the author sees.
    """

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        if not (stream.name or "").endswith(".mjml"):
            yield from stream
            return
        for token in stream:
            if token.type == "data":
                text = re.sub(r"(^|[>])?[ \t]*\r?\n\s*(?=(<|$)?)", _joint, token.value)
                yield Token(token.lineno, token.type, text)
            else:
                yield token


def _joint(found: re.Match[str]) -> str:
    at_edge = found[1] is not None or found[2] is not None
    return (found[1] or "") if at_edge else " "


class _Turns:
    """`range` for templates: counts its turns over the whole mail and stops a loop without end."""

    def __init__(self) -> None:
        self.left = MOST_TURNS

    def __call__(self, *bounds: int) -> Iterator[int]:
        for each in builtins.range(*bounds):
            self.left -= 1
            if self.left < 0:
                raise RecursionError
            yield each


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox. What may be asked of a value hangs on its type alone, so nothing is looked into twice.

    Otherwise it took a tenth of a mail: a dozen questions for every name with a dot in it.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._judged: dict[tuple[type, str], bool] = {}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        asked = type(obj), attr
        if asked not in self._judged:
            self._judged[asked] = super().is_safe_attribute(obj, attr, value)
        return self._judged[asked]


_kept: dict[object, Templates] = {}


def compiled(theme: Theme) -> Templates:
    """The theme's templates; the same as last time if no file of the theme was changed, added or taken away."""
    files = [(str(file), *_state(file)) for part in theme.parts if (file := theme.find(part))]
    key = (theme.name, theme.folders, tuple(files))
    if key not in _kept:
        while len(_kept) >= _MOST_KEPT:
            _kept.pop(next(iter(_kept)), None)
        _kept[key] = Templates(theme)
    return _kept[key]


def _state(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


class Templates:
    """The templates of one theme, each compiled when it is first asked for."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self._html = self._environment(markup=True)
        self._text = self._environment(markup=False)

    def _environment(self, *, markup: bool, marks: bool = False) -> _Sandbox:
        environment = _Sandbox(
            loader=FileSystemLoader([str(folder) for folder in self.theme.folders]),
            undefined=StrictUndefined,
            # Switched on so that macros give markup; what is escaped, and how, is for `finalize` to say.
            autoescape=markup,
            finalize=escape if markup else None,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            extensions=[*([LineMarks] if marks else []), *([_OneLine] if markup else [])],
            cache_size=200,
            # To fold constants takes a seventh of the compiling, and spares a mail nothing that could be measured.
            optimized=False,
        )
        environment.filters["e"] = environment.filters["escape"] = escape
        return environment

    def mjml(self, name: str, values: Mapping[str, Any]) -> str:
        """The theme's MJML with `values` in it, all ASCII-safe. Raises RenderFailed with the template's line."""
        return self._render(self._html, name, values)

    def marked(self, name: str, values: Mapping[str, Any]) -> str:
        """The same MJML with marks that tell where each line came from; for when it turned out wrong."""
        return self._render(self._environment(markup=True, marks=True), name, values)

    def text(self, name: str, values: Mapping[str, Any]) -> str:
        """The theme's plain text with `values` in it."""
        return self._render(self._text, name, values)

    def _render(self, environment: _Sandbox, name: str, values: Mapping[str, Any]) -> str:
        try:
            return environment.get_template(name).render(values, range=_Turns())
        except DigestError:
            raise
        except Exception as error:
            raise self._explained(error, name) from error

    def _explained(self, error: Exception, name: str) -> DigestError:
        """What went wrong in a template, with its file and line."""
        path, line = self._place(error, name)
        if isinstance(error, TemplateSyntaxError):
            path = Path(error.filename) if error.filename else path
            return RenderFailed(
                f"The template cannot be read: {(error.message or '').rstrip('.')}.", path=path, line=error.lineno
            )
        if isinstance(error, TemplateNotFound):
            guess = did_you_mean(str(error.name), self.theme.parts)
            return RenderFailed(
                f'The theme "{self.theme.name}" has no part "{error.name}".{guess}',
                path=path,
                line=line,
                hint="A part is looked for in the publication's templates, then in the theme.",
            )
        if isinstance(error, UndefinedError):
            return RenderFailed(f"The template uses what is not there: {error.message}.", path=path, line=line)
        if isinstance(error, RecursionError):
            return RenderFailed(
                "The template never comes to an end: it includes itself, or loops without end.",
                path=path,
                line=line,
            )
        said = error.message if isinstance(error, TemplateError) else str(error)
        return RenderFailed(f"The template fails: {said or type(error).__name__}.", path=path, line=line)

    def _place(self, error: Exception, name: str) -> tuple[Path | None, int | None]:
        """The innermost template line that an exception passed through."""
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            path = Path(frame.filename)
            if path.suffix in (".mjml", ".txt", ".css") and any(
                folder in path.parents for folder in self.theme.folders
            ):
                return path, frame.lineno
        return self.theme.find(name), None
