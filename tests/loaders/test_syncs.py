"""Following a database: only what changed is loaded, what is gone is removed, and a failure changes nothing."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from graph.connection import Graph
from graph.errors import (
    ConfigurationError,
    MappingError,
    OriginError,
    TooManyRejectedError,
    TooManyRemovedError,
)
from graph.syncs import read_sync, standing_record_ids
from loaders.mapping import parse_mapping
from loaders.origins import MappedOrigin, Origin
from loaders.settings import SyncSettings
from loaders.syncs import mapped_origins, sync
from tests.loaders.postgresql import postgresql

pytestmark = pytest.mark.store

MAPPING = """
[source]
name = "crm"
[record]
id = "id"
deleted = { column = "gone", values = ["true", "1"] }
[attributes]
given_name = "first"
[identifiers]
email = "mail"
"""
ONCE = SyncSettings(attempts=1)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Customers:
    """The table `customers` of some database."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.engine = sa.create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
        zoned = sa.DateTime(timezone=True) if address.startswith("postgresql") else sa.DateTime()
        self.table = sa.Table(
            "customers",
            sa.MetaData(),
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("first", sa.Text),
            sa.Column("mail", sa.Text),
            sa.Column("gone", sa.Boolean, nullable=False, default=False),
            sa.Column("changed_at", zoned),
        )
        self.table.metadata.drop_all(self.engine)
        self.table.metadata.create_all(self.engine)

    def put(self, *ids: int, at: datetime | None = NOW, **values: Any) -> None:
        """Insert or replace rows."""
        with self.engine.begin() as connection:
            for one in ids:
                row = {"first": f"Ada{one}", "mail": f"ada{one}@example.org", **values}
                connection.execute(self.table.delete().where(self.table.c.id == one))
                connection.execute(self.table.insert().values(id=one, changed_at=at, **row))

    def delete(self, *ids: int) -> None:
        with self.engine.begin() as connection:
            connection.execute(self.table.delete().where(self.table.c.id.in_(ids)))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('database') / 'crm.db'}"
    else:
        with postgresql() as found:
            yield found


@pytest.fixture
async def customers(address: str) -> AsyncIterator[Customers]:
    table = Customers(address)
    yield table
    table.engine.dispose()


def source(address: str, **said: Any) -> MappedOrigin:
    given = {"watermark": "changed_at", **said}
    origin = Origin.model_validate(
        {"mapping": "crm.toml", "sql": {"address": address, "table": "customers"}, **given}
    )
    return MappedOrigin("crm", origin, parse_mapping(MAPPING))


async def standing(graph: Graph) -> set[str]:
    return {one async for one in standing_record_ids(graph, "crm")}


async def test_only_what_changed_is_loaded(graph: Graph, customers: Customers) -> None:
    customers.put(1, 2, 3)
    first = await sync(graph, source(customers.address))
    assert (first.load.lines, first.load.applied, first.load.records) == (3, 3, 3)
    customers.put(4, 2, at=NOW + timedelta(hours=1), first="Grace")
    second = await sync(graph, source(customers.address))
    assert (second.load.lines, second.load.applied, second.load.duplicate) == (4, 2, 2)
    third = await sync(graph, source(customers.address))
    assert (third.load.lines, third.load.applied, third.load.duplicate) == (2, 0, 2)
    assert await standing(graph) == {"1", "2", "3", "4"}


async def test_late_commits_within_the_overlap_are_seen(graph: Graph, customers: Customers) -> None:
    customers.put(1, 2)
    await sync(graph, source(customers.address))
    customers.put(3, at=NOW - timedelta(minutes=4))
    customers.put(4, at=NOW - timedelta(minutes=6))
    report = await sync(graph, source(customers.address))
    assert (report.load.lines, report.load.applied) == (3, 1)
    assert (await sync(graph, source(customers.address, overlap="10m"))).load.applied == 1


async def test_rows_without_a_watermark_are_always_read(graph: Graph, customers: Customers) -> None:
    customers.put(1)
    customers.put(2, at=None)
    assert (await sync(graph, source(customers.address))).load.applied == 2
    customers.put(3, at=None)
    assert (await sync(graph, source(customers.address))).load.applied == 1


async def test_a_row_from_the_future_hides_nothing(graph: Graph, customers: Customers) -> None:
    customers.put(1)
    customers.put(2, at=datetime(9999, 1, 1, tzinfo=UTC))
    await sync(graph, source(customers.address))
    customers.put(3, at=NOW + timedelta(hours=1))
    assert (await sync(graph, source(customers.address))).load.applied == 1


