"""Finds profiles that look like one person: the same name with the same birth date, phone or e-mail address."""

from collections.abc import Collection, Iterator, Mapping
from hashlib import blake2b
from itertools import combinations
from pathlib import Path

import pyarrow as pa

from graph.text import fold
from graph.whole_clusters import Member, WholeCluster
from resolution.engines import connect
from resolution.quality_settings import Check

_AT_ONCE = 10_000
_ROW = pa.schema({"check_name": pa.string(), "fact": pa.uint64(), "profile_id": pa.string()})
_KINDS: Mapping[str, Check] = {"phone": Check.NAME_PHONE, "email": Check.NAME_EMAIL}
_LARGEST = 200
"""A fact that more profiles have in common, such as a company's phone, is not about one person."""

_GROUPS = """
SELECT DISTINCT list(DISTINCT profile_id ORDER BY profile_id) AS profile_ids FROM facts WHERE check_name = $check
GROUP BY fact HAVING count(DISTINCT profile_id) BETWEEN 2 AND $largest ORDER BY profile_ids
"""


class LookAlikeProfiles:
    """Collects who has which name together with what else, as keyed hashes, in a DuckDB file that spills."""

    def __init__(self, file: Path, salt: bytes) -> None:
        self._database = connect(file)
        self._database.execute("CREATE TABLE facts (check_name VARCHAR, fact UBIGINT, profile_id VARCHAR)")
        self._salt = salt
        self._waiting: list[tuple[str, int, str]] = []

    def add(self, cluster: WholeCluster) -> None:
        """Note what one profile goes by."""
        told = {fact for one in cluster.members for fact in self._facts(one)}
        self._waiting += [(check.value, fact, cluster.profile_id) for check, fact in sorted(told)]
        if len(self._waiting) >= _AT_ONCE:
            self._flush()

    def groups(self, check: Check, apart: Collection[tuple[str, str]]) -> list[list[str]]:
        """The profiles that have something of a check in common, by group; those of which a steward said of every two
        that they differ (`apart`, smaller id first) are left out."""
        self._flush()
        asked = {"check": check.value, "largest": _LARGEST}
        found: list[list[str]] = [ids for (ids,) in self._database.execute(_GROUPS, asked).fetchall()]
        return [ids for ids in found if not all(pair in apart for pair in combinations(ids, 2))]

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _facts(self, one: Member) -> Iterator[tuple[Check, int]]:
        given, surname = fold(one.given_name or ""), fold(one.surname or "")
        if not given or not surname:
            return
        name = f"{given}\0{surname}"
        if one.birth_date and len(one.birth_date) == len("2000-01-01"):
            yield Check.NAME_BIRTH_DATE, self._hash(f"{name}\0{one.birth_date}")
        for key, kind, _ in one.identifiers:
            if kind in _KINDS:
                yield _KINDS[kind], self._hash(f"{name}\0{key}")

    def _hash(self, text: str) -> int:
        return int.from_bytes(blake2b(text.encode(), digest_size=8, key=self._salt).digest())

    def _flush(self) -> None:
        if self._waiting:
            columns = [list(column) for column in zip(*self._waiting, strict=True)]
            arriving = pa.table(columns, schema=_ROW)
            self._database.register("arriving", arriving)
            self._database.execute("INSERT INTO facts FROM arriving").fetchall()
            self._database.unregister("arriving")
            self._waiting = []
