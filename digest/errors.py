"""What can go wrong, and how it reads to an editor with a deadline.

An error is raised with the facts; its class composes the sentence; `cli/app.py` alone shows it.
Errors hold strings, paths and numbers, never a key, an address list or a response body.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path


def near(word: str, known: Iterable[str], *, cutoff: float = 0.72) -> str:
    """The one of `known` most likely meant by `word`; "" when none is near."""
    names = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.casefold(), names, n=1, cutoff=cutoff)
    return names[found[0]] if found else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """' Did you mean "name"?', or "" when nothing known is near."""
    found = near(word, known)
    return f' Did you mean "{found}"?' if found else ""


class DigestError(Exception):
    """A mistake that can be mended: what is wrong, where, and what to do next."""

    #: What the command ends with: 1 a mistake to mend, 2 usage, 3 checks failed, 4 credentials,
    #: 5 the service said no, 6 unknown state after a broken connection.
    exit_code = 1

    def __init__(self, what: str, *, path: Path | None = None, line: int | None = None, hint: str = "") -> None:
        super().__init__(what)
        #: One or two sentences, in an editor's words.
        self.what = what
        self.path = path
        #: Counted from 1; None when the whole file is meant.
        self.line = line
        #: The way out: what to type or where to look.
        self.hint = hint

    @property
    def place(self) -> str:
        """`file:line`, `file`, or "" when no file is concerned."""
        if self.path is None:
            return ""
        return f"{self.path}:{self.line}" if self.line else f"{self.path}"

    def __str__(self) -> str:
        return "\n  ".join(part for part in (self.what, self.place, self.hint) if part)


class Mistakes(DigestError):
    """Every mistake of one run, in the order of their places."""

    def __init__(self, mistakes: Iterable[DigestError]) -> None:
        """Mistakes within `mistakes` count one by one; the same one told twice counts once."""
        each_one: dict[str, DigestError] = {}
        for error in mistakes:
            for each in error.mistakes if isinstance(error, Mistakes) else (error,):
                each_one.setdefault(str(each), each)
        self.mistakes = tuple(sorted(each_one.values(), key=lambda each: (str(each.path or ""), each.line or 0)))
        super().__init__("\n".join(str(each) for each in self.mistakes))
        self.exit_code = max((each.exit_code for each in self.mistakes), default=1)

    def __str__(self) -> str:
        return self.what


class NoPublication(DigestError):
    """Raised when neither this folder nor one above it holds a digest.toml."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"No digest.toml in {folder} or in a folder above it.",
            hint='Go to your newsletter\'s folder, or start one: "digest init my-newsletter".',
        )


class NoSuchIssue(DigestError):
    """Raised when an issue is asked for by a slug, number or path that none has."""

    def __init__(self, asked: str, known: Sequence[str]) -> None:
        """`known` are slugs, newest last."""
        if not known:
            super().__init__("There is no issue yet.", hint='Make the first with "digest new".')
            return
        newest = ", ".join(reversed(known[-8:]))
        super().__init__(
            f'No issue "{asked}".{did_you_mean(Path(asked).stem, known)}',
            hint=f"The newest are: {newest}." if len(known) > 8 else f"There are: {newest}.",
        )


class UnknownKey(DigestError):
    """Raised when a table or a head has a key that nothing reads."""

    def __init__(
        self, key: str, where: str, known: Iterable[str], *, path: Path | None = None, line: int | None = None
    ) -> None:
        known = sorted(known)
        guess = did_you_mean(key, known)
        super().__init__(
            f'{where} knows no "{key}".{guess}',
            path=path,
            line=line,
            hint="" if guess or not known else "It knows: " + ", ".join(known) + ".",
        )


class BadValue(DigestError):
    """Raised when a key is known but what stands behind it cannot be read."""

    def __init__(
        self, key: str, wanted: str, got: object, *, path: Path | None = None, line: int | None = None
    ) -> None:
        super().__init__(f"{key} should be {wanted}, not {_shown(got)}.", path=path, line=line)


def _shown(value: object) -> str:
    """A value the way an editor wrote it, and no longer than a line."""
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    text = text if len(text) < 80 else text[:77] + "..."
    return f'"{text}"' if isinstance(value, str) else text


class MissingKey(DigestError):
    """Raised when a key that must be there is not."""

    def __init__(self, key: str, where: str, *, path: Path | None = None, hint: str = "") -> None:
        super().__init__(f'{where} lacks "{key}".', path=path, hint=hint)


class ChangedMeanwhile(DigestError):
    """Raised instead of writing over what somebody else saved since it was read."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            "The file was changed by another program since it was read; nothing was written.",
            path=path,
            hint="Save your work there, then run the command again.",
        )


class CannotWrite(DigestError):
    """Raised when the disk or its permissions refuse; what was there before is untouched."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"Cannot write: {reason}.", path=path, hint="What was there before is untouched.")


class AlreadyThere(CannotWrite):
    """Raised when a new file was to be made where one stands already."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "there is something of that name already")


class NotConfirmed(DigestError):
    """Raised when a file was replaced whole, but the disk failed to say that it is there for good."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"Written, but perhaps not for good: {reason}.",
            path=path,
            hint="Run the command again; if it says the same, copy your newsletter to another disk.",
        )


class NotOurs(DigestError):
    """Raised when a folder that was to be replaced as a whole holds somebody's own files."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        super().__init__(
            f"This folder would be replaced as a whole, and it holds what digest did not put there: "
            f"{', '.join(names)}.",
            path=folder,
            hint="Move that elsewhere, or choose another folder with --out. Nothing was written.",
        )


class Busy(DigestError):
    """Raised when another command held the newsletter for longer than we would wait."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            "Another digest command is at work in this newsletter.",
            path=path,
            hint="Wait until it has ended, then run this one again.",
        )


class CannotRead(DigestError):
    """Raised when a file is missing, is a folder, is not UTF-8, or may not be read."""

    def __init__(self, path: Path, reason: str, *, line: int | None = None, hint: str = "") -> None:
        super().__init__(f"Cannot read: {reason}.", path=path, line=line, hint=hint)


class BadAddress(DigestError):
    """Raised when an address cannot stand in a mail. It names whose, never the address."""

    def __init__(self, whose: str, reason: str, *, hint: str = "") -> None:
        super().__init__(f"{whose} cannot stand in an email: {reason}.", hint=hint)


class RenderFailed(DigestError):
    """Raised when a theme, or a story in it, cannot become a mail."""


class TemplateMistake(RenderFailed):
    """Raised when a template's MJML would be lost, garbled or refused on its way to HTML."""
