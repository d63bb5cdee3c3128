"""A folder with the HTML, the text, a message that opens as a draft, and the pictures."""

from __future__ import annotations

import html
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from digest import files, merge_tags, message
from digest.models import Email, Receipt


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


def fill(email: Email) -> Email:
    """The mail with every blank filled by what the publication says of itself.

    Without an unsubscribe address readers leave by writing to the sender; without a page on the web
    nothing offers one; a reader's name is what the editor wrote for those without.
    """
    # RFC 6068, 2: what means something in a URL is encoded in the address too.
    mailbox = quote(email.unsubscribe_email or email.sender_email, safe="@+")
    leave = email.unsubscribe_url or f"mailto:{mailbox}?subject=unsubscribe"
    values = {
        "unsubscribe_url": leave,
        "view_url": email.view_url,
        "postal_address": ", ".join(line.strip() for line in email.postal_address.splitlines() if line.strip()),
        "preheader": "yes",
    }
    as_html = merge_tags.plain({name: html.escape(value) for name, value in values.items()})
    as_text = merge_tags.plain(values)
    return replace(
        email,
        html=_ascii(merge_tags.fill(email.html, as_html, encode=html.escape)),
        text=merge_tags.fill(email.text, as_text),
        subject=merge_tags.fill(email.subject, as_text),
        preheader=merge_tags.fill(email.preheader, as_text),
    )


def _ascii(text: str) -> str:
    return text.encode("ascii", "xmlcharrefreplace").decode()
