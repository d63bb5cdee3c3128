"""Faults that a second stranger tried: other people's offices and staging copies, signs for words, days gone by."""

from __future__ import annotations

import re
from datetime import date

from faults import CHECKOUT, Edit, Fault

PENCILS = "Why so many pencils are yellow"
BELL = "The Oxford Electric Bell"
BELL_URL = "https://en.wikipedia.org/wiki/Oxford_Electric_Bell"
PENCIL_URL = "https://en.wikipedia.org/wiki/Pencil"
FOOTER = (CHECKOUT / "templates/shared/parts/footer.mjml").read_text("utf-8")
SUBJECT = "A town invented by a map, and eleven other true stories"
HEADING = f"### [{PENCILS}]"
#: The sample is nobody's newsletter, and its days do not pass; this one is somebody's.
REAL = (('url = "https://slownews.example"', 'url = "https://slownews.dk"'),)
#: A publication without a postal address of its own.
NO_ADDRESS = r"(?m)^postal_address.*\n"


def in_blurb(words: str) -> Edit:
    return (("They bought paint.", f"They bought paint. {words}"),)


def at(url: str) -> Edit:
    return ((f"({PENCIL_URL})", f"({url})"),)


def subject(words: str) -> Edit:
    return ((f"subject: {SUBJECT}", f"subject: {words}"),)


def without_address(table: str = "") -> Edit:
    return lambda text: re.sub(NO_ADDRESS, "", text) + table


def closed(name: str, url: str, level: str) -> Fault:
    """A story that leads to a page for its makers."""
    return Fault(name, "required", "staging", HEADING, PENCILS, text=at(url), level=level)


