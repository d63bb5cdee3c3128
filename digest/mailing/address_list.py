"""The editor's own file of readers: a line an address, or a table; who has left it is never among them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from digest import files, message
from digest.errors import BadAddress, CannotRead, DigestError, Mistakes
from digest.incoming import cells, encodings
from digest.mailing.address_list_words import (
    ACTIVE,
    DASHES,
    EMAIL,
    FIRST_NAME,
    GONE,
    GONE_IF,
    LEAVING,
    NAME,
    NO,
    PERHAPS,
    STATUS,
    STATUS_IF,
    TICKS,
    TITLES,
    WANTS,
    YES,
    word,
)
from digest.mailing.delivery import Reader

#: Bytes; far more than any list that is mailed from here.
_MOST = 20_000_000
#: Mistakes that are told one by one.
_TOLD = 20
_LONGEST_NAME, _LONGEST_LINE = 60, 20_000
_HEAD = 16_384

#: What spreadsheets and mail programs leave around an address, and nobody sees.
_AROUND = " \t\u00a0\u200b\u200c\u200d\u2060\ufeff"
_LINE_END = re.compile(r"\r\n|\r|\n")
#: Empty lines and remarks before the first line that counts.
_REMARKS = re.compile(r"(?:[ \t]*(?:#[^\r\n,;\t]*)?(?:\r\n|\r|\n))*")
_NAMED = re.compile(r'(?P<name>"(?:[^"\\]|\\.)*"|[^<>"]*)\s*<(?P<address>[^<>]+)>')
_DATED = re.compile(
    r"\D{0,12}\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}|\d{10,13}\Z|\d{1,2}[. ]+\w+[. ]+\d{4}|[^\W\d]+\.? \d{1,2},? \d{4}"
)
_FAMILY_FIRST = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7ff]")
#: What hides in a name and would turn the line around; joiners within words stay.
_STEERING = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class AddressList:
    """What a file of readers says."""

    #: Each address once, in the order of the file.
    readers: tuple[Reader, ...]
    #: Addresses whose lines say that they are not to be mailed.
    left: int = 0
    #: Lines that name an address again.
    again: int = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out, for an editor who expects another number."""
        has, stands = ("has", "stands") if self.left == 1 else ("have", "stand")
        notes = [f"{self.left} on the list {has} left it, as the file says, and {has} no part in this."] * bool(
            self.left
        )
        stands = "line names" if self.again == 1 else "lines name"
        return (*notes, *([f"{self.again} {stands} an address again; each gets one mail."] * bool(self.again)))


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    #: As it stands there.
    address: str
    name: str = ""
    left: bool = False


def read(path: Path) -> AddressList:
    """The readers in a file that is read and never written. Raises CannotRead, or Mistakes with every bad line."""
    content = files.read(path)
    if len(content) > _MOST:
        raise CannotRead(path, "it is too big for a list of readers")
    return parse(content, path)


def parse(content: bytes, path: Path) -> AddressList:
    """The readers that the bytes of a file name. `path` is where mistakes are said to be."""
    mistakes: list[DigestError] = []
    lines = list(_lines(_text(content, path), path, mistakes))
    found: dict[str, Reader] = {}
    left: set[str] = set()
    again = 0
    for line in lines:
        try:
            address = _address(line.address)
        except BadAddress as error:
            # A line that is never mailed costs nobody anything.
            if not line.left:
                mistakes.append(DigestError(error.what, path=path, line=line.number, hint=error.hint))
            continue
        key = address.casefold()
        again += key in found or key in left
        if line.left:
            left.add(key)
        elif key not in found or (line.name and not found[key].first_name):
            found[key] = Reader(address, line.name)
    if mistakes:
        raise _all(mistakes, path)
    # Whoever left on one line has left, whatever the others say.
    readers = tuple(reader for key, reader in found.items() if key not in left)
    return AddressList(readers, len(left), again)


def _all(mistakes: Sequence[DigestError], path: Path) -> DigestError:
    told = list(mistakes[:_TOLD])
    if len(mistakes) > _TOLD:
        told.append(DigestError(f"{len(mistakes) - _TOLD} more lines cannot be read.", path=path, line=10**9))
        told[-1].line = None
    return told[0] if len(told) == 1 else Mistakes(told)


def _text(content: bytes, path: Path) -> str:
    save = "In the program that made it, save it as CSV in UTF-8."
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"{\\rtf")):
        raise CannotRead(path, "it is a spreadsheet or a document, and no text", hint=save)
    text, _ = encodings.text(content)
    if "\0" in text:
        raise CannotRead(path, "it is no text that can be read", hint=save)
    return text.removeprefix("\ufeff")


