"""Receipts: where an issue stands in each service, kept beside the issue so that it travels with it.

`issues/012.receipts.toml` is written whole, or not at all, between any two calls to a service: whatever stops a
command, the next one knows what was done and what was about to be done. It holds no key and no reader's address.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from digest import decode, files
from digest.errors import CannotRead, DigestError, Mistakes

#: Of the file's form. A file of a later one is left alone.
VERSION = 1
ENDING = ".receipts.toml"
#: Things done that are remembered, the newest.
_REMEMBERED = 20
#: No service's id is longer, or holds what leads elsewhere in an address.
_ID = re.compile(r"(?!\.+\Z|None\Z|null\Z|True\Z|False\Z)[\w.:~@=+-]{1,200}", re.ASCII)
_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

_HEAD = """\
# What digest left in mailing services, and where. It belongs to the issue: keep it in git.
# It is how a second export updates the first. No keys and no readers in here.
"""


class BrokenReceipts(CannotRead):
    """Raised when a file of receipts cannot be read. It is not written over: drafts would be made twice."""

    def __init__(self, path: Path, reason: str, *, line: int | None = None) -> None:
        hint = "Take the last good one from git or a backup. Without the file digest looks for its drafts by name."
        super().__init__(path, reason, line=line, hint=hint)


class NewerReceipts(DigestError):
    """Raised when a later digest wrote the receipts in a form this one does not know."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            "A newer digest has written these receipts; this one would spoil them.",
            path=path,
            hint="Update digest. Nothing was changed, here or in a service.",
        )


@dataclass(frozen=True, slots=True)
class Intent:
    """What was about to be asked of the service when this was written."""

    #: "create", "update", "test", "schedule", "unschedule" or "send".
    what: str
    #: Second since 1970.
    started: int = 0
    #: `Draft.content` of what was to be written.
    content: str = ""
    #: Hashes of its parts.
    parts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where an issue stands in one service."""

    marker: str = ""
    account: str = ""
    #: The service's own id; "" when nothing of ours is known to be there.
    id: str = ""
    url: str = ""
    archive_url: str = ""
    #: "draft", "scheduled", "sending" or "sent", as it was last seen.
    state: str = ""
    #: `Draft.content` of what was last written whole.
    content: str = ""
    #: Hashes of the parts as the service held them right after our last write.
    held: Mapping[str, str] = field(default_factory=dict)
    #: Addresses of pictures the service hosts, by a hash of the picture.
    pictures: Mapping[str, str] = field(default_factory=dict)
    #: Set before a call that changes something, taken away when its end is known.
    intent: Intent | None = None
    #: One line each, oldest first: when, and what was done.
    history: tuple[str, ...] = ()

    def did(self, what: str, when: str) -> Receipt:
        """With one thing more done, and nothing under way."""
        return replace(self, history=(*self.history, f"{when} {what}")[-_REMEMBERED:], intent=None)


class Receipts:
    """The receipts of one issue. Hold a lock while you write."""

    def __init__(self, path: Path) -> None:
        """Raises BrokenReceipts or NewerReceipts."""
        self.path = path
        self._content = files.read(path) if path.exists() else None
        self._all = _parsed(self._content, path) if self._content is not None else {}

    def get(self, service: str) -> Receipt:
        """The service's receipt; an empty one when it has none."""
        return self._all.get(service, Receipt())

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(self._all)

    def put(self, service: str, receipt: Receipt) -> None:
        """Write it to the disk, and be sure that it is there, before this returns."""
        if self._all.get(service) == receipt:
            return
        found = {**self._all, service: receipt}
        content = _written(found).encode()
        if self._content is None:
            files.create(self.path, content)
        else:
            files.replace(self.path, content, expected=self._content)
        self._all, self._content = found, content


def path_of(issue: Path) -> Path:
    """Where the receipts of an issue's file are."""
    return issue.with_name(issue.stem + ENDING)


def others(path: Path) -> Iterator[tuple[Path, Receipts]]:
    """The receipts of other issues in the same folder, in the order of their names, those that can be read."""
    for other in sorted(path.parent.glob(f"*{ENDING}")):
        if other != path:
            with contextlib.suppress(DigestError):
                yield other, Receipts(other)


