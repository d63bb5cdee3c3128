"""A test mail, sent to a real server on this machine: who gets it, what they get, and what is said when it fails."""

from __future__ import annotations

import base64
import re
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mail_server import MailServer, serving
from newsroom import CHECKOUT, PUBLICATION, an_issue

from digest import sending
from digest.errors import BadAddress, DigestError, Mistakes
from digest.project import Project
from digest.sending import Sent
from digest.services.mail_server import LoginRefused, Unreachable

trustme = pytest.importorskip("trustme", reason="trustme, which makes certificates for tests, is not installed")

PASSWORD = "swordfish-und-Räucherlachs"
NOW = datetime(2024, 2, 2, 7, 30, tzinfo=UTC)
PICTURE = CHECKOUT / "templates" / "init" / "images" / "welcome.png"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA(key_type=trustme.KeyType.ECDSA)


@pytest.fixture(scope="module")
def proof(authority: trustme.CA) -> ssl.SSLContext:
    """A server's certificate for this machine."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Certificates of `authority` are taken for good."""
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


@pytest.fixture
def server(proof: ssl.SSLContext, trusted: None) -> Iterator[MailServer]:
    """A server as providers run them: STARTTLS, then a password."""
    with serving(starttls=proof, require_starttls=True, password=PASSWORD) as server:
        yield server


@pytest.fixture
def open_server() -> Iterator[MailServer]:
    """A server that neither encrypts nor asks who one is."""
    with serving() as server:
        yield server


def a_project(folder: Path, table: str, *, publication: str = "", issue: str = "") -> Project:
    folder.mkdir(exist_ok=True)
    settings = PUBLICATION.replace("\n[[section]]", f"{publication}\n[[section]]")
    (folder / "digest.toml").write_text(f"{settings}\n[export.smtp]\n{table}\n", "utf-8")
    (folder / "issues" / "images").mkdir(parents=True, exist_ok=True)
    (folder / "issues" / "001.md").write_text(issue or an_issue(), "utf-8")
    (folder / "issues" / "images" / "welcome.png").write_bytes(PICTURE.read_bytes())
    return Project(folder)


def known(server: MailServer, **more: str) -> str:
    """`[export.smtp]` for a server that wants a password."""
    lines = {"host": '"127.0.0.1"', "port": server.port, "user": '"ed"', "timeout": 5, **more}
    return "\n".join(f"{key} = {value}" for key, value in lines.items())


def plain(server: MailServer, **more: str) -> str:
    """`[export.smtp]` for a server that does not encrypt."""
    lines = {"host": '"127.0.0.1"', "port": server.port, "security": '"none"', "timeout": 5, **more}
    return "\n".join(f"{key} = {value}" for key, value in lines.items())


def send(project: Project, *addresses: str, **options: object) -> list[Sent]:
    options = {"now": NOW, "environ": {"SMTP_PASSWORD": PASSWORD}, **options}
    return sending.send_test(project, "latest", addresses, **options)  # type: ignore[arg-type]


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_both_parts_arrive_whole(server: MailServer, tmp_path: Path) -> None:
    project = a_project(tmp_path / "news", known(server))
    assert send(project, "ada@x.example") == [Sent("ada@x.example")]
    (mail,) = server.messages
    built, _ = project.build()
    for kind, name in (("plain", "email.txt"), ("html", "email.html")):
        arrived = mail.get_body((kind,)).get_content().replace("\r\n", "\n")
        assert arrived == (project.root / "build" / "001" / name).read_text("utf-8")
    assert mail["Subject"] == f"[test] {built.subject}"
    assert (mail["To"], server.logins) == ("ada@x.example", [("ed", PASSWORD)])


def test_each_address_gets_its_own_mail_and_nobody_else_gets_any(open_server: MailServer, tmp_path: Path) -> None:
    project = a_project(tmp_path, plain(open_server))
    asked = ["ada@x.example", "bob@y.example", "ada@x.example"]
    assert send(project, *asked) == [Sent("ada@x.example"), Sent("bob@y.example")]
    assert [each.rcpt_tos for each in open_server.got] == [["ada@x.example"], ["bob@y.example"]]
    assert [each["To"] for each in open_server.messages] == ["ada@x.example", "bob@y.example"]
    assert [each.mail_from for each in open_server.got] == ["ed@news.example"] * 2
    assert {each.get("Cc") or each.get("Bcc") for each in open_server.messages} == {None}


