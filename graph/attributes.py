"""Cleans the attributes of one record: names, dates, gender and address under the names of the vocabulary."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from graph.addresses import ADDRESS_PARTS, clean_address
from graph.capitals import show_place
from graph.dates import clean_date
from graph.generations import clean_generation
from graph.names import clean_given, clean_middle, clean_surname, fold, split_name
from graph.scripts import is_family_first, is_native, romanised
from graph.text import tidy
from graph.unusable import UnusableCode, UnusableValueError
from graph.vocabulary import ATTRIBUTES
from graph.words import word_map, word_set

INPUTS = (*ATTRIBUTES, "full_name", "address", "street_line")
"""What clean_attributes takes: the attributes, and lines that it splits into them."""

_NAMES = ("given_name", "middle_name", "surname", "full_name", "native_name")
_ADDRESS_INPUTS = frozenset({*ADDRESS_PARTS, "address", "street_line"})
_PLACEHOLDER = re.compile(
    r"(?i)[\W_]+|n/\s?a|n\.a\.?|nan|null|none|nil|undefined|unknown|unbekannt|inconnu|desconocido|anonymous|"
    r"not[ _-](?:available|applicable|known|provided|given|set|specified)|tbd|tba|xx+|test|dummy|missing|blank|no name|"
    r"#n/?a[.!]?|\\n|n/?d|[-\[(<]+(?:null|none|leer|empty|vacío|vide)[-\])>]+|"
    r"k\.\s?a\.?|keine angaben?|unbek\.?|nicht angegeben|"
    r"s/d|sin datos|ningun[oa]|no consta|néant|aucune?|non renseignée?|brak(?: danych)?|b\.\s?d\.?|nie podano|"
    r"なし|不明|无|無|غير معروف|لا يوجد"
)
_NAME_TOO = re.compile(r"Nan|Null|None|Test|Nil|Blank|Brak|(?!N)[A-Z]\.\s?[A-Z]\.?")
_LINES = frozenset({"address", "street_line"})
_LINE_END = re.compile(r"[,\s]*[\r\n]\s*|،\s*")


@dataclass(frozen=True, slots=True)
class Problem:
    """An attribute that was not taken over, and why."""

    attribute: str
    code: UnusableCode


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Cleaned attributes by name, and what was wrong with the others."""

    attributes: dict[str, str]
    problems: tuple[Problem, ...] = ()


def clean_attributes(
    raw: Mapping[str, str], *, date_order: str = "ymd", country: str | None = None
) -> Cleaned:
    """Cleans one record; never raises for a value, each that cannot be used becomes a problem.

    `raw` holds any of INPUTS. Parts win over the lines that contain them (`surname` over `full_name`).
    `date_order` is one of dates.ORDERS; `country` an ISO 3166 code assumed where none is written.
    """
    problems: list[Problem] = []
    texts = _texts(raw, problems)
    attributes = _names(texts, problems)
    if _of_nobody(attributes):
        problems.append(Problem("full_name", UnusableCode.PLACEHOLDER_VALUE))
        attributes = {}
    if "gender" in texts:
        attributes["gender"] = _tried("gender", problems, lambda: clean_gender(texts["gender"]))
    if "birth_date" in texts:
        attributes["birth_date"] = _birth_date(texts["birth_date"], date_order, problems)
    for name in ("birth_place", "occupation", "organisation_name"):
        if name in texts:
            attributes[name] = show_place(texts[name]) if name == "birth_place" else texts[name]
    attributes |= _address(texts, country, problems)
    return Cleaned({name: attributes[name] for name in ATTRIBUTES if attributes.get(name)}, tuple(problems))


@lru_cache(maxsize=1 << 10)
def clean_gender(text: str) -> str:
    """F, M or X from the word for it in common languages. Raises UnusableValueError (invalid_gender)."""
    code = word_map("genders").get(fold(text))
    if code is None:
        raise UnusableValueError(UnusableCode.INVALID_GENDER)
    return code


def _texts(raw: Mapping[str, str], problems: list[Problem]) -> dict[str, str]:
    """The values that say something, tidied."""
    texts: dict[str, str] = {}
    for name, value in raw.items():
        try:
            text = _meaningful(_LINE_END.sub(", ", value) if name in _LINES else value, name in _NAMES)
        except UnusableValueError as error:
            problems.append(Problem(name, error.code))
            continue
        if name not in INPUTS:
            problems.append(Problem(name, UnusableCode.UNKNOWN_ATTRIBUTE))
        elif text:
            texts[name] = text
    return texts


