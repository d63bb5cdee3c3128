"""Where keys are found, what is said when they are not, and that none is ever shown."""

from __future__ import annotations

import base64
import contextlib
import html
import json
import shutil
import string
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest import credentials
from digest.credentials import BadCredential, Credential, NoCredential
from digest.errors import DigestError

KEY = "mc-4f6a9c21e7d0-us21"


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own keyring is left out of it."""
    monkeypatch.setitem(sys.modules, "keyring", None)


def kept(monkeypatch: pytest.MonkeyPatch, value: object) -> None:
    def get(service: str, name: str) -> object:
        if isinstance(value, Exception):
            raise value
        return value

    monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(get_password=get))


def test_it_is_looked_for_in_the_environment_then_the_file_then_the_keyring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("MAILCHIMP_API_KEY=from-file\n")
    kept(monkeypatch, "from-keyring")
    both = {"MAILCHIMP_API_KEY": "plain", "DIGEST_MAILCHIMP_API_KEY": "ours"}

    def where(root: Path | None, environ: dict[str, str]) -> str:
        return credentials.need("mailchimp", root=root, environ=environ).where

    assert where(tmp_path, both) == "the variable DIGEST_MAILCHIMP_API_KEY"
    assert where(tmp_path, {"MAILCHIMP_API_KEY": "plain"}) == "the variable MAILCHIMP_API_KEY"
    assert where(tmp_path, {"MAILCHIMP_API_KEY": ""}) == "MAILCHIMP_API_KEY in .env"
    assert where(None, {}) == "the keyring"


@pytest.mark.parametrize("value", [None, RuntimeError("no bus"), b"bytes"])
def test_a_keyring_that_is_empty_or_broken_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch, value: object) -> None:
    kept(monkeypatch, value)
    assert credentials.find("mailchimp", root=None, environ={}) is None


def test_what_is_missing_is_named_with_every_way_out(tmp_path: Path) -> None:
    with pytest.raises(NoCredential) as told:
        credentials.need("mailchimp", root=tmp_path, environ={})
    assert str(told.value) == (
        "There is no API key for mailchimp.\n  Set the variable MAILCHIMP_API_KEY, write it into .env beside "
        'digest.toml, or keep it in this machine\'s keyring: "digest login mailchimp".'
    )
    assert told.value.exit_code == 4


@pytest.mark.parametrize(
    "value", [f"{KEY}\n", f" {KEY}", f"{KEY}\t", f'"{KEY}"', f"{KEY}\u200b", f"{KEY[:5]}\x00{KEY[5:]}"]
)
def test_a_key_with_something_around_it_is_told_and_not_used(value: str) -> None:
    with pytest.raises(BadCredential) as told:
        credentials.find("mailchimp", root=None, environ={"MAILCHIMP_API_KEY": value})
    assert "MAILCHIMP_API_KEY" in str(told.value)
    assert KEY not in str(told.value)


def test_a_credential_does_not_show_what_it_holds() -> None:
    assert KEY not in repr(Credential(KEY, "the keyring"))


# --- .env


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=x", "x"),
        ("export A=x", "x"),
        ("  A = x  ", "x"),
        ("A=x # why", "x"),
        ("A=x#y", "x#y"),
        ("A='x # y' # z", "x # y"),
        ('A="x \\"y\\" \\\\"', 'x "y" \\'),
        ("A='x\\ny'", "x\\ny"),
        ("A=$HOME `id` $(id)", "$HOME `id` $(id)"),
        ("A=", ""),
        ("A=#", ""),
        ("A=x=y==", "x=y=="),
        ("A=1\nA=2", "2"),
        ("A=1\r\nB=2", "1"),
    ],
)
def test_a_line_of_the_file_is_read_as_it_is_meant(line: str, value: str) -> None:
    assert credentials.parse(line)["A"] == value


@pytest.mark.parametrize("text", ["# A=x", "A", "1A=x", "=x", "A B=x", "\0A=x", "[table]"])
def test_other_lines_say_nothing(text: str) -> None:
    assert credentials.parse(text) == {}


SECRETS = st.text(st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1).filter(
    lambda text: text.strip() == text
)


@settings(max_examples=100)
@given(SECRETS, st.text(max_size=40), st.text(max_size=40))
@example("'\"\\#", "A='", '"')
def test_what_is_quoted_comes_back_whatever_stands_around_it(secret: str, before: str, after: str) -> None:
    escaped = secret.replace("\\", "\\\\").replace('"', '\\"')
    assert credentials.parse(f'{before}\nKEY="{escaped}"\n#{after}').get("KEY") == secret or "KEY" in after


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_any_file_is_read_or_told(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / ".env").write_bytes(content)
    with contextlib.suppress(DigestError):  # any other error is a fault
        assert credentials.find("mailchimp", root=folder, environ={}) is None or b"MAILCHIMP" in content


def test_a_folder_called_env_is_somebodys_python(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    assert credentials.find("mailchimp", root=tmp_path, environ={}) is None


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_it_is_known_whether_git_shares_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\n")
    assert not credentials.tracked(tmp_path)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    assert not credentials.tracked(tmp_path)
    subprocess.run(["git", "add", ".env"], cwd=tmp_path, check=True)
    assert credentials.tracked(tmp_path)


def test_without_git_nothing_is_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("A=1\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not credentials.tracked(tmp_path)


# --- digest.toml


@pytest.mark.parametrize(
    "key",
    ["api_key", "apiKey", "api-key", "key", "password", "token", "admin_api_key", "ACCESS_TOKEN", "client_secret"],
)
def test_a_secret_in_digest_toml_is_told_with_its_line_and_never_shown(key: str) -> None:
    lines = {f"export.ghost.{key}": 7, f"export.ghost.extra.{key}": 9}
    table = {key: KEY, "extra": {key: KEY}, "url": "https://x.example"}
    told = credentials.check_table("ghost", table, Path("digest.toml"), lines)
    assert [each.line for each in told] == [7, 9]
    assert not [each for each in told if KEY in str(each) or "GHOST_" not in str(each)]


def test_what_is_no_secret_may_stand_there() -> None:
    table = {
        "list": "abc",
        "audience": "1",
        "from_name": "x",
        "user": "ed",
        "keyword": "x",
        "sort_key": "x",
        "secret": "",
    }
    assert credentials.check_table("ghost", table, None, {}) == []


# --- never shown


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def written(secret: str, user: str) -> list[str]:
    """Ways in which a secret turns up in requests, answers and errors."""
    return [
        secret,
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        html.escape(secret),
        b64(f"{user}:{secret}"),
        b64(f"\0{user}\0{secret}"),
        base64.urlsafe_b64encode(f"{user}:{secret}:x".encode()).decode(),
    ]


@settings(max_examples=100)
@given(
    st.text(
        st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"], blacklist_characters="*"), min_size=8, max_size=40
    ),
    st.text(string.ascii_letters, max_size=9),
)
@example('p/ä"sw or+d&<x>12', "us")
def test_no_way_of_writing_a_secret_is_shown(secret: str, user: str) -> None:
    shown = "****" + (secret[-4:] if len(secret) > 12 else "")
    for way in written(secret, user):
        assert credentials.masked(f"<{way}>", [secret]) == f"<{shown}>"


def test_of_two_secrets_that_overlap_nothing_is_left() -> None:
    assert credentials.masked("x abcdefgh y", ["abcdef", "defgh"]) == "x **** y"


def test_text_without_a_secret_stays_as_it_is() -> None:
    text = "Nothing of abc here, nor YWJj."
    assert credentials.masked(text, ["swordfish", ""]) == text
