"""Keys and passwords: where they are looked for, how they are kept, and how they are blacked out of what is shown.

They stand in the environment, in `.env` beside digest.toml, or in the system's keyring; never in digest.toml,
which is shared, and never among the words of a command, which other users of the machine can read.
"""

from __future__ import annotations

import base64
import html
import os
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from digest import decode, files
from digest.errors import CannotRead, DigestError

#: The file of secrets beside digest.toml.
NAME = ".env"
KEYRING = "the keyring"
#: What is said where `tracked`.
TRACKED = (
    f"git shares {NAME} with everybody who gets a copy, and your keys with it. Take it out:  "
    f"git rm --cached {NAME}  and write the line  {NAME}  into .gitignore."
)

#: A key of digest.toml that would hold a secret.
_SECRET = re.compile(
    r"(?:.*_)?(?:(?:api|admin|access|secret|private|auth|server|account)_?key|password|passwd|passphrase|pwd"
    r"|(?:api|access|auth|bearer|server|account|refresh)?_?token|(?:api|client|app)?_?secret|credentials?)|key|pass"
)
_NAME = re.compile(r"(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(.*)", re.DOTALL)
_QUOTED = re.compile(r"""(?:"((?:[^"\\]|\\.)*)"|'([^']*)')[ \t]*(?:#.*)?""", re.DOTALL)
_QUOTES = "\"'“”‘’„"
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=")
#: Far more than any file of keys has.
_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret, and where it was found."""

    value: str = field(repr=False)
    #: As an editor would look for it: "the variable MAILCHIMP_API_KEY", "MAILCHIMP_API_KEY in .env", "the keyring".
    where: str


class NoCredential(DigestError):
    """Raised when a service needs a key or a password and none is to be found."""

    exit_code = 4

    def __init__(self, service: str, name: str, *, root: Path | None = None) -> None:
        beside = f", write it into {NAME} beside digest.toml" if root is not None else ""
        super().__init__(
            f"There is no {said(name)} for {service}.",
            hint=f"Set the variable {variable(service, name)}{beside}, or keep it in this machine's keyring: "
            f'"{_login(service, name)}".',
        )


class BadCredential(DigestError):
    """Raised when a secret was found that cannot be one. It says what is wrong with it, never what it is."""

    exit_code = 4


class NoKeyring(DigestError):
    """Raised when something was to be kept in a keyring and this machine has none that works."""

    exit_code = 4


def said(name: str) -> str:
    """The name of a secret in words: "api_key" is an "API key"."""
    return name.replace("_", " ").replace("api ", "API ")


def variable(service: str, name: str = "api_key") -> str:
    """The variable of a secret: MAILCHIMP_API_KEY. One that has DIGEST_ before it is looked at first."""
    return re.sub(r"[^A-Z0-9]+", "_", f"{service}_{name}".upper())


def usual(service: str) -> str:
    """The name of the secret that a service wants when nothing is said: "api_key", or "password" for a mail server."""
    return "password" if service == "smtp" else "api_key"


def find(
    service: str, name: str = "api_key", *, root: Path | None, environ: Mapping[str, str] = os.environ
) -> Credential | None:
    """The secret of a service: the environment's, else that in `root`/.env, else the keyring's; None without one.

    Raises BadCredential for one that cannot be right, instead of looking further.
    """
    names = [f"DIGEST_{variable(service, name)}", variable(service, name)]
    for each in names:
        if value := environ.get(each, ""):
            return _checked(name, value, f"the variable {each}")
    if root is not None:
        written = _written(root / NAME)
        for each in names:
            if value := written.get(each, ""):
                return _checked(name, value, f"{each} in {NAME}", root / NAME)
    value = _kept(service, name)
    return _checked(name, value, KEYRING) if value else None


def need(
    service: str, name: str = "api_key", *, root: Path | None, environ: Mapping[str, str] = os.environ
) -> Credential:
    """The secret of a service. Raises NoCredential, or BadCredential."""
    found = find(service, name, root=root, environ=environ)
    if found is None:
        raise NoCredential(service, name, root=root)
    return found


def check_table(
    service: str, table: Mapping[str, Any], path: Path | None, lines: Mapping[str, int]
) -> list[DigestError]:
    """A mistake for every secret that stands in `[export.<service>]`; `lines` are digest.toml's."""
    return [
        BadCredential(
            f'"{key.rpartition(".")[2]}" is a secret and may not stand in digest.toml, which others get to see.',
            path=path,
            line=lines.get(f"export.{service}.{key}", lines.get(f"export.{service}")),
            hint=f"Take it out and set {variable(service, _plainest(key))}, or keep it in the keyring: "
            f'"{_login(service, _plainest(key))}". If others have seen the file, have a new one made.',
        )
        for key in _secrets(table)
    ]


