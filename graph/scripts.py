"""Names in scripts other than Latin: recognised and romanised part by part."""

import re
from functools import lru_cache

from anyascii import anyascii

from graph.text import fold
from graph.words import word_map

_NATIVE = re.compile(
    "[\u0370-\u1cff\u2c00-\u2c5f\u2d00-\u2dff\u3005-\u3007\u3040-\u318f\u31f0-\u9fff\ua000-\ua6ff\ua800-\uaaff"
    "\uabc0-\ud7ff\uf900-\ufaff\U00010280-\U0001efff\U00020000-\U0003ffff]"
)
_FAMILY_FIRST = re.compile("[\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]")
_HANGUL = re.compile("[\uac00-\ud7af]+")
_DOUBLE_SURNAMES = re.compile(
    "欧阳|歐陽|司马|司馬|诸葛|諸葛|上官|皇甫|尉迟|尉遲|公孙|公孫|令狐|慕容|司徒|夏侯|端木|东方|東方|独孤|南宫|南宮|"
    "남궁|황보|제갈|선우|독고|사공"
)
_PATRONYMIC = re.compile(r".{2,}(?:ovich|evich|yevich|ovych|ovna|evna|yevna|ivna|ichna)", re.IGNORECASE)


def is_native(text: str) -> bool:
    """Whether a name has letters of a script other than Latin."""
    return not text.isascii() and _NATIVE.search(text) is not None


def mixes_scripts(text: str) -> bool:
    """Whether one word has letters of Latin and of another script, as a forgery of a known one has."""
    return is_native(text) and any(character.isascii() and character.isalpha() for character in text)


def is_family_first(text: str) -> bool:
    """Whether a name is written in Chinese, Japanese or Korean script, where the family comes first."""
    return _FAMILY_FIRST.search(text) is not None


@lru_cache(maxsize=1 << 15)
def romanise(full: str) -> tuple[str, str, str]:
    """Given, middle and surname in Latin letters.

    Chinese, Japanese and Korean names come family first, others given first; a Slavic name that ends
    in its patronymic comes family first too.
    """
    if is_family_first(full):
        return _family_first(full)
    head, comma, tail = full.partition(",")
    words = romanised(f"{tail} {head}" if comma else full).split()
    if len(words) == 3 and _PATRONYMIC.fullmatch(words[2]):
        words = [words[1], words[2], words[0]]
    if len(words) < 2:
        return " ".join(words), "", ""
    return words[0], " ".join(words[1:-1]), words[-1]


def romanised(text: str) -> str:
    """A name part in Latin letters, words kept apart: 小明 → Xiaoming, عبد الله → Abd Allah."""
    return " ".join(latin for word in text.split() if (latin := _latin_word(word)))


def _latin_word(word: str) -> str:
    usual = (
        word_map("arabic_names").get(fold(word)) if is_native(word) and not is_family_first(word) else None
    )
    if usual:
        return usual
    latin = re.sub(r"[^A-Za-z-]", "", anyascii(word))
    if word.startswith("\u0627\u0644") and len(latin) > 2:
        latin = f"al-{latin.lower().removeprefix('l')}"
        return latin[:3] + latin[3:].capitalize()
    return "-".join(part.capitalize() for part in latin.split("-") if part)


def _family_first(full: str) -> tuple[str, str, str]:
    words = re.split("[·・\uff65]", full)
    if len(words) > 1:
        return romanised(words[0]), romanised(" ".join(words[1:-1])), romanised(words[-1])
    words = full.replace(",", " ").split()
    if len(words) < 2:
        size = _surname_size(full)
        words = [full[:size], full[size:]]
    return romanised("".join(words[1:])), "", _surname(words[0])


def _surname(text: str) -> str:
    usual = word_map("hangul_surnames").get(fold(text)) if _HANGUL.fullmatch(text) else None
    return usual or romanised(text)


def _surname_size(name: str) -> int:
    """Characters of the family name: two for double surnames and for four characters or more, else one."""
    if len(name) >= 3 and _DOUBLE_SURNAMES.match(name):
        return 2
    if len(name) >= 4 and not _HANGUL.fullmatch(name):
        return 2
    return min(1, len(name) - 1)
