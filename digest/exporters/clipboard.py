"""The clipboard, as text with headings and links: to be pasted into an editor on the web."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from pathlib import Path

from markdown_it import MarkdownIt

from digest import plain_markdown
from digest.errors import DigestError
from digest.exporters.base import Parcel
from digest.models import Receipt

#: The programs that take HTML for the clipboard from their standard input, where they are known to be found.
_WAYS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("WAYLAND_DISPLAY", ("wl-copy", "--type", "text/html")),
    ("DISPLAY", ("xclip", "-selection", "clipboard", "-t", "text/html", "-i")),
)


class NoClipboard(DigestError):
    """Raised where nothing is found that would put HTML on a clipboard."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Nothing was put on the clipboard: {why}.", hint="Use  digest export markdown  instead.")


def deliver(parcel: Parcel, folder: Path) -> Receipt:
    """Put the issue on the clipboard; `folder` stays as it is."""
    text = plain_markdown.written(parcel.issue, parcel.email)
    html = MarkdownIt("commonmark").render(text)
    for asset in parcel.email.assets:
        # Whoever pastes has no folder beside it, so the picture itself goes along.
        packed = base64.b64encode(asset.content).decode("ascii")
        html = html.replace(f'src="images/{asset.name}"', f'src="data:{asset.media_type};base64,{packed}"')
    command, given = _command(html)
    try:
        # xclip stays to hand it out: who reads what digest says to its end would wait for that to end too.
        subprocess.run(
            command, input=given, timeout=20, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NoClipboard(f"{command[0]} did not take it") from error
    return Receipt(service="clipboard")


def _command(html: str) -> tuple[list[str], bytes]:
    """What to run, and what to give it."""
    if sys.platform == "darwin":
        # pbcopy knows plain text alone; AppleScript takes HTML as the hexadecimal digits of its bytes.
        return ["osascript", "-"], f"set the clipboard to «data HTML{html.encode().hex()}»".encode()
    if sys.platform == "win32":
        script = "[Console]::InputEncoding=[Text.Encoding]::UTF8; $input | Out-String | Set-Clipboard -AsHtml"
        return ["powershell", "-NoProfile", "-Command", script], html.encode()
    for display, command in _WAYS:
        if os.environ.get(display) and shutil.which(command[0]):
            return list(command), html.encode()
    raise NoClipboard("neither wl-copy nor xclip is here, or no screen")
