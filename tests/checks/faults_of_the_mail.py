"""Faults that the finished mail shows: links that are none, pictures nobody gets, what filters hold against it."""

from __future__ import annotations

import base64
import io
import random
import re
from collections.abc import Callable
from dataclasses import replace

from faults import Fault
from PIL import Image

from digest.models import Asset, Email

PENCILS = "Why so many pencils are yellow"
SEWERS = "The summer that built London's sewers"
PIGEON = "The standard for sending the internet by pigeon"
MAP = "A town invented to catch thieves"
PITCH = "A drop every ten years or so"
BELL = "The Oxford Electric Bell"
SELBORNE = "The Natural History of Selborne"
SUBJECT = "subject: A town invented by a map, and eleven other true stories\n"
PICTURE = "![A yellow pencil drawing a looping line across a violet and peach ground](images/pencil.jpg)"


def in_blurb(words: str) -> tuple[tuple[str, str], ...]:
    return (("They bought paint.", f"They bought paint. {words}"),)


def link_of(title: str, url: str) -> Callable[[str], str]:
    """The story's heading, or the brief, with another address."""

    def edit(text: str) -> str:
        after = re.sub(rf"(\[{re.escape(title)}\])\([^)]*\)", rf"\1({url})".replace("\\1", "\\g<1>"), text)
        assert after != text
        return after

    return edit


def picture(markdown: str) -> tuple[tuple[str, str], ...]:
    return ((PICTURE, markdown),)


def subject(words: str) -> tuple[tuple[str, str], ...]:
    return ((SUBJECT, f"subject: {words}\n"),)


def in_html(old: str, new: str) -> Callable[[Email], Email]:
    """The mail with something of a story's, or of the frame's, HTML put otherwise; places of stories move along."""

    def edit(email: Email) -> Email:
        at = email.html.index(old)
        by = len(new) - len(old)
        weights = tuple(
            replace(each, start=each.start + by * (each.start > at), end=each.end + by * (each.end > at))
            for each in email.weights
        )
        return replace(email, html=email.html[:at] + new + email.html[at + len(old) :], weights=weights)

    return edit


def in_text(old: str, new: str) -> Callable[[Email], Email]:
    def edit(email: Email) -> Email:
        assert old in email.text
        return replace(email, text=email.text.replace(old, new))

    return edit


def with_file(source: str, content: bytes, media_type: str) -> Callable[[Email], Email]:
    """The mail with other bytes in the file that the issue calls `source`."""

    def edit(email: Email) -> Email:
        assert any(each.source == source for each in email.assets)
        return replace(
            email,
            assets=tuple(
                Asset(each.name, content, each.source, media_type) if each.source == source else each
                for each in email.assets
            ),
        )

    return edit


def heavy(size: int) -> bytes:
    return random.Random(1).randbytes(size)


def moving(*colours: str) -> bytes:
    frames = [Image.new("RGB", (60, 40), colour) for colour in colours]
    frames[-1].paste("#fff", (10, 10, 30, 30))
    kept = io.BytesIO()
    frames[0].save(kept, "GIF", save_all=True, append_images=frames[1:], duration=300)
    return kept.getvalue()


def shorn(text: str) -> str:
    """The head, and one picture under one heading."""
    head = text.split("---\n", 2)[1]
    return f"---\n{head}---\n\n## Top stories\n\n### [{PENCILS}](https://en.wikipedia.org/wiki/Pencil)\n\n{PICTURE}\n"


ANCHOR = "https://en.wikipedia.org/wiki/Pencil"

