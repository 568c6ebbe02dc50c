"""Resolves records that are not in the graph yet: staged on disk, scored there, and decided group by group."""

import pickle
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from graph.batches import batches
from graph.difference import Difference
from graph.logins import Devices, Logins, ReadLogins
from graph.neighbourhood import MatchEdge, Neighbourhood, StoredRecord
from graph.progress import Progress, silent
from graph.sources import Source
from resolution.comparisons import COMPARISONS
from resolution.configuration import Configuration
from resolution.decide import decide
from resolution.engines import DuckTables, connect
from resolution.features import feature_table
from resolution.kinds import Kinds
from resolution.matching import record_row
from resolution.model import Model, default_model
from resolution.publishing import configured
from resolution.scoring import candidate_pairs, weigh, with_levels
from resolution.settings import ResolutionSettings
from resolution.shared_devices import devices_to_read
from resolution.train import fit

_AT_ONCE = 10_000
_GROUP_RECORDS = 1000
"""So many records are decided together, or one component where that is larger."""


def nobody_logged_in(_: Collection[Devices]) -> Logins:
    """There are no touchpoints."""
    return {}


@dataclass(frozen=True, slots=True)
class StagedResolution:
    """What resolving into an empty graph gives: the model to publish, the digest of the configuration that was
    applied, and how many records were looked at. `edges` and `differences` are read from disk, one after the other."""

    model: Model
    digest: str
    records: int
    _configuration: Configuration
    _connection: duckdb.DuckDBPyConnection

    def edges(self) -> Iterator[MatchEdge]:
        """Every match edge, by keys."""
        names = ", ".join(comparison.name for comparison in COMPARISONS)
        query = (
            f"SELECT key_l, key_r, probability, weight, [{names}] FROM edges ORDER BY position_l, position_r"
        )
        for left, right, probability, weight, gammas in _rows(self._connection, query):
            yield MatchEdge(left, right, probability, weight, tuple(gammas))

    def differences(self, read_logins: ReadLogins = nobody_logged_in) -> Iterator[Difference]:
        """What to write, in groups of whole components; together they settle every record. `read_logins` tells who was
        logged in on shared devices, by the touchpoints that are staged beside the records."""
        settings = self._configuration.settings
        counts = dict(self._connection.execute("SELECT identifier, holders FROM crowded").fetchall())
        records = _by_group(self._connection, _GROUPED_RECORDS)
        weights = _by_group(self._connection, _GROUPED_WEIGHTS)
        weighed, pairs = next(weights, (-1, []))
        for number, rows in records:
            found = [pickle.loads(row[1]) for row in rows]  # noqa: S301  (written by this process)
            inside: dict[tuple[str, str], float] = {}
            if weighed == number:
                inside = {(left, right): weight for _, left, right, weight in pairs}
                weighed, pairs = next(weights, (-1, []))
            around = {one.key: one for one in found}
            devices = devices_to_read(around, counts, settings.kinds, settings.shared_devices)
            logins = read_logins(devices) if devices else {}
            neighbourhood = Neighbourhood(around, inside, holder_counts=counts, logins=logins)
            yield decide(neighbourhood, self._configuration)


@contextmanager
def resolve_staged(
    records: Iterable[StoredRecord],
    folder: Path,
    settings: ResolutionSettings,
    origin: tuple[Sequence[Source], bytes],
    progress: Progress = silent,
) -> Generator[StagedResolution]:
    """Score and group records for an empty graph, under the default model fitted to them; they are never held at once.

    `records` come in the order of their keys, each pending, and are read once; `folder` takes a working file of about
    their size, which is removed; `origin` are the sources and the installation's salt. The outcome is that of loading
    them and resolving the graph. Raises ValueError when keys are out of order.
    """
    path = folder / "resolution.duckdb"
    path.unlink(missing_ok=True)
    sources, salt = origin
    try:
        with connect(path) as connection:
            count = _stage(connection, records, progress)
            progress("match", 0, None)
            model = fit(connection, default_model())
            configuration, digest = configured(model, settings, sources, salt)
            _score(connection, model, settings.kinds)
            progress("decide", 0, count)
            _group(connection, count, configuration)
            yield StagedResolution(model, digest, count, configuration, connection)
    finally:
        path.unlink(missing_ok=True)


