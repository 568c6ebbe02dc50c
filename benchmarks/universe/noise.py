"""Edits of single strings: how people, keyboards, scanners and forms damage what they are given."""

import random
import re
from collections.abc import Callable

import numpy as np
from anyascii import anyascii

from benchmarks.universe.draws import Column, editor

Edit = Callable[[str, random.Random], str]

ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
NEIGHBOURS = {
    char: "".join(
        ROWS[near][at]
        for near in range(max(row - 1, 0), min(row + 2, 4))
        for at in range(max(place - 1, 0), min(place + 2, len(ROWS[near])))
        if (near == 0) == (row == 0) and ROWS[near][at] != char
    )
    for row, keys in enumerate(ROWS)
    for place, char in enumerate(keys)
}
SCANNED = (
    ("m", "rn"), ("rn", "m"), ("l", "1"), ("i", "l"), ("o", "0"), ("e", "c"), ("h", "b"), ("cl", "d"),
    ("u", "v"), ("s", "5"), ("n", "u"), ("g", "q"), ("vv", "w"), ("b", "8"),
)  # fmt: skip
SOUNDS = (
    ("ph", "f"), ("f", "ph"), ("ck", "k"), ("k", "c"), ("c", "k"), ("ey", "y"), ("y", "ie"), ("ie", "ei"),
    ("ei", "ie"), ("ai", "ei"), ("ay", "ai"), ("ss", "s"), ("ll", "l"), ("tt", "t"), ("nn", "n"),
    ("mm", "m"), ("rr", "r"), ("th", "t"), ("dt", "tt"), ("sch", "sh"), ("v", "w"), ("w", "v"), ("x", "ks"),
    ("z", "s"), ("s", "z"), ("ou", "u"), ("oo", "u"), ("ee", "ea"), ("ea", "ee"), ("son", "sen"),
    ("sen", "son"), ("ow", "au"), ("gh", "g"), ("kn", "n"), ("ch", "tch"), ("er", "ar"), ("ar", "er"),
    ("an", "en"), ("on", "en"), ("i", "y"),
)  # fmt: skip
"""Pairs of spellings that sound alike somewhere."""
ROMANISED = (
    ("yu", "iu"), ("yu", "ju"), ("ya", "ia"), ("ya", "ja"), ("kh", "h"), ("zh", "j"), ("iy", "y"),
    ("ey", "ei"), ("ts", "c"), ("v", "w"), ("sh", "sch"), ("ks", "x"), ("eo", "o"), ("oo", "o"),
    ("ou", "o"), ("x", "hs"), ("q", "ch"), ("zh", "ch"), ("ii", "i"), ("gi", "ki"), ("ng", "n"),
)  # fmt: skip
"""Other romanisations of the same name."""
ACCENTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ø": "oe", "å": "aa"}
)
STREET_WORDS = (
    ("Street", "St"), ("Street", "St."), ("Avenue", "Ave"), ("Road", "Rd"), ("Drive", "Dr"), ("Lane", "Ln"),
    ("Boulevard", "Blvd"), ("Court", "Ct"), ("Circle", "Cir"), ("Place", "Pl"), ("Close", "Cl"),
    ("Crescent", "Cres"), ("Gardens", "Gdns"), ("straße", "str."), ("straße", "strasse"), ("Rue ", "R. "),
    ("Calle ", "C/ "), ("Avenida ", "Avda. "), ("Via ", "V. "), ("Piazza ", "P.za "), ("ul. ", ""),
    ("al. ", "Aleja "), ("straat", "str"), ("Rua ", "R. "), ("Caddesi", "Cad."), ("Sokak", "Sok."),
    ("vägen", "v."), ("gatan", "g."),
)  # fmt: skip


def _like(model: str, text: str) -> str:
    return text.upper() if model.isupper() else text


def keyboard(text: str, r: random.Random) -> str:
    """A neighbouring key instead of the right one."""
    at = r.randrange(len(text))
    near = NEIGHBOURS.get(text[at].lower())
    return text[:at] + _like(text[at], r.choice(near)) + text[at + 1 :] if near else drop(text, r)