LINKS = [
    Fault("a story without https://", "links", "relative", BELL, BELL, text=link_of(BELL, "www.bell.example/bell")),
    Fault("a story with a part of an address", "links", "relative", PITCH, PITCH, text=link_of(PITCH, "/wiki/Pitch")),
    Fault("a story without https: alone", "links", "relative", PITCH, PITCH, text=link_of(PITCH, "//pitch.example/")),
    Fault("http twice", "links", "malformed", SEWERS, SEWERS, text=link_of(SEWERS, "http://http://stink.example/a")),
    Fault("htp", "links", "malformed", SEWERS, SEWERS, text=link_of(SEWERS, "htp://stink.example/a")),
    Fault("one slash", "links", "malformed", SEWERS, SEWERS, text=link_of(SEWERS, "https:/stink.example/a")),
    Fault("half a host", "links", "malformed", PIGEON, PIGEON, text=link_of(PIGEON, "https://pigeon/rfc1149")),
    Fault("two dots", "links", "malformed", PIGEON, PIGEON, text=link_of(PIGEON, "https://pigeon..example/a")),
    Fault("a comma for a dot", "links", "malformed", PIGEON, PIGEON, text=link_of(PIGEON, "https://rfc,example/a")),
    Fault(
        "a port that is none", "links", "malformed", PIGEON, PIGEON, text=link_of(PIGEON, "https://rfc.example:99999/")
    ),
    Fault(
        "a stray comma",
        "links",
        "malformed",
        BELL,
        BELL,
        text=link_of(BELL, "https://bell.example/a,"),
        level="warning",
    ),
    Fault(
        "a blank in it", "links", "not-a-link", "[clock]", PENCILS, text=in_blurb("See [clock](https://a.example/a b).")
    ),
    Fault(
        "a file of one's own",
        "links",
        "scheme",
        "[notes]",
        PENCILS,
        text=in_blurb("See [notes](file:///home/me/a.txt)."),
    ),
    Fault("a drive of one's own", "links", "scheme", BELL, BELL, text=link_of(BELL, "C:/notes/bell.html")),
    Fault("a script", "links", "scheme", "[here it is]", PENCILS, text=in_blurb("See [here it is](javascript:go(1)).")),
    Fault("ftp", "links", "scheme", "[the files]", PENCILS, text=in_blurb("See [the files](ftp://a.example/b).")),
    Fault(
        "mail to nobody", "links", "mailto", "[the editor]", PENCILS, text=in_blurb("Ask [the editor](mailto:editor).")
    ),
    Fault("no such place", "links", "anchor", "[the chart]", PENCILS, text=in_blurb("See [the chart](#chart).")),
    Fault(
        "a password",
        "links",
        "password",
        "[archive]",
        PENCILS,
        text=in_blurb("The [archive](https://me:pw@a.example/)."),
    ),
    Fault(
        "an address taken out of the mail",
        "links",
        "empty",
        PENCILS,
        PENCILS,
        email=in_html(f'href="{ANCHOR}"', 'href=""'),
    ),
    Fault(
        "a link from a brief's note",
        "links",
        "relative",
        SELBORNE,
        SELBORNE,
        text=(("one parish, looked at properly", "one [parish](selborne.html), looked at properly"),),
    ),
]

PICTURES = [
    Fault("no words", "pictures", "no-alt", "(images/pencil.jpg)", PENCILS, text=picture("![](images/pencil.jpg)")),
    Fault(
        "the file's name",
        "pictures",
        "alt-says-nothing",
        "IMG_2041",
        PENCILS,
        text=picture("![IMG_2041](images/pencil.jpg)"),
    ),
    Fault(
        "a file with its ending",
        "pictures",
        "alt-says-nothing",
        "pencil.jpg",
        PENCILS,
        text=picture("![pencil.jpg](images/pencil.jpg)"),
    ),
    Fault(
        "only that it is one",
        "pictures",
        "alt-says-nothing",
        "![Image]",
        PENCILS,
        text=picture("![Image](images/pencil.jpg)"),
    ),
    Fault(
        "WebP on the web",
        "pictures",
        "type",
        "a.webp",
        PENCILS,
        text=picture("![A yellow pencil](https://a.example/a.webp)"),
    ),
    Fault(
        "fetched by http",
        "pictures",
        "http",
        "http://a",
        PENCILS,
        text=picture("![A yellow pencil](http://a.example/a.jpg)"),
    ),
    Fault(
        "a file of 300 kB",
        "pictures",
        "heavy",
        "pencil.jpg",
        PENCILS,
        email=with_file("images/pencil.jpg", heavy(300_000), "image/jpeg"),
        level="warning",
    ),
    Fault(
        "a file of 1.2 MB",
        "pictures",
        "heavy",
        "pencil.jpg",
        PENCILS,
        email=with_file("images/pencil.jpg", heavy(1_200_000), "image/png"),
        level="error",
    ),
    Fault(
        "an empty first frame",
        "pictures",
        "empty-first-frame",
        "pencil.jpg",
        PENCILS,
        email=with_file("images/pencil.jpg", moving("#333", "#666"), "image/gif"),
    ),
    Fault(
        "written into the mail",
        "pictures",
        "not-on-the-web",
        "pencil.jpg",
        PENCILS,
        email=lambda email: replace(
            email,
            html=re.sub(
                r"images/pencil-\w+\.jpg", "data:image/gif;base64," + base64.b64encode(b"GIF89a").decode(), email.html
            ),
            weights=moved(
                email, r"images/pencil-\w+\.jpg", "data:image/gif;base64," + base64.b64encode(b"GIF89a").decode()
            ),
        ),
    ),
    Fault(
        "a tracking pixel",
        "pictures",
        "tracking-pixel",
        PENCILS,
        PENCILS,
        email=in_html(">Around 1890", '><img src="https://t.example/p.gif" width="1" height="1" alt="">Around 1890'),
    ),
    Fault(
        "without a width",
        "pictures",
        "no-size",
        PENCILS,
        PENCILS,
        email=in_html(">Around 1890", '><img src="https://t.example/p.jpg" alt="A pencil">Around 1890'),
        level="note",
    ),
    Fault("nothing but a picture", "pictures", "only-pictures", text=shorn),
]

