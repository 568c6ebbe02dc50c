"""Answers for the draft of a file of people or organisations: id, kind, attributes, identifiers."""

import re
from pathlib import Path

from graph.attributes import INPUTS
from graph.dates import detect_date_order
from graph.identifiers import KINDS
from loaders.columns import Column, is_instant, pair_is_unique
from loaders.draft import Draft, toml_value
from loaders.meanings import kind_values
from loaders.synonyms import words_of

_ID_CONCEPTS = ("record_id", "customer_number", "user_id", "event_id")
_DELETED = frozenset({"true", "t", "yes", "y", "1", "d", "del", "delete", "deleted", "removed", "x"})
_PLAIN = (
    "full_name", "native_name", "generation", "organisation_name", "gender", "birth_place", "occupation",
    "house_number", "street", "street_line", "address", "unit", "city", "postcode", "region", "country",
)  # fmt: skip
_UUID = re.compile(r"(?i)[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")
_NOUNS = {
    "customer_number": {"customer", "customers", "client", "clients", "kunden", "clientes", "members"},
    "user_id": {"user", "users", "accounts"},
}
_LOCAL = re.compile(r"\d{1,9}|[A-Za-z]{0,3}[-_]?\d{1,6}")


def draft_record(draft: Draft, path: Path) -> None:
    """Draft the tables of a file in which every row is a full statement about one record."""
    draft_source(draft)
    record_id = _draft_id(draft, path)
    _draft_kind(draft)
    _draft_history(draft)
    draft_attributes(draft)
    draft_identifiers(draft, record_id)
    for column in draft.categories():
        draft.put(
            "attributes", extra_name(column.name), column.name, f"kept, never matched; {draft.share(column)}"
        )


def draft_source(draft: Draft) -> Column | None:
    """The source: a column with few different, always filled names, else a fixed one."""
    column = draft.first("source")
    if column and column.filled == draft.sample.rows and column.distinct <= 50:
        draft.put("source", "column", column.name, f"{column.distinct} sources in one file")
        return column
    draft.put("source", "name", draft.source, "what these rows are called in the graph")
    return None


def draft_attributes(draft: Draft) -> None:
    """Every attribute that a column was found for."""
    _draft_names(draft)
    for name in _PLAIN:
        if column := draft.first(name):
            draft.put("attributes", name, column.name, draft.share(column))
    birth = draft.first("birth_date")
    if birth:
        written = [
            value for value in birth.values if not re.match(r"\d{4}", value)
        ]  # the others tell themselves
        order = detect_date_order(written) if written else "ymd"
        draft.put(
            "attributes", "birth_date", {"column": birth.name, "order": order}, f"order: {_order(order)}"
        )
    elif parts := [draft.first(part) for part in ("birth_year", "birth_month", "birth_day")]:
        names = [part.name for part in parts if part]
        if parts[0]:
            draft.put("attributes", "birth_date", {"column": names, "order": "ymd"}, "from its parts")


def draft_identifiers(draft: Draft, record_id: Column | None) -> None:
    """Every identifier that a column was found for, with what is needed to read it."""
    for kind in KINDS:
        columns = [c for c in draft.columns(kind) if not _is_category(c)]
        if kind == "customer_number" and (lone := [c for c in columns if c.unique and _is_local(c)]):
            columns = [c for c in columns if c not in lone]
            draft.used |= {c.name for c in lone}
            for c in lone:
                draft.say(
                    "identifiers",
                    f"customer_number = {toml_value(c.name)}  # if other files use these numbers",
                )
        if columns:
            draft.put(
                "identifiers", kind, _identifier(draft, kind, columns), "; ".join(map(draft.share, columns))
            )
    if record_id and (kind := _shared_kind(draft, record_id)):
        draft.put("identifiers", kind, record_id.name, "other files name people by it too")
    elif record_id and draft.meanings.get(record_id.name) == "record_id":
        draft.say(
            "identifiers",
            f"{toml_name(record_id.name)} only names the record: it is not matched with other files",
        )


def _shared_kind(draft: Draft, record_id: Column) -> str | None:
    """The kind of a record id that can be found in other files: a UUID in a file of customers or users."""
    if draft.meanings.get(record_id.name) != "record_id" or record_id.share(_UUID.fullmatch) < 1:
        return None
    stem = set(words_of(draft.source))
    return next((kind for kind, words in _NOUNS.items() if stem & words), None)


def extra_name(name: str) -> str:
    """The name under which a column is kept with the record, never one of the matched attributes."""
    word = "_".join(words_of(name)) or "column"
    return f"{word}_text" if word in {*INPUTS, "problems"} else word


def toml_name(name: str) -> str:
    """A column name for a comment, on one line."""
    return " ".join(name.split())


