"""Labelled sets of people: how each is read into record rows, and who is who in truth."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

import duckdb

from graph.attributes import clean_attributes
from graph.facts import Identifier, record_key
from graph.identifiers import UnusableValueError, clean_identifier, placeholder_reason
from graph.vocabulary import RecordKind
from resolution.features import RecordRow

Truth = dict[str, str]
Row = dict[str, str]


def in_first_half(person: str) -> bool:
    """Whether parameters may be chosen by this person: one half of all people, by a hash."""
    return blake2b(person.encode(), digest_size=1).digest()[0] % 2 == 1


@dataclass(frozen=True)
class LabelledSet:
    """One set: `query` reads it (placeholder for its folder), with columns source, record_id and person."""

    name: str
    query: str
    attributes: Mapping[str, str]
    identifiers: Mapping[str, str] = field(default_factory=dict)
    date_order: str = "ymd"
    country: str | None = None
    kind: Callable[[Row], RecordKind] = lambda _: RecordKind.PERSON

    def read(self, folder: Path) -> tuple[list[RecordRow], Truth]:
        """Cleaned rows and the person of each record key."""
        rows: list[RecordRow] = []
        truth: Truth = {}
        for line in _lines(self.query.format(folder=folder)):
            row = self._row(line)
            rows.append(row)
            truth[row["key"]] = line["person"]
        return rows, truth

    def _row(self, line: Row) -> RecordRow:
        raw = {ours: line[theirs] for ours, theirs in self.attributes.items() if line.get(theirs)}
        cleaned = clean_attributes(raw, date_order=self.date_order, country=self.country)
        return {
            "key": record_key(line["source"], line["record_id"]),
            "kind": self.kind(line),
            "source": line["source"],
            "attributes": cleaned.attributes,
            "identifiers": list(self._identifiers(line)),
        }

    def _identifiers(self, line: Row) -> Iterator[Identifier]:
        for column, kind in self.identifiers.items():
            if value := line.get(column):
                try:
                    identifier = clean_identifier(kind, value, country=self.country)
                except UnusableValueError:
                    continue
                if placeholder_reason(identifier) is None:
                    yield identifier


def _lines(query: str) -> list[Row]:
    with duckdb.connect() as connection:
        table = connection.sql(query).to_arrow_table()
    return [
        {name: str(value) for name, value in row.items() if value is not None} for row in table.to_pylist()
    ]


def _senzing_kind(row: Row) -> RecordKind:
    return RecordKind.ORGANISATION if row.get("RECORD_TYPE", "").startswith("ORG") else RecordKind.PERSON


_CSV = "read_csv('{folder}/%s', all_varchar=true, header=true)"
_FEBRL = (
    "SELECT 'febrl' AS source, trim(rec_id) AS record_id, split_part(trim(rec_id), '-', 2) AS person,"
    " COLUMNS(lambda c: c NOT IN ('rec_id')) FROM (%s)"
)
_FEBRL_ATTRIBUTES = {
    "given_name": "given_name",
    "surname": "surname",
    "house_number": "street_number",
    "street": "address_1",
    "city": "suburb",
    "postcode": "postcode",
    "region": "state",
    "birth_date": "date_of_birth",
}


def _febrl(name: str, *files: str) -> LabelledSet:
    union = " UNION ALL BY NAME ".join(
        f"FROM read_csv('{{folder}}/people/febrl/{file}', all_varchar=true, header=true, normalize_names=true)"
        for file in files
    )
    return LabelledSet(name, _FEBRL % union, _FEBRL_ATTRIBUTES, {"soc_sec_id": "ssn"})


SETS: tuple[LabelledSet, ...] = (
    LabelledSet(
        "historical_50k",
        "SELECT 'historical' AS source, unique_id AS record_id, cluster AS person, * FROM "
        "'{folder}/people/splink_historical_50k/historical_figures_with_errors_50k.parquet'",
        {
            "given_name": "first_name",
            "surname": "surname",
            "birth_date": "dob",
            "birth_place": "birth_place",
            "postcode": "postcode_fake",
            "gender": "gender",
            "occupation": "occupation",
        },
    ),
    LabelledSet(
        "fake_1000",
        "SELECT 'fake' AS source, unique_id AS record_id, cluster AS person, * FROM "
        f"{_CSV % 'people/splink_fake_1000/fake_1000.csv'}",
        {"given_name": "first_name", "surname": "surname", "birth_date": "dob", "city": "city"},
        {"email": "email"},
    ),
    LabelledSet(
        "senzing_truthset",
        "SELECT d.DATA_SOURCE AS source, d.RECORD_ID AS record_id, CLUSTER_ID AS person, d.* FROM ("
        + " UNION ALL BY NAME ".join(
            f"FROM {_CSV % f'people/senzing_truthset/{name}.csv'}"
            for name in ("customers", "reference", "watchlist")
        )
        + f") d JOIN {_CSV % 'people/senzing_truthset/actual_truthset_key.csv'} t USING (DATA_SOURCE, RECORD_ID)",
        {
            "full_name": "PRIMARY_NAME_FULL",
            "given_name": "PRIMARY_NAME_FIRST",
            "middle_name": "PRIMARY_NAME_MIDDLE",
            "surname": "PRIMARY_NAME_LAST",
            "organisation_name": "PRIMARY_NAME_ORG",
            "native_name": "NATIVE_NAME_FULL",
            "gender": "GENDER",
            "birth_date": "DATE_OF_BIRTH",
            "address": "ADDR_FULL",
            "street_line": "ADDR_LINE1",
            "city": "ADDR_CITY",
            "region": "ADDR_STATE",
            "postcode": "ADDR_POSTAL_CODE",
            "country": "ADDR_COUNTRY",
        },
        {
            "EMAIL_ADDRESS": "email",
            "PHONE_NUMBER": "phone",
            "SSN_NUMBER": "ssn",
            "PASSPORT_NUMBER": "passport",
            "DRIVERS_LICENSE_NUMBER": "driving_licence",
            "NATIONAL_ID_NUMBER": "national_id",
            "TAX_ID_NUMBER": "tax_id",
        },
        date_order="mdy",
        country="US",
        kind=_senzing_kind,
    ),
    LabelledSet(
        "cdp_sample",
        "SELECT person_id AS person, r.* FROM '{folder}/cdp_sample/records.parquet' r "
        "JOIN '{folder}/cdp_sample/truth_records.parquet' t USING (source, record_id)",
        {
            "full_name": "full",
            "given_name": "given",
            "surname": "sur",
            "birth_date": "dob",
            "street_line": "street",
            "city": "city",
            "postcode": "postcode",
        },
        {"email": "email", "phone": "phone", "card": "loyalty_card"},
        date_order="ymd",
        country="US",
    ),
    _febrl("febrl_3", "dataset3.csv"),
    _febrl("febrl_4", "dataset4a.csv", "dataset4b.csv"),
)