async def test_numbers_are_watermarks_too(graph: Graph, customers: Customers) -> None:
    customers.put(1, 2, 3)
    await sync(graph, source(customers.address, watermark="id"))
    customers.put(4)
    report = await sync(graph, source(customers.address, watermark="id"))
    assert (report.load.lines, report.load.applied) == (2, 1)
    report = await sync(graph, source(customers.address, watermark="id", overlap_steps=2))
    assert report.load.lines == 3


async def test_another_watermark_column_begins_anew(graph: Graph, customers: Customers) -> None:
    customers.put(1, 2, 3)
    await sync(graph, source(customers.address, watermark="id"))
    assert (await sync(graph, source(customers.address))).load.lines == 3


async def test_full_reads_everything(graph: Graph, customers: Customers) -> None:
    customers.put(1, 2)
    customers.put(3, at=NOW - timedelta(days=30))
    await sync(graph, source(customers.address))
    assert (await sync(graph, source(customers.address), full=True)).load.duplicate == 3


async def test_tombstones_remove(graph: Graph, customers: Customers) -> None:
    customers.put(1, 2)
    await sync(graph, source(customers.address))
    customers.put(2, at=NOW + timedelta(hours=1), gone=True)
    assert (await sync(graph, source(customers.address))).load.applied == 1
    assert await standing(graph) == {"1"}


async def test_rows_that_are_gone_are_found_by_comparing(graph: Graph, customers: Customers) -> None:
    customers.put(1, 2, 3)
    await sync(graph, source(customers.address))
    customers.delete(2)
    assert (await sync(graph, source(customers.address))).removed == 0
    report = await sync(graph, source(customers.address, deletes="compare"))
    assert report.removed == 1
    assert await standing(graph) == {"1", "3"}
    customers.put(2, at=NOW + timedelta(hours=1))
    report = await sync(graph, source(customers.address, deletes="compare"))
    assert (report.load.applied, report.removed) == (1, 0)
    assert await standing(graph) == {"1", "2", "3"}


async def test_an_emptied_source_removes_nobody_unasked(graph: Graph, customers: Customers) -> None:
    customers.put(*range(1, 11))
    await sync(graph, source(customers.address))
    customers.delete(*range(1, 9))
    compared = source(customers.address, deletes="compare")
    with pytest.raises(TooManyRemovedError, match="8 of the 10 records"):
        await sync(graph, compared, SyncSettings(removed_rows=5))
    assert len(await standing(graph)) == 10
    assert (await sync(graph, compared, SyncSettings(removed_rows=5, removed_share=0.9))).removed == 8


async def test_a_failed_sync_changes_nothing_and_is_taken_up(
    graph: Graph, customers: Customers, monkeypatch: pytest.MonkeyPatch
) -> None:
    customers.put(1, 2)
    await sync(graph, source(customers.address))
    before = await read_sync(graph, "crm")
    customers.put(3, at=NOW + timedelta(hours=1), mail="no mail", first=None)
    customers.put(4, at=NOW + timedelta(hours=1))
    monkeypatch.setenv("ONEFOLD_LOAD_REJECTED_ROWS", "0")
    with pytest.raises(TooManyRejectedError):
        await sync(graph, source(customers.address, overlap="0s"))
    assert await read_sync(graph, "crm") == before
    assert await standing(graph) == {"1", "2"}
    customers.put(3, at=NOW + timedelta(hours=2))
    assert (await sync(graph, source(customers.address))).load.applied == 2


async def test_a_source_that_cannot_be_reached_is_tried_again(graph: Graph) -> None:
    nowhere = source("postgresql://nobody:secret@127.0.0.1:1/nothing")
    with pytest.raises(OriginError, match="crm could not be read") as caught:
        await sync(graph, nowhere, SyncSettings(attempts=2, pause_seconds=0))
    assert "secret" not in str(caught.value)
    assert (await read_sync(graph, "crm")).watermark is None


async def test_a_mapping_that_does_not_fit_is_told(graph: Graph, customers: Customers) -> None:
    customers.put(1)
    other = MappedOrigin(
        "crm", source(customers.address).origin, parse_mapping(MAPPING.replace('"mail"', '"post"'))
    )
    with pytest.raises(MappingError, match="post"):
        await sync(graph, other, ONCE)


def test_two_origins_do_not_compare_one_source(tmp_path: Path) -> None:
    (tmp_path / "crm.toml").write_text(MAPPING)
    said = {"mapping": tmp_path / "crm.toml", "sql": {"address": "x", "table": "y"}, "deletes": "compare"}
    origin = Origin.model_validate(said)
    assert len(mapped_origins({"one": origin})) == 1
    with pytest.raises(ConfigurationError, match="two"):
        mapped_origins({"one": origin, "two": origin})
