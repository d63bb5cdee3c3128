"""What lies in a reader's inbox: a draft, filled in and framed as its service does it."""

from __future__ import annotations

import html as html_
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jinja2

from digest import merge_tags
from digest.exporters.base import Draft, Service
from digest.mailing import personal
from digest.mailing.delivery import Reader
from digest.services import go_templates

NAME, ADDRESS = "Ann", "ann@reader.example"
#: With an ampersand, as services' own addresses have them.
LEAVE, VIEW = "https://leave.example/u?r=7&l=1", "https://view.example/v?r=7&c=1"
POSTAL = "Slow News, 12 Harbour Street, 1050 Copenhagen, Denmark"


@dataclass(frozen=True, slots=True)
class Received:
    """One mail, as a mail program is given it; `text` is "" where the service makes its own."""

    subject: str
    html: str
    text: str
    preheader: str


def received(name: str, service: Service, draft: Draft, *, first_name: str = NAME) -> Received:
    """What Ann gets, or with "" for a name a reader of whom the service knows none. Raises where an engine would."""
    if name in ("postmark", "mailgun", "ses"):
        draft = personal.addressed(draft, Reader(ADDRESS, first_name), in_html=service.html, in_text=service.text)
    fill, frame = FILLS[name], FRAMES.get(name, lambda body: body)
    html, text = draft.html, draft.text
    if name == "campaignmonitor":
        html, text = (
            content for _, content in sorted(service.pages(draft).items(), key=lambda page: ".txt" in page[0])
        )
    if name == "listmonk":
        html, text = go_templates.html_kept(html), go_templates.text_kept(text)
    return Received(
        fill(draft.subject, first_name, False),
        frame(fill(html, first_name, True)),
        fill(text, first_name, False),
        fill(draft.preheader, first_name, False),
    )


# --- engines; each is given a text, the reader's first name, and whether the text is HTML

Fill = Callable[[str, str, bool], str]


def _jinja(values: Callable[[str], Mapping[str, Any]]) -> Fill:
    @cache
    def engine(is_html: bool) -> jinja2.Environment:
        return jinja2.Environment(
            keep_trailing_newline=True, undefined=jinja2.StrictUndefined, autoescape=is_html, newline_sequence="\n"
        )

    return lambda text, first, is_html: engine(is_html).from_string(text).render(**values(first))


def _liquid(values: Callable[[str], Mapping[str, Any]]) -> Fill:
    import liquid

    environment = liquid.Environment(undefined=liquid.StrictUndefined)
    return lambda text, first, is_html: str(environment.from_string(text).render(**values(first)))


def _brevo(text: str, first: str, is_html: bool) -> str:
    # What its older language would find is blanked: it must find nothing.
    values = {"unsubscribe": LEAVE, "mirror": VIEW, "contact": {"EMAIL": ADDRESS, "FIRSTNAME": first}}
    text = re.sub(r"(?<!\{)\{[A-Z_]+\}|\[[A-Z_]+\]", "", text)
    return _jinja(lambda first: values)(text, first, False)


def _mailchimp(text: str, first: str, is_html: bool) -> str:
    values = {
        "UNSUB": LEAVE,
        "ARCHIVE": VIEW,
        "EMAIL": ADDRESS,
        "FNAME": first,
        "LIST:ADDRESSLINE": POSTAL,
    }
    chosen = re.sub(
        r"\*\|IF:FNAME\|\*(.*?)\*\|ELSE:\|\*(.*?)\*\|END:IF\|\*", r"\1" if first else r"\2", text, flags=re.DOTALL
    )
    return re.sub(r"\*\|(.*?)\|\*", lambda tag: values.get(tag[1], ""), chosen, flags=re.DOTALL)


def _ghost(text: str, first: str, is_html: bool) -> str:
    if not is_html:  # Neither a subject nor an excerpt is searched.
        return text
    # It reads the HTML and writes it anew, so that a reference is the character again.
    text = re.sub(r"&#37;|&percnt;", "%", text)
    values = {"unsubscribe_url": LEAVE, "first_name": first, "email": ADDRESS}
    return re.sub(r'%%\{(\w*)(?:,? *"(.*?)")?\}%%', lambda tag: values.get(tag[1], "") or tag[2] or "", text)


def _mailerlite(text: str, first: str, is_html: bool) -> str:
    values = {"unsubscribe": LEAVE, "url": VIEW, "email": ADDRESS, "name": first}
    return re.sub(r"\{\$(\w+)(?:\|default\('([^']*)'\))?\}", lambda tag: values.get(tag[1], "") or tag[2] or "", text)


def _resend(text: str, first: str, is_html: bool) -> str:
    values = {"RESEND_UNSUBSCRIBE_URL": LEAVE, "contact.email": ADDRESS, "contact.first_name": first}
    return re.sub(r"\{\{\{?([^{}|]*)(?:\|([^{}]*))?\}\}\}?", lambda tag: values.get(tag[1], "") or tag[2] or "", text)


def _beehiiv(text: str, first: str, is_html: bool) -> str:
    # It reads the HTML and writes it anew before it looks for tags, and keeps no style sheets and no comments.
    if is_html:
        text = re.sub(r"<style\b.*?</style>|<!--.*?-->", "", text, flags=re.DOTALL)
        text = re.sub(r"&#123;|&#x7b;|&lcub;", "{", text, flags=re.IGNORECASE)
    values = {"unsubscribe_url": LEAVE, "live_url": VIEW, "email": ADDRESS, "first_name": first}
    return re.sub(r"\{\{([^{}|]*)(?:\|([^{}]*))?\}\}", lambda tag: values.get(tag[1], "") or tag[2] or "", text)


