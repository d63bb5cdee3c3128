"""A file of readers, as editors and services write it: who is in it, who has left, and what nobody can be sure of."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import CannotRead, DigestError, Mistakes
from digest.mailing import address_list
from digest.mailing.address_list import AddressList
from digest.mailing.delivery import Reader

PATH = Path("readers.csv")


def read(content: str | bytes) -> AddressList:
    return address_list.parse(content.encode() if isinstance(content, str) else content, PATH)


def addresses(content: str | bytes) -> list[str]:
    return [each.address for each in read(content).readers]


def wrong(content: str | bytes) -> list[tuple[int | None, str]]:
    """Line and words of each mistake."""
    with pytest.raises(DigestError) as told:
        read(content)
    each = told.value.mistakes if isinstance(told.value, Mistakes) else (told.value,)
    return [(one.line, one.what) for one in each]


# --- a line an address


def test_a_line_an_address_with_a_name_or_without() -> None:
    text = 'ada@r.example\nBob Builder <bob@r.example>\n"Kim, Eve" <eve@r.example>\n\n  <zoe@r.example> \n'
    text += "mailto:al@r.example"
    assert read(text).readers == (
        Reader("ada@r.example"),
        Reader("bob@r.example", "Bob"),
        Reader("eve@r.example", "Eve"),
        Reader("zoe@r.example"),
        Reader("al@r.example"),
    )


def test_what_stands_behind_a_hash_is_not_mailed() -> None:
    assert addresses("# friends\nada@r.example\n# bob@r.example left in May\n") == ["ada@r.example"]


def test_a_line_as_a_mail_program_has_it_after_to() -> None:
    assert addresses('Ada <ada@r.example>, "B, Bob" <bob@r.example>; eve@r.example,\n') == [
        "ada@r.example",
        "bob@r.example",
        "eve@r.example",
    ]


@pytest.mark.parametrize(
    "line",
    ["ada@r.example,Ada", "ada@r.example;unsubscribed", "ada@r.example\tno", "ada@r.example left", "Ada ada@r.example"],
)
def test_what_stands_beside_an_address_and_says_nothing_known_stops_it(line: str) -> None:
    assert wrong(f"bob@r.example\n{line}\n") == [
        (2, "Something stands beside the address, and nothing says what it means.")
    ]


def test_every_bad_address_is_told_with_its_line_and_none_is_quoted() -> None:
    told = wrong("ada@r.example\nbob@\n@r.example\nä@r.example\nx@y\nx@10.0.0.1\n")
    assert [line for line, _ in told] == [2, 3, 4, 5, 6]
    assert "ada" not in " ".join(what for _, what in told)


def test_of_very_many_mistakes_the_first_are_told_and_the_rest_counted() -> None:
    told = wrong("ok@r.example\n" + "x@\n" * 200)
    assert len(told) == 21
    assert (None, "180 more lines cannot be read.") in told


def test_an_address_that_stands_there_twice_counts_once() -> None:
    found = read("email,first name\nAda@r.example,\nada@R.example,Ada\nbob@r.example,Bob\n")
    assert [each.address.lower() for each in found.readers] == ["ada@r.example", "bob@r.example"]
    assert (found.readers[0].first_name, found.again) == ("Ada", 1)


def test_a_domain_in_other_letters_becomes_its_name_in_ascii() -> None:
    assert addresses("ada@bücher.example") == ["ada@xn--bcher-kva.example"]


def test_an_empty_file_has_no_readers() -> None:
    assert read(b"") == read("\n\n") == read("# nobody yet\n") == AddressList(())


# --- a table


@pytest.mark.parametrize(
    "head",
    [
        *("email", "E-Mail", "Email Address", "e-mail address", "Adresse e-mail", "E-Mail-Adresse", "COURRIEL"),
        *("Correo electrónico", "E-mail 1 - Value", "メールアドレス", "电子邮件", "Электронная почта", " Mail "),
    ],
)
def test_the_usual_names_of_a_column_of_addresses(head: str) -> None:
    assert addresses(f"id,{head}\n1,ada@r.example\n") == ["ada@r.example"]


@pytest.mark.parametrize("head", ["First Name", "first_name", "FNAME", "Vorname", "Prénom", "Given name", "Förnamn"])
def test_the_usual_names_of_a_column_of_first_names(head: str) -> None:
    assert read(f"{head};E-Mail\nZoë Ann;zoe@r.example\n").readers == (Reader("zoe@r.example", "Zoë Ann"),)


@pytest.mark.parametrize(
    ("whole", "first"),
    [
        *(("Ada Lovelace", "Ada"), ("Lovelace, Ada", "Ada"), ("Dr. Ada Lovelace", ""), ("A. Lovelace", "")),
        *(("Frau Lovelace", ""), ("山田 太郎", ""), ("امیر‌علی رضایی", "امیر‌علی"), ("ada@r.example", ""), ("12", "")),
    ],
)
def test_of_a_whole_name_the_first_is_taken_where_it_is_no_guess(whole: str, first: str) -> None:
    assert read(f'email,name\nada@r.example,"{whole}"\n').readers[0].first_name == first


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_spreadsheets_of_every_kind(encoding: str, delimiter: str, end: str) -> None:
    rows = [
        ["Prénom", "E-Mail", "Note"],
        ["Zoé", "zoe@r.example", f'"a{delimiter} b{end}c"'],
        ["Jürgen", "j@r.example", ""],
    ]
    text = end.join(delimiter.join(row) for row in rows)
    assert read(text.encode(encoding)).readers == (Reader("zoe@r.example", "Zoé"), Reader("j@r.example", "Jürgen"))


def test_excels_own_word_on_what_parts_the_cells() -> None:
    assert addresses("sep=;\r\nNote;Email\r\na, b, c, d;ada@r.example\r\n") == ["ada@r.example"]


@pytest.mark.parametrize("content", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0rest", b"%PDF-1.7", b"a\0b@\0c"])
def test_a_spreadsheet_that_is_no_text_is_told_how_to_save(content: bytes) -> None:
    with pytest.raises(CannotRead, match="save it as CSV"):
        read(content)


@pytest.mark.parametrize("head", ["name,phone", "address,city", "email,e-mail"])
def test_without_one_column_of_addresses_nobody_is_mailed(head: str) -> None:
    assert wrong(f"{head}\nx,y\n")[0][0] == 1


def test_a_line_with_more_cells_than_the_first_is_not_guessed_at() -> None:
    assert wrong("email,name\nada@r.example,Lovelace, Ada\n") == [
        (2, "This line has more columns than the first one names.")
    ]


# --- who has left


@pytest.mark.parametrize(
    ("head", "stays", "left"),
    [
        ("status", "subscribed", "unsubscribed"),
        ("Status", "Active", "Bounced"),
        ("status", "enabled", "blocklisted"),
        ("Subscriber type", "regular", "unactivated"),
        ("Status", "abonniert", "abgemeldet"),
        ("Email Opt-in Status", "Opted in", "Opted out"),
        ("Email subscriber status", "Subscribed", "Never subscribed"),
        ("statut", "abonné", "désabonné"),
        ("unsubscribed", "", "yes"),
        ("Unsubscribed", "false", "TRUE"),
        ("opted out", "no", "x"),
        ("Opted-Out?", "-", "✓"),
        ("UNSUB_TIME", "", "2024-05-01 10:00:00"),
        ("unsubscribed_at", "null", "May 3, 2024"),
        ("Abgemeldet am", "", "3.5.2024"),
        ("deleted_at", "", "2024-05-01T10:00:00.000Z"),
        ("Email blacklisted", "0", "1"),
        ("subscribed", "yes", "no"),
        ("subscribed_to_emails", "true", "false"),
        ("Accepts email marketing", "yes", "no"),
        ("aktiv", "ja", "nein"),
    ],
)
def test_who_left_is_not_mailed(head: str, stays: str, left: str) -> None:
    found = read(f'email,"{head}"\nada@r.example,"{stays}"\nbob@r.example,"{left}"\n')
    assert ([each.address for each in found.readers], found.left) == (["ada@r.example"], 1)


@pytest.mark.parametrize(
    ("head", "value"),
    [
        ("status", ""),
        ("status", "maybe"),
        ("opted out", "?"),
        ("unsubscribed", "NORMAL"),
        ("subscribed", ""),
        ("subscribed", "perhaps"),
        ("newsletter", "no"),
        ("email consent given", "nein"),
        ("type", "unactivated"),
        ("note", "Unsubscribed in May"),
        ("tags", "opted-out"),
        ("state", "inactive"),
    ],
)
def test_what_may_mean_that_somebody_left_and_may_not_stops_it(head: str, value: str) -> None:
    ((line, what),) = wrong(f'email,{head}\nada@r.example,"{value}"\n')
    assert line == 2
    assert what.endswith("is this reader to be mailed or not?")


@pytest.mark.parametrize(
    "row",
    [
        *("State,CA", "Last changed,2024-05-01", "OPTIN_TIME,2024-05-01 10:00:00", "CONFIRM_IP,10.0.0.1"),
        *("Member rating,2", "Tags,paid", "Note,Left-handed", "created_at,1714550400", "Plan,free"),
    ],
)
def test_what_says_nothing_of_it_keeps_nobody_from_the_mail(row: str) -> None:
    head, value = row.split(",", 1)
    assert addresses(f'email,{head}\nada@r.example,"{value}"\n') == ["ada@r.example"]


def test_a_column_that_is_certain_settles_what_another_leaves_open() -> None:
    text = "email,unsub_time,unsub_reason\nada@r.example,2024-05-01,NORMAL\nbob@r.example,,\n"
    assert addresses(text) == ["bob@r.example"]


@pytest.mark.parametrize("order", [1, -1])
def test_who_left_on_one_line_has_left(order: int) -> None:
    rows = ["ada@r.example,subscribed", "ADA@r.example,unsubscribed"][::order]
    assert addresses("email,status\n" + "\n".join(rows)) == []


def test_a_bad_address_of_somebody_who_left_is_no_trouble() -> None:
    assert addresses("email,status\nbob@,unsubscribed\nada@r.example,active\n") == ["ada@r.example"]


def test_a_row_with_a_hash_before_its_address_is_not_mailed() -> None:
    assert addresses("email,name\n#ada@r.example,Ada\nbob@r.example,Bob\n") == ["bob@r.example"]


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(max_size=200), st.text(alphabet='ab@.,;"\n\r\t<> #=email', max_size=80)).map(str.encode))
def test_whatever_stands_in_a_file_readers_or_words_come_of_it(content: bytes) -> None:
    try:
        found = read(content)
    except DigestError:
        return
    for reader in found.readers:
        assert reader.address.isascii()
        assert reader.address.count("@") >= 1
        assert not set("\r\n\0<>") & set(reader.address + reader.first_name)
