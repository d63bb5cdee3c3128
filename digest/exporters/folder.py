"""A folder with the HTML, the text, a message that opens as a draft, and the pictures."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from digest import files, message
from digest.filled import fill
from digest.models import Email, Receipt

if TYPE_CHECKING:
    # Every build comes by here, and has no use for all that speaks to services.
    from digest.exporters.base import Parcel

__all__ = ["deliver", "fill", "write"]


def write(email: Email, folder: Path) -> Receipt:
    """Make `folder` hold the mail: email.html, email.txt, email.eml and images/, all at once or not at all.

    No service fills the blanks, so the publication's own addresses do.
    """
    return _written(_contents(email), folder)


def deliver(parcel: Parcel, folder: Path) -> Receipt:
    """The same, and all of it once more in a zip, for services that take one."""
    contents = _contents(parcel.email)
    return _written({**contents, f"{parcel.issue.slug}.zip": _zipped(contents)}, folder)


def _contents(email: Email) -> dict[str, bytes]:
    filled = fill(email)
    return {
        "email.html": filled.html.encode(),
        "email.txt": filled.text.encode(),
        "email.eml": message.to_bytes(filled),
        **{f"images/{asset.name}": asset.content for asset in email.assets},
    }


def _written(contents: Mapping[str, bytes], folder: Path) -> Receipt:
    files.switch(folder, dict(contents))
    return Receipt(service="folder", paths=tuple(folder / name for name in contents))


def _zipped(contents: Mapping[str, bytes]) -> bytes:
    """A zip that is the same whenever the files are."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
