"""A folder with the HTML, the text, a message that opens as a draft, and the pictures."""

from __future__ import annotations

from pathlib import Path

from digest import files, message
from digest.filled import fill
from digest.models import Email, Receipt

__all__ = ["fill", "write"]


def write(email: Email, folder: Path) -> Receipt:
    """Make `folder` hold the mail: email.html, email.txt, email.eml and images/, all at once or not at all.

    No service fills the blanks, so the publication's own addresses do.
    """
    filled = fill(email)
    contents = {
        "email.html": filled.html.encode(),
        "email.txt": filled.text.encode(),
        "email.eml": message.to_bytes(filled),
        **{f"images/{asset.name}": asset.content for asset in email.assets},
    }
    files.switch(folder, contents)
    return Receipt(service="folder", paths=tuple(folder / name for name in contents))
