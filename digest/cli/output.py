"""How results look: results on stdout, talk on stderr, colour only in a terminal that wants it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, TextIO

from digest.errors import DigestError, Mistakes
from digest.models import Finding

_STYLES = {"red": "31;1", "yellow": "33;1", "green": "32", "dim": "2", "bold": "1"}


def colourful(stream: TextIO) -> bool:
    """Whether to colour: not without a terminal, not with NO_COLOR (https://no-color.org), not on a dumb one."""
    if os.environ.get("NO_COLOR"):
        return False
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def styled(text: str, style: str, stream: TextIO) -> str:
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if colourful(stream) else text


def say(text: str = "") -> None:
    """A result."""
    print(text, file=sys.stdout)


def talk(text: str = "") -> None:
    """Talk around a result; a script does not read it."""
    print(text, file=sys.stderr)


def data(value: Any) -> None:
    """A result for a script: one JSON document."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str), file=sys.stdout)


def error(problem: DigestError) -> None:
    """A mistake, or all of a run's."""
    each = problem.mistakes if isinstance(problem, Mistakes) else (problem,)
    for one in each:
        talk(f"{styled('error:', 'red', sys.stderr)} {_safe(str(one))}")
    if len(each) > 1:
        talk(f"{len(each)} mistakes.")


def progress(what: str) -> Callable[[int, int], None]:
    """A line that counts up, in a terminal only and only once the work has taken a second."""
    began = monotonic()

    def told(done: int, total: int) -> None:
        if not sys.stderr.isatty() or monotonic() - began < 1:
            return
        width = 24
        bar = "#" * (width * done // max(1, total))
        print(
            f"\r{what} [{bar:<{width}}] {done}/{total}", end="\n" if done == total else "", file=sys.stderr, flush=True
        )

    return told


def findings(found: Sequence[Finding]) -> None:
    """What the editor would want to know, the place behind each."""
    for one in found:
        colour = {"error": "red", "warning": "yellow", "note": "dim"}[one.level]
        place = f"{one.path}:{one.line}" if one.path and one.line else str(one.path or "")
        said = "\n  ".join(line for line in (one.what, place, one.hint) if line)
        talk(f"{styled(one.level + ':', colour, sys.stderr)} {_safe(said)}")


def _safe(text: str) -> str:
    """`text` without what could steer a terminal."""
    return "".join(char if char.isprintable() or char in "\n\t" else " " for char in text)
