"""The mail programs there are: what editors call them, and how many readers have each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from digest.errors import did_you_mean
from digest.inspection import caniemail

#: Percent of opened mails, by program or family. Of the first eight: Litmus, over a billion opened mails in April
#: 2022, https://www.litmus.com/blog/email-client-market-share-in-april-2022; the figure for Gmail's and Yahoo's many
#: forms is known together only. Apple's is too high (its privacy proxy opens what nobody reads) and so all the others
#: are rather too low. Thunderbird and what is not here came below the tenth place there, under 0.05 %.
SHARES = {
    "apple-mail": 57.2,
    "gmail": 29.5,
    "outlook.windows": 4.2,
    "yahoo": 3.4,
    "outlook.com": 1.0,
    "samsung-email": 0.4,
    "web-de": 0.06,
    "gmx": 0.05,
}
SHARES_SOURCE = "Litmus, April 2022"

#: What is looked at when `[check] clients` names none: what the most read with, and what their colleagues do.
USUAL = (
    "apple-mail.ios",
    "apple-mail.macos",
    "gmail.web",
    "gmail.ios",
    "gmail.android",
    "outlook.windows",
    "outlook.macos",
    "outlook.com",
    "outlook.ios",
    "outlook.android",
    "yahoo.web",
    "yahoo.ios",
    "yahoo.android",
    "samsung-email.android",
    "thunderbird.macos",
)

_FAMILIES = {
    "apple-mail": "Apple Mail",
    "gmail": "Gmail",
    "outlook": "Outlook",
    "yahoo": "Yahoo Mail",
    "aol": "AOL Mail",
    "samsung-email": "Samsung Email",
    "sfr": "SFR",
    "thunderbird": "Thunderbird",
    "protonmail": "Proton Mail",
    "hey": "HEY",
    "mail-ru": "Mail.ru",
    "fastmail": "Fastmail",
    "laposte": "La Poste",
    "free-fr": "Free",
    "t-online-de": "T-Online",
    "gmx": "GMX",
    "web-de": "WEB.DE",
    "ionos-1and1": "IONOS",
    "wp-pl": "WP",
    "rainloop": "RainLoop",
    "orange": "Orange",
}
_PLATFORMS = {
    "web": "on the web",
    "mobile-web": "on the web of a phone",
    "ios": "on iPhone",
    "android": "on Android",
    "macos": "on the Mac",
    "windows": "on Windows",
}
#: Platforms as caniemail writes them, and as an editor would.
_OURS = {"desktop-webmail": "web", "mobile-webmail": "mobile-web", "outlook-com": "com"}


@dataclass(frozen=True, slots=True)
class Program:
    """One mail program on one kind of device."""

    #: As `[check] clients` has it: "gmail.android".
    name: str
    #: As caniemail has it.
    key: str

    @property
    def family(self) -> str:
        return self.name.partition(".")[0]

    @property
    def shown(self) -> str:
        """In words: "Gmail on Android"."""
        family, _, platform = self.name.partition(".")
        told = {
            "outlook.com": "Outlook.com",
            "outlook.windows": "classic Outlook on Windows",
            "outlook.windows-mail": "Windows Mail",
        }
        if self.name in told:
            return told[self.name]
        where = _PLATFORMS.get(platform, platform)
        alone = len([each for each in programs() if each.family == family]) == 1 or family in ("thunderbird",)
        return _FAMILIES.get(family, family) if alone else f"{_FAMILIES.get(family, family)} {where}"


def programs() -> tuple[Program, ...]:
    """Every program that caniemail has tested, in its order."""
    found = []
    for key in caniemail.facts().programs:
        family, _, platform = key.partition(".")
        found.append(Program(f"{family}.{_OURS.get(platform, platform)}", key))
    return tuple(found)


def named(names: Sequence[str]) -> tuple[tuple[Program, ...], tuple[tuple[str, str], ...]]:
    """The programs meant, in our order, a family for all of it; and names that mean none, each with a guess."""
    wanted = set()
    unknown = []
    known = programs()
    for name in names or USUAL:
        word = name.strip().casefold()
        met = {each for each in known if word in (each.name, each.key, each.family)}
        if not met:
            guesses = {each.name for each in known} | {each.family for each in known}
            unknown.append((name, did_you_mean(word, guesses)))
        wanted |= met
    return tuple(each for each in known if each in wanted), tuple(unknown)


def all_names() -> str:
    """Every name that `[check] clients` may hold, on one line."""
    families: dict[str, list[str]] = {}
    for each in programs():
        families.setdefault(each.family, []).append(each.name.partition(".")[2])
    return ", ".join(f"{family} ({', '.join(f'.{each}' for each in found)})" for family, found in families.items())


def told(missing: Iterable[Program], among: Sequence[Program]) -> str:
    """Programs in words, whole families by their name, and their share of readers where one is known.

    `among` are all that were looked at: a family is whole when none of those is left out.
    """
    lacking = list(missing)
    parts: list[str] = []
    for family in dict.fromkeys(each.family for each in lacking):
        mine = [each for each in lacking if each.family == family]
        whole = len(mine) == len([each for each in among if each.family == family])
        if whole and len(mine) > 1:
            parts.append(_with_share(_FAMILIES.get(family, family), mine, part=False))
        else:
            parts += [_with_share(each.shown, [each], part=not whole) for each in mine]
    return _listed(parts)


def share(missing: Iterable[Program]) -> float:
    """Percent of readers, as far as is known; of a family known only as a whole, all of it."""
    return sum({_share_key(each): SHARES.get(_share_key(each), 0.0) for each in missing}.values())


def _share_key(program: Program) -> str:
    return program.name if program.name in SHARES else program.family


def _with_share(text: str, programs: Sequence[Program], *, part: bool) -> str:
    known = {key: SHARES[key] for each in programs if (key := _share_key(each)) in SHARES}
    if not known:
        return text
    percent = sum(known.values())
    figure = f"{percent:.0f} %" if percent >= 1 else "under 1 %"
    return f"{text} ({'part of ' if part and programs[0].name not in SHARES else ''}{figure} of readers)"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1] if parts else ""
