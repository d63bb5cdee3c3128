"""A Markdown file, with its pictures beside it: for Substack and others that take text by hand alone."""

from __future__ import annotations

from pathlib import Path

from digest import files, plain_markdown
from digest.exporters.base import Parcel
from digest.models import Receipt


def deliver(parcel: Parcel, folder: Path) -> Receipt:
    """Make `folder` hold the issue as Markdown, and its pictures."""
    contents = {
        f"{parcel.issue.slug}.md": plain_markdown.written(parcel.issue, parcel.email).encode(),
        **{f"images/{asset.name}": asset.content for asset in parcel.email.assets},
    }
    files.switch(folder, contents)
    return Receipt(service="markdown", paths=tuple(folder / name for name in contents))
