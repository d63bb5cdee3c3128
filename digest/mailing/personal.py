"""A mail that goes to readers one by one: what is theirs stays open in the draft, and is filled in for each."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digest import credentials, merge_tags
from digest.errors import DigestError
from digest.mailing import address_list
from digest.mailing.delivery import Reader
from digest.merge_tags import Blank, Syntax
from digest.services.errors import CannotDo

if TYPE_CHECKING:
    from digest.exporters.base import Draft


#: What is said where git shares the file of readers.
_SHARED = (
    "git shares {0} with everybody who gets a copy, and it holds people's addresses. Take it out:  "
    "git rm --cached {0}  and write the line  {0}  into .gitignore."
)


@dataclass(frozen=True, slots=True)
class Listed:
    """Who is to be mailed, by a file of the editor's own."""

    readers: tuple[Reader, ...] = ()
    #: Sentences that an editor should read before the file is used.
    notes: tuple[str, ...] = ()


def listed(root: Path, name: str, *, key: str) -> Listed:
    """The readers in a file beside digest.toml. Raises DigestError, which names [export.<key>] when there is none."""
    path = root / name
    if not path.exists():
        hint = 'Write one, an address a line, or a table that begins with "email,first name,status"; '
        hint += f'or name another with readers = "..." in [export.{key}].'
        raise DigestError(f"There is no file of readers, {path.name}.", hint=hint)
    found = address_list.read(path)
    shared = (_SHARED.format(name),) if credentials.tracked(root, name) else ()
    return Listed(found.readers, (*found.notes, *shared))


def blank(name: str) -> Callable[[str], str]:
    """How a service writes a blank that we fill for each reader: as it travels through a finished mail."""
    return lambda fallback: Blank(name, fallback).mark()


#: Tags of a service that fills in neither.
TAGS: Mapping[str, Callable[[str], str]] = {name: blank(name) for name in ("first_name", "email")}


def addressed(
    draft: Draft, reader: Reader, *, in_html: Syntax, in_text: Syntax, more: Mapping[str, str] | None = None
) -> Draft:
    """The draft with its open blanks filled for one reader; the two are how the service escapes.

    `more` are values of the reader's beside name and address, by the names of blanks.
    """
    # A name that somebody typed into a form is no more to be trusted than a feed.
    names = {"first_name": reader.first_name, "email": reader.address}
    known = {**{name: address_list.one_line(value) for name, value in names.items()}, **(more or {})}
    return replace(
        draft,
        subject=_filled(draft.subject, known, in_text),
        html=_filled(draft.html, known, in_html, is_html=True),
        text=_filled(draft.text, known, in_text),
    )


def enclosing(draft: Draft) -> Draft:
    """The draft with its pictures looked for within the mail, each as `cid:` and its name (RFC 2392)."""
    if not draft.assets:
        return draft
    names = "|".join(sorted((re.escape(asset.name) for asset in draft.assets), key=len, reverse=True))
    return replace(draft, html=re.sub(rf"(?<=[\"'(])images/({names})(?=[\"')])", r"cid:\1", draft.html))


def check_size(draft: Draft, most: int, *, service: str) -> None:
    """Raise CannotDo for a mail of more bytes than that, its pictures as base64 writes them."""
    size = (
        len(draft.html.encode()) + len(draft.text.encode()) + sum(4 * len(each.content) // 3 for each in draft.assets)
    )
    if size > most:
        what = f"{service} takes mails of {most // 1_000_000} MB; this one has {size / 1e6:.1f} MB."
        raise CannotDo(service, what, hint="Put the pictures on the web, and say with assets_url where they are.")


def seen(draft: Draft, extra: Mapping[str, Any]) -> str:
    """A hash of all that readers see: two drafts with the same are the same mail, however and how fast it is sent.

    `extra` is [export.<service>.extra], which may write over any part of a mail.
    """
    whole = (sorted(draft.parts.items()), draft.sender_name, draft.sender_email, draft.reply_to, draft.language)
    heads = (draft.unsubscribe_url, draft.unsubscribe_email, draft.list_id)
    pictures = [(each.name, hashlib.sha256(each.content).hexdigest()) for each in draft.assets]
    said = json.dumps(extra, sort_keys=True, default=str)
    return hashlib.sha256(repr((whole, heads, pictures, said)).encode()).hexdigest()[:32]


def _filled(text: str, known: Mapping[str, str], syntax: Syntax, *, is_html: bool = False) -> str:
    def tag(blank: Blank) -> str | None:
        value = known.get(blank.name)
        if not value:
            return None
        said = syntax.escape(html.escape(value) if is_html else value)
        return said.encode("ascii", "xmlcharrefreplace").decode() if is_html else said

    # All else was escaped when the draft was made, the fallbacks too.
    return merge_tags.fill(text, Syntax(tag=tag))