def _handlebars(text: str, first: str, is_html: bool) -> str:
    import pybars

    address = dict(
        zip(("Address", "City", "State", "Zip"), ("12 Harbour Street", "Copenhagen", "", "1050"), strict=True)
    )
    values = {"unsubscribe": LEAVE, "email": ADDRESS, "first_name": first}
    values |= {f"Sender_{each}": value for each, value in address.items()}
    return str(pybars.Compiler().compile(text)(values))


def _go(text: str, first: str, is_html: bool) -> str:
    """html/template, in both parts, as far as it can be met."""
    assert "@TrackLink" not in text
    values = {"UnsubscribeURL": LEAVE, "MessageURL": VIEW, ".Subscriber.Email": ADDRESS, ".Subscriber.FirstName": first}
    made, keep = [], [True]
    for number, part in enumerate(re.split(r"\{\{(.*?)\}\}", text, flags=re.DOTALL)):
        action = part.strip()
        if number % 2 == 0:
            # Comments it drops, and a "<" that opens no tag it writes as a reference.
            part = re.sub(r"<!--.*?-->", "", part, flags=re.DOTALL)
            said = re.sub(r"<(?![a-zA-Z/!])", "&lt;", part)
        elif action in ("else", "end"):
            keep[-1] = not keep[-1]
            if action == "end":
                keep.pop()
            continue
        elif action.startswith("if "):
            keep.append(bool(values[action[3:]]))
            continue
        elif literal := re.fullmatch(r"(Safe )?`([^`]*)`", action, flags=re.DOTALL):
            said = literal[2] if literal[1] else html_.escape(literal[2])
        else:
            safe = action.startswith("Safe ")
            said = values[action.removeprefix("Safe ")]
            said = said if safe or not is_html else html_.escape(said)
        if all(keep):
            made.append(said)
    return "".join(made)


def _campaign_monitor(text: str, first: str, is_html: bool) -> str:
    for name, url in (("unsubscribe", LEAVE), ("webversion", VIEW)):
        url_ = html_.escape(url)
        text = re.sub(rf"<{name}\b([^>]*)>(.*?)</{name}>", rf'<a href="{url_}"\1>\2</a>', text, flags=re.DOTALL)
        if not is_html:
            text = text.replace(f"[{name}]", url)
    values = {"email": ADDRESS, "firstname": first}
    return re.sub(
        r"(?<!<!--)(?<!<!)\[(\w+)(?:,fallback=([^\]]*))?\]", lambda tag: values.get(tag[1], "") or tag[2] or "", text
    )


def _replaced(*pairs: tuple[str, str]) -> Fill:
    def fill(text: str, first: str, is_html: bool) -> str:
        for tag, value in pairs:
            text = text.replace(tag, html_.escape(value) if is_html else value)
        return text

    return fill


def _smtp(text: str, first: str, is_html: bool) -> str:
    values = {"unsubscribe_url": LEAVE, "first_name": first, "email": ADDRESS}
    return merge_tags.fill(
        text, merge_tags.plain({key: html_.escape(each) if is_html else each for key, each in values.items()})
    )


FILLS: Mapping[str, Fill] = {
    "beehiiv": _beehiiv,
    "brevo": _brevo,
    "buttondown": _jinja(
        lambda first: {
            "unsubscribe_url": LEAVE,
            "email_url": VIEW,
            "subscriber": {"email": ADDRESS, "metadata": {"first_name": first}},
        }
    ),
    "campaignmonitor": _campaign_monitor,
    "ghost": _ghost,
    "keila": _liquid(lambda first: {"unsubscribe_link": LEAVE, "contact": {"email": ADDRESS, "first_name": first}}),
    "kit": _liquid(
        lambda first: {"unsubscribe_url": LEAVE, "subscriber": {"email_address": ADDRESS, "first_name": first}}
    ),
    "listmonk": _go,
    "mailchimp": _mailchimp,
    "mailerlite": _mailerlite,
    "mailgun": _replaced(("%unsubscribe_url%", LEAVE)),
    "postmark": _replaced(("{{{ pm:unsubscribe }}}", LEAVE)),
    "resend": _resend,
    "sendgrid": _handlebars,
    "ses": _replaced(("{{amazonSESUnsubscribeUrl}}", LEAVE)),
    "smtp": _smtp,
}


# --- what a service puts around it

FOOTER = f'<p class="theirs"><a href="{html_.escape(LEAVE)}">Unsubscribe</a></p>'
ADDRESSED = f'<p class="theirs">{POSTAL} <a href="{html_.escape(LEAVE)}">Unsubscribe</a></p>'

FRAMES: Mapping[str, Callable[[str], str]] = {
    "ghost": lambda body: (
        '<!doctype html><html><head><meta name="viewport" content="width=device-width"><style>a{color:#15212a}</style>'
        '</head><body style="background:#fff"><table role="presentation" width="100%"><tr><td><div style="max-width:'
        f'600px;margin:0 auto"><p class="theirs"><a href="{html_.escape(VIEW)}">View in browser</a></p>{body}{FOOTER}'
        "</div></td></tr></table></body></html>"
    ),
    "beehiiv": lambda body: (
        '<!doctype html><html><head><meta name="viewport" content="width=device-width"></head><body style="background:'
        '#fff"><table role="presentation" width="100%"><tr><td><div style="max-width:670px;margin:0 auto"><p '
        f'class="theirs"><a href="{html_.escape(VIEW)}">Read online</a></p>{body}{ADDRESSED}</div></td></tr></table>'
        "</body></html>"
    ),
    # The template that digest asks for: {{ message_content }}, the way to leave and the address, nothing else.
    "kit": lambda body: f"{body}{ADDRESSED}",
}
