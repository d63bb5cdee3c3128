"""What our themes make of any issue costs no reader anything, whatever is tuned in them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from faulty import CHECKOUT

from digest import issue_file
from digest.checks import accessibility, clients
from digest.checks.base import Copy
from digest.inspection import mail_programs
from digest.models import CheckPlan, Publication
from digest.project import Project
from digest.render.pipeline import Renderer

EVERY_PROGRAM = CheckPlan(clients=tuple(dict.fromkeys(each.family for each in mail_programs.programs())))
EVERYTHING = """---
number: 7
date: 2026-11-06
subject: Rain
theme: {theme}
---

Good morning, [[first_name|reader]], with **bold**, `code`, [a link](https://e.example/n) and a footnote.[^1]

- a list of [two](https://e.example/x)
- things

## Top stories
layout: {layout}

### [A story with a picture](https://e.example/1)
source: TOME
date: 2026-11-02

![A stone lighthouse at dusk](images/lighthouse.jpg "A caption")

A blurb with [a link](https://e.example/1b) and 10^2^.

> **Why it matters:** the first open split among them.

### A story without a link

| Year | Rain |
|------|-----:|
| 1659 | 12   |

```
some code that is quite long and goes on for a while, until it has to be wrapped by somebody
```

#### A small heading

Text below it, ~~struck~~, and an ![icon](images/lighthouse.jpg) in a line.

---

### [One more](https://e.example/3)

## From our sponsor
sponsor: Acme
layout: {layout}

### [Paper that lies flat](https://acme.example/n)

A paragraph.

## Also noted

- [A budget in one chart](https://charts.example/budget) - *The Ledger*, 2 min
- [How moths hear bats](https://sci.example/moths)

[^1]: The footnote, with [its link](https://e.example/f).
"""
OPTIONS: list[dict[str, object]] = [
    {"density": "tight"},
    {"accent": "#0a58ca"},
    {"ink": "#333333", "paper": "#fffaf0", "ground": "#dddddd"},
    {"dark_paper": "#000000", "dark_accent": "#ffcc00"},
    {"logo": "issues/images/lighthouse.jpg", "logo_dark": "issues/images/moth.jpg"},
]


def findings(path: Path, text: str, publication: Publication) -> list[str]:
    file = issue_file.parse(text, path=path)
    email = Renderer(publication, root=CHECKOUT).render(file.issue)
    copy = Copy(issue=file.issue, email=email, publication=publication, text=file.source)
    return [f"{each.rule}: {each.what}" for each in (*clients.check(copy), *accessibility.check(copy))]


@pytest.fixture(scope="module")
def publication() -> Publication:
    return replace(Project(CHECKOUT).publication, check=EVERY_PROGRAM)


@pytest.mark.parametrize("theme", ["brief", "letter"])
@pytest.mark.parametrize("layout", ["rows", "lead", "list", "cards"])
def test_every_layout_is_silent(theme: str, layout: str, publication: Publication) -> None:
    text = EVERYTHING.format(theme=theme, layout=layout)
    assert findings(CHECKOUT / "issues" / "7.md", text, publication) == []


@pytest.mark.parametrize("theme", ["brief", "letter"])
@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: ",".join(options))
def test_every_option_is_silent(theme: str, options: dict[str, object], publication: Publication) -> None:
    text = EVERYTHING.format(theme=theme, layout="rows")
    assert findings(CHECKOUT / "issues" / "7.md", text, replace(publication, options=options)) == []


@pytest.mark.parametrize("path", sorted((CHECKOUT / "docs" / "gallery").glob("*.md")), ids=lambda path: path.stem)
def test_every_direction_and_script_is_silent(path: Path, publication: Publication) -> None:
    text = path.read_text("utf-8")
    assert findings(path, text[text.index("---\n") :], publication) == []
