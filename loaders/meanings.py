"""Answers for what each column of a sample means: its name proposes, its content decides."""

from graph.names import fold, nickname_roots
from loaders.columns import Column, Sample, is_date, is_email, is_number, is_phone, is_written_date
from loaders.synonyms import TRUTH, concept_of

_IDENTIFIER_CHECKED = ("email", "phone", "ssn", "national_id", "tax_id", "passport", "driving_licence")
_WORDLESS = (
    "house_number",
    "postcode",
    "birth_year",
    "birth_month",
    "birth_day",
    "record_id",
    "customer_number",
)
_NAMES = ("given_name", "surname", "middle_name", "full_name", "city", "street_line", "organisation_name")
_NAME_PARTS = ("given_name", "surname", "full_name", "organisation_name")
_KIND_WORDS = {
    "person": "person individual consumer private privat privatperson human natural natuerlich b2c people personal",
    "organisation": "organization organisation company business firma org corporate enterprise b2b legal entity "
    "unternehmen geschaeftlich gewerblich",
}


def read_meanings(sample: Sample) -> dict[str, str]:
    """Concept by column, for the columns that have one (loaders/synonyms.toml lists the concepts)."""
    meanings: dict[str, str] = {}
    directness: dict[str, int] = {}
    for name, column in sample.columns.items():
        concept, direct = concept_of(name)
        if concept != TRUTH and concept is not None and not _fits(concept, column):
            concept = None
        concept = concept or _from_content(column)
        if concept:
            meanings[name], directness[name] = concept, direct
    _settle_names(meanings)
    if not set(meanings.values()) & {*_NAME_PARTS, "event_type"}:
        meanings.update(_unnamed_names(sample, meanings))
    _settle_kind(meanings, sample)
    return _without_weaker(meanings, directness, sample)


def kind_values(column: Column) -> dict[str, list[str]] | None:
    """The values that mean person and organisation, None when the column does not tell them apart."""
    if not 1 <= column.distinct <= 12:
        return None
    found: dict[str, list[str]] = {"person": [], "organisation": []}
    for value in sorted(column.values):
        for kind, words in _KIND_WORDS.items():
            if set(value.casefold().replace("_", " ").split()) & set(words.split()):
                found[kind].append(value)
    told = sum(map(len, found.values()))
    return found if told and told >= column.distinct / 2 else None


def _fits(concept: str, column: Column) -> bool:
    """Whether the content of a column can be what its name says; an empty column can be anything."""
    if not column.filled:
        return True
    match concept:
        case "email":
            return column.share(is_email) >= 0.5
        case "birth_date":
            return column.share(is_date) >= 0.5
        case _ if concept in _IDENTIFIER_CHECKED:
            return column.usable(concept) >= 0.5
        case _ if concept in _NAMES:
            return column.share(is_number) < 0.5
        case _:
            return concept in _WORDLESS or column.distinct > 0


def _from_content(column: Column) -> str | None:
    if column.filled and column.share(is_email) >= 0.7:
        return "email"
    if column.filled and column.share(is_phone) >= 0.8 and column.distinct > 0.3 * column.filled:
        return "phone"
    if column.filled and column.share(is_written_date) >= 0.9 and _is_of_births(column):
        return "birth_date"
    return None


def _is_of_births(column: Column) -> bool:
    """Dates spread over decades are births; dates of one system are of a few years."""
    from graph.dates import clean_date

    years = sorted(int(clean_date(value, "dmy")[:4]) for value in column.samples if is_date(value))
    return len(years) > 1 and years[len(years) // 2] < 2006 and years[-1] - years[0] > 25


def _settle_names(meanings: dict[str, str]) -> None:
    """A column called just "name" is what the other columns leave open."""
    concepts = set(meanings.values())
    for name, concept in meanings.items():
        if concept == "name":
            has_given, has_surname = "given_name" in concepts, "surname" in concepts
            meanings[name] = "surname" if has_given and not has_surname else "full_name"
            if has_surname and not has_given:
                meanings[name] = "given_name"
    if "address" in meanings.values() and "city" in concepts and "street_line" not in concepts:
        meanings.update({name: "street_line" for name, concept in meanings.items() if concept == "address"})
    if "house_number" in concepts and "street" not in concepts:
        first = next((name for name, concept in meanings.items() if concept == "street_line"), None)
        if first:
            meanings[first] = "street"


def _unnamed_names(sample: Sample, meanings: dict[str, str]) -> dict[str, str]:
    """Where no column says that it holds names: the one whose words are mostly known given names, and its like."""
    lettered = [
        column.name
        for column in sample.columns.values()
        if column.name not in meanings and column.distinct > 1 and column.share(_is_words) > 0.9
    ]
    shares = {name: sample.columns[name].share(_is_known_given) for name in lettered}
    given = max(shares, key=lambda name: shares[name], default=None)
    if given is None or shares[given] < 0.15:
        return {}
    if sample.columns[given].share(lambda value: " " in value) > 0.7:
        return {given: "full_name"}
    position = lettered.index(given)
    beside = lettered[position + 1 : position + 2] or lettered[position - 1 : position]
    return {given: "given_name"} | dict.fromkeys(beside, "surname")


def _is_words(value: str) -> bool:
    return all(character.isalpha() or character in " .'-," for character in value)


def _is_known_given(value: str) -> bool:
    words = fold(value).split()
    return (
        bool(words)
        and len(nickname_roots(words[0])) > 0
        and nickname_roots(words[0]) != frozenset({words[0]})
    )


def _settle_kind(meanings: dict[str, str], sample: Sample) -> None:
    for name, concept in list(meanings.items()):
        if concept == "kind" and kind_values(sample.columns[name]) is None:
            del meanings[name]
    for name, column in sample.columns.items():
        if "kind" not in meanings.values() and name not in meanings:
            found = kind_values(column)
            if found and found["person"] and found["organisation"]:
                meanings[name] = "kind"


_SINGLE = frozenset(
    """
    full_name native_name generation organisation_name gender birth_date birth_year birth_month birth_day birth_place
    occupation house_number street street_line address unit city postcode region country source kind deleted
    middle_name second_given_name second_surname observed_at created_at occurred_at event_type channel campaign
    revenue event_id
    """.split()  # noqa: SIM905 - a list of words reads better as text
)


def _without_weaker(meanings: dict[str, str], directness: dict[str, int], sample: Sample) -> dict[str, str]:
    """One column for each concept that a record holds once: the one that says so best, then the fullest."""
    best: dict[str, str] = {}
    order = {name: position for position, name in enumerate(sample.columns)}
    for name, concept in meanings.items():
        rank = (directness.get(name, 0), sample.columns[name].filled > 0.05 * sample.rows, -order[name])
        rival = best.get(concept)
        if rival is None or rank > (
            directness.get(rival, 0),
            sample.columns[rival].filled > 0.05 * sample.rows,
            -order[rival],
        ):
            best[concept] = name
    return {
        name: concept for name, concept in meanings.items() if concept not in _SINGLE or best[concept] == name
    }
