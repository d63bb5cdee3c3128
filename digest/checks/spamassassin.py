"""What SpamAssassin says of the mail, where it is installed; asked on this computer alone, without the network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace

from digest import message
from digest.checks.base import Copy, Place
from digest.errors import BadAddress, CannotCheck
from digest.filled import fill
from digest.models import Finding

RULES = {"score": "SpamAssassin's own rules count points against the mail"}

#: It takes about a second to start.
SLOW = True
#: Where it is not installed nobody is told so unless it was asked for by name.
OPTIONAL = True

#: What every mail hits that was not sent yet.
_NOT_YET_SENT = frozenset(
    {"NO_RECEIVED", "NO_RELAYS", "NO_HEADERS_MESSAGE", "MISSING_DATE", "MISSING_MID", "INVALID_DATE", "DATE_IN_FUTURE"}
)
_POINTS = re.compile(r"^\s*(-?\d+(?:\.\d+)?)\s+([A-Z][A-Z0-9_]{2,})\s+(.*(?:\n {10,}\S.*)*)", re.MULTILINE)
#: Points: less is what many good newsletters have; from the third on most mailboxes sort a mail out.
_TOLD, _WARNED, _SPAM = 1.0, 2.5, 5.0
_SECONDS = 30


def check(copy: Copy) -> Iterator[Finding]:
    """The points and the rules they come from, when there are as many as to matter."""
    rules = [each for each in _asked(_message(copy)) if not each[1].startswith(("DATE_IN_", *_NOT_YET_SENT))]
    score = sum(points for points, _, _ in rules)
    if score < _TOLD:
        return
    level = "error" if score >= _SPAM else "warning" if score >= _WARNED else "note"
    weighty = sorted((each for each in rules if each[0] >= 0.1), reverse=True)
    named = "; ".join(f"{points:g} {name} ({said})" for points, name, said in weighty[:6])
    what = f"SpamAssassin gives the mail {score:.1f} points: {named}."
    effect = "From 5 points on it goes to the spam folder; what the sender's server adds is not counted here."
    yield Place(copy.issue.path).finding(level, "score", what, effect=effect)


def _message(copy: Copy) -> bytes:
    email = fill(replace(copy.email, weights=()))
    try:
        return message.to_bytes(email, to="Reader <reader@mail.example>", draft=False)
    except BadAddress as error:
        raise CannotCheck(f"the mail cannot be written: {error.what}", hint=error.hint) from error


def _asked(content: bytes) -> list[tuple[float, str, str]]:
    """Points, name and description of each rule that fired."""
    program = shutil.which("spamassassin")
    if program is None:
        raise CannotCheck("SpamAssassin is not installed on this computer.", hint="On Debian: apt install spamassassin")
    with tempfile.TemporaryDirectory() as home:
        command = [program, "--local", "--nocreate-prefs", f"--prefs-file={os.devnull}", "--test-mode"]
        env = {**os.environ, "HOME": home, "LC_ALL": "C"}
        try:
            ran = subprocess.run(
                command, input=content, capture_output=True, timeout=_SECONDS, env=env, cwd=home, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise CannotCheck(f"SpamAssassin was not done after {_SECONDS} seconds.") from error
        except OSError as error:
            raise CannotCheck("SpamAssassin could not be started.") from error
    told = ran.stdout.decode("utf-8", "replace").replace("\r\n", "\n")
    report = told.rpartition("Content analysis details:")[2]
    if ran.returncode or not report or report == told:
        raise CannotCheck("SpamAssassin gave no report.", hint='See what "spamassassin --lint" says.')
    return [(float(points), name, " ".join(said.split())) for points, name, said in _POINTS.findall(report)]
