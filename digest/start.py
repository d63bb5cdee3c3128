"""A new publication: its first files, written where nothing is in their way."""

from __future__ import annotations

import dataclasses
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from digest import compose, config, files
from digest.errors import BadValue, DigestError, Mistakes, near
from digest.files.disk import told
from digest.render import language
from digest.render.theme import INIT, names, own_folder

_NOT_IN_A_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Answers:
    """What `digest init` asks, each under its name in digest.toml."""

    name: str
    #: "" for the publication's name.
    sender_name: str
    sender_email: str
    postal_address: str
    #: "" for none yet.
    url: str
    language: str
    timezone: str
    every: str
    theme: str
    today: date

    @classmethod
    def default(cls, folder: Path, *, today: date) -> Answers:
        """Answers that work for nobody in particular, the name taken from the folder's."""
        words = re.split(r"[-_\s]+", "".join(char for char in folder.resolve().name if char.isprintable()))
        return cls(
            name=" ".join(word[:1].upper() + word[1:] for word in words).strip() or "My Newsletter",
            sender_name="",
            sender_email="editor@example.org",
            postal_address="12 Example Street, Example Town",
            url="",
            language=_language_of_this_machine(),
            timezone=_zone_of_this_machine(),
            every="friday",
            theme="brief",
            today=today,
        )

    def with_(self, given: Mapping[str, str]) -> Answers:
        """The same with each answer that is not empty put in."""
        said: dict[str, Any] = {key: value for key, value in given.items() if value}
        return dataclasses.replace(self, **said)


def wanted(key: str, value: str) -> str:
    """What is wanted instead of `value` as the answer called `key`; "" when it is fine."""
    if _NOT_IN_A_TEXT.search(value):
        return "a text without control characters"
    if key == "theme" and value not in names():
        guess = near(value, names())
        known = " or ".join(f'"{name}"' for name in names())
        return f'{known} (did you mean "{guess}"?)' if guess else known
    if key == "language" and not language.is_tag(value):
        return 'a language such as "en", "de" or "pt-BR"'
    return config.wanted(key, value)


def begin(folder: Path, answers: Answers) -> tuple[Path, ...]:
    """Write digest.toml, a first issue, a picture and a .gitignore into `folder`; give what was made.

    Never writes over a file: one that is there already stays, and a digest.toml refuses the whole. Where
    there are issues already no first one is made up. digest.toml comes last, so that an interrupted
    start can be made again. Raises Mistakes for answers that digest.toml could not hold.
    """
    must_be_free(folder)
    _check(answers)
    made = []
    for name, content in _contents(answers, with_issue=not _has_issues(folder)).items():
        path = folder / name
        if os.path.lexists(path):
            continue
        with told(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        files.create(path, content)
        made.append(path)
    return tuple(made)


def must_be_free(folder: Path) -> None:
    """Raise when `folder` holds a newsletter already."""
    settings = folder / config.NAME
    if os.path.lexists(settings):
        hint = 'Start the next issue with "digest new", or a newsletter elsewhere with "digest init FOLDER".'
        raise DigestError("There is a newsletter here already; nothing was written.", path=settings, hint=hint)


def _check(answers: Answers) -> None:
    said = {key: value for key, value in dataclasses.asdict(answers).items() if isinstance(value, str)}
    mistakes = [BadValue(key, what, value) for key, value in said.items() if (what := wanted(key, value))]
    if mistakes:
        raise Mistakes(mistakes)


def _has_issues(folder: Path) -> bool:
    """Whether there are issues of the editor's; the first one of an interrupted start is none."""
    found = {path.name for ending in ("*.md", "*.markdown") for path in (folder / "issues").glob(ending)}
    return bool(found - {"001.md"})


def _contents(answers: Answers, *, with_issue: bool) -> dict[str, bytes]:
    """Every file of a new publication by its name, digest.toml last."""
    from jinja2 import Environment, FileSystemLoader

    source = own_folder() / INIT
    templates = Environment(loader=FileSystemLoader(source), keep_trailing_newline=True)  # plain text, no markup
    values = {
        **dataclasses.asdict(answers),
        "sender_name": answers.sender_name or answers.name,
        "reason": f"You get this because you signed up for {answers.name}.",
        "number": 1,
        "date": compose.next_date(answers.every, None, answers.today).isoformat(),
        # What JSON escapes, TOML escapes the same way.
        "q": lambda text: json.dumps(text, ensure_ascii=False),
    }
    contents = {".gitignore": (source / "gitignore").read_bytes()}
    if with_issue:
        for path in sorted((source / "images").glob("*.png")):
            contents[f"issues/images/{path.name}"] = path.read_bytes()
        contents["issues/001.md"] = templates.get_template("first-issue.md").render(values).encode()
    contents[config.NAME] = templates.get_template("digest.toml").render(values).encode()
    return contents


def _zone_of_this_machine() -> str:
    """The IANA name of the local time zone; "UTC" where the system does not say."""
    named = os.environ.get("TZ", "").lstrip(":") or os.path.realpath("/etc/localtime").partition("zoneinfo/")[2]
    return named if config.time_zone(named).key == named else "UTC"


def _language_of_this_machine() -> str:
    """The language in which programs speak here, such as "de-AT", if mails can be written in it; else English."""
    # POSIX, 8.2: the first of these that is set counts.
    said = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    found = re.match(r"([a-z]{2,3})(?:_([A-Z]{2}))?(?=[.@]|\Z)", said)
    if found is None or not language.has_words(found[1]):
        return "en"
    return "-".join(filter(None, found.groups()))
