"""Answers for the traits that clients state: the latest by event time wins, in whatever order they come."""

from collections.abc import Iterable
from collections.abc import Mapping as Map
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import orjson

from graph.attributes import INPUTS, clean_attributes
from graph.cleaning import CLEANING
from graph.facts import SourceRecord
from graph.identifiers import KINDS
from graph.vocabulary import IdentifierClass, RecordKind
from loaders.identifying import digest, read_identifier
from loaders.synonyms import concept_of

IDENTIFYING = frozenset(
    kind.name
    for kind in KINDS.values()
    if kind.identifier_class in (IdentifierClass.UNIQUE, IdentifierClass.CONTACT)
)
"""Kinds that a trait may give; accounts and devices have fields of their own in a message."""

_EXTRA_KEPT = 1_000
_PARTS = ("given_name", "middle_name", "surname", "generation")
_NAME_OF = {RecordKind.ORGANISATION: "organisation_name"}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a set of traits says: attributes to clean, values by identifier kind, and what is merely kept."""

    inputs: dict[str, str]
    identifying: list[tuple[str, str]]
    extra: dict[str, str]


def read_traits(traits: Map[str, Any], kind: RecordKind, times: Map[str, str] | None = None) -> Meaning:
    """Sort traits by their names (loaders/synonyms.toml); of two names for one thing the later stated wins.

    A whole name stated after its parts takes their place. `address` and `company` may be objects.
    """
    stated = times or {}
    inputs: dict[str, tuple[str, str]] = {}
    meaning = Meaning({}, [], {})
    for name, value in sorted(traits.items()):
        for concept, text in _concepts(name, value, kind):
            if concept in INPUTS:
                inputs[concept] = max(inputs.get(concept, ("", "")), (stated.get(name, ""), text))
            elif concept in IDENTIFYING:
                meaning.identifying.append((concept, text))
            else:
                meaning.extra[name] = text[:_EXTRA_KEPT]
    whole, _ = inputs.get("full_name", ("", ""))
    meaning.inputs.update(
        {name: text for name, (at, text) in inputs.items() if name not in _PARTS or at >= whole}
    )
    return meaning


def _concepts(name: str, value: Any, kind: RecordKind) -> list[tuple[str, str]]:
    """What a trait gives: (concept, text) pairs, more than one for an object; nothing for null."""
    concept, directness = concept_of(name)
    concept = concept if directness == 2 and concept is not None else ""
    if concept == "name":
        concept = _NAME_OF.get(kind, "full_name")
    if isinstance(value, dict) and concept == "organisation_name":
        return [(concept, text)] if (text := as_text(value.get("name"))) else []
    if isinstance(value, dict) and concept == "address":
        return [pair for part, said in value.items() for pair in _address_part(part, said)]
    text = as_text(value)
    concept = (
        "" if isinstance(value, dict | list) else concept
    )  # kept, but no name or number is written like that
    return [(concept, text)] if text else []


def _address_part(name: str, value: Any) -> list[tuple[str, str]]:
    concept, _ = concept_of(name)
    text = as_text(value)
    return [(concept, text)] if text and concept in INPUTS else []


def as_text(value: Any) -> str:
    """A JSON value as it is kept: text as it is, lists and objects as JSON, nothing for null."""
    match value:
        case None | [] | {}:
            return ""
        case str():
            return value.strip()
        case bool():
            return "true" if value else "false"
        case _:
            return orjson.dumps(value).decode()


def derived(record: SourceRecord) -> SourceRecord:
    """A record with what its traits (`raw`, stated at `trait_times`) say of it."""
    if not record.trait_times:  # most events: they name somebody and say nothing of them
        return replace(record, attributes={}, extra={}, content_hash=_of_nothing(record.kind))
    traits: dict[str, Any] = orjson.loads(record.raw)
    meaning = read_traits(traits, record.kind, record.trait_times)
    cleaned = clean_attributes(meaning.inputs)
    extra = meaning.extra
    problems = [f"{problem.attribute}:{problem.code}" for problem in cleaned.problems]
    for kind, text in meaning.identifying:
        if isinstance(found := read_identifier(kind, text, None), str):
            problems.append(f"{kind}:{found}")
    if problems:
        extra["problems"] = " ".join(problems)
    content = [CLEANING, record.kind, cleaned.attributes, extra, record.raw, dict(record.trait_times or {})]
    return replace(record, attributes=cleaned.attributes, extra=extra, content_hash=digest(content))


@cache
def _of_nothing(kind: RecordKind) -> str:
    return digest([kind])


def joined(one: SourceRecord, other: SourceRecord) -> SourceRecord:
    """Two partial statements about one record as one: the order does not matter, nor does a repetition.

    Of each trait the later value stands, of two of the same instant the greater as JSON; identifiers add up.
    """
    return derived(_merged(one, other))


def _merged(one: SourceRecord, other: SourceRecord) -> SourceRecord:
    identifiers = tuple(sorted({*one.identifiers, *other.identifiers}))
    if one.raw == other.raw and one.trait_times == other.trait_times:
        return replace(one, identifiers=identifiers)
    ours, theirs = _stamped(one), _stamped(other)
    both = {name: max(ours.get(name, _NEVER), theirs.get(name, _NEVER)) for name in {**ours, **theirs}}
    times = {name: at for name, (at, _) in sorted(both.items())}
    raw = "{" + ",".join(f"{_dumps(name)}:{value}" for name, (_, value) in sorted(both.items())) + "}"
    observed = [at for at in (one.observed_at, other.observed_at) if at is not None]
    return replace(
        one, raw=raw, trait_times=times, identifiers=identifiers, observed_at=max(observed, default=None)
    )


def together(records: Iterable[SourceRecord]) -> list[SourceRecord]:
    """One statement per record."""
    by_key: dict[str, SourceRecord] = {}
    for record in records:
        known = by_key.get(record.key)
        by_key[record.key] = record if known is None else _merged(known, record)
    return [derived(record) for record in by_key.values()]


_NEVER = ("", "")


def _stamped(record: SourceRecord) -> dict[str, tuple[str, str]]:
    """Instant and value, as JSON, of each trait."""
    times = record.trait_times or {}
    return {name: (times.get(name, ""), _dumps(value)) for name, value in orjson.loads(record.raw).items()}


def _dumps(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