def _draft_names(draft: Draft) -> None:
    given = draft.columns("given_name", "second_given_name")
    surnames = draft.columns("surname", "second_surname")
    for name, columns in (
        ("given_name", given),
        ("surname", surnames),
        ("middle_name", draft.columns("middle_name")),
    ):
        if columns:
            names = [column.name for column in columns]
            draft.put("attributes", name, names[0] if len(names) == 1 else names, draft.share(columns[0]))
    if (given or surnames) and draft.first("full_name"):
        draft.say("attributes", "full_name fills in where the parts are empty")


def _draft_id(draft: Draft, path: Path) -> Column | None:
    source = draft.first("source") if draft.lines["source"][0].startswith("column") else None
    candidates = [c for c in draft.columns(*_ID_CONCEPTS) if 2 * c.filled >= draft.sample.rows]
    for column in candidates:
        if column.unique:
            whole = column.filled == draft.sample.rows
            filled = "always filled" if whole else "a row without one gets an id from its content"
            draft.put("record", "id", column.name, f"never twice, {filled}")
            return column
    for column in (c for c in candidates if c.filled == draft.sample.rows):
        if source and pair_is_unique(path, draft.sample, source.name, column.name):
            draft.put("record", "id", column.name, "always filled, never twice within a source")
            return column
    unnamed = (
        c for c in draft.left() if c.name not in draft.meanings and c.unique and _looks_like_id(draft, c)
    )
    if column := next(unnamed, None):
        draft.put("record", "id", column.name, "always filled, never twice")
        return column
    draft.put(
        "record", "id", "content", "no column is always filled and never twice: the row's content is its id"
    )
    return None


def _looks_like_id(draft: Draft, column: Column) -> bool:
    named = words_of(column.name)[-1:] in {
        ("id",),
        ("key",),
        ("no",),
        ("nr",),
        ("number",),
        ("code",),
        ("uuid",),
    }
    first = column.name == next(iter(draft.sample.columns))
    whole = column.filled == draft.sample.rows and column.share(lambda value: " " not in value) == 1
    return whole and (named or (first and column.share(lambda value: any(map(str.isdigit, value))) > 0.9))


def _draft_kind(draft: Draft) -> None:
    column = draft.first("kind")
    values = kind_values(column) if column else None
    if column and values:
        kind = {"column": column.name} | {name: told for name, told in values.items() if told}
        draft.put("record", "kind", kind, "persons and organisations never merge")
    elif draft.first("organisation_name"):
        draft.put("record", "kind", "auto", "an organisation where only an organisation's name is filled")
    else:
        draft.put("record", "kind", "person")


def _draft_history(draft: Draft) -> None:
    observed = next(
        (c for c in draft.columns("observed_at", "created_at") if c.share(is_instant) > 0.8), None
    )
    if observed:
        draft.put("record", "observed_at", observed.name, "when the source says that the row was true")
    deleted = draft.first("deleted")
    marks = [value for value in sorted(deleted.values) if value.casefold() in _DELETED] if deleted else []
    if deleted and marks and deleted.distinct <= 6:
        draft.put(
            "record", "deleted", {"column": deleted.name, "values": marks}, "such a row removes its record"
        )


def _identifier(draft: Draft, kind: str, columns: list[Column]) -> object:
    names = [column.name for column in columns]
    where = names[0] if len(names) == 1 else names
    if kind == "phone" and (country := _phone_country(draft, columns)):
        return {"column": where, "country": country}
    if kind == "customer_number" and all(map(_is_local, columns)):
        return {"column": where, "namespace": draft.source}
    return where


def _phone_country(draft: Draft, columns: list[Column]) -> str | None:
    """Where national numbers are read: the country column, else the country of most international numbers."""
    import phonenumbers

    if country := draft.first("country"):
        return country.name
    regions: dict[str, int] = {}
    for value in columns[0].samples:
        if value.startswith("+"):
            try:
                region = phonenumbers.region_code_for_number(phonenumbers.parse(value)) or ""
            except phonenumbers.NumberParseException:
                continue
            regions[region] = regions.get(region, 0) + 1
    best = max(regions, key=lambda region: regions[region], default="")
    return best if len(best) == 2 and regions[best] >= 0.8 * sum(regions.values()) else None


def _is_local(column: Column) -> bool:
    """Short numbers, which another company may give to somebody else."""
    return column.share(_LOCAL.fullmatch) > 0.5


def _is_category(column: Column) -> bool:
    return column.filled > 200 and column.distinct < 0.01 * column.filled


def _order(order: str) -> str:
    return {"ymd": "year, month, day", "dmy": "day before month", "mdy": "month before day"}.get(order, order)