def _stage(connection: duckdb.DuckDBPyConnection, records: Iterable[StoredRecord], progress: Progress) -> int:
    """Make tables `records` (features of the live ones), `stored` and `held` (identifiers of the live ones)."""
    _append(connection, "records", _features([], 0))
    _append(connection, "stored", pa.table([[], []], schema=_STORED))
    _append(connection, "held", pa.table([[], [], []], schema=_HELD))
    count, last = 0, ""
    for batch in batches(records, _AT_ONCE):
        for record in batch:
            if record.key <= last:
                raise ValueError("Records are to be staged in the order of their keys, each once.")
            last = record.key
        numbered = list(enumerate(batch, start=count))
        _append(connection, "records", _features(batch, count))
        blobs = [pickle.dumps(record, pickle.HIGHEST_PROTOCOL) for record in batch]
        _append(connection, "stored", pa.table([[number for number, _ in numbered], blobs], schema=_STORED))
        rows = [
            (number, one.key, one.identifier.kind)
            for number, record in numbered
            if not record.removed
            for one in record.identifiers
        ]
        _append(connection, "held", pa.table(list(zip(*rows, strict=True)) or [[], [], []], schema=_HELD))
        count += len(batch)
        progress("read", count, None)
    return count


_STORED = pa.schema([("position", pa.int32()), ("record", pa.binary())])
_HELD = pa.schema([("position", pa.int32()), ("identifier", pa.string()), ("kind", pa.string())])


def _features(batch: Sequence[StoredRecord], first: int) -> pa.Table:
    live = [number for number, record in enumerate(batch) if not record.removed]
    table = feature_table(record_row(batch[number]) for number in live)
    return table.append_column("position", pa.array([first + number for number in live], pa.int32()))


def _append(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    connection.register("rows", rows)
    connection.execute(f"CREATE TABLE IF NOT EXISTS {name} AS FROM rows LIMIT 0").fetchall()
    connection.execute(f"INSERT INTO {name} FROM rows").fetchall()
    connection.unregister("rows")


def _score(connection: duckdb.DuckDBPyConnection, model: Model, kinds: Kinds) -> None:
    """Make tables `edges`, and `crowded`: the identifiers that too many hold to tie them together."""
    tables = DuckTables(connection)
    names = [kind for (kind,) in connection.execute("SELECT DISTINCT kind FROM held").fetchall()]
    tables.offer("kinds", pa.table({"kind": names, "most": [kinds[name].holders for name in names]}, _KINDS))
    tables.keep(
        "extra_pairs",
        "WITH few AS (SELECT position, identifier FROM held JOIN kinds USING (kind)"
        " QUALIFY count(*) OVER (PARTITION BY identifier) BETWEEN 2 AND most)"
        " SELECT DISTINCT a.position AS l, b.position AS r FROM few a JOIN few b"
        " ON a.identifier = b.identifier AND a.position < b.position",
    )
    tables.keep(
        "crowded",
        "SELECT identifier, count(*) AS holders FROM held GROUP BY identifier"
        f" HAVING count(*) > {kinds.most_holders}",
    )
    candidate_pairs(tables, model.block_limit)
    tables.keep("edges", with_levels(weigh(tables, model)))


_KINDS = pa.schema([("kind", pa.string()), ("most", pa.int64())])


def _group(connection: duckdb.DuckDBPyConnection, count: int, configuration: Configuration) -> None:
    """Make table `grouped`: the group of every position, whole components each."""
    ties = connection.execute(
        f"SELECT position_l AS l, position_r AS r FROM edges WHERE weight >= {configuration.match_weight!r}"
        " UNION ALL SELECT min(position) OVER (PARTITION BY identifier), position FROM held"
        " ANTI JOIN crowded USING (identifier)"
    ).fetchnumpy()
    groups = _numbers(count, ties).astype(np.int32)
    columns: Mapping[str, Any] = {"position": np.arange(count, dtype=np.int32), "grp": groups}
    DuckTables(connection).offer("grouped", pa.table(dict(columns)))


def _numbers(count: int, ties: Mapping[str, NDArray[np.int32]]) -> NDArray[np.int64]:
    """The group of each position: components in the order of their numbers, cut where a group is full."""
    shape = (count, count)
    links = coo_matrix((np.ones(len(ties["l"]), np.bool_), (ties["l"], ties["r"])), shape=shape)
    _, component = connected_components(links, directed=False)
    sizes = np.bincount(component)
    return ((np.cumsum(sizes) - sizes) // _GROUP_RECORDS)[component]


_GROUPED_RECORDS = "SELECT grp, record FROM stored JOIN grouped USING (position) ORDER BY grp, position"
_GROUPED_WEIGHTS = (
    "SELECT a.grp, key_l, key_r, weight FROM edges JOIN grouped a ON a.position = position_l"
    " JOIN grouped b ON b.position = position_r AND b.grp = a.grp ORDER BY a.grp, position_l, position_r"
)


def _by_group(
    connection: duckdb.DuckDBPyConnection, query: str
) -> Iterator[tuple[int, list[tuple[Any, ...]]]]:
    """The rows of a query by its first column, which orders them."""
    for number, rows in groupby(_rows(connection, query), itemgetter(0)):
        yield number, list(rows)


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a query in turn, whatever else is asked meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(_AT_ONCE):
            yield from rows
