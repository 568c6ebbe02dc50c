"""Readers give back what was written, whatever it holds."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from loaders.delimited import sniff_delimiter
from loaders.reading import open_rows
from loaders.rows import Row

CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=12)
TABLES = st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=8)


@given(
    table=TABLES,
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_delimited_text_comes_back(table: list[tuple[str, str, str]], delimiter: str, quoting: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "file.csv")
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=delimiter, quoting=quoting)  # type: ignore[arg-type]
            writer.writerows([("a1", "b1", "c1"), *(("x" + a, b, c) for a, b, c in table)])
        rows = [row for row in open_rows(path, delimiter=delimiter).rows if isinstance(row, Row)]
    wanted = [{"a1": "x" + a, "b1": b, "c1": c} for a, b, c in table]
    assert [row.values for row in rows] == [
        {name: text.strip() for name, text in row.items() if text.strip()} for row in wanted
    ]


@given(st.lists(st.dictionaries(st.sampled_from("abc"), CELLS, min_size=1), min_size=1, max_size=5))
def test_ndjson_comes_back(objects: list[dict[str, str]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "file.ndjson")
        path.write_text("\n".join(map(json.dumps, objects)), encoding="utf-8")
        rows = [row for row in open_rows(path).rows if isinstance(row, Row)]
    assert [row.values for row in rows] == [
        {name: text.strip() for name, text in entry.items() if text.strip()} for entry in objects
    ]


def test_nested_objects_become_dotted_columns(tmp_path: Path) -> None:
    path = tmp_path / "file.ndjson"
    path.write_text(
        '{"user": {"email": "a@b.org"}, "parts": [{"n": 1}, {"n": 2.50}], "tags": ["x"], "ok": true}'
    )
    (row,) = open_rows(path).rows
    assert isinstance(row, Row)
    assert row.values == {
        "user.email": "a@b.org",
        "parts.n": "1",
        "parts.n_2": "2.50",
        "tags": '["x"]',
        "ok": "true",
    }


def test_parquet_keeps_instants_numbers_and_nested_values(tmp_path: Path) -> None:
    path = tmp_path / "file.parquet"
    table = pa.table(
        {
            "id": pa.array([1, 2**62]),
            "at": pa.array([datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC), None], pa.timestamp("ns", tz="UTC")),
            "zip": pa.array([4217.0, float("nan")]),
            "sum": pa.array([1.5, 2.25]),
            "who": pa.array([{"given": "Ada"}, None]),
            "tag": pa.array(["a", "a"]).dictionary_encode(),
        }
    )
    pq.write_table(table, path)
    first, second = (row.values for row in open_rows(path).rows if isinstance(row, Row))
    assert first == {
        "id": "1", "at": "2024-05-06T07:08:09+00:00", "zip": "4217", "sum": "1.5", "tag": "a",
        "who": '{"given": "Ada"}',
    }  # fmt: skip
    assert second == {"id": str(2**62), "sum": "2.25", "tag": "a"}


def test_repeated_and_empty_header_names_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text(" id, name,name,,name_2\n1,a,b,c,d\n")
    assert open_rows(path).columns == ["id", "name", "name_2", "column_4", "name_2_2"]


def test_progress_ends_at_the_size_of_the_file(tmp_path: Path) -> None:
    path, told = tmp_path / "file.csv", list[tuple[int, int | None]]()
    path.write_text("id,name\n" + "1,x\n" * 1000)
    list(open_rows(path, progress=lambda done, total: told.append((done, total))).rows)
    assert told[-1] == (path.stat().st_size, path.stat().st_size)


def test_the_delimiter_is_the_one_that_agrees_most() -> None:
    assert sniff_delimiter(["name;address", "Ada;1, High St, Ely", "Bob;2, Low St, Rye"]) == ";"
    assert sniff_delimiter(["id  date  amount", "1  2020  3.0", "2  2021   4.0"]) == " "
    assert sniff_delimiter(["name", "Ada Lovelace", "Alan Turing"]) == ","
