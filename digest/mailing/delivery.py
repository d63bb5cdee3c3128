"""One mail to each reader of a list that waits for it, at a pace, and a tally of what became of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from digest.errors import DigestError
from digest.mailing.journal import Journal
from digest.services.errors import ServiceError, UnknownOutcome

#: Mails in a row that came to nothing before it is more likely that something is wrong with all of them.
_IN_A_ROW = 3
#: How often one mail is offered to a service that wants us to go slower.
_TRIES = 5
#: In which a pace is told, and their seconds.
_UNITS = (("a second", 1), ("a minute", 60), ("an hour", 3600), ("a day", 86400), ("in ten years", 10**9))


@dataclass(frozen=True, slots=True)
class Reader:
    """One reader of a list."""

    address: str
    #: "" where nobody knows it.
    first_name: str = ""


class NotTaken(ServiceError):
    """Raised when a service took no mail for this one reader. Nothing was sent; others may fare better."""

    def __init__(self, service: str, what: str, *, status: int = 0, hint: str = "", certain: bool = False) -> None:
        """`certain` when it says nothing of others: there is nobody of this name."""
        super().__init__(service, what, status=status, hint=hint)
        self.certain = certain


class TooFast(ServiceError):
    """Raised when a service wants fewer mails a second. Nothing was sent."""


class Send(Protocol):
    """Mails one reader, once. It calls `begin` before anything of the mail can arrive, or raises; what it raises
    before that is proof that nothing left."""

    def __call__(self, reader: Reader, begin: Callable[[], None]) -> None: ...


@dataclass(slots=True)
class Tally:
    """What became of a list."""

    sent: int = 0
    #: Had it already.
    had: int = 0
    #: Address and reason of each that was not taken; they are tried again by the next run.
    refused: list[tuple[str, str]] = field(default_factory=list)
    #: Of whom nobody knows whether they have it, now or from a run before; they are not tried again.
    unsure: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        more = [f"{self.had} had it already" if self.had else ""]
        more.append(f"{len(self.refused)} could not be sent" if self.refused else "")
        more.append(f"of {len(self.unsure)} nobody knows" if self.unsure else "")
        return ", ".join([f"{self.sent} sent", *filter(None, more)])


@dataclass(frozen=True, slots=True)
class Waiting:
    """Those who would be mailed now, and mails a second."""

    readers: tuple[Reader, ...]
    rate: float

    @property
    def words(self) -> str:
        """How many, and how long that takes where it is worth a word."""
        count = len(self.readers)
        who = f"{count} {'reader waits' if count == 1 else 'readers wait'} for it"
        minutes = (count - 1) / self.rate / 60
        if minutes < 1:
            return f"{who}."
        unit, each = next((unit, self.rate * seconds) for unit, seconds in _UNITS if self.rate * seconds >= 1)
        pace = f"{round(each, 1):g} {'mail' if each == 1 else 'mails'} {unit}"
        hours = round(minutes / 30) / 2
        most = f"{hours:g} hours" if hours >= 2 else f"{round(minutes)} minutes" if minutes >= 1.5 else "a minute"
        # What a mail takes by itself is more than the pause where many go out in a second.
        slow = self.rate <= 1
        takes = f"at {pace} that takes about {most}" if slow else f"at {pace} at most that takes {most} or more"
        return f"{who}; {takes}."


def waiting(readers: Iterable[Reader], journal: Journal) -> list[Reader]:
    """Those who are still to be mailed, each once; last those who were refused, so that they stop nobody else."""
    wait = [each for each in once(readers) if journal.outcome(each.address) not in ("sent", "unsure")]
    return sorted(wait, key=lambda each: journal.outcome(each.address) == "refused")


def once(readers: Iterable[Reader]) -> list[Reader]:
    """Each address once, as it is written where it stands first."""
    each: dict[str, Reader] = {}
    for reader in readers:
        each.setdefault(reader.address.strip().casefold(), reader)
    return list(each.values())


def mail_out(
    readers: Iterable[Reader],
    send: Send,
    journal: Journal,
    tally: Tally,
    *,
    pause: float = 0,
    sleep: Callable[[float], None],
    clock: Callable[[], float] = time.monotonic,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> None:
    """Mail each of those that wait, `pause` seconds from one to the next; `tally` is right whatever happens.

    Raises the last ServiceError when three mails in a row come to nothing, and any error at once that is about more
    than one reader. Nobody is ever mailed twice.
    """
    journal.open()
    readers = once(readers)
    wait = waiting(readers, journal)
    for reader in readers:
        tally.had += journal.outcome(reader.address) == "sent"
        if journal.outcome(reader.address) == "unsure":
            tally.unsure.append(reader.address)
    troubles, began = 0, 0.0
    for number, reader in enumerate(wait):
        # What the mail before took is part of the pause.
        if number and (left := pause - (clock() - began)) > 0:
            sleep(left)
        began = clock()
        trouble = _mailed(reader, send, journal, tally, sleep)
        troubles = troubles + 1 if trouble is not None else 0
        progress(number + 1, len(wait))
        if trouble is not None and troubles == _IN_A_ROW:
            raise trouble


def _mailed(
    reader: Reader, send: Send, journal: Journal, tally: Tally, sleep: Callable[[float], None]
) -> ServiceError | None:
    """What was wrong with one mail, where it may be wrong with all. Raises what certainly is."""
    address = reader.address
    try:
        _patiently(send, reader, lambda: journal.begin(address), sleep)
    except UnknownOutcome as error:
        journal.end(address, "unsure")
        tally.unsure.append(address)
        return error
    except NotTaken as error:
        journal.end(address, "refused")
        tally.refused.append((address, error.what))
        return None if error.certain else error
    except DigestError:
        # Only UnknownOutcome leaves it open whether a mail left.
        if journal.is_begun(address):
            journal.end(address, "not")
        raise
    except KeyboardInterrupt:
        if journal.is_begun(address):
            tally.unsure.append(address)
        raise
    journal.end(address, "sent")
    tally.sent += 1
    return None


def _patiently(send: Send, reader: Reader, begin: Callable[[], None], sleep: Callable[[float], None]) -> None:
    for tried in range(1, _TRIES + 1):
        try:
            return send(reader, begin)
        except TooFast:
            if tried == _TRIES:
                raise
            sleep(2.0**tried)
    raise AssertionError("the last try returns or raises")
