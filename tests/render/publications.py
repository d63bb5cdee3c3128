"""A publication on disk, made for one test: digest.toml, an issue, pictures, templates of its own."""

from __future__ import annotations

import functools
import io
import random
import re
from html.parser import HTMLParser
from pathlib import Path

from PIL import Image, ImageDraw

from digest import config, issue_file
from digest.exporters import folder
from digest.models import Email
from digest.render.pipeline import Renderer

THEMES = ("brief", "letter")
_TEXT = """
    river stone harbour quiet letter morning record lantern copper meadow window paper signal orchard winter thread
    market compass garden bridge the of and a in on was it for with that he had by to at the and of in it a
"""


@functools.cache
def a_picture(width: int = 400, height: int = 300, kind: str = "JPEG") -> bytes:
    """A picture that nobody could mistake for an empty one."""
    image = Image.new("RGB", (width, height), "#35604f")
    ImageDraw.Draw(image).ellipse([width // 4, height // 4, width // 2, height // 2], fill="#e0b060")
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def made(root: Path, text: str, *, conf: str = "", **files: bytes | str) -> Email:
    """The mail of an issue file `text`. `conf` is added to digest.toml; `files` is put beside it, by path."""
    known = {"issues/images/a.jpg": a_picture(), **files}
    for name, content in known.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    toml = (
        '[publication]\nname = "The Gauge"\nsender_email = "editor@gauge.example"\n'
        'postal_address = "The Gauge, 12 Harbour Street, 1050 Copenhagen, Denmark"\n'
        'unsubscribe_url = "https://gauge.example/leave"\nview_url = "https://gauge.example/{slug}"\n' + conf
    )
    (root / "digest.toml").write_text(toml, encoding="utf-8")
    issue = root / "issues" / "7.md"
    issue.write_text(text, encoding="utf-8")
    publication = config.parse(toml.encode(), root / "digest.toml")
    return Renderer(publication, root=root).render(issue_file.read(issue).issue)


def as_seen(email: Email, at: Path) -> Path:
    """The mail in a folder, blanks filled, as a browser can open it."""
    return folder.write(email, at).paths[0]


def head(theme: str, **keys: str) -> str:
    """The head of an issue file."""
    known = {"title": "The Gauge", "number": "7", "date": "2026-11-06", "subject": "Rain", "theme": theme, **keys}
    return "---\n" + "".join(f"{key}: {value}\n" for key, value in known.items()) + "---\n\n"


def words(count: int, seed: int) -> str:
    chosen = random.Random(seed)
    return " ".join(chosen.choice(_TEXT.split()) for _ in range(count)).capitalize() + "."


def many_stories(theme: str, count: int, *, pictures: bool) -> str:
    """An issue of the size that is promised to fit: 36 words of blurb, addresses of 90 bytes."""
    text = head(theme) + f"Good morning. {words(30, 0)}\n\n"
    for number in range(count):
        if number % 10 == 0:
            text += f"## Part {number // 10 + 1}\n\n"
        address = f"https://www.example.org/2026/11/{number:03d}-" + "a-story-of-a-lantern-and-its-keeper-" * 3
        text += f"### [{words(8, number)}]({address[:90]})\nsource: The Example Gazette\nminutes: {3 + number % 9}\n\n"
        text += f"![{words(7, number + 200)}](images/a.jpg)\n\n" if pictures else ""
        text += words(36, number + 400) + "\n\n"
    return text


KITCHEN = """Good morning, [[first_name|reader]]. A note with a [page to go to](https://example.org/note).[^1]

A second paragraph.

## Rows
layout: rows

### [A story with a picture and all its facts](https://example.org/first)
source: The Ledger
author: M. Example
date: 2026-11-04
minutes: 6

![A drawing of a disc](images/a.jpg)

A blurb long enough to go past the picture that stands beside it on a wide screen, and to wrap on a phone.

> A quotation within a story.

### A story without a link

Only words here, among them Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft.

### [https://example.org/a/title/that/is/an/address/and/has/no/place/to/break/it/anywhere](https://example.org/long)

### [المدينة التي تعلمت قراءة مطرها](https://example.org/arabic)
language: ar

![أقراص](images/a.jpg)

نص قصير.

> اقتباس.

- أول

## Lead
layout: lead

### [One large picture](https://example.org/large)

![A wide drawing](images/a.jpg "A caption.")

Its blurb.

## Cards
layout: cards

### [The first card](https://example.org/card-1)

![One](images/a.jpg)

Short.

### [The second card](https://example.org/card-2)

Longer.

### [The third card](https://example.org/card-3)

![Three](images/a.jpg)

## List
layout: list

### [Words alone](https://example.org/words)

A blurb.

## From our sponsor
sponsor: Acme Notebooks
layout: lead

### [Paper that lies flat](https://acme.example/notebooks)

![A notebook](images/a.jpg)

Sewn, not glued.

## Also noted

- [A budget in one chart](https://example.org/brief-1) - *The Ledger*, 2 min
- [How moths hear bats](https://example.org/brief-2) - worth it for the recordings alone
- [No note](https://example.org/brief-3)

1. [First of all](https://example.org/brief-4)
2. [Second of all](https://example.org/brief-5)

## In our own words

A paragraph.[^2]

#### A heading in it

- One
  - Two

| Month | Rain |
|---|--:|
| January | 46 |

```
a line of code that goes on and on beyond the width of any telephone that was ever made
```

![In the text](images/a.jpg "With a caption.")

### A part of it

### [A story in a part](https://example.org/part)

Its blurb.

[^1]: The first footnote.

[^2]: The second.
"""


class Reader(HTMLParser):
    """The tags of a mail in their order, with their attributes; comments apart."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.comments: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def all(self, name: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.tags if tag == name]


def styles(html: str) -> list[str]:
    """The text of each `<style>` outside Outlook's comments."""
    return re.findall(
        r"<style\b[^>]*>(.*?)</style>", re.sub(r"<!--\[if mso.*?<!\[endif\]-->", "", html, flags=re.S), re.S
    )
