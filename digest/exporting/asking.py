"""A service asked with its answers doubted: what is none becomes a sentence, and an id leads to a draft or nowhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from digest import receipts
from digest.exporters.base import Draft, Remote, Service
from digest.models import Asset
from digest.services.errors import ServiceError, UnknownOutcome

#: Whatever reading an answer of the wrong shape ends in.
_MISREAD = (LookupError, TypeError, AttributeError, ValueError, OverflowError, RecursionError)
_ON_THE_WEB = re.compile(r"https?://[^/\s][^\s]*", re.IGNORECASE)
#: Letters of an address, and of what a service still wants; how much of it.
_LONGEST_ADDRESS = 2000
_LONGEST_WORDS = 400
_MOST_WORDS = 20


class Asked:
    """A service, for those who have to rely on what it says."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._session = service.session

    def read(self, id: str) -> Remote | None:  # noqa: A002
        with self._understood():
            found = self._service.read(id)
            return None if found is None else self._checked(found)

    def look_up(self, marker: str) -> list[Remote]:
        """Every campaign with this marker, each once."""
        with self._understood():
            return list({each.id: self._checked(each) for each in self._service.look_up(marker)}.values())

    def create(self, draft: Draft) -> Remote:
        """UnknownOutcome too where the service did it, and only its answer is none."""
        before = self._session.changed
        try:
            with self._understood():
                return self._checked(self._service.create(draft))
        except UnknownOutcome:
            raise
        except ServiceError as error:
            if self._session.changed == before or not self._session.changed_last:
                raise
            raise UnknownOutcome(self._service.name, "a draft", error.what.rstrip(".")) from error

    def update(self, remote: Remote, draft: Draft) -> Remote:
        with self._understood():
            return self._checked(self._service.update(remote, draft))

    def act(self, call: Callable[[], Remote | None]) -> Remote | None:
        """What a call that reaches people answers. Whether a part of it was done, `session.changed` says."""
        with self._understood():
            after = call()
            return None if after is None else self._checked(after)

    def upload(self, asset: Asset) -> str:
        """The address of a picture."""
        with self._understood():
            url = self._service.upload(asset)
        if not _ON_THE_WEB.fullmatch(url) or len(url) > _LONGEST_ADDRESS:
            raise self._service.unread(f"an address of the picture {asset.name}")
        return url

    def missing(self, remote: Remote) -> Sequence[str]:
        with self._understood():
            return [" ".join(str(each).split())[:_LONGEST_WORDS] for each in self._service.missing(remote)][
                :_MOST_WORDS
            ]

    @contextmanager
    def _understood(self) -> Iterator[None]:
        try:
            yield
        except _MISREAD as error:
            name = self._service.name
            raise ServiceError(
                name, f"What {name} answered cannot be read.", hint="Try again; if it stays so, tell us."
            ) from error

    def _checked(self, remote: Remote) -> Remote:
        """Raises TypeError or ValueError for what no service of sound mind says."""
        if self._session.dry == "shown":
            return remote  # nobody said it
        if not receipts.is_id(remote.id):
            raise ValueError("no id")
        texts = [*remote.parts.values(), remote.version, remote.url, remote.archive_url]
        if not all(isinstance(each, str) for each in texts):
            raise TypeError("no text")
        if not isinstance(remote.when, datetime | None):
            raise TypeError("no moment")
        return replace(remote, url=_address(remote.url), archive_url=_address(remote.archive_url))


def _address(url: str) -> str:
    """An address that can be opened; "" for another."""
    return url if len(url) <= _LONGEST_ADDRESS and _ON_THE_WEB.fullmatch(url) and url.isprintable() else ""
