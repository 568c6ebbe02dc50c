"""GraphQL lists what waits in quarantine, and takes it in mended, by one call."""

import json

import pytest

from graph.transactions import Graph
from loaders.load import load_rows
from loaders.mapping import parse_mapping
from loaders.rows import Row

pytestmark = [pytest.mark.store, pytest.mark.flow]

TEXT = """
[source]
name = "shop"
owner = "sales"
lawful_basis = "contract"
[record]
id = "id"
without_id = "reject"
observed_at = "seen"
[attributes]
given_name = "first"
"""
REPLAY = """
mutation ($of: QuarantineSelection!, $row: String, $mapping: String) {
  replayQuarantine(of: $of, row: $row, mapping: $mapping) {
    released waiting rows { key released recordKey code reason }
  }
}
"""


@pytest.fixture
async def shop(world: Graph) -> str:
    """A source with one good row and two that cannot be used; answers the key of one of these."""
    good = Row(2, {"id": "1", "first": "Ada", "seen": "2026-01-02T00:00:00Z"})
    bad = [Row(3, {"first": "Bob", "number": "2"}), Row(4, {"first": "Cy"})]
    await load_rows(world, "shop.csv", [good, *bad], parse_mapping(TEXT))
    rows = await world.read("MATCH (q:Quarantined {line: 4, source: 'shop'}) RETURN q.key AS key")
    return rows[0]["key"]


async def test_one_row_is_mended_by_one_call(ask, shop: str) -> None:
    variables = {"of": {"keys": [shop]}, "row": json.dumps({"id": "3", "first": "Cyrus"})}
    answer = (await ask(REPLAY, **variables))["data"]["replayQuarantine"]
    assert answer["rows"] == [
        {"key": shop, "released": True, "recordKey": "shop:3", "code": None, "reason": None}
    ]
    counts = (await ask("{ quarantineCounts { source code rows } }"))["data"]["quarantineCounts"]
    assert {"source": "shop", "code": "record_id_missing", "rows": 1} in counts
    again = await ask(REPLAY, **variables)
    assert again["errors"][0]["extensions"]["code"] == "not_found"


async def test_a_source_is_replayed_under_a_mended_mapping(ask, shop: str) -> None:
    mapping = TEXT.replace('"id"', '"number"')
    answer = (await ask(REPLAY, of={"source": "shop"}, mapping=mapping))["data"]["replayQuarantine"]
    assert (answer["released"], answer["waiting"]) == (1, 1)
    assert [one["code"] for one in answer["rows"] if not one["released"]] == ["record_id_missing"]


async def test_a_mended_row_needs_its_key(ask, shop: str) -> None:
    answer = await ask(REPLAY, of={"source": "shop"}, row="{}")
    assert answer["errors"][0]["extensions"]["code"] == "input_unusable"


async def test_the_catalogue_tells_how_good_a_source_is(ask, shop: str) -> None:
    query = (
        "{ sources { name owner lawfulBasis rows rejectedShare quarantined newestAt ageSeconds mapping } }"
    )
    [source] = [one for one in (await ask(query))["data"]["sources"] if one["name"] == "shop"]
    assert source.pop("ageSeconds") > 0
    assert parse_mapping(source.pop("mapping")) == parse_mapping(TEXT)
    assert source == {
        "name": "shop",
        "owner": "sales",
        "lawfulBasis": "contract",
        "rows": 3,
        "rejectedShare": pytest.approx(2 / 3),
        "quarantined": 2,
        "newestAt": "2026-01-02T00:00:00+00:00",
    }
