"""The truth file: people, strata and weights, and what is refused."""

from pathlib import Path

import pytest

from graph.errors import InputError
from resolution.truth import Truth, read_truth


def read(folder: Path, text: str) -> Truth:
    path = folder / "truth.csv"
    path.write_text(text, encoding="utf-8")
    return read_truth(path)


def test_a_person_is_in_every_stratum_their_rows_name(tmp_path: Path) -> None:
    truth = read(
        tmp_path,
        "source,record_id,person_id,stratum,weight\n"
        "crm,1,a,twins; moved,2.5\ncrm,2,a,,\nshop,1,b,moved;,1\nshop,2,c,,\n",
    )
    assert truth.people == {"crm:1": "a", "crm:2": "a", "shop:1": "b", "shop:2": "c"}
    assert truth.strata == {"moved": {"a", "b"}, "twins": {"a"}}
    assert truth.sources == {"crm", "shop"}
    assert truth.weights == {"a": 2.5, "b": 1}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("source,id\ncrm,1\n", "person_id"),
        ("source,record_id,person_id,weight\ncrm,1,a,0\n", "Line 2"),
        ("source,record_id,person_id,weight\ncrm,1,a,nan\n", "positive"),
        ("source,record_id,person_id,weight\ncrm,1,a,1\ncrm,2,a,2\n", "Line 3 .* second weight"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, rows: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read(tmp_path, rows)
