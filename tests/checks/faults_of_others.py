"""Faults that a stranger tried: slips of the pen, marks in small letters, previews, names in a sponsor's heading."""

from __future__ import annotations

import re

from faults import CHECKOUT, Fault

PENCILS = "Why so many pencils are yellow"
WATCH = "Five to one against the watch"
BELL = "The Oxford Electric Bell"
PENCIL_URL = "https://en.wikipedia.org/wiki/Pencil"
HEADING = f"### [{PENCILS}]({PENCIL_URL})"
PICTURE = "![A yellow pencil drawing a looping line across a violet and peach ground]"
SPONSOR = "## From our sponsor\nsponsor: yes\n"
SUBJECT = "subject: A town invented by a map, and eleven other true stories\n"
FOOTER = (CHECKOUT / "templates/shared/parts/footer.txt").read_text("utf-8")
TEXT = (CHECKOUT / "templates/shared/issue.txt").read_text("utf-8")


def in_blurb(words: str) -> tuple[tuple[str, str], ...]:
    return (("They bought paint.", f"They bought paint. {words}"),)


def at(url: str) -> tuple[tuple[str, str], ...]:
    return ((f"({PENCIL_URL})", f"({url})"),)


def called(title: str) -> tuple[tuple[str, str], ...]:
    return ((f"[{PENCILS}]", f"[{title}]"),)


def watch_among_the_paid(text: str) -> str:
    found = re.search(r"### \[Five to one.*?(?=### )", text, re.DOTALL)
    assert found
    return text.replace(found[0], "").replace("## Maps and measures", f"{found[0]}## Maps and measures")


FAULTS = [
    Fault("a todo in small letters", "required", "unfinished", "todo:", PENCILS, text=in_blurb("\n\ntodo: a source")),
    Fault("a number of years to come", "required", "unfinished", "TK years", text=(("Eleven years", "TK years"),)
          , story="The standard for sending the internet by pigeon"),
    Fault("a paragraph that says TBD", "required", "unfinished", "TBD", PENCILS, text=in_blurb("\n\nTBD")),
    Fault("a subject that is a draft in brackets", "required", "unfinished", "[Draft]",
          text=(("subject: A", "subject: [Draft] A"),)),
    Fault("the middle of lorem ipsum", "required", "unfinished", "eiusmod", PENCILS,
          text=in_blurb("Sed do eiusmod tempor incididunt ut labore.")),
    Fault("a preview of the office", "required", "staging", HEADING[:30], PENCILS,
          text=at("https://pencils.org/?p=12&preview=true")),
    Fault("a copy of the own site", "required", "staging", HEADING[:30], PENCILS, text=at("https://dev.slownews.example/a")),
    Fault("a staging host that is written out", "required", "staging", "staging.slownews", PENCILS,
          text=in_blurb("See staging.slownews.example/12 first.")),
    Fault("a day before the last issue", "required", "not-after", "date: 2026-10-23",
          text=(("date: 2026-11-06", "date: 2026-10-23"),)),
    Fault("nobody fills in the link to leave", "required", "no-unsubscribe", "[publication]", file="digest.toml",
          settings=(('unsubscribe_url = "https://slownews.example/leave"\n', ""),)),
    Fault("no postal address in the text part", "required", "no-postal-address",
          files=(("templates/brief/parts/footer.txt", re.sub(r".*postal_address.*\n", "", FOOTER)),)),
    Fault("a tracker in a blurb", "stories", "trackers", "gclid", PENCILS,
          text=in_blurb("Ask [them](https://pencils.org/x?gclid=abc).")),
    Fault("a word from a sponsor with a name", "stories", "sponsor-unlabelled", "## A word",
          text=((SPONSOR, "## A word from our sponsor, Acme\n"),)),
    Fault("supported by a name", "stories", "sponsor-unlabelled", "## Supported",
          text=((SPONSOR, "## Supported by Acme\n"),)),
    Fault("one editorial story among the paid", "stories", "sponsor-mixed", f"### [{WATCH}]", WATCH,
          text=watch_among_the_paid),
    Fault("a title cut in brackets", "stories", "cut-title", "### [Why so many […]]", "Why so many […]",
          text=called("Why so many […]")),
    Fault("an address for a title", "stories", "vague-link", "### [https://pencils.org/a]", "https://pencils.org/a",
          text=((HEADING, "### [https://pencils.org/a](https://pencils.org/a)"),)),
    Fault("a bracket that is never closed", "links", "not-a-link", "[them](https", PENCILS,
          text=in_blurb("Ask [them](https://pencils.org/a first.")),
    Fault("a blank between the brackets", "links", "not-a-link", "[them] (https", PENCILS,
          text=in_blurb("Ask [them] (https://pencils.org/a) first.")),
    Fault("round before square", "links", "not-a-link", "(them)[https", PENCILS,
          text=in_blurb("Ask (them)[https://pencils.org/a] first.")),
    Fault("a label without an address", "links", "not-a-link", "[them][pp]", PENCILS, text=in_blurb("Ask [them][pp].")),
    Fault("a footnote without a text", "links", "footnote", "[^9]", PENCILS, text=in_blurb("So they say.[^9]")),
    Fault("a link of HTML without an address", "links", "empty", "<a href", PENCILS,
          text=in_blurb('Ask <a href="">them</a> first.')),
    Fault("a picture named by its computer", "pictures", "alt-says-nothing", "Screenshot 2026", PENCILS,
          text=((PICTURE, "![Screenshot 2026-10-11 at 12.14.55]"),)),
    Fault("a blank in single brackets", "merge_tags", "foreign", "[first_name|reader]",
          text=(("[[first_name|reader]]", "[first_name|reader]"),)),
    Fault("a blank that is like none", "merge_tags", "not-filled", "[[frist|reader]]",
          text=(("[[first_name|reader]]", "[[frist|reader]]"),)),
    Fault("capitals in a blurb", "accessibility", "typed-capitals", "DO NOT MISS", PENCILS,
          text=in_blurb("DO NOT MISS THIS WONDERFUL STORY.")),
    Fault("every link is missing from the text part", "text", "missing-link", "wiki/Great_Stink",
          "The summer that built London's sewers",
          files=(("templates/brief/issue.txt", TEXT.replace("{{ indent }}{{ text.address(block.url) }}\n", "")),)),
    Fault("tags in the text part's footer", "text", "markup",
          files=(("templates/brief/parts/footer.txt", FOOTER + "\n<p>By hand &amp; slowly</p>\n"),)),
]  # fmt: skip
