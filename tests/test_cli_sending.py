"""`digest send-test` and `digest login`, typed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace

import pytest
from mail_server import MailServer, serving
from newsroom import PUBLICATION, Desk, an_issue


@pytest.fixture
def server() -> Iterator[MailServer]:
    with serving() as server:
        yield server


@pytest.fixture
def desk(tmp_path, monkeypatch: pytest.MonkeyPatch, server: MailServer) -> Desk:
    desk = Desk(tmp_path, monkeypatch)
    lines = f'[export.smtp]\nhost = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\n'
    desk.write("digest.toml", f"{PUBLICATION}\n{lines}")
    desk.write("issues/001.md", an_issue())
    desk.write("issues/002.md", an_issue(number=2, date="2024-02-09", title="Another"))
    return desk


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], str]:
    """A keyring of this test's own, in the place of the machine's."""
    kept: dict[tuple[str, str], str] = {}
    module = ModuleType("keyring")
    module.get_password = lambda service, name: kept.get((service, name))  # type: ignore[attr-defined]
    module.set_password = lambda service, name, value: kept.update({(service, name): value})  # type: ignore[attr-defined]
    module.delete_password = lambda service, name: kept.pop((service, name))  # type: ignore[attr-defined]
    module.get_keyring = lambda: SimpleNamespace(name="a test's")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)
    return kept


def test_a_line_an_address(desk: Desk, server: MailServer) -> None:
    result = desk.type("send-test", "ada@x.example", "bob@x.example")
    assert (result.exit_code, result.stdout) == (0, "ada@x.example  sent\nbob@x.example  sent\n")
    assert len(server.got) == 2


def test_another_issue_and_its_own_subject(desk: Desk, server: MailServer) -> None:
    desk.type("send-test", "ada@x.example", "--issue", "1", "--plain-subject")
    desk.type("send-test", "ada@x.example")
    first, second = server.messages
    assert "A story" in first.get_body(("plain",)).get_content()
    assert "Another" in second.get_body(("plain",)).get_content()
    assert [each["Subject"].startswith("[test] ") for each in server.messages] == [False, True]


def test_a_refused_address_ends_with_five_and_an_unknown_one_with_six(desk: Desk, server: MailServer) -> None:
    server.refused["bob@x.example"] = "550 Unknown"
    result = desk.type("send-test", "ada@x.example", "bob@x.example")
    assert (result.exit_code, result.stdout.split("\n")[0]) == (5, "ada@x.example  sent")
    server.after_data["ada@x.example"] = ""
    result = desk.type("send-test", "ada@x.example", "bob@x.example")
    assert (result.exit_code, result.stderr) == (6, "Look into that inbox before you send it again.\n")


def test_what_is_typed_goes_into_the_keyring_and_is_shown_nowhere(
    desk: Desk, keyring: dict[tuple[str, str], str]
) -> None:
    result = desk.type("login", "smtp", answers="swordfish 17\n")
    assert keyring == {("digest smtp", "password"): "swordfish 17"}
    assert result.stdout == "The password for smtp is in the keyring (a test's).\n"
    assert "swordfish" not in result.output


def test_a_key_is_used_from_the_keyring_and_taken_out_again(
    desk: Desk, keyring: dict[tuple[str, str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.type("login", "smtp", "--name", "password", answers="one\n")
    monkeypatch.setenv("SMTP_PASSWORD", "two")
    assert "The variable SMTP_PASSWORD comes first" in desk.type("login", "smtp", answers="one\n").stderr
    assert desk.type("login", "smtp", "--forget").stdout == "The password for smtp is no longer in the keyring.\n"
    assert desk.type("login", "smtp", "--forget").stdout == "The keyring holds no password for smtp.\n"
    assert keyring == {}


def test_without_the_package_it_is_told_how_to_get_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    result = desk.type("login", "smtp", answers="x\n")
    assert result.exit_code == 4
    assert "pip install 'digest-newsletter[keyring]'" in result.stderr


def test_nothing_typed_is_no_password(desk: Desk, keyring: dict[tuple[str, str], str]) -> None:
    result = desk.type("login", "smtp", answers="\n")
    assert result.exit_code == 4
    assert "What was typed is empty" in result.stderr


def test_a_service_nobody_knows_is_told(desk: Desk) -> None:
    result = desk.type("login", "smpt", answers="x\n")
    assert result.exit_code == 2
    assert 'Did you mean "smtp"?' in result.stderr
