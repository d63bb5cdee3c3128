"""Where an exporter is tried: a fake service, a letter, receipts on the disk, a clock that nobody waits for."""

from __future__ import annotations

import contextlib
import html as html_
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from digest import plugins
from digest.errors import DigestError
from digest.exporters.base import Service
from digest.exporting import Letter, Way, drafting, prepared
from digest.merge_tags import Blank, when
from digest.models import Asset, Email
from digest.receipts import ENDING, Receipt, Receipts
from digest.services.calls import Call, Dry
from digest.services.errors import ServiceError
from digest.services.settings import settings_of
from digest.testing.fake import FakeService, Seen
from digest.web import Answer, Web

HTML = """<!doctype html><html lang="en"><head><title>T</title><style>.a{{color:red}}</style></head><body>\
{hidden}<!--[if mso]><table><tr><td><![endif]--><h1>{title}</h1>{inside}\
<p>Dear {name}, <a href="https://news.example/story?a=1&amp;b=2#part">read</a>.</p>\
<p><a href="{leave}">Unsubscribe</a> {address}</p><!--[if mso]></td></tr></table><![endif]--></body></html>"""


def an_email(
    *,
    subject: str = "Five stories",
    title: str = "The issue",
    inside: str = "",
    preheader: str = "What is in it",
    assets: tuple[Asset, ...] = (),
) -> Email:
    hidden = when("preheader", f'<div style="display:none">{html_.escape(preheader)}</div>' if preheader else "")
    leave, name, address = (Blank(each).mark() for each in ("unsubscribe_url", "first_name", "postal_address"))
    name = Blank("first_name", "reader").mark()
    html = HTML.format(hidden=hidden, title=title, inside=inside, name=name, leave=leave, address=address)
    return Email(
        subject=subject,
        preheader=preheader,
        sender_name="Slow News",
        sender_email="editor@slownews.example",
        html=html,
        text=f"{title}\n\nDear {name}\n\nhttps://news.example/story?a=1&b=2#part\n\nLeave: {leave}\n",
        postal_address="1 Road, Town",
        assets=assets,
    )


def a_letter(**email: Any) -> Letter:
    return Letter(email=an_email(**email), slug="012", number=12, title="Slow News 12", publication="Slow News")


def pictures(count: int) -> dict[str, Any]:
    """What makes an email with so many pictures in it."""
    assets = tuple(Asset(f"p-{number:04x}.png", b"\x89PNG" + bytes([number]), f"p{number}.png", "image/png")
                   for number in range(count))  # fmt: skip
    return {"assets": assets, "inside": "".join(f'<img src="images/{each.name}" alt="">' for each in assets)}


def written_anew(answer: Any) -> Any:
    """A service's answer with the HTML of a draft as a browser's editor leaves it: the same, in other words."""
    if isinstance(answer, dict):
        return {key: written_anew(value) for key, value in answer.items()}
    if isinstance(answer, list):
        return [written_anew(each) for each in answer]
    if not isinstance(answer, str) or "<h1>" not in answer:
        return answer
    answer = re.sub(r"<!--.*?-->", "", answer, flags=re.DOTALL)
    return answer.replace("<h1>", "<H1 >").replace("</p>", "</p> ").replace("&amp;", "&#38;")


def told_as(name: str, value: Any) -> Callable[[Any], Any]:
    """Whatever has that name in an answer is told as something else."""

    def retold(answer: Any) -> Any:
        if isinstance(answer, dict):
            return {key: value if key == name else retold(each) for key, each in answer.items()}
        return [retold(each) for each in answer] if isinstance(answer, list) else answer

    return retold


class Crash(BaseException):
    """The computer went out. No handler of errors sees it."""


class CrashingWeb(Web):
    """A network that dies with the computer before or after the call with a number."""

    def __init__(self, at: int, *, after: bool, **options: Any) -> None:
        super().__init__(**options)
        self.at, self.after, self.calls = at, after, 0

    def request(self, *given: Any, **named: Any) -> Answer:
        number, self.calls = self.calls, self.calls + 1
        if number == self.at and not self.after:
            raise Crash
        answer = super().request(*given, **named)
        if number == self.at:
            raise Crash
        return answer


@cache
def _network(patience: float) -> Web:
    """One for all runs: to make one means to read every certificate that the system trusts."""
    return Web(allow_private=True, read=patience)


@dataclass
class Bench:
    """One issue, one service, and what an editor does again and again."""

    fake: FakeService
    folder: Path
    letter: Letter = field(default_factory=a_letter)
    now: float = 1_700_000_000.0
    #: Seconds that were slept, and sentences that were said.
    slept: list[float] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    #: Seconds without a word after which an answer is given up.
    patience: float = 5.0

    @property
    def path(self) -> Path:
        return self.folder / f"{self.letter.slug}{ENDING}"

    @property
    def receipt(self) -> Receipt:
        return Receipts(self.path).get(self.fake.key_name)

    def write(self, **email: Any) -> None:
        """The editor changes the issue."""
        self.letter = replace(self.letter, email=an_email(**email))

    def way(self, web: Web | None = None, *, dry: Dry = "", shown: Callable[[Call], None] = lambda call: None) -> Way:
        """A new run of digest, that knows only what is on the disk."""
        exporter = plugins.load("exporters", self.fake.key_name).Exporter
        mistakes: list[Any] = []
        settings = settings_of(exporter, self.fake.key_name, {**self.fake.settings, **self.extra}, mistakes=mistakes)
        assert mistakes == []
        service = prepared(
            exporter,
            settings,
            self.fake.secret,
            web=web or _network(self.patience),
            key_from="the variable OF_A_TEST",
            dry=dry,
            shown=shown,
            sleep=self.sleep,
            clock=lambda: self.now,
        )
        self._publish(service)
        return Way(
            service,
            self.fake.key_name,
            self.letter,
            self.path,
            lock=self.folder / "lock",
            clock=lambda: self.now,
            sleep=self.sleep,
            say=self.said.append,
        )

    def _publish(self, service: Service) -> None:
        """Put on the web what the service fetches its mails from, as the editor was told to."""
        if type(service).pages is not Service.pages:
            # What is wrong with the issue an export tells.
            with contextlib.suppress(DigestError):
                self.fake.pages |= service.pages(drafting.draft(self.letter, service, {}))

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def first_export(self) -> list[Seen]:
        """Export, see what is asked, and be again where nothing was: no draft, no receipt."""
        self.way().export()
        seen = list(self.fake.seen)
        self.fake.reset()
        self.path.unlink()
        return seen

    def calls(self) -> int:
        """How many calls an export makes from here; they are made."""
        before = len(self.fake.seen)
        self.way().export()
        return len(self.fake.seen) - before

    def creating(self) -> int:
        """Which call of a first export makes the draft, counted from 0; none was made when this returns."""
        method, path = self.fake.creating
        return [(seen.method, seen.path) for seen in self.first_export()].index((method, self.fake.prefix + path))

    def until_done(self, runs: int = 3) -> list[ServiceError]:
        """Export, and again after each refusal, as an editor would; what was refused. The last run has to end well."""
        told: list[ServiceError] = []
        for _ in range(runs):
            try:
                self.way().export()
            except ServiceError as error:
                told.append(error)
            else:
                return told
        raise told[-1]

    def draft(self) -> dict[str, str]:
        """What the one draft holds; there must be just one."""
        (found,) = self.fake.drafts
        return self.fake.held(found["id"])

    @property
    def id(self) -> str:
        (found,) = self.fake.drafts
        return str(found["id"])
