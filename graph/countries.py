"""Countries and their regions, from any spelling to codes."""

from functools import lru_cache

import pycountry

from graph.text import fold
from graph.unusable import UnusableCode, UnusableValueError
from graph.words import word_map


@lru_cache(maxsize=1 << 14)
def clean_country(text: str) -> str:
    """ISO 3166 alpha-2 code of a country given by name, native name or code.

    Raises UnusableValueError (invalid_country).
    """
    code = _codes().get(fold(text))
    if code is None:
        raise UnusableValueError(UnusableCode.INVALID_COUNTRY)
    return code


@lru_cache(maxsize=1 << 14)
def clean_region(text: str, country: str) -> str:
    """The short code of a state or province of the US, Canada or Australia; other regions as written."""
    for candidate in (country,) if country else ("US", "CA"):
        code = _region_codes(candidate).get(fold(text))
        if code:
            return code
    return text.upper() if len(text) <= 3 and text.isalpha() else text


@lru_cache(maxsize=8)
def _region_codes(country: str) -> dict[str, str]:
    """Folded names and codes of a country's regions → code; empty for countries that write names."""
    if country not in ("US", "CA", "AU"):
        return {}
    regions = [
        (region.name, region.code.partition("-")[2])
        for region in pycountry.subdivisions.get(country_code=country) or ()
    ]
    return {fold(text): code for name, code in regions for text in (name, code)}


def is_region(text: str, country: str) -> bool:
    """Whether a text is the code or name of a state or province of the US, Canada or Australia."""
    return bool(text) and fold(text) in _region_codes(country)


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    codes: dict[str, str] = {}
    for country in pycountry.countries:
        names = (
            getattr(country, field, "")
            for field in ("alpha_2", "alpha_3", "common_name", "official_name", "name")
        )
        for name in names:
            codes.setdefault(fold(name), country.alpha_2)
            codes.setdefault(fold(name.partition(",")[0]), country.alpha_2)
    codes.update(word_map("countries"))
    codes.pop("", None)
    return codes