def test_the_subject_stays_as_it_is_when_asked(open_server: MailServer, tmp_path: Path) -> None:
    project = a_project(tmp_path, plain(open_server))
    send(project, "ada@x.example", plain_subject=True)
    assert open_server.messages[0]["Subject"] == project.render().subject


def test_each_test_has_a_date_and_a_name_of_its_own(open_server: MailServer, tmp_path: Path) -> None:
    project = a_project(tmp_path, plain(open_server))
    send(project, "ada@x.example", "bob@x.example")
    send(project, "ada@x.example", now=NOW.replace(minute=31))
    dates = [each["Date"].datetime for each in open_server.messages]
    assert dates == [NOW, NOW, NOW.replace(minute=31)]
    assert len({each["Message-ID"] for each in open_server.messages}) == 3


def test_a_test_does_not_open_as_a_draft(open_server: MailServer, tmp_path: Path) -> None:
    send(a_project(tmp_path, plain(open_server)), "ada@x.example")
    assert open_server.messages[0]["X-Unsent"] is None


WITH_PICTURE = an_issue().replace("A blurb.", "![A jar](images/welcome.png)\n\nA blurb.")


def test_pictures_travel_with_a_test(open_server: MailServer, tmp_path: Path) -> None:
    project = a_project(tmp_path, plain(open_server), issue=WITH_PICTURE)
    send(project, "ada@x.example")
    (mail,) = open_server.messages
    html = mail.get_body(("html",)).get_content()
    pictures = {each["Content-ID"].strip("<>"): each.get_content() for each in mail.walk() if each["Content-ID"]}
    assert set(re.findall(r'src="cid:([^"]+)"', html)) == set(pictures) != set()
    assert list(pictures.values()) == [each.content for each in project.render().assets]
    assert "images/" not in html


def test_pictures_on_the_web_stay_there(open_server: MailServer, tmp_path: Path) -> None:
    hosted = 'assets_url = "https://cdn.example/{slug}"\n'
    project = a_project(tmp_path, plain(open_server), issue=WITH_PICTURE, publication=hosted)
    send(project, "ada@x.example")
    (mail,) = open_server.messages
    assert 'src="https://cdn.example/001/' in mail.get_body(("html",)).get_content()
    assert [each for each in mail.walk() if each["Content-ID"]] == []


def test_tls_from_the_first_byte(proof: ssl.SSLContext, trusted: None, tmp_path: Path) -> None:
    with serving(tls=proof) as server:
        lines = f'host = "localhost"\nport = {server.port}\nsecurity = "tls"'
        assert send(a_project(tmp_path, lines), "ada@x.example") == [Sent("ada@x.example")]


def test_a_server_that_knows_only_the_older_way_to_log_in(proof: ssl.SSLContext, trusted: None, tmp_path: Path) -> None:
    with serving(starttls=proof, password=PASSWORD, auth_exclude_mechanism=["PLAIN"]) as server:
        assert send(a_project(tmp_path, known(server)), "ada@x.example") == [Sent("ada@x.example")]
    assert server.logins == [("ed", PASSWORD)]


@pytest.mark.parametrize(("way", "other"), [("tls", "starttls"), ("starttls", "tls")])
def test_the_wrong_way_to_encrypt_names_the_other(
    proof: ssl.SSLContext, trusted: None, tmp_path: Path, way: str, other: str
) -> None:
    options = {"tls": proof} if other == "tls" else {"starttls": proof}
    with serving(**options) as server:
        lines = f'host = "127.0.0.1"\nport = {server.port}\nsecurity = "{way}"\ntimeout = 1'
        project = a_project(tmp_path, lines)
        with pytest.raises(Unreachable, match=f'security = "{other}"'):
            send(project, "ada@x.example")


