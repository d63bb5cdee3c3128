"""What can go wrong, and how it reads to an editor with a deadline.

An error is raised with the facts; its class composes the sentence; `cli/app.py` alone shows it.
Errors hold strings, paths and numbers, never a key, an address list or a response body.
"""

from __future__ import annotations

import difflib
import re
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
        self.mistakes: tuple[DigestError, ...] = tuple(
            sorted(each_one.values(), key=lambda each: (str(each.path or ""), each.line or 0))
        )
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
            f"No issue {_shown(asked)}.{did_you_mean(Path(asked).stem, known)}",
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

    def __init__(
        self, key: str, where: str, *, path: Path | None = None, line: int | None = None, hint: str = ""
    ) -> None:
        super().__init__(f'{where} lacks "{key}".', path=path, line=line, hint=hint)


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

    def __init__(self, path: Path, reason: str, *, hint: str = "What was there before is untouched.") -> None:
        super().__init__(f"Cannot write: {reason}.", path=path, hint=hint)


class AlreadyThere(CannotWrite):
    """Raised when a new file was to be made where one stands already."""

    def __init__(self, path: Path, *, hint: str = "What was there before is untouched.") -> None:
        super().__init__(path, "there is something of that name already", hint=hint)


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


#: What a private feed or a webhook puts into a path instead of a password.
_TOKEN = re.compile(
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
    r"|(?<![0-9A-Za-z_])(?=[0-9A-Za-z_]*[0-9][0-9A-Za-z_]*[0-9])(?=[0-9A-Za-z_]*[A-Za-z])[0-9A-Za-z_]{20,}"
)


#: A password with a "/", "?" or "#" in it ends the host too early for any parser; a port does not look like one.
_LOOSE_PASSWORD = re.compile(r"(?<=//)[^/?#@]*:(?!\d{1,5}(?:[/?#]|$)).*@", re.DOTALL)


def shown_url(url: str) -> str:
    """A web address as it may stand in an error: recognisable, no longer than a line, nothing secret in it.

    Name and password, the query and whatever looks like a key in the path are left out.
    """
    bare = re.sub(r"(?<=//)[^/?#]*@", "", _LOOSE_PASSWORD.sub("", url, count=1), count=1)
    text, mark, _ = bare.partition("#")[0].partition("?")
    text = "".join(character if character.isprintable() else " " for character in text[:2000])
    text = _TOKEN.sub("...", text) + ("?..." if mark else "")
    return text if len(text) <= 100 else text[:97] + "..."


class WebError(DigestError):
    """Raised when the web did not give what it was asked for. It knows addresses only as `shown_url` cuts them.

    The library's own errors hold headers and whole addresses; none is chained to these.
    """

    _so = "cannot be read"

    def __init__(self, url: str, reason: str, *, start: str = "", hint: str = "") -> None:
        """`start` is the address that was asked for, when it redirected to `url`."""
        self.url = shown_url(url)
        #: A phrase for a table, without the address.
        self.reason = reason
        #: The request may have been carried out all the same.
        self.unsure = False
        led = f" {shown_url(start)} leads there." if start else ""
        super().__init__(f"{self.url} {self._so}: {reason}.{led}", hint=hint)

    def after_sending(self) -> None:
        """Say that the request had left when this happened, and that it was one that changes something."""
        self.unsure = True
        self.exit_code = 6
        self.hint = "It may have been done all the same: look there before you run the command again."


class NoAnswer(WebError):
    """Raised when a host is unknown, cannot be reached, hangs up, or sends one in circles."""

    _so = "did not answer"


class TooSlow(WebError):
    """Raised when a connection, a silence or all of it together took longer than we wait."""

    _so = "is too slow"


class TooBig(WebError):
    """Raised when a body is longer than what asked for it can use, packed or unpacked."""

    _so = "is too big"


class Garbled(WebError):
    """Raised when an answer came that breaks the rules, broke off, or is not what was asked for."""


class RefusedAddress(WebError):
    """Raised when an address leads to this computer or into a private network, where a feed may not send us."""

    _so = "was not asked"

    def __init__(self, url: str, reason: str, *, start: str = "", hint: str = "") -> None:
        super().__init__(
            url,
            reason,
            start=start,
            hint=hint or 'If it is your own, set "allow_private = true" under [web] in digest.toml.',
        )


class NotTheWeb(WebError):
    """Raised for an address that is none, or that begins with neither http:// nor https://."""


class BrokenInbox(DigestError):
    """Raised when the inbox's file is damaged, or is no inbox at all."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            "The inbox cannot be read: its file is damaged, or another program wrote it.",
            path=path,
            hint="Move it away and gather again. What you lose are candidates and what you decided about them; "
            "your issues, and what was sent, are in the issue files and stay.",
        )


class NewerInbox(DigestError):
    """Raised when a later digest has written the inbox in a form this one does not know."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            "A newer digest has written this inbox; this one would spoil it.",
            path=path,
            hint="Update digest. Nothing was changed.",
        )


class NoSuchCandidate(DigestError):
    """Raised when an id, or the beginning of one, names no candidate or more than one."""

    def __init__(self, asked: str, near: Sequence[tuple[str, str]] = (), *, several: bool = False) -> None:
        """`near` are ids and titles of those that may be meant; with `several` all of them are."""
        shown = "; ".join(f'{id} "{_shortened(title)}"' for id, title in near)  # noqa: A001
        asked = _shortened(asked)
        if several:
            super().__init__(f'More than one candidate begins with "{asked}".', hint=f"They are: {shown}.")
        elif shown:
            super().__init__(f'No candidate "{asked}".', hint=f"Did you mean: {shown}?")
        else:
            super().__init__(f'No candidate "{asked}".', hint='"digest inbox" shows them, each with its id.')


class CannotMove(DigestError):
    """Raised when a candidate's state does not allow what was asked: nothing in an issue is skipped unseen."""

    def __init__(self, id: str, title: str, what: str, why: str, *, hint: str = "") -> None:  # noqa: A002
        super().__init__(f'{id} "{_shortened(title)}" cannot be {what}: {why}.', hint=hint)


class CannotCheck(DigestError):
    """Raised by a check that cannot run here; the check is then told as not run, never as passed."""

    def __init__(self, why: str, *, hint: str = "") -> None:
        super().__init__(why, hint=hint)


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."
