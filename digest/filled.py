"""A mail's blanks filled with what the publication says of itself, where no service will do it."""

from __future__ import annotations

import html
from dataclasses import replace
from urllib.parse import quote

from digest import merge_tags
from digest.models import Email

#: What may stand in the publication's unsubscribe_url for the reader's own address.
READER = "{email}"


def fill(email: Email, *, reader: str = "") -> Email:
    """The mail with every blank filled by what the publication says of itself.

    Without an unsubscribe address readers leave by writing to the sender; without a page on the web
    nothing offers one; a reader's name is what the editor wrote for those without. `reader` is the address
    that the mail goes to; "" for a mail of nobody in particular, which has no button to leave with one click
    where the page wants to know who leaves: it would say that somebody has left, and nobody had.
    """
    as_html, as_text = _syntaxes(email, reader)
    one_click = email.unsubscribe_url if reader or READER not in email.unsubscribe_url else ""
    email = replace(email, unsubscribe_url=leaving(one_click, reader))
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


def leaving(url: str, reader: str = "") -> str:
    """The page on which this reader leaves; of a reader whom nobody knows, the page that has to ask who it is."""
    return url.replace(READER, quote(reader, safe=""))


def way_out(url: str, *mailboxes: str, reader: str = "") -> str:
    """Where the link to leave leads: to the page, or without one to a mail to the first mailbox that there is."""
    # RFC 6068, 2: what means something in a URL is encoded in the address too.
    mailbox = quote(next(filter(None, mailboxes), ""), safe="@+")
    return leaving(url, reader) or f"mailto:{mailbox}?subject=unsubscribe"


def _syntaxes(email: Email, reader: str = "") -> tuple[merge_tags.Syntax, merge_tags.Syntax]:
    values = {
        "unsubscribe_url": way_out(email.unsubscribe_url, email.unsubscribe_email, email.sender_email, reader=reader),
        "email": reader,
        "view_url": email.view_url,
        "postal_address": ", ".join(line.strip() for line in email.postal_address.splitlines() if line.strip()),
        "preheader": "yes",
    }
    as_html = merge_tags.plain({name: html.escape(value) for name, value in values.items()})
    return as_html, merge_tags.plain(values)


def _ascii(text: str) -> str:
    return text.encode("ascii", "xmlcharrefreplace").decode()
