"""A preview says how a row would be read, or why it would be refused."""

from loaders.facts import RowMapper
from loaders.mapping import parse_mapping
from loaders.record_preview import preview_row, preview_statement
from loaders.rows import BadRow, RejectionCode, Row
from loaders.stated import Statement

MAPPER = RowMapper(
    parse_mapping(
        """
        [source]
        name = "crm"
        [record]
        id = "id"
        without_id = "reject"
        deleted = { column = "gone", values = ["y"] }
        [attributes]
        full_name = "name"
        birth_date = "born"
        [identifiers]
        email = "mail"
        """
    ),
    b"salt",
)


def test_a_row_is_shown_as_it_would_be_kept() -> None:
    values = {"id": "1", "name": "Dr. Ada LOVELACE", "born": "30.02.1985", "mail": "Ada@Example.org"}
    read = preview_row(MAPPER, Row(2, values))
    assert read.record is not None
    assert (read.code, read.written, read.record.key) == (None, values, "crm:1")
    assert (read.record.attributes["given_name"], read.record.attributes["surname"]) == ("Ada", "Lovelace")
    assert [(one.kind, one.value) for one in read.record.identifiers] == [("email", "ada@example.org")]
    assert [name for name, _ in read.problems] == ["birth_date"]
    assert {"block_name", "block_surname"} <= read.blocks.keys()


def test_what_would_be_refused_says_why() -> None:
    assert preview_row(MAPPER, Row(3, {"name": "Ada"})).code == "record_id_missing"
    broken = BadRow(4, RejectionCode.CELLS_MISSING, "2 cells too few.", "x")
    assert preview_row(MAPPER, broken).code == "cells_missing"
    assert preview_row(MAPPER, Row(5, {"id": "1", "gone": "Y"})).removed
    assert preview_statement(Statement("crm")).code == "nothing_usable"
    assert preview_statement(Statement("crm", {"given_name": "Ada"})).record is not None
