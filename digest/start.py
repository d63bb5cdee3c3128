"""A new publication: its first files, written where nothing is in their way."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from digest import compose, config, files
from digest.errors import DigestError, Mistakes
from digest.render.theme import INIT, own_folder


@dataclass(frozen=True, slots=True)
class Answers:
    """What `digest init` asks."""

    name: str
    sender_name: str
    sender_email: str
    postal_address: str
    url: str
    language: str
    timezone: str
    every: str
    theme: str
    today: date

    @classmethod
    def default(cls, folder: Path, *, today: date) -> Answers:
        """Answers that work for nobody in particular, the name taken from the folder's."""
        words = folder.resolve().name.replace("-", " ").replace("_", " ").strip()
        name = "".join(char for char in words if char.isprintable()).title() or "My Newsletter"
        return cls(
            name=name,
            sender_name="",
            sender_email="editor@example.org",
            postal_address="12 Example Street, Example Town",
            url="",
            language="en",
            timezone=_zone_of_this_machine(),
            every="friday",
            theme="brief",
            today=today,
        )

    def with_(self, given: Mapping[str, str]) -> Answers:
        """The same with each answer that is not empty put in."""
        return dataclasses.replace(self, **{key: value for key, value in given.items() if value})


def begin(folder: Path, answers: Answers) -> tuple[Path, ...]:
    """Write digest.toml, a first issue, a picture and a .gitignore into `folder`; give what was made.

    Never writes over a file: one that is there already stays, and a digest.toml refuses the whole.
    digest.toml comes last, so an interrupted start can be made again. Raises DigestError, and Mistakes
    for answers that digest.toml could not hold.
    """
    settings = folder / config.NAME
    if settings.exists():
        raise DigestError(
            "There is a newsletter here already.", path=settings, hint='Start the next issue with "digest new".'
        )
    texts = _texts(answers)
    _must_read(texts[config.NAME], settings)
    made = []
    for name, content in texts.items():
        path = folder / name
        if path.exists():
            continue
        _make(path.parent)
        files.create(path, content)
        made.append(path)
    return tuple(made)


def _texts(answers: Answers) -> dict[str, bytes]:
    """Every file of a new publication by its name, digest.toml last."""
    from jinja2 import Environment, FileSystemLoader

    source = own_folder() / INIT
    templates = Environment(loader=FileSystemLoader(source), keep_trailing_newline=True)  # plain text, no markup
    day = compose.next_date(answers.every, None, answers.today)
    values = {
        **dataclasses.asdict(answers),
        "sender_name": answers.sender_name or answers.name,
        "reason": f"You get this because you signed up for {answers.name}.",
        "number": 1,
        "date": day.isoformat(),
        "q": lambda text: json.dumps(text, ensure_ascii=False),
    }
    texts = {
        ".gitignore": (source / "gitignore").read_bytes(),
        **{
            f"issues/images/{path.name}": path.read_bytes()
            for path in sorted((source / "images").iterdir())
            if path.suffix in (".png", ".jpg")
        },
        "issues/001.md": templates.get_template("first-issue.md").render(values).encode(),
        config.NAME: templates.get_template("digest.toml").render(values).encode(),
    }
    return texts


def _must_read(content: bytes, path: Path) -> None:
    """Refuse answers that would make a digest.toml nobody can read."""
    try:
        config.parse(content, path)
    except Mistakes as error:
        raise Mistakes([DigestError(each.what, hint=each.hint) for each in error.mistakes]) from error


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DigestError(f"Cannot make the folder: {error.strerror}.", path=folder) from error


def _zone_of_this_machine() -> str:
    """The IANA name of the local time zone; "UTC" where the system does not say."""
    named = os.environ.get("TZ", "").lstrip(":")
    if not named:
        target = os.path.realpath("/etc/localtime")
        named = target.partition("zoneinfo/")[2]
    return named if config.time_zone(named).key == named else "UTC"