HOSTS = [
    closed("a dev copy of another site", "https://dev.pencils.com/2026/yellow", "warning"),
    closed("a preview of another site", "https://preview.pencils.com/yellow", "warning"),
    closed("a blog on another's staging host", "https://blog.staging.pencils.com/yellow", "error"),
    closed("a deploy preview", "https://deploy-preview-12--pencils.netlify.app/yellow", "error"),
    closed("a tunnel by ssh", "https://a1b2c3.localhost.run/yellow", "error"),
    closed("the form that edits a post", "https://pencils.com/wp-admin/post.php?post=12&action=edit", "error"),
    Fault("a brief on a test host", "required", "staging", f"[{BELL}]", BELL, level="warning",
          text=((BELL_URL, "https://test.bells.org/oxford"),)),
    Fault("a text as its writer sees it", "required", "staging", "[the list]", PENCILS, level="warning",
          text=in_blurb("See [the list](https://docs.google.com/document/d/1AbC/edit).")),
    Fault("a form as its maker sees it", "required", "staging", "[tell us]", PENCILS, level="error",
          text=in_blurb("Do [tell us](https://docs.google.com/forms/d/1AbC/edit?usp=sharing).")),
    Fault("a mail in the editor's mailbox", "required", "staging", "[she wrote]", PENCILS, level="error",
          text=in_blurb("As [she wrote](https://mail.google.com/mail/u/0/#inbox/FMfcgz) to us.")),
    Fault("a message to the team, in the note", "required", "staging", "[any order]", level="error",
          text=(("Read it in any order", "Read it in [any order](https://acme.slack.com/archives/C01/p12)"),)),
]  # fmt: skip
WORDS = [
    Fault("one address twice in a blurb", "stories", "twice", "[the firm]", PENCILS,
          text=in_blurb("Ask [the firm](https://firm.example/a), or see [its book](https://firm.example/a).")),
    Fault("twice with a label and a slash", "stories", "twice", "[its book][b]", PENCILS,
          text=in_blurb("Ask [the firm](https://firm.example/a).\n\nOr see [its book][b].\n\n"
                        "[b]: http://www.firm.example/a/")),
    Fault("one address twice in the note", "stories", "twice", "[any order]",
          text=(("Read it in any order", "[The rules](https://a.example/x) say: in [any order](https://a.example/x)"),)),
    Fault("an arrow for a link", "stories", "vague-link", "[→]", PENCILS, text=in_blurb("[→](https://firm.example/a)")),
    Fault("a finger for a link", "stories", "vague-link", "[👉]", PENCILS, text=in_blurb("[👉](https://firm.example/a)")),
    Fault("more, on a page of that name", "stories", "vague-link", "[More]", PENCILS,
          text=in_blurb("[More](https://firm.example/more)")),
    Fault("a TODO that lists", "required", "unfinished", "TODO list", PENCILS, text=in_blurb("\n\nTODO list two more")),
    Fault("a TODO before a title", "required", "unfinished", "### [TODO", "TODO: yellow pencils",
          text=((f"[{PENCILS}]", "[TODO: yellow pencils]"),)),
    Fault("a place kept for a quote", "required", "unfinished", "[insert", PENCILS, text=in_blurb("[insert quote]")),
    Fault("a number to be added", "required", "unfinished", "[number", PENCILS, text=in_blurb("About [number here].")),
    Fault("a TODO in a long comment", "required", "unfinished", "a TODO", PENCILS,
          text=in_blurb("\n\n<!-- editor:\nthere is a TODO here\n-->")),
    Fault("short words in capitals", "accessibility", "typed-capitals", "THIS IS THE", PENCILS,
          text=in_blurb("THIS IS THE VERY BEST OF ALL.")),
]  # fmt: skip
SUBJECTS = [
    Fault("three flames", "spam", "signs", "subject:", text=subject(f"🔥🔥🔥 {SUBJECT}")),
    Fault("a flame after every word", "spam", "signs", "subject:", text=subject("🔥 A 🔥 town 🔥 on 🔥 a 🔥 map")),
    Fault("arrows around it", "spam", "signs", "subject:", text=subject(">>>> A town invented by a map <<<<")),
    Fault("flames before the preheader", "spam", "signs", "preheader:", text=(("preheader: ", "preheader: 🔥🔥🔥 "),)),
    Fault("an emoji alone", "spam", "no-words", "subject:", text=subject("🎉")),
    Fault("punctuation alone", "spam", "no-words", "subject:", text=subject("!?!")),
    Fault("dots alone", "required", "unfinished", "subject:", text=subject("...")),
    Fault("one word in capitals", "spam", "capitals", "subject:", text=subject("BREAKING")),
    Fault("two short words in capitals", "spam", "capitals", "subject:", text=subject("SALE NOW")),
    Fault("capitals at the head of it", "spam", "capitals", "subject:", text=subject("DO NOT MISS: a town on a map")),
]  # fmt: skip
DAYS = [
    Fault("a day gone by", "required", "date-passed", "date: 2026-11-06", settings=REAL, today=date(2026, 11, 7)),
    Fault("a day that nobody will see", "required", "date-far", "date: 2062-11-03", settings=REAL,
          text=(("date: 2026-11-06", "date: 2062-11-03"),), today=date(2026, 11, 4)),
    Fault("a day of last year, sent ones before it", "required", "not-after", "date: 2025-11-07", settings=REAL,
          text=(("date: 2026-11-06", "date: 2025-11-07"),), today=date(2026, 11, 4)),
]  # fmt: skip
SERVICES = [
    Fault("no address, for a service without a tag", "required", "no-postal-address", "[publication]",
          file="digest.toml", settings=without_address(), service="resend", level="error"),
    Fault("no address, for a service with a table", "required", "no-postal-address", "[publication]",
          file="digest.toml", settings=without_address("\n[export.keila]\n"), level="error"),
    Fault("no address, for one of two services", "required", "no-postal-address", "[publication]", file="digest.toml",
          settings=without_address("\n[export.mailchimp]\n[export.keila]\n"), level="error"),
    Fault("no address, in a footer that is Ghost's", "required", "no-postal-address", "[publication]",
          file="digest.toml", settings=without_address(), service="ghost", level="warning"),
    Fault("no address, in a folder", "required", "no-postal-address", "[publication]", file="digest.toml",
          settings=without_address(), service="folder", level="error"),
    Fault("a footer without the service's address", "required", "no-postal-address", settings=without_address(),
          service="mailchimp",
          files=(("templates/brief/parts/footer.mjml", re.sub(r".*postal_address.*\n", "", FOOTER)),)),
]  # fmt: skip

FAULTS = [*HOSTS, *WORDS, *SUBJECTS, *DAYS, *SERVICES]