def tracked(root: Path, name: str = NAME) -> bool:
    """Whether git would share `root`/.env, or another file, with others. False where there is no git to ask."""
    git = shutil.which("git")
    if git is None or Path(git).resolve().is_relative_to(root.resolve()) or not (root / name).is_file():
        return False
    # A folder's own settings may name a program for git to run (core.fsmonitor); this question needs none.
    words = [git, "-c", "core.fsmonitor=false", "ls-files", "--error-unmatch", "--", name]
    try:
        return subprocess.run(words, cwd=root, capture_output=True, timeout=5, check=False).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


# --- the keyring


def keep(service: str, name: str, value: str) -> str:
    """Keep a secret in the keyring; what the keyring calls itself. Raises NoKeyring or BadCredential."""
    _checked(name, value, "what was typed")
    keyring = _keyring()
    try:
        keyring.set_password(_entry(service), name, value)
        kept = keyring.get_password(_entry(service), name) == value
        called = str(keyring.get_keyring().name)
    except Exception as error:  # whatever a backend of somebody else's does
        raise _no_backend(error) from None  # its words may hold what was to be kept
    if not kept:
        raise NoKeyring("The keyring took it, but does not give it back.", hint=_otherwise(service, name))
    return called


def forget(service: str, name: str = "api_key") -> bool:
    """Remove a secret from the keyring; False when it held none. Raises NoKeyring."""
    keyring = _keyring()
    try:
        if keyring.get_password(_entry(service), name) is None:
            return False
        keyring.delete_password(_entry(service), name)
    except Exception as error:  # whatever a backend of somebody else's does
        raise _no_backend(error) from None
    return True


def must_have_keyring() -> None:
    """Raise NoKeyring when there is certainly nothing to keep a secret in."""
    _keyring()


def _kept(service: str, name: str) -> str:
    """What the keyring holds; "" when it is not installed, locked, or broken."""
    try:
        found = _keyring().get_password(_entry(service), name)
    except Exception:  # a server without a desktop has no keyring, and needs none
        return ""
    return found if isinstance(found, str) else ""


def _keyring() -> Any:
    try:
        import keyring
    except ImportError as error:
        raise NoKeyring(
            "Keeping keys in the keyring needs a further package.",
            hint="Install it:  pip install 'digest-newsletter[keyring]'  (with pipx:  pipx inject digest-newsletter "
            f"keyring). Or put the key into {NAME} beside digest.toml, which needs none.",
        ) from error
    return keyring


def _no_backend(error: Exception) -> NoKeyring:
    return NoKeyring(
        f"The keyring of this machine cannot be used ({type(error).__name__}).",
        hint=f"Unlock it, or put the key into {NAME} beside digest.toml or into a variable.",
    )


def _otherwise(service: str, name: str) -> str:
    return f"Put it into {NAME} beside digest.toml:  {variable(service, name)}=..."


def _entry(service: str) -> str:
    return f"digest {service}"


def _login(service: str, name: str) -> str:
    return f"digest login {service}" + ("" if name == usual(service) else f" --name {name}")


# --- .env


def parse(text: str) -> dict[str, str]:
    """What a `.env` says, the last of equal names counting. A line that is no KEY=value says nothing.

    Quotes are taken off, `export` before a name and a comment behind a value too. Nothing is ever run or
    filled in: a dollar sign is a dollar sign. In double quotes a backslash escapes, in others it does not.
    """
    found: dict[str, str] = {}
    for line in re.split(r"\r\n|\r|\n", text):
        if not (match := _NAME.fullmatch(line.strip(" \t"))):
            continue
        name, value = match[1], match[2]
        if quoted := _QUOTED.fullmatch(value):
            value = quoted[2] if quoted[2] is not None else re.sub(r"(?s)\\(.)", _unescaped, quoted[1])
        else:
            value = re.sub(r"(?:^|[ \t])#.*", "", value, flags=re.DOTALL).rstrip(" \t")
        found[name] = value
    return found


