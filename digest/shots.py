"""Pictures of a mail as readers see it: on a phone and a desk, in the light and in the dark, with pictures off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, get_args

from digest import browser, filled
from digest.models import Email
from digest.preview import darkness

#: As the mail is; its own dark; the dark that the Gmail app and Outlook.com force on it; pictures off.
Mode = Literal["light", "dark", "inverted", "no-pictures"]
MODES: tuple[Mode, ...] = get_args(Mode)
#: Pixels: the narrowest phone still in use, the usual one, a reading pane, a desk.
WIDTHS = (320, 375, 600, 1280)
#: Up to this width a picture has twice the pixels, as the screens of phones have.
_PHONE = 600


def taken(
    email: Email, *, widths: Sequence[int] = WIDTHS, modes: Sequence[Mode] = MODES
) -> Iterator[tuple[str, bytes]]:
    """A name such as "375-dark.png" and the picture, for each mode and width, as they are made.

    Blanks are filled from the publication. One browser serves for all; it starts at the first and is gone
    after the last. Raises NoBrowser or BrowserFailed.
    """
    html = filled.fill(email).html
    pictures = {asset.name: (asset.media_type, asset.content) for asset in email.assets}
    with browser.opened() as page:
        for mode in modes:
            shown = darkness.inverted(html) if mode == "inverted" else html
            page.show(shown, {} if mode == "no-pictures" else pictures)
            for width in widths:
                scheme = "dark" if mode == "dark" else "light"
                sharpness = 2 if width <= _PHONE else 1
                yield f"{width}-{mode}.png", page.picture(width=width, scheme=scheme, sharpness=sharpness)
