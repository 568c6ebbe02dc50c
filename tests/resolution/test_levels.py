"""The compiled levels answer what DuckDB answers, NULL, other scripts and odd texts included."""

import random
from pathlib import Path

import pyarrow as pa
import pytest

from graph.errors import ModelError
from loaders.facts import RowMapper
from loaders.mapping import read_mapping
from loaders.reading import open_rows
from resolution.comparison import Comparison, Level, alike
from resolution.comparisons import COMPARISONS
from resolution.engines import connect
from resolution.features import LIST_FEATURES, SCHEMA, TEXT_FEATURES, RecordRow, feature_table, features
from resolution.levels import compiled, gammas
from resolution.scoring import PAIR_COLUMNS

EXAMPLES = Path(__file__).parents[2] / "examples"
WORDS = (
    "", "a", "j", "jan", "jana", "jna", "Žofie", "Zofie", "žižka", "zizka", "maria", "marai", "мария", "мариа",
    "李小龙", "garcia lopez", "garcialopez", "x" * 70, "x" * 69 + "y", "ssn:123", "ssn:124",
    "passport:1", "ssn", "+4930123456",
)  # fmt: skip
DATES = (
    "1978-12-11",
    "1978-11-12",
    "1978-12",
    "1978",
    "1979-12-11",
    "1992-12-11",
    "",
    "19",
    "1978-1211",
    "abcd-ef-gh",
)


def by_duckdb(table: pa.Table, pairs: list[tuple[str, str]]) -> list[tuple[int, ...]]:
    cases = ", ".join(comparison.case() for comparison in COMPARISONS)
    with connect() as connection:
        connection.register("features", table)
        numbered = {
            "n": range(len(pairs)),
            "a": [one for one, _ in pairs],
            "b": [other for _, other in pairs],
        }
        connection.register("asked", pa.table({name: list(values) for name, values in numbered.items()}))
        return connection.execute(
            f"WITH pairs AS (SELECT n, {PAIR_COLUMNS} FROM asked JOIN features l ON l.key = a"
            f" JOIN features r ON r.key = b) SELECT {cases} FROM pairs ORDER BY n"
        ).fetchall()


def by_python(rows: dict[str, dict], pairs: list[tuple[str, str]]) -> list[tuple[int, ...]]:
    return [tuple(gamma(rows[one], rows[other]) for gamma in gammas()) for one, other in pairs]


def odd_features(number: int) -> dict:
    draw = random.Random(number)
    row = {name: draw.choice((None, *WORDS)) for name in TEXT_FEATURES}
    row |= {name: draw.choice((None, draw.sample(WORDS, draw.randint(1, 3)))) for name in LIST_FEATURES}
    return row | {"key": f"s:{number}", "birth_date": draw.choice((None, *DATES))}


def test_odd_texts_of_every_column_as_duckdb_sees_them() -> None:
    rows = {row["key"]: row for row in map(odd_features, range(150))}
    pairs = [(one, other) for one in rows for other in rows]
    table = pa.Table.from_pylist(list(rows.values()), schema=SCHEMA)
    assert len(pairs) > 20_000
    assert by_python(rows, pairs) == by_duckdb(table, pairs)


def test_real_records_as_duckdb_sees_them() -> None:
    mapper = RowMapper(read_mapping(EXAMPLES / "splink_historical_50k.toml"), b"salt")
    path = EXAMPLES / "splink_historical_50k" / "historical_figures_with_errors_50k.parquet"
    facts = [mapper.facts(row).record for row, _ in zip(open_rows(path).rows, range(4000), strict=False)]
    mapper = RowMapper(read_mapping(EXAMPLES / "senzing_customers.toml"), b"salt")
    facts += [
        mapper.facts(row).record for row in open_rows(EXAMPLES / "senzing_truthset" / "customers.csv").rows
    ]
    records = [RecordRow(key=f.key, kind=f.kind, source=f.source, attributes=f.attributes, identifiers=f.identifiers)
               for f in facts]  # fmt: skip
    rows = {row["key"]: features(row) for row in records}
    keys = sorted(rows)
    near = [(one, other) for offset in (1, 2, 3) for one, other in zip(keys, keys[offset:], strict=False)]
    pairs = near + [tuple(random.Random(number).sample(keys, 2)) for number in range(2_000)]
    assert len(pairs) > 10_000
    assert by_python(rows, pairs) == by_duckdb(feature_table(records), pairs)


@pytest.mark.parametrize("condition", ["soundex(given_l) = soundex(given_r)", "given_l LIKE given_r",
                                       "TRY_CAST(given_l AS DATE) = given_r", "given_l IN ('a', 'b')"])  # fmt: skip
def test_sql_that_is_not_known_is_an_error(condition) -> None:
    with pytest.raises(ModelError, match="cannot be compiled"):
        compiled(
            Comparison("given_name", "given_l IS NULL", (Level("odd", condition), Level("else", "ELSE")))
        )


def test_a_similarity_that_is_exactly_the_cut_reaches_it_everywhere() -> None:
    condition = alike("given", 0.92)
    comparison = Comparison(
        "given_name", "given_l IS NULL", (Level("alike", condition), Level("other", "ELSE"))
    )
    pairs = [
        ("bcaaacaabbcb", "baaaababcb"),
        ("iegdaffedj", "ibeagdaffedj"),
        ("1jqy2k3vwmglfhr", "1qy2k3vgfhr"),
    ]
    with connect() as connection:
        for one, other in pairs:
            query = f"SELECT {condition} FROM (SELECT ? AS given_l, ? AS given_r)"
            assert connection.execute(query, [one, other]).fetchall() == [(True,)]
            assert compiled(comparison)({"given": one}, {"given": other}) == 1