def test_a_server_that_wants_a_login_says_so(proof: ssl.SSLContext, trusted: None, tmp_path: Path) -> None:
    with serving(starttls=proof, password=PASSWORD) as server:
        (told,) = send(a_project(tmp_path, f'host = "127.0.0.1"\nport = {server.port}'), "ada@x.example")
    assert '"user" is missing in [export.smtp]' in told.error


def test_a_certificate_for_another_name_is_refused(authority: trustme.CA, trusted: None, tmp_path: Path) -> None:
    other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.example").configure_cert(other)
    with serving(starttls=other) as server, pytest.raises(Unreachable, match="cannot prove"):
        send(a_project(tmp_path, f'host = "127.0.0.1"\nport = {server.port}'), "ada@x.example")


def test_a_certificate_nobody_vouches_for_is_refused(proof: ssl.SSLContext, tmp_path: Path) -> None:
    with serving(starttls=proof, password=PASSWORD) as server, pytest.raises(Unreachable) as told:
        send(a_project(tmp_path, known(server)), "ada@x.example")
    assert "cannot prove that it is 127.0.0.1" in str(told.value)
    assert (server.logins, server.got) == ([], [])


def test_without_starttls_nothing_is_said_in_the_clear(open_server: MailServer, tmp_path: Path) -> None:
    with pytest.raises(Unreachable) as told:
        send(a_project(tmp_path, known(open_server)), "ada@x.example")
    assert "offers no encryption" in told.value.what
    assert open_server.got == []


def test_one_refused_address_does_not_keep_the_mail_from_the_rest(open_server: MailServer, tmp_path: Path) -> None:
    open_server.refused["bob@x.example"] = "550 5.1.1 No such person here"
    told = send(a_project(tmp_path, plain(open_server)), "ada@x.example", "bob@x.example", "eve@x.example")
    assert told == [
        Sent("ada@x.example"),
        Sent("bob@x.example", 'the server refused the address: 550 "5.1.1 No such person here"'),
        Sent("eve@x.example"),
    ]
    assert [each.rcpt_tos for each in open_server.got] == [["ada@x.example"], ["eve@x.example"]]


@pytest.mark.parametrize("answer", ["", "garbage", "999 what"])
def test_a_line_that_breaks_after_the_mail_leaves_it_unknown_and_tries_no_second_time(
    open_server: MailServer, tmp_path: Path, answer: str
) -> None:
    open_server.after_data["ada@x.example"] = answer
    first, second = send(a_project(tmp_path, plain(open_server)), "ada@x.example", "bob@x.example")
    assert first.unsure
    assert "may have been sent" in first.error
    assert second == Sent("bob@x.example")
    assert [each.rcpt_tos for each in open_server.got] == [["ada@x.example"], ["bob@x.example"]]


def test_a_mail_that_was_read_and_refused_is_not_unknown(open_server: MailServer, tmp_path: Path) -> None:
    open_server.after_data["ada@x.example"] = "554 5.7.1 This looks like spam"
    (told,) = send(a_project(tmp_path, plain(open_server)), "ada@x.example")
    assert told == Sent("ada@x.example", 'the server read the mail and refused it: 554 "5.7.1 This looks like spam"')


def test_a_wrong_password_names_where_it_came_from_and_not_what_it_is(server: MailServer, tmp_path: Path) -> None:
    wrong = "not-the-password-at-all"
    with pytest.raises(LoginRefused) as told:
        send(a_project(tmp_path, known(server)), "ada@x.example", environ={"SMTP_PASSWORD": wrong})
    assert told.value.exit_code == 4
    assert "the variable SMTP_PASSWORD" in str(told.value)
    assert wrong not in str(told.value)
    assert server.got == []


def test_a_server_that_says_the_password_back_is_not_quoted_whole(server: MailServer, tmp_path: Path) -> None:
    wrong, said = "pass/wörd+13", []
    server.echo = lambda password: said.append(f"{password} or {b64(f'ed:{password}')}") or said[0]
    with pytest.raises(LoginRefused) as told:
        send(a_project(tmp_path, known(server)), "ada@x.example", environ={"SMTP_PASSWORD": wrong})
    assert '535 "**** or ****"' in str(told.value)


