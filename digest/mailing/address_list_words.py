"""What columns of lists of readers are called, and what stands in them, in several languages.

Compared without accents, capitals, blanks and signs: "E-Mail" is "email", "Prénom" is "prenom". Headings as the exports
of Mailchimp, Brevo, Kit, Buttondown, MailerLite, listmonk, Ghost, Substack and Google's contacts have them, and as
people write them by hand.
"""

from __future__ import annotations

import re
import unicodedata


def word(text: str) -> str:
    """Letters and digits alone, without accents and capitals."""
    return "".join(each for each in unicodedata.normalize("NFKD", text.casefold()) if each.isalnum())


def _words(text: str) -> frozenset[str]:
    return frozenset(map(word, text.split()))


EMAIL = _words(
    "email emailaddress emails mail mailaddress emailadresse mailadresse adresseemail adressemail "
    "adresseelectronique adressedemessagerie courriel correo correoelectronico direccioncorreo direcciondecorreo "
    "emaildireccion indirizzoemail indirizzomail postaelettronica emailadres mailadres epost epostadress "
    "epostadresse eposta sahkoposti enderecodeemail correioeletronico adresemail adresamail subscriberemail "
    "subscribersemail email1value primaryemail emailprimary contactemail useremail memberemail почта "
    "электроннаяпочта эпошта メールアドレス メール 邮箱 电子邮件 電子郵件 이메일"
)
FIRST_NAME = _words(
    "firstname first fname givenname given forename vorname rufname prenom nomedibattesimo voornaam fornavn fornamn "
    "etunimi imie jmeno keresztnev primeironome nomeproprio имя имʼя 名"
)
NAME = _words(
    "name fullname displayname nombre nomcomplet nombrecompleto nombreyapellidos nome nomecompleto nomeecognome "
    "naam namn navn nimi contactname subscribername membername vorundnachname nameprefixless"
)
STATUS = _words(
    "status subscriptionstatus subscriberstatus memberstatus emailstatus mailstatus statut estado stato situation "
    "emailmarketingstatus emailsubscriptionstatus marketingstatus subscribertype subscriptionstate"
)
STATUS_IF = re.compile(r"(?:mail|subscri|abonn|opt|consent|marketing|list).*stat(?:us|e|ut)")
#: A column so called says of whom it says something that they are not to be mailed.
GONE_IF = re.compile(
    r"unsub|opt(?:ed)?out|abgemeld|abmeld|ausgetragen|abbestell|desinscri|desabonn|debaja|fechabaja|\Abaja|disiscri|"
    r"cancellat|uitgeschreven|afgemeld|avregistr|bounce|complain|cleaned|cleantime|blacklist|blocklist|\Ablocked|"
    r"suppress|donot|dontmail|nomail|removed|deleted|deactivated|invalid|gesperrt|disabled|\Aleft\Z|lefton|leftat|\Agone"
)
#: A column so called says who is to be mailed.
WANTS = _words(
    "subscribed issubscribed subscribedtoemails active isactive aktiv actif activo attivo actief enabled optin "
    "optedin consent einwilligung abonniert abonne inscrit suscrito iscritto acceptsmarketing acceptsemailmarketing "
    "emailconsent marketingconsent emailmarketing emailmarketingconsent"
)
#: A column so called may be about it.
PERHAPS = re.compile(
    r"subscri|consent|permission|optin|newsletter|mailing|activ|aktiv|actif|abonn|status|statut|estado|stato|state|"
    r"wants|einwillig|confirm|verif|inscri|anmeld|angemeld|erlaub|\Atype\Z"
)
YES = _words("yes y true t 1 x ja j oui o si s sim sì да on wahr vrai")
NO = _words("no n false f 0 nein non nao não nee нет off never none null nil na falsch faux nan") | {""}
#: The same, where no letter says it.
TICKS, DASHES = frozenset("✓✔☑✅"), frozenset("-–—")
ACTIVE = _words(
    "subscribed subscriber active activated enabled regular premium free paid member comped confirmed verified "
    "optin optedin wants yes aktiv abonniert angemeldet bestatigt actif abonne inscrit confirme activo suscrito "
    "confirmado attivo iscritto confermato actief ingeschreven aangemeld aktivni"
)
GONE = _words(
    "inactive disabled deactivated bounced bounce hardbounce hardbounced softbounced cleaned complained complaint "
    "spamcomplaint spam blocked blocklisted blacklisted suppressed removed deleted left gone canceled cancelled "
    "churned unconfirmed unactivated unverified pending notsubscribed nonsubscribed archived junk invalid "
    "undeliverable paused transactional no never inaktiv ausgetragen gesperrt geloscht unbestatigt inactif supprime "
    "enattente baja inactivo cancelado eliminado pendiente inattivo cancellato inactief neversubscribed"
)
#: What says so in any column, whatever it is called.
LEAVING = re.compile(
    r"unsub|optedout|optout|nolonger|abgemeldet|abbestellt|desinscrit|desabonn|desuscrito|disiscritt|uitgeschreven|"
    r"afgemeld|hardbounce|bounced|donotmail|donotemail|donotcontact|nomail|wantstoleave|hasleft"
)
#: Before a name, and no part of it.
TITLES = _words(
    "mr mrs ms miss mx dr prof professor sir dame herr frau fraulein dipl ing mag m mme mlle monsieur madame sr sra "
    "srta don dona sig signor signora dott dhr mevr the familie family team"
)
