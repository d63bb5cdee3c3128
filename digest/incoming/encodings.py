"""Bytes from anywhere become text, with a word on how their encoding was known."""

from __future__ import annotations

import codecs
import re

#: What a declared name is read as. Browsers read more than the name says
#: (https://encoding.spec.whatwg.org/#names-and-labels), and feeds are written for them.
_READ_AS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "hz": "hz",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
#: Names that Python has no alias for.
_OTHER_NAMES = {
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "x-gbk": "gb18030",
    "x-euc-jp": "euc_jp",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-cp1250": "cp1250",
    "x-cp1251": "cp1251",
    "x-cp1252": "cp1252",
    "unicode": "utf-16",
    "utf8mb4": "utf-8",
    "ks_c_5601-1987": "cp949",
    "windows-874": "cp874",
}
#: Only these are ever used, whatever a feed asks for: Python has codecs that unpack or run escapes,
#: and UTF-7 hides markup from anybody who reads it as something else.
_TEXT = frozenset(
    "utf-8 utf-16 utf-16-le utf-16-be utf-32 utf-32-le utf-32-be cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 "  # noqa: SIM905
    "cp1256 cp1257 cp1258 cp874 cp866 cp437 cp850 cp037 cp500 cp932 cp949 gb18030 hz big5hkscs euc_jp "
    "iso2022_jp iso2022_kr johab koi8-r koi8-u koi8-t mac-roman mac-cyrillic ptcp154 iso8859-2 iso8859-3 "
    "iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-10 iso8859-13 iso8859-14 iso8859-15 "
    "iso8859-16".split()
)
_BYTES_A_LETTER = frozenset({"cp932", "cp949", "gb18030", "big5hkscs", "euc_jp", "johab"})
#: These write other scripts in ASCII, so a text in them is valid UTF-8 too.
_SHIFTED = frozenset({"hz", "iso2022_jp", "iso2022_kr"})
_GUESSES = [
    *(
        "cp932",
        "euc_jp",
        "gb18030",
        "big5",
        "cp949",
        "cp1252",
        "cp1251",
        "koi8_r",
        "cp1250",
        "cp1253",
        "cp1254",
    ),
    *("cp1255", "cp1256", "cp1257", "cp874", "iso8859_2", "iso8859_5", "iso8859_7"),
]
_LATIN = frozenset({"cp1250", "cp1254", "cp1257", "iso8859-2"})

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# RFC 3023 and XML 1.0, appendix F: "<?" or "<" and a letter tell the width of a character without a mark.
_WIDE = (
    (re.compile(rb"<\0\0\0[^\0]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0<\0\0\0[^\0]"), "utf-32-be"),
    (re.compile(rb"<\0[^\0]\0"), "utf-16-le"),
    (re.compile(rb"\0<\0[^\0]"), "utf-16-be"),
)
_EBCDIC = b"\x4c\x6f\xa7\x94"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,39}")
_XML = re.compile(rb"<\?xml[^>]{0,200}?\bencoding\s*=\s*[\"']\s*([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_META = re.compile(rb"<meta\b[^>]{0,200}?\bcharset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_HEAD = 4096
_SAMPLE = 16_384
_EIGHT_BIT = re.compile(rb"[\x80-\xff]")
#: What stands between quotes and brackets, if it is not all ASCII.
_SAID = re.compile(rb"[^<>\"'=]*[\x80-\xff][^<>\"'=]*")
_RUN = re.compile(rb"[\x80-\xff]+")
#: So many letters beyond ASCII are too few to tell a language by.
_SHORT = 64
#: ASCII, and what Western European texts have beside it: letters, quotes, dashes, signs of money and of rights.
_WESTERN = (
    bytes(range(128))
    + "".join(chr(letter) for letter in range(0xC0, 0x100) if letter not in (0xD7, 0xF7)).encode("cp1252")
    + "ŠšŽžŒœŸªº‚„…‘’“”•–—«»‹›€£§©®™°·¡¿\xa0\xad".encode("cp1252")
)
_ASCII_BYTES = bytes(range(128))


def text(content: bytes, *, charset: str = "") -> tuple[str, str]:
    """`content` as text, and how its encoding was known, such as "utf-8, as the bytes show".

    `charset` is what the HTTP header says. It is heeded, as is the XML declaration or the page's meta
    line, unless the bytes prove it wrong: text that is not plain ASCII and yet valid UTF-8 is UTF-8
    whoever says otherwise. Never fails: what cannot be read becomes U+FFFD.
    """
    for mark, name in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(name, "replace"), f"{name}, as its first bytes say"
    start = content[:64].lstrip(b" \t\r\n")
    for pattern, name in _WIDE:
        if pattern.match(start):
            return content.decode(name, "replace"), f"{name}, as the bytes show"
    declared = _declared(content, charset)
    if start.startswith(_EBCDIC):
        return content.decode("cp037"), "cp037, as the bytes show"
    if found := _as_utf8(content, declared):
        return found
    for name, said in declared:
        if name == "utf-8":
            continue
        try:
            return _decoded(content, name), f"{name}, as {said} says"
        except UnicodeDecodeError:
            continue
    return _guessed(content, declared)


def known(name: str) -> str:
    """The encoding that a label means to browsers, as Python names it; "" for one that is not for text."""
    name = name.strip().strip("\"'").lower()
    if not _NAME.fullmatch(name):
        return ""
    name = _OTHER_NAMES.get(name, name)
    try:
        python = codecs.lookup(name).name
    except LookupError:
        return ""
    python = _READ_AS.get(python, python)
    return python if python in _TEXT else ""


def _declared(content: bytes, charset: str) -> list[tuple[str, str]]:
    """(encoding, who says so), most believable first."""
    head = content[:_HEAD]
    in_xml, in_meta = _XML.search(head), _META.search(head)
    labels = (
        (charset, "the server"),
        (in_xml[1].decode("ascii") if in_xml else "", "its XML declaration"),
        (in_meta[1].decode("ascii") if in_meta else "", "its meta line"),
    )
    # Bytes in which ASCII could be read just now are in no encoding of two or four bytes a letter.
    names = [(known(label), said) for label, said in labels]
    return [(name, said) for name, said in names if name and not name.startswith(("utf-16", "utf-32"))]


def _as_utf8(content: bytes, declared: list[tuple[str, str]]) -> tuple[str, str] | None:
    """The text if it is UTF-8, a few broken letters allowed; None when it rather is something else."""
    said = next((said for name, said in declared if name == "utf-8"), "")
    name = declared[0][0] if declared else ""
    if name in _SHIFTED:
        return None
    how = f"utf-8, as {said} says" if said else "utf-8, as the bytes show"
    ascii_bytes = len(content) - len(content.translate(None, _ASCII_BYTES))
    try:
        decoded = content.decode("utf-8")
    except UnicodeDecodeError:
        decoded = content.decode("utf-8", "replace")
        broken = decoded.count("\ufffd") - content.count(b"\xef\xbf\xbd")
        whole = len(decoded) - ascii_bytes - broken
        # Pasted text in a page that is UTF-8 otherwise: browsers show lozenges, we show what was meant.
        if whole > 2 * broken:
            return content.decode("utf-8", "digest.windows"), how + ", broken in places"
        return None
    letters = len(decoded) - ascii_bytes
    # A few Chinese letters in GBK can pass for UTF-8; eight and more do not.
    if name in _BYTES_A_LETTER and letters < 8:
        return None
    if not letters and name and name != "utf-8":
        return decoded, f"{name}, as {declared[0][1]} says"
    return decoded, how


def _decoded(content: bytes, name: str) -> str:
    # Windows-1252 has five bytes without a letter; browsers read them as controls.
    return content.decode(name, "digest.windows" if name == "cp1252" else "strict")


def _guessed(content: bytes, declared: list[tuple[str, str]]) -> tuple[str, str]:
    """By the look of a sample around the first byte that is not ASCII."""
    from charset_normalizer import from_bytes

    eight_bit = _EIGHT_BIT.search(content)
    start = max(0, eight_bit.start() - 200) if eight_bit else 0
    # Markup says nothing of the language and drowns what does.
    sample = re.sub(rb"<[^<>]{0,400}>", b" ", content[start : start + 4 * _SAMPLE])[:_SAMPLE]
    if not _EIGHT_BIT.search(sample):
        # All that is said stands within the markup, as in a list of feeds.
        sample = b" ".join(_SAID.findall(content[start : start + 4 * _SAMPLE]))[:_SAMPLE]
    name = ""
    for first, _ in declared:
        # Declared, and wrong in a few places: better than any guess.
        if sample.decode(first, "replace").count("\ufffd") * 50 < len(sample):
            return content.decode(first, "replace"), f"{first}, broken in places"
    if _looks_western(sample):
        return content.decode("cp1252", "digest.windows"), "cp1252, by the look of it"
    matches = from_bytes(sample, cp_isolation=_GUESSES, enable_fallback=False)
    if best := matches.best():
        name = known(best.encoding)
        # The Latin tables agree in most letters; where no language speaks for another, the West's is likeliest.
        western = (each for each in matches if "cp1252" in each.could_be_from_charset)
        if name in _LATIN and any(each.coherence >= best.coherence for each in western):
            name = "cp1252"
    name = name or "cp1252"
    return content.decode(name, "digest.windows" if name == "cp1252" else "replace"), f"{name}, by the look of it"


def _looks_western(sample: bytes) -> bool:
    """Whether a short text has its few other letters singly among Latin ones, and each is one of the West's.

    Of a word or two a guess by language says anything: "Café" was read as Chinese.
    """
    runs = _RUN.findall(sample)
    count = sum(map(len, runs))
    if not 0 < count <= _SHORT or 3 * sum(len(run) for run in runs if len(run) > 2) >= count:
        return False
    return not sample.translate(None, _WESTERN)


def _windows(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    piece = error.object[error.start : error.end]
    return "".join(bytes([byte]).decode("cp1252", "replace") for byte in piece), error.end


codecs.register_error("digest.windows", _windows)
