"""Pages of the offices in which texts are written, mailed and kept: they open for who is logged in. Pure."""

from __future__ import annotations

import re

_EDITORS = "a page that only its editors can open"
_MAILBOX = "a page of your own mailbox"
_TEAM = "a page that only a team can open"
_FILES = "a page of your own files"
_DRAFT = "a draft's preview"
_EDIT = "the page on which it is written; readers may be asked for leave"
_EXPIRES = "an address that is good for some hours only"

#: On every site. Each with why, and whether another page of the same look may be there for everybody.
_ANYWHERE: tuple[tuple[str, str, bool], ...] = (
    (
        r"\A(?:/[^/?#]+)?/(?:wp-admin(?:[/?#]|\Z)|wp-login\.php)|/ghost/?#|/ghost/(?:editor|posts|dashboard|members)(?:/|\Z)",
        _EDITORS,
        True,
    ),
    (
        r"[?&]preview(?:_id|_nonce|_theme_id)?=(?:true|yes|[1-9])|[?&](?:elementor-preview|customize_changeset_uuid)=",
        _EDITORS,
        True,
    ),
    (
        r"[?&](?:preview_?(?:token|key|secret|mode)|x-craft-(?:live-)?preview|is_?draft|is_?preview)=(?!false|0|no)",
        _DRAFT,
        True,
    ),
    (r"(?i:[?&]previewToken=)|[?&]draft=(?:true|1|yes)|/api/(?:preview|draft)\?", _DRAFT, True),
    # Ghost's drafts, and others': https://ghost.org/help/content-management/
    (r"\A/p/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/?(?:[?#]|\Z)", _DRAFT, False),
    (
        r"\A/(?:admin|administrator|umbraco|typo3)/?(?:[?#]|\Z)|\A/(?:admin|administrator|umbraco|typo3|cms)/.*"
        r"(?:/(?:edit|change)/?(?:[?#]|\Z)|[?&](?:task|action)=edit)",
        _EDITORS,
        True,
    ),
    (
        r"/(?:node|posts?|articles?|pages?|stories|story|entries|drafts|content|newsletters?|campaigns?|emails?)/[\w-]+/edit/?"
        r"(?:[?#]|\Z)",
        _EDITORS,
        False,
    ),
    (r"[?&](?i:x-amz-expires|x-goog-expires)=", _EXPIRES, False),
)
#: On the sites named: hosts, what of path, query and fragment is closed, why, and whether surely.
_HERE: tuple[tuple[str, str, str, bool], ...] = (
    (r"docs\.google\.com", r"\A/forms/(?:u/\d/)?d/(?!e/)[^/]+/edit", _EDITORS, True),
    # "usp=sharing" is written by the button that shares; without it the address was taken from the bar above the text.
    (r"docs\.google\.com", r"\A/\w+/(?:u/\d/)?d/(?!e/)[^/]+/edit(?!.*[?&]usp=(?:sharing|share_link))", _EDIT, False),
    (r"docs\.google\.com", r"\A/(?:document|spreadsheets|presentation|forms)/(?:u/\d/)?(?:\?|#|\Z)", _FILES, True),
    (
        r"drive\.google\.com",
        r"\A/drive/(?:u/\d|my-drive|home|recent|starred|shared-with-me|search)(?:[/?#]|\Z)",
        _FILES,
        True,
    ),
    (r"drive\.google\.com", r"\A/file/d/[^/]+/edit(?!.*[?&]usp=(?:sharing|share_link))", _EDIT, False),
    (r"mail\.google\.com", r"\A/mail/.*(?:#(?!settings)[^/]+/.|[?&]th=|[?&]view=)", _MAILBOX, True),
    (
        r"outlook\.(?:office|live|office365)\.com|outlook\.cloud\.microsoft",
        r"\A/mail/.*(?:/id/|[?&]ItemID=)",
        _MAILBOX,
        True,
    ),
    (r"mail\.yahoo\.com", r"/messages/", _MAILBOX, True),
    (r"(?:app|betaapp)\.fastmail\.com", r"\A/mail/.", _MAILBOX, True),
    (r"mail\.proton\.me|mail\.protonmail\.com", r"\A/u/\d/\w+/.", _MAILBOX, True),
    (r"calendar\.google\.com", r"\A/calendar/(?:u/\d/)?r/eventedit/.", _EDITORS, True),
    (r"app\.slack\.com", r"\A/(?!accessibility)\w", _TEAM, True),
    (
        r"(?!api\.|status\.|join\.)[\w-]+\.slack\.com",
        r"\A/(?:archives|files|client|team|canvas|docs|lists)/",
        _TEAM,
        True,
    ),
    (r"teams\.microsoft\.com|teams\.live\.com", r"\A/l/(?:message|channel|chat|file)/|\A/(?:v2/)?#", _TEAM, True),
    (r"discord\.com", r"\A/channels/@me", _TEAM, True),
    (
        r"(?:www\.)?notion\.so|app\.notion\.com",
        r"\A/(?!help|blog|templates|product)[^/?#]+/[^/?#]*[0-9a-f]{32}(?:[?#]|\Z)",
        _TEAM,
        False,
    ),
    (r"(?:www\.)?notion\.so|app\.notion\.com", r"\A/[^/?#]*[0-9a-f]{32}\?.*\bpvs=\d", _TEAM, False),
    (r"(?:www\.)?dropbox\.com", r"\A/(?:home|work|personal|preview|recents|ow/)(?:[/?#]|\Z|msft)", _FILES, True),
    # Behind the sign for the kind of file stands who may open it: r, those who could already.
    (r"[\w-]+\.sharepoint\.com", r"\A(?!/:\w:/[gspt]/)/.", _TEAM, True),
    (r"onedrive\.live\.com", r"\A/(?:edit(?:\.aspx)?(?:[/?#]|\Z)|\?id=root)", _FILES, True),
    (r"(?:[\w-]+\.)?officeapps\.live\.com", r"/(?:edit|wopi)", _FILES, True),
    (r"www\.office\.com|m365\.cloud\.microsoft", r"\A/launch/", _FILES, True),
    (r"(?:www\.)?icloud\.com", r"\A/(?:mail|iclouddrive|photos|notes)/?(?:[#?]|\Z)", _FILES, True),
    (r"(?:www\.)?overleaf\.com", r"\A/project(?:/|\Z)", _TEAM, True),
    (r"(?:www\.)?canva\.com", r"\A/design/.*/edit", _EDIT, False),
    (r"(?:www\.)?airtable\.com", r"\A/(?:app|tbl)\w{10,}/(?!shr)", _TEAM, True),
    (r"[\w-]+\.atlassian\.net", r"\A/wiki/.*/edit|/edit-v2/", _TEAM, True),
    (r"linear\.app", r"\A/[\w-]+/(?:issue|project|team|document)/", _TEAM, True),
    (r"medium\.com|[\w-]+\.medium\.com", r"\A/p/[0-9a-f]+/edit|\A/(?:me|new-story)(?:/|\Z)", _EDITORS, True),
    (r"[\w-]+\.substack\.com|substack\.com", r"\A/publish(?:/|\Z)", _EDITORS, True),
    (r"dev\.to", r"-temp-slug-\d+|/edit/?(?:[?#]|\Z)|[?&]preview=", _EDITORS, True),
    (r"hashnode\.com", r"\A/(?:edit|draft)/", _EDITORS, True),
    (r"wordpress\.com", r"\A/(?:post|page|posts|pages|home|view|stats|block-editor)/[^/]+\.", _EDITORS, True),
    (
        r"(?:www|draft)\.blogger\.com",
        r"\A/(?:u/\d/)?blog/(?:posts?|page|stats|layout)(?:/|\Z)|\A/blogger\.g",
        _EDITORS,
        True,
    ),
    (r"[\w-]+\.squarespace\.com", r"\A/config(?:[/?#]|\Z)", _EDITORS, True),
    (r"(?:manage|editor|create)\.wix\.com|[\w-]+\.design\.webflow\.com", r"\A/.", _EDITORS, True),
    (r"(?:www\.)?webflow\.com", r"\A/design/", _EDITORS, True),
    (r"admin\.shopify\.com|[\w-]+\.myshopify\.com", r"\A/(?:store|admin)(?:/|\Z)", _EDITORS, True),
    # Where newsletters are written. What these services show to readers has other hosts, or other paths.
    (
        r"(?:[\w-]+\.)?admin\.mailchimp\.com|dashboard\.mailerlite\.com|app\.(?:beehiiv|brevo|kit|convertkit|mailerlite|"
        r"mailgun|sendgrid|constantcontact|activecampaign|klaviyo|hubspot|netlify|contentful|asana|storyblok|prismic|buttondown)"
        r"\.(?:com|io|email)|(?:analytics|business)\.google\.com|business\.facebook\.com|dashboard\.stripe\.com",
        r"\A/\w",
        _EDITORS,
        True,
    ),
    (r"(?:www\.)?buttondown\.(?:com|email)", r"\A/emails/", _EDITORS, True),
    (r"studio\.youtube\.com", r"\A/(?:video|channel|playlist)/", _EDITORS, True),
    (r"(?:www\.)?eventbrite\.[a-z.]+", r"\A/(?:manage/|myevent)", _EDITORS, True),
    (r"admin\.typeform\.com|(?:www\.)?surveymonkey\.com", r"\A/(?:form|create|analyze)/", _EDITORS, True),
    (r"(?:www\.)?linkedin\.com", r"\A/(?:article/edit|messaging)/", _EDITORS, True),
    (r"(?:www\.)?(?:x|twitter)\.com", r"\A/(?:messages|compose)(?:/|\Z)", _MAILBOX, True),
    (r"web\.whatsapp\.com|web\.telegram\.org", r"\A/.*[#?].", _MAILBOX, True),
    (r"raw\.githubusercontent\.com", r"[?&]token=", _EXPIRES, True),
)

_EVERYWHERE = tuple((re.compile(shape), why, sure) for shape, why, sure in _ANYWHERE)
_AT = tuple((re.compile(hosts), re.compile(shape), why, sure) for hosts, shape, why, sure in _HERE)
#: Most sites are none of these; one look tells.
_SOME = re.compile("|".join(f"(?:{hosts})" for hosts in dict.fromkeys(hosts for hosts, _, _, _ in _HERE)))
#: A page kept by an archive is there for everybody, whatever it is a copy of; so are handbooks of such offices.
_OPEN = re.compile(
    r"(?:[\w-]+\.)?wordpress\.org|web\.archive\.org|archive\.(?:org|today|ph|is|li|md|vn|fo)|webcache\.googleusercontent\.com|perma\.cc"
)


def office(host: str, rest: str) -> tuple[str, bool] | None:
    """Why a page of a host is its makers' alone, and whether surely; `rest` is path, query and fragment."""
    if _OPEN.fullmatch(host):
        return None
    if _SOME.fullmatch(host):
        for hosts, shape, why, sure in _AT:
            if hosts.fullmatch(host) and shape.search(rest):
                return why, sure
    for shape, why, sure in _EVERYWHERE:
        if shape.search(rest):
            return why, sure
    return None
