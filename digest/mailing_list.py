"""One mail to each reader of a list: who has it is on the disk before and after each, so that nobody gets it twice."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from digest import files
from digest.errors import CannotRead, DigestError
from digest.files.disk import told
from digest.services.errors import ServiceError, UnknownOutcome

#: "unsure" is a mail that was handed over and never answered for: it is not tried again. "refused" never left, and is.
Outcome = Literal["", "sent", "refused", "unsure"]

_HEAD = b"digest mailed 1\n"
_LINE = re.compile(rb"(begun|sent|refused|unsure|not) ([0-9a-f]{32})\n")
#: Mails in a row that came to nothing before it is more likely that something is wrong with all of them.
_IN_A_ROW = 3
#: How often one mail is offered to a service that wants us to go slower.
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Reader:
    """One reader of a list."""

    address: str
    #: "" where nobody knows it.
    first_name: str = ""


class NotTaken(ServiceError):
    """Raised when a service took no mail for this one reader. Nothing was sent; others may fare better."""

    def __init__(self, service: str, what: str, *, status: int = 0, hint: str = "", certain: bool = False) -> None:
        """`certain` when it says nothing of others: there is nobody of this name."""
        super().__init__(service, what, status=status, hint=hint)
        self.certain = certain


class TooFast(ServiceError):
    """Raised when a service wants fewer mails a second. Nothing was sent."""


class Stopped(KeyboardInterrupt):
    """Raised for Ctrl-C within a mail of which it is certain that it did not leave."""


class Journal:
    """Who of a list was mailed an issue. It holds no address: only a hash of each."""

    def __init__(self, path: Path, *, issue: str) -> None:
        """`issue` is a word for issue and list that goes into the hashes. Hold a lock while you write."""
        self.path, self._issue = path, issue
        self._known: dict[str, str] = {}
        self._torn = False
        if path.exists():
            self._read(files.read(path))

    @property
    def exists(self) -> bool:
        return self.path.exists()

    def outcome(self, address: str) -> Outcome:
        """What became of the mail to this reader; "" when none was begun, or it is proven that none left."""
        last = self._known.get(self._hash(address), "")
        # Begun, and we were stopped: nobody knows.
        found: dict[str, Outcome] = {"begun": "unsure", "unsure": "unsure", "sent": "sent", "refused": "refused"}
        return found.get(last, "")

    def open(self) -> None:
        """Make the file, if there is none."""
        if not self.path.exists():
            with told(self.path):
                self.path.parent.mkdir(parents=True, exist_ok=True)
            files.create(self.path, _HEAD)

    @property
    def sent(self) -> int:
        """How many have the issue, as far as is known."""
        return sum(each == "sent" for each in self._known.values())

    def begin(self, address: str) -> None:
        self._write("begun", address)

    def end(self, address: str, outcome: Literal["sent", "refused", "unsure", "not"]) -> None:
        """`not`: it is certain that nothing left, and that it says nothing of this reader."""
        self._write(outcome, address)

    def _hash(self, address: str) -> str:
        # Servers that tell capitals apart in a mailbox's name are known from standards alone.
        return hashlib.sha256(f"{self._issue}\0{address.strip().casefold()}".encode()).hexdigest()[:32]

    def _read(self, content: bytes) -> None:
        if not content.startswith(_HEAD):
            raise CannotRead(
                self.path, "it does not say who was mailed", hint="Nothing was sent, and it is left alone."
            )
        for line in content[len(_HEAD) :].splitlines(keepends=True):
            if found := _LINE.fullmatch(line):
                self._known[found[2].decode()] = found[1].decode()
            # A line that was cut short belongs to a word that was not said, or to one begun, which is known.
        self._torn = not content.endswith(b"\n")

    def _write(self, what: str, address: str) -> None:
        """On the disk, and not only on its way there, before this returns."""
        line = f"{what} {self._hash(address)}\n".encode()
        with told(self.path):
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
            try:
                os.write(file, b"\n" + line if self._torn else line)
                os.fsync(file)
            finally:
                os.close(file)
        self._torn = False
        self._known[self._hash(address)] = what


@dataclass(slots=True)
class Tally:
    """What became of a list."""

    sent: int = 0
    #: Had it already.
    had: int = 0
    #: Address and reason of each that was not taken; they are tried again by the next run.
    refused: list[tuple[str, str]] = field(default_factory=list)
    #: Of whom nobody knows whether they have it, now or from a run before; they are not tried again.
    unsure: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        more = [f"{self.had} had it already" if self.had else ""]
        more.append(f"{len(self.refused)} could not be sent" if self.refused else "")
        more.append(f"of {len(self.unsure)} nobody knows" if self.unsure else "")
        return ", ".join([f"{self.sent} sent", *filter(None, more)])


def waiting(readers: Iterable[Reader], journal: Journal) -> list[Reader]:
    """Those who are still to be mailed, each once; last those who were refused, so that they stop nobody else."""
    wait = [each for each in _once(readers) if journal.outcome(each.address) not in ("sent", "unsure")]
    return sorted(wait, key=lambda each: journal.outcome(each.address) == "refused")


def _once(readers: Iterable[Reader]) -> list[Reader]:
    each: dict[str, Reader] = {}
    for reader in readers:
        each.setdefault(reader.address.strip().casefold(), reader)
    return list(each.values())


def mail_out(
    readers: Iterable[Reader],
    send: Callable[[Reader], None],
    journal: Journal,
    tally: Tally,
    *,
    pause: float = 0,
    sleep: Callable[[float], None],
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> None:
    """Mail each of those that wait, `pause` seconds apart; `tally` follows, so that it is right whatever happens.

    Raises the last ServiceError when three mails in a row come to nothing, and any error at once that is about more
    than one reader. Nobody is ever mailed twice.
    """
    journal.open()
    readers = _once(readers)
    wait = waiting(readers, journal)
    for reader in readers:
        tally.had += journal.outcome(reader.address) == "sent"
        if journal.outcome(reader.address) == "unsure":
            tally.unsure.append(reader.address)
    troubles = 0
    for number, reader in enumerate(wait):
        address = reader.address
        if number and pause:
            sleep(pause)
        journal.begin(address)
        try:
            _send(send, reader, sleep)
        except UnknownOutcome as error:
            journal.end(address, "unsure")
            tally.unsure.append(address)
            trouble: ServiceError | None = error
        except NotTaken as error:
            journal.end(address, "refused")
            tally.refused.append((address, error.what))
            trouble = error if not error.certain else None
        except (DigestError, Stopped):
            # Only UnknownOutcome leaves it open whether a mail left.
            journal.end(address, "not")
            raise
        else:
            journal.end(address, "sent")
            tally.sent += 1
            trouble = None
        troubles = troubles + 1 if trouble is not None else 0
        if trouble is not None and troubles == _IN_A_ROW:
            raise trouble
        progress(number + 1, len(wait))


def _send(send: Callable[[Reader], None], reader: Reader, sleep: Callable[[float], None]) -> None:
    for tried in range(1, _TRIES + 1):
        try:
            return send(reader)
        except TooFast:
            if tried == _TRIES:
                raise
            sleep(2.0**tried)
    raise AssertionError("the last try returns or raises")
