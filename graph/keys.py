"""Stores API keys as hashes, and finds them by their visible prefix."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from graph.transactions import Graph
from graph.vocabulary import Role


@dataclass(frozen=True, slots=True)
class StoredKey:
    """An API key as stored: `hash` is the SHA-256 of the whole key in hex, the key itself is nowhere.

    A key with a `source` is a write key: it sends events of that source and does nothing else. One with `scopes` does
    only those of its role's operations; `successor` is the id of the key that takes its place.
    """

    id: str
    prefix: str
    hash: str
    role: Role
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    source: str | None = None
    scopes: tuple[str, ...] = ()
    successor: str | None = None


_CREATE: LiteralString = """
MERGE (k:ApiKey {id: $key.id}) ON CREATE SET k += $key
RETURN k.id AS id
"""


async def create_key(graph: Graph, key: StoredKey) -> None:
    """Store a new key; ids and prefixes are unique."""
    await graph.write(_CREATE, key=_properties(key))


_ROTATE: LiteralString = """
MATCH (old:ApiKey {id: $id}) WHERE old.revoked_at IS NULL AND coalesce(old.successor, $key.id) = $key.id
SET old.successor = $key.id,
  old.expires_at = CASE WHEN old.expires_at < $until THEN old.expires_at ELSE $until END
MERGE (k:ApiKey {id: $key.id}) ON CREATE SET k += $key
RETURN k.id AS id
"""


async def rotate_key(graph: Graph, key_id: str, successor: StoredKey, until: datetime) -> bool:
    """Store the key that takes another's place, which ends by `until`; False, and nothing is written, when that one was
    revoked or has a successor already."""
    return bool(await graph.write(_ROTATE, id=key_id, key=_properties(successor), until=until))


_NAMED: LiteralString = "MATCH (k:ApiKey {id: $id}) RETURN k {.*} AS key"


async def read_key(graph: Graph, key_id: str) -> StoredKey | None:
    """The key with this id, also when it is expired or revoked."""
    rows = await graph.read(_NAMED, id=key_id)
    return _key(rows[0]["key"]) if rows else None


_FIND: LiteralString = "MATCH (k:ApiKey {prefix: $prefix}) RETURN k {.*} AS key"


async def find_key(graph: Graph, prefix: str) -> StoredKey | None:
    """The key with this prefix, also when it is expired or revoked."""
    rows = await graph.read(_FIND, prefix=prefix)
    return _key(rows[0]["key"]) if rows else None


_LIST: LiteralString = "MATCH (k:ApiKey) RETURN k {.*} AS key ORDER BY k.created_at, k.id"


async def list_keys(graph: Graph) -> list[StoredKey]:
    """All keys, oldest first."""
    return [_key(row["key"]) for row in await graph.read(_LIST)]


_REVOKE: LiteralString = """
MATCH (k:ApiKey {id: $id})
SET k.revoked_at = coalesce(k.revoked_at, $at)
RETURN k {.*} AS key
"""


async def revoke_key(graph: Graph, key_id: str, at: datetime) -> StoredKey | None:
    """Make a key useless from `at` on (an earlier revocation stays); None when there is no such key."""
    rows = await graph.write(_REVOKE, id=key_id, at=at)
    return _key(rows[0]["key"]) if rows else None


def _key(properties: Mapping[str, Any]) -> StoredKey:
    return StoredKey(
        id=properties["id"],
        prefix=properties["prefix"],
        hash=properties["hash"],
        role=Role(properties["role"]),
        created_at=properties["created_at"],
        expires_at=properties.get("expires_at"),
        revoked_at=properties.get("revoked_at"),
        source=properties.get("source"),
        scopes=tuple(properties.get("scopes") or ()),
        successor=properties.get("successor"),
    )


def _properties(key: StoredKey) -> dict[str, Any]:
    """What is stored of a new key; what is None is left out."""
    return {
        "id": key.id,
        "prefix": key.prefix,
        "hash": key.hash,
        "role": key.role.value,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "source": key.source,
        "scopes": list(key.scopes) or None,
    }
