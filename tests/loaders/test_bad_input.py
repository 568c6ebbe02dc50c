"""The catalogue of bad input: each kind has its code, and no good row is ever lost to a bad neighbour."""

import gzip
from dataclasses import dataclass
from pathlib import Path

import pytest
import zstandard

from graph.errors import InputError
from loaders.reading import open_rows
from loaders.rows import BadRow, Row

HEAD = "id,name,city\n"
GOOD = "1,Ada,London\n"
MORE = "9,Alan,Wilmslow\n"


def _csv(middle: str) -> bytes:
    return (HEAD + GOOD + middle + MORE).encode()


def _json(middle: str) -> bytes:
    good, more = '{"id": "1", "name": "Ada"}\n', '{"id": "9", "name": "Alan"}\n'
    return (good + middle + "\n" + more).encode("utf-8", "surrogatepass")


@dataclass(frozen=True)
class Case:
    """`codes` of the rejected rows in order; `good` ids of the rows that must survive."""

    content: bytes
    codes: tuple[str, ...]
    good: tuple[str, ...] = ("1", "9")


CASES = {
    "unclosed quote": Case(_csv('2,"Bob,Paris\n'), ("quote_unclosed",)),
    "unclosed quote, many rows after it": Case(
        _csv('2,"Bob,Paris\n' + "".join(f"{i},N{i},C{i}\n" for i in range(10, 400))),
        ("quote_unclosed",),
        ("1", *(str(i) for i in range(10, 400)), "9"),
    ),
    "unclosed quote closed by another row's": Case(
        _csv('2,"Bob,Paris\n3,Cy,Rome\n4,Di,"Oslo"\n'), ("quote_unclosed",), ("1", "3", "4", "9")
    ),
    "two unclosed quotes": Case(_csv('2,"Bob,Paris\n3,Cy,"Rome\n'), ("quote_unclosed", "quote_unclosed")),
    "unclosed quote on the last line": Case((HEAD + GOOD + '9,Al,"Rome').encode(), ("quote_unclosed",), ("1",)),
    "quoted field over lines": Case(_csv('2,"Bob\nthe Builder",Paris\n'), (), ("1", "2", "9")),
    "quote inside a cell": Case(_csv('2,Bob "the B" Ray,Paris\n'), (), ("1", "2", "9")),
    "text after a closing quote": Case(_csv('2,"Bob" Ray,Paris\n'), (), ("1", "2", "9")),
    "escaped quote": Case(_csv('2,"Bob \\"B, b\\" Ray",Paris\n'), (), ("1", "2", "9")),
    "misplaced quote": Case(_csv('2,"Bob"x,Pa,ris\n'), ("quote_misplaced",)),
    "too few cells": Case(_csv("2,Bob\n"), ("cells_missing",)),
    "too many cells": Case(_csv("2,Bob,Paris,France\n"), ("cells_surplus",)),
    "empty cells too many": Case(_csv("2,Bob,Paris,,,\n"), (), ("1", "2", "9")),
    "blank lines": Case(_csv("\n  \n\n"), ()),
    "NUL byte": Case(_csv("2,B\0b,Paris\n"), ("nul_byte",)),
    "cell of 3 MB": Case(_csv(f"2,{'x' * 3_000_000},Paris\n"), ("line_too_long",)),
    "byte order mark": Case(b"\xef\xbb\xbf" + _csv(""), ()),
    "Windows-1252": Case(_csv("2,José,Köln\n".encode().decode()).replace("é".encode(), b"\xe9"), (), ("1", "2", "9")),
    "byte that no encoding has": Case(_csv("2,B@b,Paris\n").replace(b"@", b"\x81"), ("encoding_invalid",)),
    "UTF-16 LE": Case(_csv("2,Žižka,Praha\n").decode().encode("utf-16"), (), ("1", "2", "9")),
    "UTF-16 BE": Case(b"\xfe\xff" + _csv("").decode().encode("utf-16-be"), ()),
    "UTF-16 without mark": Case(_csv("").decode().encode("utf-16-le"), ()),
    "UTF-32": Case(_csv("").decode().encode("utf-32"), ()),
    "CR only": Case(_csv("2,Bob,Paris\n").replace(b"\n", b"\r"), (), ("1", "2", "9")),
    "CRLF": Case(_csv("2,Bob,Paris\n").replace(b"\n", b"\r\n"), (), ("1", "2", "9")),
    "gzip": Case(gzip.compress(_csv("2,Bob\n")), ("cells_missing",)),
    "gzip bomb": Case(gzip.compress(_csv("x" * 50_000_000 + "\n")), ("line_too_long",)),
    "zstd": Case(zstandard.compress(_csv("2,Bob\n")), ("cells_missing",)),
    "header twice the same name": Case(b"id,name,name\n1,a,b\n", (), ("1",)),
    "semicolons": Case(_csv("").replace(b",", b";"), ()),
    "tabs": Case(_csv("").replace(b",", b"\t"), ()),
    "bars": Case(_csv("").replace(b",", b"|"), ()),
    "JSON depth 100,000": Case(_json('{"a":' * 100_000 + "1" + "}" * 100_000), ("json_too_deep",)),
    "JSON depth 100": Case(_json('{"a":' * 100 + "1" + "}" * 100), ("json_too_deep",)),
    "JSON array depth 100,000": Case(_json('{"a":' + "[" * 100_000 + "]" * 100_000 + "}"), ("json_too_deep",)),
    "5,000-digit integer": Case(_json('{"id": ' + "7" * 5_000 + "}"), ("json_number_unusable",)),
    "integer above 2^63": Case(_json('{"id": 99999999999999999999}'), (), ("1", "99999999999999999999", "9")),
    "NaN": Case(_json('{"id": NaN}'), ("json_number_unusable",)),
    "Infinity": Case(_json('{"id": -Infinity}'), ("json_number_unusable",)),
    "duplicate key": Case(_json('{"id": "2", "id": "3"}'), ("json_duplicate_key",)),
    "lone surrogate": Case(_json('{"id": "2", "name": "\\ud800"}'), ("lone_surrogate",)),
    "raw lone surrogate": Case(_json('{"id": "2", "name": "\ud800"}'), (), ("1", "2", "9")),
    "NUL in JSON": Case(_json('{"id": "2", "name": "\\u0000"}'), ("nul_byte",)),
    "not an object": Case(_json("[1, 2]"), ("json_not_object",)),
    "broken JSON": Case(_json('{"id": "2"'), ("json_invalid",)),
    "nested map as value": Case(_json('{"id": "2", "name": {"given": "Bob"}}'), (), ("1", "2", "9")),
    "null id": Case(_json('{"id": null}'), (), ("1", "", "9")),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_kind_has_its_code_and_costs_no_good_row(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    path = tmp_path / "input"
    path.write_bytes(case.content)
    rows = list(open_rows(path).rows)
    assert tuple(row.code for row in rows if isinstance(row, BadRow)) == case.codes
    assert tuple(row.values.get("id", "") for row in rows if isinstance(row, Row)) == case.good
    assert [row.line for row in rows] == sorted({row.line for row in rows})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n\n \n", "empty"),
        (b"[{}]", "NDJSON"),
        (b"PAR1 and then nothing of the kind", "Parquet"),
        (gzip.compress(_csv(""))[:-9], "compressed stream"),
        (b"\x28\xb5\x2f\xfd but not zstd", "compressed stream"),
        (b'"id,name\n1,a\n', "header"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_error(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "input"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        list(open_rows(path).rows)


def test_a_missing_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a file"):
        open_rows(tmp_path / "nowhere.csv")


def test_an_encoding_that_was_named_is_held_to(tmp_path: Path) -> None:
    path = tmp_path / "input"
    path.write_bytes(_csv("2,Jos\u00e9,Paris\n").replace("é".encode(), b"\xe9"))
    rows = list(open_rows(path, encoding="utf-8").rows)
    assert [row.code for row in rows if isinstance(row, BadRow)] == ["encoding_invalid"]
    path.write_bytes("id,name\n1,山田\n".encode("shift_jis"))
    assert [
        row.values["name"] for row in open_rows(path, encoding="shift_jis").rows if isinstance(row, Row)
    ] == ["山田"]