def test_no_password_names_the_variable(tmp_path: Path) -> None:
    project = a_project(tmp_path, 'host = "127.0.0.1"\nport = 9\nuser = "ed"')
    with pytest.raises(DigestError) as told:
        send(project, "ada@x.example", environ={})
    assert told.value.exit_code == 4
    assert "SMTP_PASSWORD" in str(told.value)
    assert sending.ready(project, environ={}) == str(told.value)
    assert sending.ready(project, environ={"SMTP_PASSWORD": "x"}) == ""


def test_without_a_server_it_is_told_what_to_write(tmp_path: Path) -> None:
    project = a_project(tmp_path, "")
    (tmp_path / "digest.toml").write_text(PUBLICATION, "utf-8")
    assert "[export.smtp]" in sending.ready(project, environ={})
    with pytest.raises(sending.NoServer):
        send(project, "ada@x.example")


def test_all_that_is_wrong_in_the_table_is_told_with_its_line(tmp_path: Path) -> None:
    lines = 'host = "not a host"\nport = 99999\nsecurity = "ssl"\npassword = "hunter2hunter2"\nusr = "x"'
    with pytest.raises(Mistakes) as told:
        send(a_project(tmp_path, lines), "ada@x.example")
    start = (tmp_path / "digest.toml").read_text("utf-8").split("\n").index("[export.smtp]") + 1
    assert [each.line for each in told.value.mistakes] == [start + number for number in range(1, 6)]
    assert "SMTP_PASSWORD" in str(told.value)
    assert "hunter2" not in str(told.value)


def test_a_password_never_crosses_a_network_in_the_clear(tmp_path: Path) -> None:
    project = a_project(tmp_path, 'host = "mail.example.org"\nsecurity = "none"\nuser = "ed"')
    assert "for all to read" in sending.ready(project, environ={"SMTP_PASSWORD": "x"})


def test_a_server_elsewhere_without_encryption_is_a_caution(tmp_path: Path) -> None:
    here = a_project(tmp_path / "a", 'host = "localhost"\nsecurity = "none"')
    elsewhere = a_project(tmp_path / "b", 'host = "relay.example.org"\nsecurity = "none"')
    assert sending.cautions(here, environ={}) == []
    assert "Nothing is encrypted" in sending.cautions(elsewhere, environ={})[0]


@pytest.mark.parametrize(
    "address",
    ["ada", "ada@", "@x.example", "a@b.example,c@d.example", "ada@x.example\r\nBcc: eve@x.example", "ä@x.example"],
)
def test_an_address_that_is_none_sends_nothing_to_the_others_either(
    open_server: MailServer, tmp_path: Path, address: str
) -> None:
    with pytest.raises(BadAddress, match="Address 2 of 2"):
        send(a_project(tmp_path, plain(open_server)), "ada@x.example", address)
    assert open_server.got == []


def test_a_domain_in_other_letters_is_reached_by_its_name_in_ascii(open_server: MailServer, tmp_path: Path) -> None:
    assert send(a_project(tmp_path, plain(open_server)), "ada@bücher.example") == [Sent("ada@xn--bcher-kva.example")]


def test_a_test_is_for_few(open_server: MailServer, tmp_path: Path) -> None:
    with pytest.raises(DigestError, match="20 addresses at most"):
        send(a_project(tmp_path, plain(open_server)), *[f"a{number}@x.example" for number in range(21)])
    assert open_server.got == []


def test_a_broken_issue_is_told_before_anybody_gets_anything(open_server: MailServer, tmp_path: Path) -> None:
    with pytest.raises(DigestError):
        send(a_project(tmp_path, plain(open_server), issue="---\nnumber: x\n---\n"), "ada@x.example")
    assert open_server.got == []


def test_nobody_at_the_port_is_told(tmp_path: Path) -> None:
    with serving() as server:
        lines = plain(server)
    with pytest.raises(Unreachable, match="nobody listens there"):
        send(a_project(tmp_path, lines), "ada@x.example")


def test_a_mail_bigger_than_the_server_takes_is_not_tried(tmp_path: Path) -> None:
    with serving(data_size_limit=1000) as server:
        (told,) = send(a_project(tmp_path, plain(server)), "ada@x.example")
    assert "the server takes 0.0 MB" in told.error
