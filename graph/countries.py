"""Countries and their regions, from any spelling to codes."""

from functools import lru_cache

import pycountry

from graph.text import fold
from graph.unusable import UnusableCode, UnusableValueError

_OTHER_NAMES = {
    "AE": "uae emirates", "AT": "osterreich autriche", "BE": "belgie belgique belgien", "BR": "brasil",
    "CH": "schweiz suisse svizzera switzerland", "CN": "china zhongguo prc chine", "CZ": "ceska_republika cesko "
    "czech_republic", "DE": "deutschland allemagne alemania frg brd ger", "DK": "danmark", "ES": "espana espagne "
    "spanien", "FI": "suomi", "FR": "frankreich francia", "GB": "uk england scotland wales northern_ireland "
    "great_britain britain britannien", "GR": "hellas ellada", "HR": "hrvatska", "HU": "magyarorszag",
    "IE": "eire", "IN": "bharat", "IT": "italia italie italien", "JP": "nippon nihon riben", "KR": "korea "
    "south_korea hanguk daehanmingug", "MX": "mejico", "NL": "nederland holland the_netherlands pays_bas",
    "NO": "norge", "PL": "polska polen", "PT": "portugal", "RO": "romania", "RU": "russia rossiya rossija",
    "SE": "sverige schweden", "SK": "slovensko", "TR": "turkiye turkey turkei", "TW": "taiwan", "UA": "ukraina",
    "US": "usa u_s u_s_a united_states america united_states_of_america eeuu estados_unidos etats_unis", "VN":
    "vietnam", "XK": "kosovo",
}  # fmt: skip


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
        for region in pycountry.subdivisions.get(country_code=country)
    ]
    return {fold(text): code for name, code in regions for text in (name, code)}


def is_american_state(text: str) -> bool:
    """Whether a text is a code or name of a state of the US."""
    return fold(text) in _region_codes("US")


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    codes: dict[str, str] = {}
    for country in pycountry.countries:
        names = (country.alpha_2, country.alpha_3, country.name, getattr(country, "official_name", ""),
                 getattr(country, "common_name", ""), country.name.partition(",")[0])  # fmt: skip
        for name in names:
            codes.setdefault(fold(name), country.alpha_2)
    codes.update(
        {fold(name): code for code, names in _OTHER_NAMES.items() for name in names.replace("_", "-").split()}
    )
    codes.pop("", None)
    return codes
