"""A pass through the candidates: one key each in a terminal, one command a line from a pipe."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import TYPE_CHECKING

from digest.cli import output
from digest.errors import DigestError

if TYPE_CHECKING:
    from digest.cli.office import Office
    from digest.desk import Desk
    from digest.models import Candidate

_KEYS = "t take   s skip   l later   m shortlist   o open   u undo   1-9 take into that section   q leave   ? help"
_HELP = """\
In a line:  p ID... [SECTION]  take these        s ID...  skip     l ID...  later     m ID...  shortlist
            u  undo the last decision            q  leave          ?  this help
The numbers in front of the list may stand for ids:  p 3 7 9 top"""


def go(office: Office, desk: Desk) -> None:
    """Go through what is new, the shortlist first. What was decided stays decided, so one may leave at any time."""
    waiting = office.store.candidates(states=["shortlisted"]) + office.store.candidates(states=["new"])
    if not waiting:
        output.talk('Nothing waits: "digest gather" brings what is new.')
        return
    if sys.stdin.isatty() and sys.stdout.isatty():
        _by_key(office, desk, waiting)
    else:
        _by_line(office, desk, waiting)


def _by_line(office: Office, desk: Desk, waiting: list[Candidate]) -> None:
    for number, each in enumerate(waiting, 1):
        source = f"  ({each.item.source})" if each.item.source else ""
        output.say(f"{number:>3}  {each.id:<4}  {each.item.title}{source}")
    by_number = {str(number): each.id for number, each in enumerate(waiting, 1)}
    for line in sys.stdin:
        words = line.split()
        if not words:
            continue
        if words[0] == "q":
            return
        try:
            _obey(words, by_number, office, desk)
        except DigestError as error:
            output.error(error)


def _obey(words: list[str], by_number: dict[str, str], office: Office, desk: Desk) -> None:
    verb, rest = words[0], words[1:]
    if verb == "u":
        _undo(desk)
        return
    if verb == "?" or verb not in "pslm" or not rest:
        output.talk(_HELP)
        return
    ids = [by_number.get(word, word) for word in rest]
    if verb == "p":
        named = _ids(ids, office)
        section = " ".join(ids[len(named) :])
        for each in named:
            output.picked(desk.pick(each, to=section))
    elif verb == "s":
        office.store.skip(ids)
    elif verb == "l":
        office.store.later(ids, office.now.date() + timedelta(days=7))
    else:
        office.store.shortlist(ids)


def _undo(desk: Desk) -> None:
    undone, said = desk.undo()
    output.undone(undone, said)


def _ids(words: list[str], office: Office) -> list[str]:
    """The words at the beginning that are candidates; at least the first is meant for one."""
    found: list[str] = []
    for word in words:
        try:
            found.append(office.store.find(word).id)
        except DigestError:
            if not found:
                raise
            break
    return found


def _by_key(office: Office, desk: Desk, waiting: list[Candidate]) -> None:
    sections = desk.sections()
    output.talk("  ".join(f"{number} {title}" for number, title in enumerate(sections[:9], 1)))
    output.talk(_KEYS)
    at = 0
    while at < len(waiting):
        each = waiting[at]
        _show(each, at, len(waiting))
        key = _key()
        if key in ("q", "\x03", "\x04", ""):
            return
        try:
            at += _decided(key, each, office, desk, sections)
        except DigestError as error:
            output.error(error)
        at = max(0, at)
    output.talk("That was all.")


def _decided(key: str, each: Candidate, office: Office, desk: Desk, sections: list[str]) -> int:
    """Carry out what a key says; how many candidates to go on by."""
    if key == "t":
        output.picked(desk.pick(each.id))
    elif key.isdigit() and 0 < int(key) <= len(sections):
        output.picked(desk.pick(each.id, to=sections[int(key) - 1]))
    elif key == "s":
        office.store.skip([each.id])
    elif key == "m":
        office.store.shortlist([each.id])
    elif key == "l":
        office.store.later([each.id], office.now.date() + timedelta(days=7))
    elif key == "o" and each.item.url:
        import webbrowser

        webbrowser.open(each.item.url)
        return 0
    elif key == "u":
        _undo(desk)
        return -1
    else:
        output.talk(_KEYS)
        return 0
    return 1


def _show(candidate: Candidate, at: int, count: int) -> None:
    item = candidate.item
    facts = [candidate.id, *dict.fromkeys(fact for fact in (item.source, candidate.why) if fact)]
    output.say(f"\n{at + 1} of {count}   {'   '.join(facts)}")
    output.say(item.title)
    if item.note or item.description:
        output.say("  " + (item.note or item.description)[:300])
    if item.url:
        output.say("  " + item.url)


def _key() -> str:
    """One key, without Enter where the terminal can do that."""
    try:
        import termios
        import tty
    except ImportError:
        return _from_windows()
    stream = sys.stdin.fileno()
    before = termios.tcgetattr(stream)
    try:
        # Not what setcbreak does by itself: it throws away the keys that a quick hand has typed ahead.
        tty.setcbreak(stream, termios.TCSADRAIN)
        return sys.stdin.read(1)
    finally:
        termios.tcsetattr(stream, termios.TCSADRAIN, before)


def _from_windows() -> str:
    import msvcrt

    return str(msvcrt.getwch())  # type: ignore[attr-defined,unused-ignore]  # there on Windows alone
