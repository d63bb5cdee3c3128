"""Who of a list has an issue: on the disk before and after each mail, so that nobody gets it twice."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Literal

from digest import files
from digest.errors import CannotRead
from digest.files.disk import told

#: "unsure" is a mail that was handed over and never answered for: it is not tried again. "refused" never left, and is.
Outcome = Literal["", "sent", "refused", "unsure"]

_HEAD = b"digest mailed 1\n"
_LINE = re.compile(rb"(begun|sent|refused|unsure|not) ([0-9a-f]{32})\n")


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
        return _outcome(self._known.get(self._hash(address), ""))

    def count(self, outcome: Outcome) -> int:
        """Of how many readers this is known."""
        return sum(_outcome(each) == outcome for each in self._known.values())

    def open(self) -> None:
        """Make the file, if there is none."""
        if not self.path.exists():
            with told(self.path):
                self.path.parent.mkdir(parents=True, exist_ok=True)
            files.create(self.path, _HEAD)

    def begin(self, address: str) -> None:
        """From now on nobody knows whether this reader has it, until it is said."""
        if not self.is_begun(address):
            self._write("begun", address)

    def is_begun(self, address: str) -> bool:
        return self._known.get(self._hash(address)) == "begun"

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


def _outcome(word: str) -> Outcome:
    # Begun, and we were stopped: nobody knows.
    found: dict[str, Outcome] = {"begun": "unsure", "unsure": "unsure", "sent": "sent", "refused": "refused"}
    return found.get(word, "")