def transpose(text: str, r: random.Random) -> str:
    """Two neighbours in the wrong order."""
    if len(text) < 3:
        return text
    at = r.randrange(1, len(text) - 1)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def drop(text: str, r: random.Random) -> str:
    """A letter left out, seldom the first."""
    if len(text) < 3:
        return text
    at = r.randrange(1, len(text))
    return text[:at] + text[at + 1 :]


def double(text: str, r: random.Random) -> str:
    """A letter twice, or a neighbour key hit as well."""
    at = r.randrange(len(text))
    extra = text[at] if r.random() < 0.6 else keyboard(text[at], r)
    return text[: at + 1] + extra.lower() + text[at + 1 :]


def _replaced(text: str, pairs: tuple[tuple[str, str], ...], r: random.Random) -> str:
    low = "".join(char.lower()[0] for char in text)  # İ would become two characters
    fitting = [pair for pair in pairs if pair[0] in low]
    if not fitting:
        return keyboard(text, r)
    old, new = r.choice(fitting)
    at = r.choice([match.start() for match in re.finditer(re.escape(old), low)])
    return text[:at] + (new.capitalize() if text[at].isupper() else new) + text[at + len(old) :]


def scan(text: str, r: random.Random) -> str:
    """A shape misread by a scanner."""
    return _replaced(text, SCANNED, r)


def sound(text: str, r: random.Random) -> str:
    """Another spelling that sounds alike."""
    return _replaced(text, SOUNDS, r)


def romanise(text: str, r: random.Random) -> str:
    """Another romanisation."""
    return _replaced(text, ROMANISED, r)


def digit(text: str, r: random.Random) -> str:
    """One digit wrong, or two neighbours swapped."""
    places = [at for at, char in enumerate(text) if char.isdigit()]
    if not places:
        return text
    at = r.choice(places)
    if r.random() < 0.35 and at + 1 < len(text) and text[at + 1].isdigit():
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + r.choice("0123456789".replace(text[at], "")) + text[at + 1 :]


KINDS = ((keyboard, 0.22), (drop, 0.20), (transpose, 0.15), (double, 0.16), (sound, 0.21), (scan, 0.06))


def misspell(text: str, r: random.Random) -> str:
    """One misspelling of a word, after Damerau's and Kukich's kinds."""
    kind = r.choices([kind for kind, _ in KINDS], [share for _, share in KINDS])[0]
    return kind(text, r)


def misspell_mail(text: str, r: random.Random) -> str:
    """A slip in an e-mail address: mostly before the @, sometimes in the domain."""
    local, _, domain = text.partition("@")
    if r.random() < 0.7:
        return f"{misspell(local, r)}@{domain}".replace(" ", "").lower()
    return f"{local}@{r.choice((drop, transpose, double))(domain, r)}".lower()


def plain(text: str, r: random.Random) -> str:
    """Accents lost: the German and Nordic way of writing them out, or without a trace."""
    return anyascii(text.translate(ACCENTS) if r.random() < 0.4 else text)


def abbreviate(text: str, r: random.Random) -> str:
    """A street word written short, or out of habit in another way."""
    fitting = [pair for pair in STREET_WORDS if pair[0] in text]
    return text.replace(*r.choice(fitting)) if fitting else text


def initial(text: str, r: random.Random) -> str:
    """The first letter only."""
    return text[0] + ("." if r.random() < 0.5 else "")


def half(text: str, r: random.Random) -> str:
    """One part of a double name."""
    parts = [part for part in re.split(r"[ -]", text) if len(part) > 2]
    return text if len(parts) < 2 else parts[0] if r.random() < 0.75 else parts[-1]


def cut(text: str, r: random.Random) -> str:
    """The end is missing: the column was too short."""
    return text[: max(3, int(len(text) * r.uniform(0.4, 0.8)))]


def damage(
    column: Column, rate: float | np.ndarray, edit: Edit, rng: np.random.Generator, again: float = 0.0
) -> Column:
    """A copy of the column in which a share of the present values is edited, a share of those twice."""
    r = editor(rng)
    hit = np.flatnonzero(rng.random(len(column)) < rate)
    damaged = column.copy()
    for at in hit.tolist():
        if column[at]:
            once = edit(column[at], r)
            damaged[at] = edit(once, r) if once and r.random() < again else once
    return damaged