def _unescaped(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[1], match[1])


def _written(path: Path) -> dict[str, str]:
    """What the file says; nothing when there is none. A folder of this name is somebody's Python."""
    if not path.is_file():
        return {}
    content = files.read(path)
    if len(content) > _MOST:
        raise CannotRead(path, "it is too big for a file of keys")
    return parse(decode.text(content, path))


def _checked(name: str, value: str, where: str, path: Path | None = None) -> Credential:
    wrong = ""
    if not value:
        wrong = "is empty"
    elif any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in value):
        wrong = "holds a line end or another control character"
    elif value.strip() != value or any(unicodedata.category(value[end]) == "Cf" for end in (0, -1)):
        wrong = "begins or ends with a blank"
    # A password may have them, though few have; nobody's key does.
    elif name != "password" and (value[0] in _QUOTES or value[-1] in _QUOTES):
        wrong = "has quotes around it that are taken for a part of it"
    if wrong:
        raise BadCredential(
            f"{where[0].upper()}{where[1:]} {wrong}, so it is not used.",
            path=path,
            hint=f"Copy the {said(name)} once more, all of it and nothing around it.",
        )
    return Credential(value, where)


# --- where secrets have no place


def _secrets(table: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _secrets(value, f"{before}{key}.")
        elif _SECRET.fullmatch(re.sub(r"[^a-z0-9]+", "_", _snake(key))) and value not in ("", True, False):
            yield before + key


def _snake(key: str) -> str:
    """apiKey as api_key."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower()


def _plainest(key: str) -> str:
    """The name under which the secret that was written as `key` is looked for: in our own services one of two."""
    return "password" if re.search(r"pass|pwd", key.rpartition(".")[2].lower()) else "api_key"


def masked(text: str, secrets: Iterable[str]) -> str:
    """`text` with every secret as `****`, and its last four characters where it has more than twelve.

    Found too as it stands in URLs, JSON, HTML, or in base64 with anything before and behind it, as in the
    "user:key" of an Authorization header.
    """
    found: list[tuple[int, int, str]] = []
    for secret in {each for each in secrets if each}:
        shown = "****" + (secret[-4:] if len(secret) > 12 else "")
        found += [(start, end, shown) for start, end in _places(text, secret)]
    parts: list[str] = []
    at = 0
    # Where two overlap, the one that begins first is shown, and all of both is gone.
    for start, end, shown in sorted(found, key=lambda each: (each[0], -each[1])):
        if start >= at:
            parts += [text[at:start], shown]
        at = max(at, end)
    return "".join([*parts, text[at:]])


def _places(text: str, secret: str) -> Iterator[tuple[int, int]]:
    """Where the secret stands in `text`, in whatever way it is written."""
    for found in re.finditer("".join(map(_spellings, secret)), text, re.IGNORECASE):
        yield found.span()
    for core in {each for each in _cores(secret) if len(each) > 3}:
        at = text.find(core)
        while at >= 0:
            start, end = at, at + len(core)
            while start and text[start - 1] in _BASE64:
                start -= 1
            while end < len(text) and text[end] in _BASE64:
                end += 1
            yield start, end
            at = text.find(core, end)


def _spellings(character: str) -> str:
    """A pattern for one character, plain or escaped for a URL, JSON or HTML."""
    code, units = ord(character), character.encode("utf-16-be", "surrogatepass")
    ways = {
        quote(character, safe="", errors="replace"),
        "".join(f"%{octet:02X}" for octet in character.encode("utf-8", "replace")),
        "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2)),
        html.escape(character),
        f"&#{code};",
        f"&#x{code:x};",
        f"\\{character}",
        *({"+"} if character == " " else ()),
    } - {character}
    longest_first = sorted(ways, key=lambda way: (-len(way), way))
    return "(?:" + "|".join(map(re.escape, [*longest_first, character])) + ")"


def _cores(secret: str) -> Iterator[str]:
    """What every base64 text that holds the secret holds, for the three ways in which it can lie there."""
    octets = secret.encode("utf-8", "replace")
    for before in range(3):
        first, last = -(-8 * before // 6), 8 * (before + len(octets)) // 6  # made of the secret's bits alone
        for encoded in (base64.b64encode, base64.urlsafe_b64encode):
            yield encoded(b"\0" * before + octets + b"\0\0").decode()[first:last]
