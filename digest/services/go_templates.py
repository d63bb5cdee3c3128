"""What Go's html/template would drop or change in a finished mail passes through it as it is.

That engine strips every HTML comment, and Outlook's instructions are comments; and it writes "&lt;" for a "<" that
stands alone, also in a text part, which listmonk gives it as soon as a tag stands there. What listmonk calls `Safe`
prints a text unchanged: https://listmonk.app/docs/templating/. See github.com/knadh/listmonk, issues 1088 and 1273.
"""

from __future__ import annotations

import re

#: With the braces right before it, which would become one with those of `Safe`.
_COMMENT = re.compile(r"\{*<!--.*?-->", re.DOTALL)
_LESS = re.compile(r"\{*<")
_TAG = re.compile(r"(\{\{.*?\}\})")
_SAFE = re.compile(r"\{\{ Safe `([^`]*)` \}\}")


def html_kept(document: str) -> str:
    """HTML whose tags are written and whose text is escaped, with its comments kept. Tags in a comment stay tags."""

    def safe(found: re.Match[str]) -> str:
        # Nothing can be escaped between backticks; within Outlook's comments a reference is read as in any HTML.
        parts = _TAG.split(found[0].replace("`", "&#96;"))
        return "".join(part if number % 2 else _safe(part) for number, part in enumerate(parts) if part)

    return _COMMENT.sub(safe, document)


def text_kept(text: str) -> str:
    """A text part likewise."""
    parts = _TAG.split(text)
    return "".join(
        part if number % 2 else _LESS.sub(lambda found: _safe(found[0]), part) for number, part in enumerate(parts)
    )


def as_it_was(kept: str) -> str:
    """What `html_kept` or `text_kept` was given."""
    return _SAFE.sub(lambda found: found[1], kept)


def _safe(text: str) -> str:
    return f"{{{{ Safe `{text}` }}}}"
