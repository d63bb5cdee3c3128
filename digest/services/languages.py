"""The template languages of mailing services, and how a text passes through each of them as itself.

A story titled "Jinja's {{ user }}" is blanked by one service and refused by another. What would open a tag is
broken up: in HTML by a character reference, which no template engine knows and every mail program shows as the
character; between `<style>` and `</style>`, where references do not count, by a blank that means nothing there;
in a text by the language's own way to print a brace, or where it has none by a character without width.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_STYLE = re.compile(r"(<style\b[^>]*>.*?</style>)", re.DOTALL | re.IGNORECASE)
#: WORD JOINER: no width, no place for a line to end.
_NOTHING = "\u2060"


@dataclass(frozen=True, slots=True)
class Language:
    """One template language."""

    name: str
    #: A character that together with what follows it would open a tag. What stands at the end of a stretch counts:
    #: a tag of ours may follow.
    opens: re.Pattern[str]
    #: What prints that character in a text; "" where the language has no way to.
    literal: str = ""
    #: The service reads the HTML and writes it anew before its engine sees it: a reference is the character again.
    rewritten: bool = False

    def html(self, text: str) -> str:
        """A stretch of finished HTML, such that the engine leaves it alone and a reader sees what was meant."""
        parts = _STYLE.split(text)
        return "".join(
            self.opens.sub(lambda found: f"{found[0]} ", part)
            if number % 2
            else self.opens.sub(lambda found: found[0] + _NOTHING if self.rewritten else f"&#{ord(found[0])};", part)
            for number, part in enumerate(parts)
        )

    def text(self, text: str) -> str:
        """A stretch of a text part or a subject, such that the engine prints it as it was."""
        return self.opens.sub(lambda found: self.literal or found[0] + _NOTHING, text)


#: Buttondown. https://docs.djangoproject.com/en/5.1/ref/templates/language/; Jinja is the same in what matters here.
DJANGO = Language("Django", re.compile(r"\{(?=[{%#]|\Z)"), "{{ '{' }}")
#: Kit, Keila. https://shopify.github.io/liquid/
LIQUID = Language("Liquid", re.compile(r"\{(?=[{%]|\Z)"), "{{ '{' }}")
#: listmonk. https://pkg.go.dev/text/template: a quoted text is printed, a character in single quotes is its number.
GO = Language("Go", re.compile(r"\{(?=\{|\Z)"), "{{ `{` }}")
#: SendGrid, Resend, Postmark, SES. A backslash would do in some of them only.
HANDLEBARS = Language("Handlebars", re.compile(r"\{(?=\{|\Z)"))
#: beehiiv: `{{first_name|there}}`. It cleans the HTML that it is given.
BEEHIIV = Language("beehiiv", re.compile(r"\{(?=\{|\Z)"), rewritten=True)
#: Brevo reads `{{ contact.NAME }}` and `{% if %}`, or its older `{NAME}` and `[UNSUBSCRIBE]`, as it finds them.
BREVO = Language("Brevo", re.compile(r"\{(?=[{%#]|[A-Z_]+\}|\Z)|\[(?=[A-Z_]+\])"))
#: Mailchimp: `*|NAME|*`, and `*|IF:NAME|*`.
BARS = Language("*|...|*", re.compile(r"\*(?=\||\Z)"))
#: Ghost: `%%{name}%%`. It reads and writes the HTML several times before it looks for them: EmailRenderer.js there.
GHOST = Language("%%{...}%%", re.compile(r"%(?=\{|\Z)"), rewritten=True)
#: MailerLite: `{$name}`.
DOLLAR = Language("{$...}", re.compile(r"\{(?=\$|\Z)"))
#: Mailgun: `%recipient.name%`, `%unsubscribe_url%`. Nothing else: "%ce%b1" stands in addresses.
PERCENT = Language("%...%", re.compile(r"%(?=recipient|(?:tag_|mailing_list_)?unsubscribe_|\Z)", re.IGNORECASE))
#: Campaign Monitor: `[firstname,fallback=there]`; fields of one's own are called what one likes, in any script. What
#: Outlook reads, `<!--[if mso]>` and `<![endif]-->`, is none.
BRACKETS = Language("[...]", re.compile(r"(?<!<!--)(?<!<!)\[(?=\w|\Z)"))
