"""The language of a text, by its script and its commonest words."""

from __future__ import annotations

import re

_COMMON = {
    "en": "the of and to in that was for is on with as it by from at are were has have this which but",
    "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es werden",
    "fr": "de la le et les des en un du une que est pour qui dans par sur au pas plus avec il sont ce",
    "es": "de la que el en y los se del las un por con una para su al es lo como más pero fue este",
    "it": "di che la il un per in una è con non si del da sono le dei nel alla gli della più anche",
    "pt": "de que o do da em um para com não uma os no se na por mais as dos como mas ao foi das pelo",
    "nl": "de van het een en in is dat op te zijn voor met die niet aan er ook als door bij naar",
    "sv": "och att det som en på är av för med till den har inte om ett var men från vi han så",
    "da": "og at det er en til på som med af de for ikke den der har et var men fra han også blev",
    "nb": "og det at er en på som til av med for ikke den har de et var men fra han også ble",
    "fi": "ja on että oli ei se hän joka mutta kun mukaan myös ovat sen kuin ole tai niin",
    "pl": "w i na z się że do nie jest to o od po jak przez za dla ale są był tym oraz",
    "cs": "a se v na je že s z do o i to ve pro za by jako po byl ale podle také",
    "ro": "de și în la a cu pe nu care din că o un este pentru mai sunt ce fost prin",
    "hu": "a az és hogy nem is egy ez meg csak volt de ha már mint azt még lesz szerint",
    "tr": "ve bir bu için ile da de olarak daha en çok olan gibi sonra kadar olduğunu ise",
    "id": "yang dan di ini dengan untuk dari dalam itu tidak pada akan oleh juga ke telah",
    "vi": "và của là có được cho các trong một không với những người đã này khi",
}
_OF_WORD = {language: frozenset(words.split()) for language, words in _COMMON.items()}
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("uk", re.compile(r"[іїєґ]")),
    ("ru", re.compile(r"[а-яё]")),
    ("el", re.compile(r"[α-ωά-ώ]")),
    ("he", re.compile(r"[\u05d0-\u05ea]")),
    ("fa", re.compile(r"[پچژگ]")),
    ("ar", re.compile(r"[\u0621-\u064a]")),
    ("hi", re.compile(r"[\u0904-\u0939]")),
    ("th", re.compile(r"[\u0e01-\u0e2e]")),
)


def language(text: str) -> str:
    """BCP 47 of the language a text is in; "" for one too short to tell."""
    letters = text[:20_000].casefold()
    size = sum(map(str.isalpha, letters)) or 1
    for code, script in _SCRIPTS:
        # Ukrainian and Persian are told from Russian and Arabic by letters that come up every few words.
        share = 0.01 if code in ("uk", "fa") else 0.05 if code == "ja" else 0.3
        if len(script.findall(letters)) > share * size:
            return code
    words = re.findall(r"[^\W\d_]+", letters)
    if len(words) < 12:
        return ""
    shares = {code: sum(word in known for word in words) / len(words) for code, known in _OF_WORD.items()}
    best = max(shares, key=lambda code: shares[code])
    return best if shares[best] > 0.12 else ""