SPAM = [
    Fault(
        "a subject in capitals", "spam", "capitals", "subject:", text=subject("A TOWN INVENTED BY A MAP, AND OTHERS")
    ),
    Fault("a subject that shouts", "spam", "exclamation", "subject:", text=subject("A town invented by a map!!!")),
    Fault("an answer to nothing", "spam", "fake-reply", "subject:", text=subject("Re: A town invented by a map")),
    Fault("sent on by nobody", "spam", "fake-reply", "subject:", text=subject("Fwd: A town invented by a map")),
    Fault(
        "a link in disguise",
        "spam",
        "disguised-link",
        "paypal",
        PENCILS,
        text=in_blurb("At [www.paypal.com](https://pay.example/in)."),
    ),
    Fault("a shortener", "spam", "shortener", "bit.ly", BELL, text=link_of(BELL, "https://bit.ly/3xYzAbc")),
    Fault("a number for a site", "spam", "ip-link", "93.184", BELL, text=link_of(BELL, "http://93.184.216.34/bell")),
    Fault(
        "hidden words",
        "spam",
        "hidden-text",
        PENCILS,
        PENCILS,
        email=in_html(">Around 1890", '><span style="display:none">cheap pills here</span>Around 1890'),
    ),
    Fault(
        "words too small to see",
        "spam",
        "hidden-text",
        PENCILS,
        PENCILS,
        email=in_html(">Around 1890", '><span style="font-size:0">cheap pills here</span>Around 1890'),
    ),
    Fault(
        "a text part of its own",
        "spam",
        "parts-differ",
        email=lambda email: replace(email, text="Read this mail in your browser, please. " * 3),
    ),
]

TEXT = [
    Fault("none", "text", "empty", email=lambda email: replace(email, text="\n")),
    Fault("a story is missing", "text", "missing-story", PENCILS, PENCILS, email=in_text(f"2. {PENCILS}\n", "2.\n")),
    Fault("a link is missing", "text", "missing-link", PENCILS, PENCILS, email=in_text(f"   {ANCHOR}\n", "")),
    Fault(
        "a link stands twice",
        "text",
        "link-twice",
        PENCILS,
        PENCILS,
        email=in_text(f"   {ANCHOR}\n", f"   {ANCHOR}\n   {ANCHOR}\n"),
    ),
    Fault("a tag", "text", "markup", PENCILS, PENCILS, email=in_text("They bought", "<br>They bought")),
    Fault("an entity", "text", "markup", PENCILS, PENCILS, email=in_text("They bought", "They&nbsp;bought")),
    Fault("stars", "text", "markup", PENCILS, PENCILS, email=in_text("They bought", "**They** bought")),
    Fault("a wide line", "text", "long-line", PENCILS, PENCILS, email=in_text("They bought", "They bought " * 8)),
]

TAGS = [
    Fault(
        "blanks in the brackets",
        "merge_tags",
        "not-filled",
        "[[ email ]]",
        PENCILS,
        text=in_blurb("You are [[ email ]]."),
    ),
    Fault(
        "nothing for the nameless",
        "merge_tags",
        "no-fallback",
        "Good morning",
        text=(("[[first_name|reader]]", "[[first_name]]"),),
    ),
    Fault("Mailchimp's", "merge_tags", "foreign", "*|FNAME|*", PENCILS, text=in_blurb("So, *|FNAME|*, what now?")),
    Fault(
        "Kit's",
        "merge_tags",
        "foreign",
        "{{ subscriber",
        PENCILS,
        text=in_blurb("So, {{ subscriber.first_name }}, what now?"),
    ),
    Fault("MailerLite's", "merge_tags", "foreign", "{$name}", PENCILS, text=in_blurb("So, {$name}, what now?")),
    Fault(
        "Campaign Monitor's",
        "merge_tags",
        "foreign",
        "fallback=",
        PENCILS,
        text=in_blurb("So, [firstname,fallback=], what now?"),
    ),
    Fault(
        "in the subject",
        "merge_tags",
        "foreign",
        "subject:",
        text=subject("A town for %recipient.first_name%, invented by a map"),
    ),
    Fault(
        "no way to leave",
        "merge_tags",
        "no-unsubscribe",
        service="mailchimp",
        email=lambda email: replace(email, html=email.html.replace("unsubscribe_url", "view_url")),
    ),
    Fault(
        "no way to leave for readers of text",
        "merge_tags",
        "no-unsubscribe",
        service="mailchimp",
        email=lambda email: replace(email, text=email.text.replace("unsubscribe_url", "view_url")),
    ),
]


def moved(email: Email, pattern: str, new: str) -> tuple:  # type: ignore[type-arg]
    """Where stories stand after a change of the first match."""
    found = re.search(pattern, email.html)
    assert found
    by = len(new) - len(found[0])
    return tuple(
        replace(
            each,
            start=each.start + by * (each.start > found.start()),
            end=each.end + by * (each.end > found.start()),
        )
        for each in email.weights
    )


FAULTS = [*LINKS, *PICTURES, *SPAM, *TEXT, *TAGS]
