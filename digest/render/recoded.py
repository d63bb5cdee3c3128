"""What becomes of a picture: new bytes, a remark about them, or why it is unfit. Needs no Pillow."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal

#: Counted up whenever the same picture would come out differently, so that nothing made before is used again.
RECIPE = 2


class Unfit(Exception):
    """What is wrong with a picture, as the end of a sentence that begins with its name; always caught."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Remark:
    """What an editor should know of a picture that is fit, worded as in Unfit."""

    level: Literal["error", "warning", "note"]
    what: str
    hint: str = ""
    #: As the check "pictures" calls it, which says it better where it runs; "" for what it does not say.
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Recoded:
    """A picture ready for the mail."""

    content: bytes
    media_type: str
    #: CSS pixels at which to show it; it may hold more of its own.
    width: int
    height: int
    remarks: tuple[Remark, ...] = ()
    #: Of `content`, in hexadecimal.
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha256", hashlib.sha256(self.content).hexdigest())