@lru_cache(maxsize=1 << 17)
def _meaningful(value: str, is_name: bool) -> str:
    text = tidy(value)
    if text and _PLACEHOLDER.fullmatch(text) and not (is_name and _NAME_TOO.fullmatch(text)):
        raise UnusableValueError(UnusableCode.PLACEHOLDER_VALUE)
    return text


def _tried(attribute: str, problems: list[Problem], clean: Callable[[], str]) -> str:
    try:
        return clean()
    except UnusableValueError as error:
        problems.append(Problem(attribute, error.code))
        return ""


def _birth_date(text: str, order: str, problems: list[Problem]) -> str:
    """The date, or what is possible of one whose day or month is damaged."""
    date = _tried("birth_date", problems, lambda: clean_date(text, order))
    if problems and problems[-1] == Problem("birth_date", UnusableCode.IMPOSSIBLE_DATE):
        return clean_date(text, order, partial=True)
    return date


def _names(texts: Mapping[str, str], problems: list[Problem]) -> dict[str, str]:
    """The parts of the name; a full name fills what its columns leave open."""
    names: dict[str, str] = {}
    for name in _NAMES:
        if name in texts and not any(character.isalpha() for character in texts[name]):
            problems.append(Problem(name, UnusableCode.INVALID_NAME))
            texts = {key: value for key, value in texts.items() if key != name}
    native = _native_name(texts)
    if native:
        names["native_name"] = native
        texts = {name: _latin(name, text) for name, text in texts.items()}
    given, surname = clean_given(texts.get("given_name", "")), clean_surname(texts.get("surname", ""))
    names["given_name"] = given.given
    names["middle_name"] = clean_middle(texts.get("middle_name", "")) or given.middle
    names["surname"] = surname.surname
    names["generation"] = (
        clean_generation(texts.get("generation", "")) or surname.generation or given.generation
    )
    if texts.get("full_name"):
        names = _filled(names, texts["full_name"])
    if native and not (names["given_name"] or names["surname"]):
        names = _filled(names, native)
    return names


def _filled(names: dict[str, str], full: str) -> dict[str, str]:
    """Adds the parts of the full name that no column has and that do not contradict the columns."""
    parts = split_name(full)
    agrees = all(
        not names[name] or fold(names[name]) == fold(part)
        for name, part in (("given_name", parts.given), ("surname", parts.surname))
    )
    if agrees:
        for name, part in (
            ("given_name", parts.given),
            ("middle_name", parts.middle),
            ("surname", parts.surname),
        ):
            names[name] = names[name] or part
    names["generation"] = names["generation"] or parts.generation
    return names


def _of_nobody(names: Mapping[str, str]) -> bool:
    """Whether a name is nothing but words that stand where one should: Test Test, Walk-in Customer."""
    words = fold(" ".join(names.get(part, "") for part in ("given_name", "middle_name", "surname"))).split()
    return len(words) > 1 and word_set("made_up_names").issuperset(words)


def _native_name(texts: Mapping[str, str]) -> str:
    """The name in its own script, if any of the columns has one."""
    for name in ("native_name", "full_name"):
        if is_native(texts.get(name, "")):
            return texts[name]
    given, surname = texts.get("given_name", ""), texts.get("surname", "")
    if not is_native(given + surname):
        return texts.get("native_name", "")
    if is_family_first(given + surname):
        return surname + given
    return f"{given} {surname}".strip()


def _latin(name: str, text: str) -> str:
    return romanised(text) if name in ("given_name", "middle_name", "surname") and is_native(text) else text


def _address(texts: Mapping[str, str], country: str | None, problems: list[Problem]) -> dict[str, str]:
    parts = {name: text for name, text in texts.items() if name in _ADDRESS_INPUTS}
    if not parts:
        return {}
    try:
        address = clean_address(parts, country or "")
    except UnusableValueError as error:
        problems.append(Problem("country", error.code))
        address = clean_address(
            {name: text for name, text in parts.items() if name != "country"}, country or ""
        )
    return {name: getattr(address, name) for name in ADDRESS_PARTS}
