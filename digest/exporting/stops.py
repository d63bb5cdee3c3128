"""Why an export stops before it writes: what readers have, what goes out soon, what somebody else changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from pathlib import Path

from digest.errors import DigestError
from digest.exporters.base import Fingerprint, Remote
from digest.exporting.as_it_reads import AS_IT_READS, prints


class AlreadySent(DigestError):
    """Raised instead of writing over what readers have."""

    def __init__(self, service: str, slug: str, url: str, *, marked: bool = False) -> None:
        """`marked` for an issue that says itself that it was sent."""
        hints = [f"It is at {url}"] if url else []
        hints += [] if marked else [f"Mark it as sent here too:  digest sent {slug}"]
        super().__init__(
            f"{service} has sent this issue; what readers have is not written over.", hint="\n  ".join(hints)
        )


class MarkedSent(DigestError):
    """Raised instead of making a draft of what readers have already, as the issue itself says."""

    def __init__(self, service: str, slug: str) -> None:
        super().__init__(
            f"This issue is marked as sent, and {service} has no draft of it; none was made.",
            hint=f"Is {slug} the one you mean? --force exports it all the same.",
        )


class SentBefore(DigestError):
    """Raised when a service calls a draft again what it was told to send, or said that it had sent."""

    def __init__(self, service: str, url: str) -> None:
        hint = f"Look there first: readers may have it, or be about to. --force writes over it all the same. {url}"
        super().__init__(
            f"{service} was to send this issue, as its receipt says, and calls it a draft now; nothing was written.",
            hint=hint.strip(),
        )


class CopiedReceipts(DigestError):
    """Raised when two issues have receipts of one draft: to write one of them there would be to lose the other."""

    def __init__(self, service: str, path: Path, origin: Path) -> None:
        super().__init__(
            f"By its receipts this issue is the same draft in {service} as the one beside {origin.name}.",
            path=path,
            hint=f"Delete {path.name} if it was copied with the issue: then it gets a draft of its own.",
        )


class LeftBehind(DigestError):
    """Raised before a second draft is made of what may be an issue that was renamed, and its receipts were not."""

    def __init__(self, service: str, left: Path, path: Path) -> None:
        super().__init__(
            f"{left.name} tells of a draft in {service}, and its issue is gone. No draft was made.",
            path=left,
            hint=f"Was that issue renamed to this one, rename the file too, to {path.name}; else delete it. "
            "--force makes a new draft all the same.",
        )


class OnItsWay(DigestError):
    """Raised instead of writing over what the service is about to send."""

    def __init__(self, service: str, remote: Remote, *, key: str, slug: str, can: bool = True) -> None:
        """`key` is the service's name in digest.toml; `can` whether it takes a schedule back when it is asked to."""
        if remote.state == "scheduled":
            when = f" for {remote.when.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if remote.when else ""
            command = f"digest export {key} {slug} --unschedule"
            hint = (
                f"Take that back first:  {command}" if can else f"Take that back on its own pages first. {remote.url}"
            )
            super().__init__(f"{service} has this issue scheduled{when}; nothing was written.", hint=hint.strip())
        else:
            hint = f"See how far it is:  digest export {key} {slug} --status"
            super().__init__(f"{service} is sending this issue right now; nothing was written.", hint=hint)


class ChangedThere(DigestError):
    """Raised instead of writing over what somebody changed in the service."""

    def __init__(
        self, service: str, changes: Sequence[str], url: str, *, known: bool = True, cut_short: bool = False
    ) -> None:
        """`known` when there is a receipt of it; `cut_short` when nobody read what came of the last export."""
        lines = "".join(f"\n  - {each}" for each in changes)
        what = f"The draft was changed in {service} since digest wrote it:{lines}"
        hint = "Bring the changes over into the issue, or write over them with --force."
        if cut_short:
            what = f"The last export was cut short, and the draft in {service} is not what digest wrote:{lines}"
            hint = (
                f"Either {service} wrote it anew by itself, or somebody changed it there. Look at the draft: is "
                "nothing of anybody's work in it, --force writes over it; else bring that over into the issue first."
            )
        elif not known:
            what = f"{service} has a draft of this issue that digest holds no receipt of, and it differs:{lines}"
        super().__init__(what, hint=f"{hint} {url}".strip())


class SeveralDrafts(DigestError):
    """Raised when more than one campaign bears the marker of an issue: which one counts the editor knows."""

    def __init__(self, service: str, found: Sequence[Remote]) -> None:
        named = "".join(f"\n  - {each.id} ({each.state}) {each.url}".rstrip() for each in found)
        super().__init__(
            f"{service} has {len(found)} drafts of this issue:{named}",
            hint="Delete all but one there, then run the command again. Nothing was written.",
        )


class NothingThere(DigestError):
    """Raised when something was to be done with a draft that is not there."""

    def __init__(self, service: str) -> None:
        super().__init__(f"{service} has no draft of this issue.", hint="Export it first.")


def differences(parts: Mapping[str, str], ours: Sequence[Mapping[str, str]], *, whole: bool) -> list[str]:
    """What stands in a draft that is not ours, in words; `ours` are hashes of all that we know to have written."""
    told = []
    found = prints(parts)
    for name, value in parts.items():
        if not value and (not whole or not any(name in each for each in ours)):
            continue
        names = (name, AS_IT_READS) if name == "HTML" else (name,)
        if not any(each.get(alias, "") == found.get(alias) for each in ours for alias in names):
            told.append(in_words(name, value))
    return told


def in_words(name: str, value: str) -> str:
    """A part of a draft that was changed, as it is now."""
    if name == "changes":
        return f"it was last changed at {value}"
    if isinstance(value, Fingerprint):
        return f"{name}, another one than this"
    line = " ".join(value.split())
    return f'{name}, now "{line}"' if len(line) <= 100 and name != "HTML" else f"{name}, {len(value):,} letters now"


def state_of(remote: Remote) -> str:
    """What a campaign is, behind "it is"."""
    return {"draft": "a draft", "sending": "being sent", "sent": "sent"}.get(remote.state, remote.state)