def _lines(text: str, path: Path, mistakes: list[DigestError]) -> Iterator[_Line]:
    begins = _REMARKS.match(text)
    assert begins is not None  # it may be empty
    first = text[begins.end() :].splitlines()[:1]
    if not first:
        return iter(())
    if "@" in first[0]:
        return _listed(text, path, mistakes)
    return _tabled(text[begins.end() :], len(_LINE_END.findall(begins[0])), path, mistakes)


# --- a line an address


def _listed(text: str, path: Path, mistakes: list[DigestError]) -> Iterator[_Line]:
    """Lines as in `ada@example.org` and `Ada Lovelace <ada@example.org>`; one that begins with # says nothing."""
    for number, line in enumerate(_LINE_END.split(text), 1):
        line = line.strip(_AROUND)
        if not line or line.startswith("#"):
            continue
        for part in _parts(line):
            name, address = _name_and_address(part)
            if re.search(r"[,;\t|\"]", address) or " " in address:
                what = "Something stands beside the address, and nothing says what it means."
                hint = 'A file with columns begins with a line that names them, such as "email,first name,status".'
                mistakes.append(DigestError(what, path=path, line=number, hint=hint))
            else:
                yield _Line(number, address, _first_of(name))


def _parts(line: str) -> list[str]:
    """A line of several addresses, as a mail program has them after "To:", taken apart; else the line."""
    if len(line) > _LONGEST_LINE:
        return [line]
    parts = [part.strip(_AROUND) for part in re.split(r'[,;](?=(?:[^"]*"[^"]*")*[^"]*\Z)', line)]
    parts = [part for part in parts if part]
    return parts if all("@" in part for part in parts) else [line]


def _name_and_address(text: str) -> tuple[str, str]:
    text = text.strip(_AROUND)
    if found := re.fullmatch(r'"([^"]*@[^"]*)"', text):
        text = found[1]
    if found := _NAMED.fullmatch(text):
        name, text = found["name"].strip(_AROUND), found["address"]
        name = re.sub(r"\\(.)", r"\1", name[1:-1]) if name.startswith('"') else name
        return name, _bare(text)
    return "", _bare(text)


def _bare(address: str) -> str:
    return re.sub(r"\Amailto:", "", address.strip(_AROUND), flags=re.IGNORECASE)


def _address(text: str) -> str:
    """The address in ASCII. Raises BadAddress."""
    if not text:
        raise BadAddress("A reader's address", "there is none on this line")
    address = message.ascii_address("A reader's address", text)
    domain = address.rpartition("@")[2]
    if "." not in domain or re.fullmatch(r"[\d.]+", domain):
        raise BadAddress("A reader's address", "its domain is not one")
    return address


