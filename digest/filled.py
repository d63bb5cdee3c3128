"""A mail's blanks filled with what the publication says of itself, where no service will do it."""

from __future__ import annotations

import html
from dataclasses import replace
from urllib.parse import quote

from digest import merge_tags
from digest.models import Email


def fill(email: Email) -> Email:
    """The mail with every blank filled by what the publication says of itself.

    Without an unsubscribe address readers leave by writing to the sender; without a page on the web
    nothing offers one; a reader's name is what the editor wrote for those without.
    """
    as_html, as_text = _syntaxes(email)
    return replace(
        email,
        html=_ascii(merge_tags.fill(email.html, as_html, encode=html.escape)),
        text=merge_tags.fill(email.text, as_text),
        subject=merge_tags.fill(email.subject, as_text),
        preheader=merge_tags.fill(email.preheader, as_text),
    )


def fill_html(email: Email, marked: str) -> str:
    """Another form of the mail's HTML, such as one with places in it, with the same blanks filled."""
    return _ascii(merge_tags.fill(marked, _syntaxes(email)[0], encode=html.escape))


def _syntaxes(email: Email) -> tuple[merge_tags.Syntax, merge_tags.Syntax]:
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
    return as_html, merge_tags.plain(values)


def _ascii(text: str) -> str:
    return text.encode("ascii", "xmlcharrefreplace").decode()
