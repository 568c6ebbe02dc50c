"""A mapping is strict: what it does not know is an error that names the place."""

from pathlib import Path

import pytest

from graph.errors import MappingError
from loaders.mapping import check_columns, parse_mapping, read_mapping

GOOD = '[source]\nname = "crm"\n[record]\nid = "id"\n'
EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[source", "not TOML"),
        ('[source]\nname = "crm"\n', "record: Field required"),
        (GOOD + "[recrod]\nid = 1\n", "recrod: Extra inputs"),
        (GOOD + '[attributes]\ngiven_name = { colum = "x" }\n', "attributes.given_name"),
        (GOOD + '[attributes]\nbirth_date = { column = "x", order = "dym" }\n', "birth_date.order"),
        (GOOD + '[identifiers]\n"9 lives" = "x"\n', "identifiers.9 lives"),
        (GOOD + '[touchpoint]\nid = "x"\n', "touchpoint.occurred_at"),
        ('[source]\nname = "a"\ncolumn = "b"\n[record]\nid = "id"\n', "either name"),
        ('[source]\nname = "a"\n[record]\nid = "id"\nfirst_of = ["x"]\n', "either id"),
        (GOOD + "[attributes]\ncity = []\n", "attributes.city"),
    ],
)
def test_a_wrong_mapping_is_refused_with_its_place(text: str, words: str) -> None:
    with pytest.raises(MappingError, match=words):
        parse_mapping(text)


def test_a_missing_file_is_a_mapping_error(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="cannot be read"):
        read_mapping(tmp_path / "none.toml")


def test_columns_that_the_file_lacks_are_named() -> None:
    mapping = parse_mapping(GOOD + '[attributes]\ngiven_name = "Vorname"\n')
    check_columns(mapping, ["id", "Vorname"])
    with pytest.raises(MappingError, match="does not have: Vorname"):
        check_columns(mapping, ["id", "vorname"])


def test_a_fixed_country_is_no_column() -> None:
    mapping = parse_mapping(
        GOOD + '[identifiers]\nphone = { column = ["a", "b"], country = "US" }\nemail = "e"\n'
    )
    assert {column for column, _ in mapping.columns()} == {"id", "a", "b", "e"}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_example_is_a_mapping_without_truth(path: Path) -> None:
    mapping = read_mapping(path)
    assert not {column for column, _ in mapping.columns()} & {
        "cluster",
        "person_id",
        "household_id",
        "CLUSTER_ID",
    }
