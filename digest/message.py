"""An Email becomes the bytes of an RFC 5322 message.

Headers are written here, not by Python's `email` package: its folding differs from one Python to the next,
lets a hostile title add headers (CVE-2024-6923, CVE-2026-1299), loses blanks between encoded words, and
encodes long List-Unsubscribe headers so that no client reads them (https://github.com/python/cpython/issues/85725).
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from email.utils import format_datetime
from urllib.parse import quote, urlsplit, urlunsplit

from digest.errors import BadAddress
from digest.models import Asset, Email

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")

#: RFC 5322, 2.1.1: a line should have 78 characters, and must not have more than 998.
_SHOULD, _MUST = 78, 998
#: RFC 2047, 2: a line that holds an encoded word has at most 76 characters, the word 75.
_ENCODED_LINE, _ENCODED_WORD = 76, 75

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_DOT_ATOM = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_PHRASE = re.compile(rf"{_ATOM}( {_ATOM})*")
_QUOTED = re.compile(r'"(?:[ !#-\[\]-~]|\\[ -~])*"')
_IN_WORDS = [chr(each) if re.match(r"[A-Za-z0-9!*+/-]", chr(each)) else f"={each:02X}" for each in range(256)]
_IN_WORDS[ord(" ")] = "_"
_DOMAIN = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*")


def to_bytes(email: Email, *, to: str = "", draft: bool = True, enclosed: bool = False) -> bytes:
    """The message: text, then HTML, each quoted-printable UTF-8; CRLF; the same email, the same bytes.

    Blanks must be filled by now. `to` is one address, or `Name <address>`; "" leaves the header out.
    A `draft` opens in Outlook as one that is yet to be sent. Pictures are linked; those that have no
    address on the web travel with the mail when `enclosed`. Raises BadAddress.
    """
    text, html = _part("plain", email.text), _html(email) if enclosed else _part("html", email.html)
    boundary = _boundary(text, html)
    headers = [
        *_headers(email, to=to, draft=draft),
        _header("Content-Type", [" multipart/alternative;", f' boundary="{boundary}"']),
    ]
    return "".join(headers).encode("ascii") + _together(boundary, [text, html])


def ascii_address(whose: str, address: str) -> str:
    """An address without a name, as mail servers speak of it: in ASCII. Raises BadAddress, which names `whose`."""
    return _address(whose, address)


def _headers(email: Email, *, to: str, draft: bool) -> Iterator[str]:
    yield _header("From", _mailbox("The sender's address", email.sender_name, email.sender_email))
    if to:
        # Always in brackets: without them SpamAssassin takes a mail with pictures for one of a clumsy spammer's
        # (TO_NO_BRKTS_HTML_IMG, 1.0 points in 4.0.1).
        *name, address = _mailbox("The reader's address", *_name_and_address(to))
        yield _header("To", [*name, address if name else f" <{address[1:]}>"])
    yield _header("Subject", _unstructured("Subject", email.subject))
    if email.date is not None:
        yield _header("Date", [" " + format_datetime(email.date)])
    if email.message_id:
        yield _header("Message-ID", [f" <{_message_id(email.message_id)}>"])
    if email.reply_to:
        yield _header("Reply-To", _mailbox("The reply address", *_name_and_address(email.reply_to)))
    if email.list_id:
        yield _header("List-Id", _list_id(email.list_id))
    yield from _unsubscribe(email)
    if draft:
        yield _header("X-Unsent", [" 1"])
    yield _header("MIME-Version", [" 1.0"])
    if re.fullmatch(r"[A-Za-z0-9-]{1,60}", email.language):
        yield _header("Content-Language", [" " + email.language])


def _unsubscribe(email: Email) -> Iterator[str]:
    """RFC 2369, and RFC 8058 for the button that mail clients show."""
    ways = []
    if email.unsubscribe_url:
        ways.append(f"<{_url(email.unsubscribe_url)}>")
    if email.unsubscribe_email:
        address = _address("The unsubscribe address", email.unsubscribe_email)
        ways.append(f"<mailto:{quote(address, safe='@!$*+-./_~')}?subject=unsubscribe>")
    if ways:
        yield _header("List-Unsubscribe", [f" {way}," for way in ways[:-1]] + [f" {ways[-1]}"])
    if email.unsubscribe_url.strip().lower().startswith("https://"):
        yield _header("List-Unsubscribe-Post", [" List-Unsubscribe=One-Click"])


# --- headers


def _header(name: str, pieces: Iterable[str]) -> str:
    """The header, folded before a piece where it grows long. Every piece begins with a blank."""
    line, done = f"{name}:", ""
    for piece in pieces:
        limit = _ENCODED_LINE if "=?" in line + piece else _SHOULD
        if len(line) + len(piece) > limit and line != f"{name}:":
            done, line = f"{done}{line}\r\n", piece
        else:
            line += piece
    return f"{done}{line}\r\n"


def _unstructured(name: str, text: str) -> list[str]:
    """Pieces of a subject: ASCII as it is, all else in encoded words."""
    text = _one_line(text)
    words = re.findall(r" *[^ ]+", text)
    if text.isascii() and "=?" not in text and all(len(word) < _MUST - 100 for word in words):
        return [f" {word}" if number == 0 else word for number, word in enumerate(words)]
    return _encoded_words(text, first=_ENCODED_LINE - len(f"{name}: "))


def _mailbox(whose: str, name: str, address: str) -> list[str]:
    """Pieces of `Name <address>`, the name quoted or encoded as it needs."""
    address = _address(whose, address)
    name = _one_line(name)
    if not name:
        return [f" {address}"]
    return [*_phrase(name), f" <{address}>"]


def _phrase(name: str) -> list[str]:
    # A quoted string may not be broken everywhere, and some clients decode encoded words inside one.
    if not name.isascii() or "=?" in name or len(name) > _ENCODED_LINE - 20:
        return _encoded_words(name, first=_ENCODED_LINE - len("Reply-To: "))
    if _PHRASE.fullmatch(name):
        return [f" {name}"]
    return [' "' + re.sub(r'(["\\])', r"\\\1", name) + '"']


def _encoded_words(text: str, *, first: int) -> list[str]:
    """RFC 2047. Blanks stay inside the words: those between two words are not part of the text.

    Every word holds whole characters. `first` is the room in the header's first line.
    """
    in_letters = len(_letters(text)) <= (len(text.encode()) + 2) // 3 * 4
    words: list[str] = []
    room, start, size = first, 0, 0
    for end, character in enumerate(text):
        more = len(_letters(character)) if in_letters else len(character.encode())
        longer = size + more if in_letters else (size + more + 2) // 3 * 4
        if longer + len("=?utf-8?q??=") > room and end > start:
            words.append(" " + _encoded_word(text[start:end], in_letters))
            room, start, size = _ENCODED_WORD, end, 0
        size += more
    return [*words, " " + _encoded_word(text[start:], in_letters)]


def _encoded_word(text: str, in_letters: bool) -> str:
    if in_letters:
        return f"=?utf-8?q?{_letters(text)}?="
    return f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?="


def _letters(text: str) -> str:
    """The Q encoding, with no more than may stand in a name (RFC 2047, 5 (3))."""
    return "".join(_IN_WORDS[octet] for octet in text.encode())


def _list_id(text: str) -> list[str]:
    """RFC 2919. A description that would need encoding is left out: filters look at the name alone."""
    name, identity = _name_and_address(text)
    name = _one_line(name)
    identity = _domain("The newsletter's list name", identity)
    known = name.isascii() and "=?" not in name and 0 < len(name) < _ENCODED_LINE - 20
    return [*(_phrase(name) if known else []), f" <{identity}>"]


def _one_line(text: str) -> str:
    """`text` without what could end a header: a control character never meant becomes a blank."""
    return _CONTROL.sub(" ", _whole(text)).strip(" ")


def _whole(text: str) -> str:
    """`text` without the halves of characters that a broken feed can bring."""
    return _LONE_SURROGATE.sub("\ufffd", text)


# --- addresses


def _name_and_address(text: str) -> tuple[str, str]:
    name, opened, address = text.strip().rpartition("<")
    if not opened or not address.endswith(">"):
        return "", text
    name = name.strip()
    if _QUOTED.fullmatch(name):
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return name, address[:-1]


def _address(whose: str, address: str) -> str:
    """The address in ASCII."""
    before, at, domain = address.strip().rpartition("@")
    if not at or not before:
        raise BadAddress(whose, "it should look like name@example.org")
    if not before.isascii():
        raise BadAddress(
            whose,
            "what stands before the @ has letters that many mail servers refuse",
            hint="Use another address.",
        )
    if not _DOT_ATOM.fullmatch(before) and not _QUOTED.fullmatch(before):
        if not _DOT_ATOM.fullmatch(before.replace(".", "")):
            raise BadAddress(whose, "it should look like name@example.org")
        before = f'"{before}"'  # Two dots in a row, as some Japanese telephone companies gave out.
    whole = f"{before}@{_domain(whose, domain)}"
    if len(whole) > 254:  # RFC 3696, erratum 1690
        raise BadAddress(whose, "it is longer than an address can be")
    return whole


def _domain(whose: str, domain: str) -> str:
    """The domain in ASCII: an internationalised one as IDNA.

    Python's own codec is IDNA 2003, which takes "straße" for "strasse", another domain. What does not
    come back as it went in is refused.
    """
    domain = domain.strip()
    if not domain.isascii():
        domain = unicodedata.normalize("NFC", domain).lower()
        try:
            coded = domain.encode("idna")
            same = coded.decode("idna") == domain
        except UnicodeError:
            same = False
        if not same:
            raise BadAddress(
                whose,
                "its domain has a letter whose meaning is disputed",
                hint='Write the domain as "xn--...".',
            )
        domain = coded.decode("ascii")
    if len(domain) > 253 or not _DOMAIN.fullmatch(domain):
        raise BadAddress(whose, "its domain is not one")
    return domain


def _message_id(text: str) -> str:
    before, at, domain = _one_line(text).strip("<>").rpartition("@")
    if at and not domain.isascii():
        domain = _domain("The message's own name", domain)
    return quote(f"{before}{at}{domain}", safe="@!#$%&'*+/=?^_`{|}~.-")


def _url(url: str) -> str:
    """The URL, literally, but for what would end it or is not ASCII."""
    url = _one_line(url)
    if not url.isascii():
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
        except ValueError as error:
            raise BadAddress("The unsubscribe link", "it is not a web address") from error
        if not host.isascii():
            url = urlunsplit(parts._replace(netloc=_domain("The unsubscribe link", host) + port))
    url = quote(url, safe="".join(chr(code) for code in range(33, 127) if chr(code) not in '<>"'))
    if len(url) > _MUST - 10:
        raise BadAddress("The unsubscribe link", "it is longer than a line of an email can be")
    return url


# --- parts


def _html(email: Email) -> bytes:
    """The HTML, and with it the pictures that it would look for in a folder beside it (RFC 2387, RFC 2392)."""
    names = {asset.name: asset for asset in email.assets}
    used: dict[str, Asset] = {}

    def within(found: re.Match[str]) -> str:
        used[found[1]] = names[found[1]]
        return f"cid:{_content_id(names[found[1]])}"

    wanted = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    html = re.sub(rf"(?<=[\"'(])images/({wanted})(?=[\"')])", within, email.html) if names else email.html
    if not used:
        return _part("html", html)
    parts = [_part("html", html), *(_picture(asset) for asset in used.values())]
    boundary = _boundary(*parts)
    head = _header("Content-Type", [" multipart/related;", ' type="text/html";', f' boundary="{boundary}"'])
    return head.encode("ascii") + _together(boundary, parts)


def _picture(asset: Asset) -> bytes:
    headers = [
        _header("Content-Type", [f" {asset.media_type or 'application/octet-stream'}"]),
        _header("Content-Transfer-Encoding", [" base64"]),
        _header("Content-ID", [f" <{_content_id(asset)}>"]),
        _header("Content-Disposition", [" inline;", f' filename="{asset.name}"']),
        "\r\n",
    ]
    return "".join(headers).encode("ascii") + base64.encodebytes(asset.content).strip().replace(b"\n", b"\r\n")


def _content_id(asset: Asset) -> str:
    # A name is made from the content, so one id never means two pictures.
    return f"{asset.name}@pictures.invalid"


def _boundary(*parts: bytes) -> str:
    """No quoted-printable text can hold "=_" (RFC 2045, 6.7), and no base64, so no part can hold the boundary."""
    return "=_digest_" + hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]


def _together(boundary: str, parts: Iterable[bytes]) -> bytes:
    """The body of a multipart, with the line end that closes its header."""
    fence = b"--" + boundary.encode()
    return b"\r\n".join([b"", *(line for part in parts for line in (fence, part)), fence + b"--", b""])


def _part(subtype: str, text: str) -> bytes:
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head.encode() + _quoted_printable(text)


_LITERAL = frozenset({9, 32, *range(33, 127)} - {ord("=")})
_OCTETS = {octet: chr(octet) if octet in _LITERAL else f"={octet:02X}" for octet in range(256)}


def _quoted_printable(text: str) -> bytes:
    """RFC 2045, 6.7. Line ends of any kind become CRLF.

    No line begins with a dot or with "From ": SMTP doubles the one, mailbox files change the other,
    and programs that should take that back do not always.
    """
    encoded: list[str] = []
    for line in re.split("\r\n|\r|\n", _whole(text)):
        octets = line.encode().decode("latin-1").translate(_OCTETS)
        if octets[-1:] in {" ", "\t"}:
            octets = f"{octets[:-1]}={ord(octets[-1]):02X}"
        encoded.extend(_broken(octets))
    return "\r\n".join(encoded).encode("ascii")


def _broken(octets: str) -> Iterator[str]:
    """A line as lines of at most 76 characters, "=C3" in one piece."""
    start = 0
    while True:
        first = ""
        if octets.startswith((".", "From "), start):
            first = f"={ord(octets[start]):02X}"
            start += 1
        room = 76 - len(first)
        if len(octets) - start <= room:
            yield first + octets[start:]
            return
        end = start + room - 1
        if octets[end - 1] == "=":
            end -= 1
        elif octets[end - 2] == "=":
            end -= 2
        yield f"{first}{octets[start:end]}="
        start = end
