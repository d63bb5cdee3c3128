"""What a GIF is made of: its frames are counted and its comments left out, without decoding a pixel.

The format: https://www.w3.org/Graphics/GIF/spec-gif89a.txt
"""

from __future__ import annotations

import io

from PIL import Image

_EXTENSION, _FRAME, _END = 0x21, 0x2C, 0x3B
_COMMENT, _APPLICATION = 0xFE, 0xFF
#: How often the animation runs; what other programs write into a GIF is for themselves (Adobe: who made it).
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")

#: Frames looked at for something to see.
_ENOUGH = 40


def read(content: bytes) -> tuple[int, bytes]:
    """The number of frames, and the same GIF without comments and other programs' notes.

    Raises IndexError or ValueError when it breaks off. A missing end mark is common and made good.
    """
    at = 13 + _table(content[10])
    kept = [content[:at]]
    frames = 0
    while at < len(content) and content[at] != _END:
        start = at
        private = False
        if content[at] == _FRAME:
            frames += 1
            at = _after(content, at + 11 + _table(content[at + 9]))
        elif content[at] == _EXTENSION:
            label = content[at + 1]
            private = label == _COMMENT
            private |= label == _APPLICATION and content[at + 3 : at + 14] not in _LOOPS
            at = _after(content, at + 2)
        else:
            raise ValueError("neither a frame nor an extension")
        if not private:
            kept.append(content[start:at])
    return frames, b"".join((*kept, bytes([_END])))


def begins_empty(image: Image.Image, frames: int) -> bool:
    """Whether the first frame shows nothing while a later one shows something."""
    if not _empty(image):
        return False
    for number in range(1, min(frames, _ENOUGH)):
        image.seek(number)
        if not _empty(image):
            return True
    return False


def shows_nothing_first(content: bytes) -> bool:
    """As `begins_empty`, of a file; False for one that cannot be read."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            return image.format == "GIF" and begins_empty(image, getattr(image, "n_frames", 1))
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, Image.DecompressionBombError):
        return False


def _table(flags: int) -> int:
    """Bytes of the colour table that these flags announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _after(content: bytes, at: int) -> int:
    """Where the chain of blocks that begins here has ended."""
    while size := content[at]:
        at += size + 1
    return at + 1


def _empty(image: Image.Image) -> bool:
    """One colour throughout, or all transparent."""
    seen = image.convert("RGBA")
    return seen.getchannel("A").getextrema()[1] == 0 or seen.getcolors(1) is not None