def is_id(text: object) -> bool:
    """Whether `text` can be a service's id of a draft: it goes into addresses."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None


def archive_url(issue: Path) -> str:
    """Where on the web readers find an issue's file that was sent, as a service said it; "" when none did.

    Of a draft none is given: nobody could open it, and the mail would change by being exported.
    """
    try:
        found = Receipts(path_of(issue))
    except DigestError:
        return ""  # the next export says what is wrong with them; a mail can do without the address
    receipts = [found.get(name) for name in sorted(found.services)]
    addresses = (each.archive_url for each in receipts if each.state == "sent")
    return next((each for each in addresses if re.match(r"https?://[^/]", each, re.IGNORECASE)), "")


def _parsed(content: bytes, path: Path) -> dict[str, Receipt]:
    try:
        data = tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        lines = content.split(b"\n")
        marks = (number for number, line in enumerate(lines, 1) if line.startswith((b"<<<<<<<", b">>>>>>>")))
        line = next(marks, None)
        reason = "git left both sides of a merge in it" if line else "it is damaged"
        raise BrokenReceipts(path, reason, line=line) from error
    version = data.pop("version", None)
    if isinstance(version, int) and version > VERSION:
        raise NewerReceipts(path)
    if version != VERSION or not all(isinstance(each, dict) for each in data.values()):
        raise BrokenReceipts(path, "it does not say what it is")
    mistakes: list[DigestError] = []
    found = {name: _receipt(name, dict(table), path, mistakes) for name, table in data.items()}
    if mistakes:
        raise BrokenReceipts(path, "somebody changed it") from Mistakes(mistakes)
    return {name: receipt for name, receipt in found.items() if receipt is not None}


def _receipt(name: str, table: dict[str, Any], path: Path, mistakes: list[DigestError]) -> Receipt | None:
    maps = {key: _texts(table.pop(key, {}), path, mistakes) for key in ("held", "pictures")}
    intent = None
    if isinstance(table.get("intent"), dict):
        inner = dict(table.pop("intent"))
        parts = _texts(inner.pop("parts", {}), path, mistakes)
        intent = decode.table(
            Intent, inner, where=f"[{name}.intent]", mistakes=mistakes, path=path, given={"parts": parts}
        )
    if table.get("id") and not is_id(table["id"]):
        mistakes.append(CannotRead(path, "somebody changed it"))
    return decode.table(
        Receipt, table, where=f"[{name}]", mistakes=mistakes, path=path, given={**maps, "intent": intent}
    )


def _texts(value: Any, path: Path, mistakes: list[DigestError]) -> dict[str, str]:
    if isinstance(value, dict) and all(isinstance(each, str) for each in value.values()):
        return value
    mistakes.append(CannotRead(path, "somebody changed it"))
    return {}


def _written(receipts: Mapping[str, Receipt]) -> str:
    parts = [f"{_HEAD}\nversion = {VERSION}\n"]
    for name, receipt in sorted(receipts.items()):
        parts += _table(_name(name), dataclasses.asdict(receipt))
    return "".join(parts)


def _table(where: str, table: Mapping[str, Any]) -> list[str]:
    """A table of TOML, what is empty left out, the tables within it behind it."""
    plain = {key: value for key, value in table.items() if value and not isinstance(value, Mapping)}
    lines = [f"{_name(key)} = {_value(value)}\n" for key, value in plain.items()]
    inner = [(key, value) for key, value in table.items() if value and isinstance(value, Mapping)]
    return [
        f"\n[{where}]\n",
        *lines,
        *(line for key, value in inner for line in _table(f"{where}.{_name(key)}", value)),
    ]


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[\n" + "".join(f"    {_value(each)},\n" for each in value) + "]"
    if isinstance(value, int):
        return str(value)
    # A basic string of TOML is one of JSON, but for DEL and for the halves of characters; `decode` takes no control
    # characters at all.
    return json.dumps(_UNFIT.sub("", str(value)), ensure_ascii=False)


def _name(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else _value(key)