# --- a table


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which column says what, by number."""

    names: Sequence[str]
    email: int
    first_name: int | None = None
    name: int | None = None
    #: (number, what kind) of those that may say that somebody has left.
    standing: tuple[tuple[int, str], ...] = ()


class _Unsure(Exception):
    """Nobody can tell whether a line is to be mailed."""

    def __init__(self, column: str, value: str) -> None:
        self.column, self.value = column, value


def _tabled(text: str, before: int, path: Path, mistakes: list[DigestError]) -> Iterator[_Line]:
    """`before` lines of the file stand above `text`."""
    delimiter, head = cells.delimited(text[:_HEAD])
    columns = _columns(head, path, before + 1)
    skipped = False
    for number, row in cells.rows(text, delimiter):
        line = number + before
        if not skipped:
            skipped = row == list(head)
            continue
        cell = [each.strip(_AROUND) for each in row]
        if cell[0].startswith("#") and "@" in cell[0]:
            continue
        if any(cell[len(columns.names) :]):
            what = "This line has more columns than the first one names."
            hint = f'Perhaps a text with a "{delimiter}" in it stands there without quotes.'.replace("\t", "tab")
            mistakes.append(DigestError(what, path=path, line=number, hint=hint))
            continue
        cell += [""] * (len(columns.names) - len(cell))
        try:
            left = _has_left(columns, cell)
        except _Unsure as doubt:
            mistakes.append(_doubtful(doubt, path, line))
            continue
        name, address = _name_and_address(cell[columns.email])
        given = cell[columns.first_name] if columns.first_name is not None else ""
        whole = name or (cell[columns.name] if columns.name is not None else "")
        yield _Line(line, address, _clean(given) or _first_of(whole), left)


def _columns(head: Sequence[str], path: Path, line: int) -> _Columns:
    """Raises DigestError unless it is certain which column holds the address."""
    words = [word(each) for each in head]
    emails = [number for number, each in enumerate(words) if each in EMAIL]
    if len(emails) != 1:
        which = "no column that is called email" if not emails else "more than one column of addresses"
        raise DigestError(
            f"The first line names {which}, so nobody knows whom to mail.",
            path=path,
            line=line,
            hint='A table begins with a line such as "email,first name,status"; a list has an address on each line.',
        )
    found: dict[str, int] = {}
    standing: list[tuple[int, str]] = []
    for number, each in enumerate(words):
        if each in FIRST_NAME:
            found.setdefault("first_name", number)
        elif each in NAME:
            found.setdefault("name", number)
        elif number != emails[0]:
            standing.append((number, _kind(each)))
    return _Columns(head, emails[0], found.get("first_name"), found.get("name"), tuple(standing))


def _kind(heading: str) -> str:
    """What a column says of those who may have left: "status", "gone", "wants", "perhaps" or "other"."""
    if heading in STATUS or STATUS_IF.search(heading):
        return "status"
    if GONE_IF.search(heading):
        return "gone"
    if heading in WANTS:
        return "wants"
    return "perhaps" if PERHAPS.search(heading) else "other"


def _has_left(columns: _Columns, cell: Sequence[str]) -> bool:
    """Raises _Unsure where a column may say so, and may not; unless another one says it for certain."""
    doubt: _Unsure | None = None
    for number, kind in columns.standing:
        value = cell[number]
        said = _said(kind, value)
        if said is True:
            return True
        if said is None:
            doubt = doubt or _Unsure(columns.names[number], value)
    if doubt:
        raise doubt
    return False


def _said(kind: str, value: str) -> bool | None:
    """Whether a cell says that somebody has left; None when that is not certain."""
    told = "x" if value in TICKS else "" if value in DASHES else word(value) or value
    leaving = bool(LEAVING.match(told))
    if kind == "status":
        return True if told in GONE or leaving else False if told in ACTIVE else None
    if kind == "gone":
        if told in NO or not told.strip("0"):
            return False
        return True if told in YES or told in GONE or leaving or _DATED.match(value) else None
    if kind == "wants":
        if not told:
            return None
        if told in NO or told in GONE or leaving:
            return True
        return False if told in YES or told in ACTIVE or _DATED.match(value) else None
    # A column whose name says nothing of it: what reads like a farewell is not passed over.
    if leaving or (kind == "perhaps" and told and (told in GONE or told in NO)):
        return None
    return False


def _doubtful(doubt: _Unsure, path: Path, line: int) -> DigestError:
    column = " ".join(doubt.column.split())[:40]
    value = f'"{" ".join(doubt.value.split())[:40]}"' if doubt.value else "nothing"
    if "@" in value:
        value = "something"
    return DigestError(
        f'The column "{column}" says {value} here: is this reader to be mailed or not?',
        path=path,
        line=line,
        hint='Call a column "status" and write "subscribed" or "unsubscribed" into it; or take the column, or those '
        "who have left, out of the file.",
    )


# --- words


def one_line(name: str) -> str:
    """`name` without what would end the line it stands in, or turn it around."""
    controls = ("Cc", "Cs", "Co", "Cn", "Zl", "Zp")
    letters = (" " if unicodedata.category(each) in controls else each for each in _STEERING.sub("", name))
    return " ".join("".join(letters).split())


def _clean(name: str) -> str:
    """A first name as it may stand in a mail; "" for what is none."""
    name = one_line(name)
    fine = (
        name and len(name) <= _LONGEST_NAME and any(each.isalpha() for each in name) and not re.search(r"[@<>]", name)
    )
    return name if fine else ""


def _first_of(whole: str) -> str:
    """The first name of a whole one: "Ada" of "Ada Lovelace" and of "Lovelace, Ada"; "" where that is a guess."""
    whole = _clean(whole)
    last, comma, rest = whole.partition(",")
    words = (rest if comma else last).split()
    # Chinese, Japanese and Korean names begin with the family's.
    if (
        _FAMILY_FIRST.search(whole)
        or not words
        or word(words[0]) in TITLES
        or words[0].endswith(".")
        or len(words[0]) < 2
    ):
        return ""
    return words[0]
