"""Faults that an editor makes at the desk: what is missing, unfinished, said twice, too long, or badly addressed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from faults import Fault

from digest.models import Email

PENCILS = "Why so many pencils are yellow"
SEWERS = "The summer that built London's sewers"
PIGEON = "The standard for sending the internet by pigeon"
MOTH = "The moth that hears more than a bat can say"
PITCH = "A drop every ten years or so"
BELL = "The Oxford Electric Bell"

SUBJECT = "subject: A town invented by a map, and eleven other true stories\n"
PREHEADER = "preheader: Why pencils are yellow, a drop nobody saw fall, and a bottomless pond with a bottom\n"


def in_blurb(words: str) -> tuple[tuple[str, str], ...]:
    """These words at the end of the blurb about pencils."""
    return (("They bought paint.", f"They bought paint. {words}"),)


def with_html(edit: Callable[[str], str]) -> Callable[[Email], Email]:
    """The finished mail with other HTML of the same places."""

    def done(email: Email) -> Email:
        html = edit(email.html)
        assert html != email.html
        return replace(email, html=html, weights=email.weights if len(html) == len(email.html) else ())

    return done


def with_long_story(letters: int) -> Callable[[str], str]:
    """The blurb about pencils made longer, in paragraphs."""
    words = "They bought paint."
    return lambda text: text.replace(words, words + "\n\n" + ("Paint is paint, they said. " * 8 + "\n\n") * letters, 1)


def without_footer_link(html: str) -> str:
    return re.sub(r'<a [^>]*href="\x02unsubscribe_url\x03"[^>]*>.*?</a>', "", html)


REQUIRED = [
    Fault("the subject is taken out", "required", "no-subject", "---", text=((SUBJECT, ""),)),
    Fault("the subject is emptied", "required", "no-subject", "subject:", text=((SUBJECT, "subject:\n"),)),
    Fault(
        "the subject is long",
        "required",
        "subject-long",
        "subject:",
        text=(("eleven other true stories", "eleven other stories of which every one is as true as we could make it"),),
    ),
    Fault(
        "the subject is the last issue's",
        "required",
        "subject-again",
        "subject:",
        text=((SUBJECT, "subject: Twenty bottles of weeds, due back in 2100\n"),),
    ),
    Fault("the preheader is taken out", "required", "no-preheader", "subject:", text=((PREHEADER, ""),)),
    Fault(
        "the preheader is two words",
        "required",
        "preheader-short",
        "preheader:",
        text=((PREHEADER, "preheader: Read on\n"),),
    ),
    Fault(
        "the preheader is as long as a blurb",
        "required",
        "preheader-long",
        "preheader:",
        text=(
            (
                "with a bottom\n",
                "with a bottom, and then everything else that we had no room for in the subject line\n",
            ),
        ),
    ),
    Fault(
        "the preheader is the subject",
        "required",
        "preheader-repeats",
        "preheader:",
        text=((PREHEADER, "preheader: A town invented by a map, and eleven other true stories.\n"),),
    ),
    Fault("the theme's footer loses its link", "required", "no-unsubscribe", email=with_html(without_footer_link)),
    Fault(
        "the text part loses its unsubscribe address",
        "required",
        "no-unsubscribe",
        email=lambda email: replace(email, text=email.text.replace("\x02unsubscribe_url\x03", "")),
    ),
    Fault(
        "the postal address is taken out",
        "required",
        "no-postal-address",
        "[publication]",
        file="digest.toml",
        settings=lambda text: re.sub(r"(?m)^postal_address.*\n", "", text),
    ),
    Fault(
        "the theme's footer loses the postal address",
        "required",
        "no-postal-address",
        email=with_html(lambda html: html.replace("\x02postal_address\x03", "")),
    ),
    Fault(
        "the sender is the example's",
        "required",
        "sender",
        "sender_email",
        file="digest.toml",
        settings=(("editor@slownews.example", "editor@example.org"),),
    ),
    Fault("a TODO in a blurb", "required", "unfinished", "TODO", PENCILS, text=in_blurb("TODO check the year")),
    Fault(
        "a TODO in a comment",
        "required",
        "unfinished",
        "TODO",
        "A town invented to catch thieves",
        text=(("<!-- editor: check", "<!-- TODO: check"),),
        level="error",
    ),
    Fault(
        "a subject that is a draft", "required", "unfinished", "subject:", text=(("subject: A", "subject: DRAFT A"),)
    ),
    Fault(
        "lorem ipsum for a blurb",
        "required",
        "unfinished",
        "orem ipsum",
        PENCILS,
        text=in_blurb("Lorem ipsum dolor sit amet."),
        level="error",
    ),
    Fault("a number to come", "required", "unfinished", "[TK]", PENCILS, text=in_blurb("It cost [TK] crowns.")),
    Fault("XXX for a name", "required", "unfinished", "XXX", PENCILS, text=in_blurb("A man called XXX did.")),
    Fault(
        "a title that is yet to come",
        "required",
        "unfinished",
        "### [TBD]",
        "TBD",
        text=((f"### [{PENCILS}]", "### [TBD]"),),
    ),
    Fault(
        "a link to localhost",
        "required",
        "staging",
        f"### [{PENCILS}]",
        PENCILS,
        text=(("https://en.wikipedia.org/wiki/Pencil", "http://localhost:8000/pencil"),),
        level="error",
    ),
    Fault(
        "a link to the staging host that digest.toml names",
        "required",
        "staging",
        f"### [{PENCILS}]",
        PENCILS,
        text=(("https://en.wikipedia.org/wiki/Pencil", "https://next.slownews.example/pencil"),),
        settings=lambda text: text + '\n[check]\nstaging = ["next.slownews.example"]\n',
    ),
    Fault(
        "a link in a blurb to a tunnel",
        "required",
        "staging",
        "a1b2.ngrok-free.app",
        PENCILS,
        text=in_blurb("See [the pencils](https://a1b2.ngrok-free.app/p)."),
    ),
    Fault(
        "a brief that leads into the own network",
        "required",
        "staging",
        f"[{BELL}]",
        BELL,
        text=(("https://en.wikipedia.org/wiki/Oxford_Electric_Bell", "http://192.168.1.7/bell"),),
    ),
    Fault(
        "a link in the note to a staging copy",
        "required",
        "staging",
        "staging.slownews.example",
        text=(("Read it in any order", "Read it [here and now](https://staging.slownews.example/12) in any order"),),
    ),
    Fault(
        "pictures on a machine of the own network",
        "required",
        "staging",
        "assets_url",
        file="digest.toml",
        settings=(("[[section]]", 'assets_url = "http://10.0.0.7/{slug}/"\n\n[[section]]'),),
    ),
    Fault(
        "an unsubscribe page on localhost",
        "required",
        "staging",
        "unsubscribe_url",
        file="digest.toml",
        settings=(("https://slownews.example/leave", "https://localhost:8443/leave"),),
    ),
    Fault(
        "a link to example.com",
        "required",
        "placeholder-link",
        f"### [{PENCILS}]",
        PENCILS,
        text=(("https://en.wikipedia.org/wiki/Pencil", "https://example.com/pencil"),),
    ),
    Fault(
        "an empty section",
        "required",
        "empty-section",
        "## Letters",
        text=(("## Also noted", "## Letters\n\n## Also noted"),),
    ),
    Fault(
        "a section with a comment alone",
        "required",
        "empty-section",
        "## Letters",
        text=(("## Also noted", "## Letters\n\n<!-- editor: none this week? -->\n\n## Also noted"),),
    ),
    Fault(
        "a story without a blurb",
        "required",
        "no-blurb",
        f"### [{SEWERS}]",
        SEWERS,
        text=lambda text: re.sub(r"By July 1858.*\n", "", text),
    ),
    Fault(
        "a feed's last words in a blurb",
        "required",
        "feed-leftover",
        "appeared first on",
        PENCILS,
        text=in_blurb("The post Why pencils are yellow appeared first on The Pencil Blog."),
    ),
    Fault(
        "a story without the source that is asked for",
        "required",
        "missing",
        f"### [{PENCILS}]",
        PENCILS,
        text=(
            (
                f"{PENCILS}](https://en.wikipedia.org/wiki/Pencil)\nsource: Wikipedia\n",
                f"{PENCILS}](https://en.wikipedia.org/wiki/Pencil)\n",
            ),
        ),
        settings=lambda text: text + '\n[check]\nrequire = ["source"]\n',
    ),
    Fault(
        "a story without the link that is asked for",
        "required",
        "missing",
        f"### {PENCILS}",
        PENCILS,
        text=((f"[{PENCILS}](https://en.wikipedia.org/wiki/Pencil)", PENCILS),),
        settings=lambda text: text + '\n[check]\nrequire = ["link"]\n',
    ),
    Fault(
        "the date of the last issue", "required", "not-after", "date:", text=(("date: 2026-11-06", "date: 2026-10-30"),)
    ),
    Fault(
        "a date on another weekday", "required", "weekday", "date:", text=(("date: 2026-11-06", "date: 2026-11-05"),)
    ),
    Fault("a number left out", "required", "number-gap", "number:", text=(("number: 12", "number: 14"),)),
]

STORIES = [
    Fault(
        "a story's address again in a brief, with a tracker and a slash",
        "stories",
        "twice",
        "The pencil again",
        "The pencil again",
        text=(
            (
                "- [The Oxford",
                "- [The pencil again](http://www.en.wikipedia.org/wiki/Pencil/) - once more\n- [The Oxford",
            ),
        ),
    ),
    Fault(
        "a title that stands twice",
        "stories",
        "same-title",
        "wiki/Pencils",
        PENCILS,
        text=(("- [The Oxford", f"- [{PENCILS}](https://en.wikipedia.org/wiki/Pencils) - once more\n- [The Oxford"),),
    ),
    Fault(
        "a story that ran in the last issue",
        "stories",
        "sent-before",
        f"### [{PENCILS}]",
        PENCILS,
        text=(("https://en.wikipedia.org/wiki/Pencil", "https://en.m.wikipedia.org/wiki/Nilometer"),),
    ),
    Fault(
        "a brief that ran before digest came",
        "stories",
        "sent-before",
        f"[{BELL}]",
        BELL,
        files=(
            ("issues/adopted.tsv", "2019-03-01\tnews-7\thttps://en.wikipedia.org/wiki/Oxford_Electric_Bell\tA bell\n"),
        ),
    ),
    Fault(
        "a title that ran lately under another address",
        "stories",
        "title-again",
        "### [The first Request for Comments]",
        "The first Request for Comments",
        text=((f"### [{PENCILS}]", "### [The first Request for Comments]"),),
    ),
    Fault(
        "one event told by two",
        "stories",
        "same-event",
        "### [Grimsby harbour crane collapses onto trawler]",
        "Grimsby harbour crane collapses onto trawler",
        text=(
            (
                f"### [{SEWERS}]",
                "### [Crane collapses onto trawler in Grimsby harbour](https://one.example/crane)\n\nThe harbour crane "
                "at Grimsby fell onto a trawler.\n\n### [Grimsby harbour crane collapses onto trawler]"
                "(https://two.example/x)\n\nA crane in Grimsby harbour fell on a trawler.\n\n### [" + SEWERS + "]",
            ),
        ),
    ),
    Fault(
        "a tracker in a story's address",
        "stories",
        "trackers",
        f"### [{PENCILS}]",
        PENCILS,
        text=(("wiki/Pencil)", "wiki/Pencil?utm_source=twitter&utm_medium=social)"),),
    ),
    Fault(
        "a tracker in a brief's address",
        "stories",
        "trackers",
        f"[{BELL}]",
        BELL,
        text=(("wiki/Oxford_Electric_Bell)", "wiki/Oxford_Electric_Bell?fbclid=IwAR0abc)"),),
    ),
    Fault(
        "a tracker in the note",
        "stories",
        "trackers",
        "order.example",
        text=(("Read it in any order", "Read it [in any order](https://order.example/?mc_cid=1a2b3c)"),),
    ),
    Fault(
        "a sponsor's section without its line",
        "stories",
        "sponsor-unlabelled",
        "## From our sponsor",
        text=(("sponsor: yes\n", ""),),
    ),
    Fault(
        "an advertisement in another language",
        "stories",
        "sponsor-unlabelled",
        "## Anzeige",
        text=(("## From our sponsor\nsponsor: yes\n", "## Anzeige\n"),),
    ),
    Fault(
        "the label lost in the mail",
        "stories",
        "sponsor-unlabelled",
        "## From our sponsor",
        email=with_html(lambda html: html.replace(">Sponsored<", "><")),
    ),
    Fault(
        "a sponsor's story among the editor's",
        "stories",
        "sponsor-mixed",
        f"### [{PENCILS}]",
        PENCILS,
        text=(("https://en.wikipedia.org/wiki/Pencil", "https://acme.example/pencils"),),
    ),
    Fault(
        "a story that says itself that it is paid for",
        "stories",
        "sponsor-mixed",
        "### [Sponsored: pencils]",
        "Sponsored: pencils",
        text=((f"### [{PENCILS}]", "### [Sponsored: pencils]"),),
    ),
    Fault(
        "an editorial story in the sponsor's section",
        "stories",
        "sponsor-mixed",
        "### [A map of maps]",
        "A map of maps",
        text=(
            (
                "## Maps and measures",
                "### [A map of maps](https://maps.example/)\nsource: The Ledger\n\nMaps.\n\n## Maps and measures",
            ),
        ),
    ),
    Fault(
        "a title that a feed cut",
        "stories",
        "cut-title",
        "### [Why so many pencils are…]",
        "Why so many pencils are…",
        text=((f"### [{PENCILS}]", "### [Why so many pencils are…]"),),
    ),
    Fault(
        "a title in capitals",
        "stories",
        "capitals",
        f"### [{PENCILS.upper()}]",
        PENCILS.upper(),
        text=((f"### [{PENCILS}]", f"### [{PENCILS.upper()}]"),),
    ),
    Fault(
        "a link that says here",
        "stories",
        "vague-link",
        "pencils.example",
        PENCILS,
        text=in_blurb("More on that [here](https://pencils.example/)."),
    ),
    Fault(
        "a link that says read more, in Polish",
        "stories",
        "vague-link",
        "pencils.example",
        PENCILS,
        text=in_blurb("[Czytaj dalej](https://pencils.example/)"),
    ),
]

WEIGHT = [
    Fault(
        "a story of a hundred kilobytes",
        "weight",
        "clipped",
        f"### [{PENCILS}]",
        PENCILS,
        text=with_long_story(420),
        level="error",
    ),
    Fault(
        "a mail nearly as long as Gmail shows", "weight", "nearly-clipped", text=with_long_story(290), level="warning"
    ),
    Fault(
        "a footer beyond what Gmail shows",
        "weight",
        "clipped",
        email=with_html(lambda html: html.replace("</body>", "<p>" + "x" * 90_000 + "</p></body>")),
    ),
    Fault(
        "a style sheet of 17 KB",
        "weight",
        "styles-too-long",
        email=with_html(lambda html: html.replace("</head>", f"<style>{'.a{color:#123456}' * 1000}</style></head>")),
    ),
    Fault(
        "a condition within a condition",
        "weight",
        "nested-rule",
        email=with_html(
            lambda html: html.replace(
                "</head>", "<style>@media screen { @supports (a:b) { p { color: red } } }</style></head>"
            )
        ),
    ),
    Fault(
        "a letter that is no ASCII in the HTML",
        "weight",
        "raw-bytes",
        f"### [{PENCILS}]",
        PENCILS,
        email=with_html(lambda html: html.replace("They bought paint.", "They b\xf6ught paint.")),
    ),
    Fault(
        "a Windows apostrophe by its number",
        "weight",
        "raw-bytes",
        f"### [{PENCILS}]",
        PENCILS,
        email=with_html(lambda html: html.replace("They bought paint.", "They b&#146;paint.")),
    ),
]

MAIL = [
    Fault(
        "a sender without a host",
        "mail",
        "bad-address",
        "sender_email",
        file="digest.toml",
        email=lambda email: replace(email, sender_email="editor"),
    ),
    Fault(
        "a reply address with a blank in it",
        "mail",
        "bad-address",
        "[publication]",
        file="digest.toml",
        email=lambda email: replace(email, reply_to="letters to@slownews.example"),
    ),
    Fault(
        "a subject with a header hidden in it",
        "mail",
        "header-changed",
        "subject:",
        email=lambda email: replace(email, subject="News\r\nBcc: evil@evil.example"),
    ),
    Fault(
        "half an emoji in the text part",
        "mail",
        "part-changed",
        email=lambda email: replace(email, text=email.text + "\ud83d"),
    ),
    Fault(
        "an unsubscribe page without encryption",
        "mail",
        "no-one-click",
        "unsubscribe_url",
        file="digest.toml",
        settings=(("https://slownews.example/leave", "http://slownews.example/leave"),),
    ),
    Fault(
        "no unsubscribe address, for mail that we send ourselves",
        "mail",
        "no-one-click",
        "[publication]",
        file="digest.toml",
        settings=lambda text: re.sub(r"(?m)^unsubscribe_url.*\n", "", text),
        service="folder",
    ),
]

FAULTS = [*REQUIRED, *STORIES, *WEIGHT, *MAIL]
