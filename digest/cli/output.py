"""How results look: results on stdout, talk on stderr, colour only in a terminal that wants it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any, TextIO

from digest.errors import DigestError, Mistakes

if TYPE_CHECKING:
    from digest.desk import Picked
    from digest.models import Finding
    from digest.store import Undone

_STYLES = {"red": "31;1", "yellow": "33;1", "green": "32", "dim": "2"}
_LEVELS = {"error": "red", "warning": "yellow", "note": "dim"}
# What could move the cursor, colour the rest or turn the line around; joiners inside words and emoji stay.
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody sits at the other end. A stream that was closed before we began is None."""
    return stream is not None and stream.isatty()


def colourful(stream: TextIO) -> bool:
    """Whether to colour: not without a terminal, not with NO_COLOR (https://no-color.org), not on a dumb one."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def say(text: str = "") -> None:
    """A result. What reads it gets it as it is; a terminal is not steered by it."""
    _write(_safe(text) if is_terminal(sys.stdout) else text, sys.stdout)


def data(value: Any) -> None:
    """A result for a script: one JSON document."""
    _write(json.dumps(value, ensure_ascii=False, indent=2, default=str), sys.stdout)


def talk(text: str = "", *, label: str = "", style: str = "") -> None:
    """Talk around a result; a script does not read it. `style` colours the label, or all without one."""
    label, text = _safe(label), _safe(text)
    if style and colourful(sys.stderr):
        begin, end = f"\x1b[{_STYLES[style]}m", "\x1b[0m"
        label, text = (f"{begin}{label}{end}", text) if label else (label, f"{begin}{text}{end}")
    _write(f"{label} {text}" if label else text, sys.stderr)


def error(problem: DigestError) -> None:
    """A mistake, or all of a run's."""
    each = problem.mistakes if isinstance(problem, Mistakes) else (problem,)
    for one in each:
        talk(str(one), label="error:", style="red")
    if len(each) > 1:
        talk(f"{len(each)} mistakes.")


def findings(found: Sequence[Finding]) -> None:
    """What the editor would want to know, the place behind each."""
    for one in found:
        place = f"{one.path}:{one.line}" if one.path and one.line else str(one.path or "")
        said = "\n  ".join(line for line in (one.what, place, one.hint) if line)
        talk(said, label=f"{one.level}:", style=_LEVELS[one.level])


def finding(one: Finding) -> None:
    """What a check found and where; below it what a reader would meet, and the way out."""
    place = f"{one.path}:{one.line}" if one.path and one.line else str(one.path or "")
    lines = ", ".join(map(str, one.also))
    also = f" Also on line{'s' if len(one.also) > 1 else ''} {lines}." if lines else ""
    begin, end = (f"\x1b[{_STYLES[_LEVELS[one.level]]}m", "\x1b[0m") if colourful(sys.stdout) else ("", "")
    parts = [_safe(place), f"{begin}{one.level}{end}", _safe(one.check), _safe(one.what + also)]
    below = [f"\n    {_safe(line)}" for line in (one.effect, one.hint) if line]
    _write("  ".join(part for part in parts if part) + "".join(below), sys.stdout)


def picked(story: Picked) -> None:
    """Where a story now stands, and what it still wants from the editor."""
    say(f"{story.path}:{story.line}  {story.section}  {story.candidate.item.title}")
    if story.note:
        talk(f"It has no picture: {story.note}.")
    if not story.candidate.item.url:
        talk("It has no address: put one into its heading, or below it the line  text: yes")
    if story.picture and not story.candidate.item.picture_alt:
        talk("Say in its brackets what the picture shows.")


def undone(decision: Undone, said: str) -> None:
    """What was taken back, by the command that had been typed, and what else there is to say of it."""
    what = decision.what.replace("place in ", "pick into ").replace("take out", "drop")
    say(f"taken back: {what}")
    if said:
        talk(said)


def progress(what: str) -> Callable[[int, int], None]:
    """A line that counts up, in a terminal only and only once the work has taken a second."""
    began = monotonic()

    def told(done: int, total: int) -> None:
        if not is_terminal(sys.stderr) or monotonic() - began < 1:
            return
        width = 24
        bar = "#" * (width * done // max(1, total))
        end = "\n" if done == total else ""
        print(f"\r{what} [{bar:<{width}}] {done}/{total}", end=end, file=sys.stderr, flush=True)

    return told


def _write(text: str, stream: TextIO | None) -> None:
    try:
        print(text, file=stream, flush=True)
    except BrokenPipeError:  # Who read us has gone, as in `digest ... | head -1`. The work goes on.
        _silence(stream)
    except OSError as error:
        _silence(stream)
        raise DigestError(f"The result could not be written: {str(error.strerror).lower()}.") from error


def _silence(stream: TextIO | None) -> None:
    """Let what `stream` still holds, and all that follows, go nowhere; else Python fails on it once more at its end."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # type: ignore[union-attr]


def _safe(text: str) -> str:
    """`text` without what could steer a terminal."""
    return _STEERING.sub(" ", text)
