"""A body read from the network in small bites and unpacked within a limit, whatever its sender claims."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping

from digest.errors import Garbled, TooBig
from digest.web.errand import Errand

_BITE = 64 * 1024
#: Pieces of one gzip body. Each costs a copy of what follows it, so a million empty ones would be slow to read.
_MEMBERS = 1000
_GZIP = frozenset({"gzip", "x-gzip"})
_PACKED = frozenset({*_GZIP, "deflate", "br", "zstd", "compress", "x-compress", "dcb", "dcz", "exi", "pack200-gzip"})


def read(stream: Callable[[int], bytes], headers: Mapping[str, str], cap: int, errand: Errand) -> bytes:
    """The body as it was before it was packed; TooBig beyond `cap` bytes, packed or unpacked.

    `stream` gives at most as many bytes as asked, as they came over the line, and b"" at the end.
    """
    unpack = _unpacker(headers, errand)
    declared = headers.get("Content-Length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:18]) > cap:
        raise _too_big(cap, errand)
    pieces: list[bytes] = []
    came = held = 0
    while bite := stream(_BITE):
        came += len(bite)
        if came > cap:
            raise _too_big(cap, errand)
        if unpack is not None:
            bite = unpack.feed(bite, cap - held + 1)
        held += len(bite)
        if held > cap:
            raise _too_big(cap, errand)
        pieces.append(bite)
    if unpack is not None and came:
        unpack.finish()
    return b"".join(pieces)


def read_leniently(stream: Callable[[int], bytes], headers: Mapping[str, str], most: int, errand: Errand) -> bytes:
    """The first `most` bytes of what a failed request was told, or less: it explains, and may not fail again."""
    pieces: list[bytes] = []
    try:
        unpack = _unpacker(headers, errand)
        came = held = 0
        while max(came, held) < most and (bite := stream(min(most, _BITE))):
            came += len(bite)
            if unpack is not None:
                bite = unpack.feed(bite, most - held)
            held += len(bite)
            pieces.append(bite)
    except Exception:
        pass  # the status is known, and that is what counts
    return b"".join(pieces)[:most]


class _Unpacker:
    """zlib with a limit on what each step gives; gzip of several members, deflate with or without its header."""

    def __init__(self, coding: str, errand: Errand) -> None:
        self._gzip = coding in _GZIP
        self._errand = errand
        self._start = b""
        self._engine = zlib.decompressobj(wbits=31) if self._gzip else None
        self._members = 1

    def feed(self, packed: bytes, most: int) -> bytes:
        """Up to `most` bytes. What it leaves out it loses: who gets `most` bytes has had enough."""
        if self._engine is None:
            packed = self._start = self._start + packed
            if len(packed) < 2:
                return b""
            self._engine = zlib.decompressobj(wbits=15 if _has_zlib_header(packed) else -15)
        unpacked = b""
        try:
            while packed and len(unpacked) < most:
                if self._engine.eof:
                    # Members may follow one another (RFC 1952, 2.2); anything else after the end is padding.
                    if not self._gzip or not packed.startswith(b"\x1f\x8b"):
                        break
                    self._members += 1
                    if self._members > _MEMBERS:
                        raise self._errand.problem(Garbled, "it is compressed in too many pieces")
                    self._engine = zlib.decompressobj(wbits=31)
                unpacked += self._engine.decompress(packed, most - len(unpacked))
                packed = self._engine.unused_data if self._engine.eof else self._engine.unconsumed_tail
        except zlib.error:
            raise self._errand.problem(Garbled, "it says that it is compressed, and is not") from None
        return unpacked

    def finish(self) -> None:
        if self._engine is None or not self._engine.eof:
            raise self._errand.problem(Garbled, "it broke off before its end")


def _has_zlib_header(packed: bytes) -> bool:
    """RFC 9110, 8.4.1.2: deflate has one; some servers send it bare all the same."""
    return packed[0] & 0x0F == 8 and (packed[0] << 8 | packed[1]) % 31 == 0


def _unpacker(headers: Mapping[str, str], errand: Errand) -> _Unpacker | None:
    transfer = headers.get("Transfer-Encoding", "").strip().lower()
    if transfer not in ("", "chunked", "identity"):
        raise errand.problem(Garbled, "it comes in a transfer coding that was not asked for")
    named = [word.strip().lower() for word in headers.get("Content-Encoding", "").split(",")]
    # Names that are no coding ("none", "UTF-8") are common, and browsers pass over them.
    codings = [word for word in named if word in _PACKED]
    if not codings:
        return None
    if len(codings) > 1:
        # 2 kB of "gzip, gzip" can hold 4 GB; nobody sends it for a good reason.
        raise errand.problem(Garbled, "it is compressed more than once")
    if codings[0] not in _GZIP and codings[0] != "deflate":
        raise errand.problem(Garbled, f"it is compressed in a way that was not asked for ({codings[0]})")
    return _Unpacker(codings[0], errand)


def _too_big(cap: int, errand: Errand) -> TooBig:
    size = f"{cap / 1_000_000:g} MB" if cap >= 1_000_000 else f"{cap / 1000:g} kB"
    problem = errand.problem(TooBig, f"it is more than {size}")
    assert isinstance(problem, TooBig)
    return problem
