"""Answers for whom a message of an SDK speaks of: the record it belongs to, and the identifiers that it names."""

from collections.abc import Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from typing import Any

from graph.countries import clean_country
from graph.facts import Identifier
from graph.identifiers import canonical_kind, identifier_key, kind_of, placeholder_reason
from graph.unusable import UnusableValueError
from graph.vocabulary import IdentifierClass, RecordKind
from loaders.identifying import bounded, present, read_identifier
from loaders.rows import RejectionCode, UnusableRowError
from loaders.traits import as_text, read_traits

_SAYS_NOTHING = frozenset({"stands for no value", "zeros only"})
_EXTERNAL = {
    "ios.idfa": "device",
    "ios.id": "device",
    "android.idfa": "device",
    "android.id": "device",
    "cross_domain_id": "cookie",
}
_LINKING_ALONE = frozenset({IdentifierClass.UNIQUE, IdentifierClass.LOGIN})


@dataclass(slots=True)
class Identity:
    """The record that a message belongs to, and what it names: all identifiers, and the browser or device in use."""

    record_id: str
    kind: RecordKind
    identifiers: set[Identifier] = field(default_factory=set[Identifier])
    device: Identifier | None = None


def read_identity(said: Map[str, Any], salt: bytes, *, claimed: bool) -> Identity:
    """Whom a message speaks of: the user, else the browser or device, else whoever its external ids name.

    A `claimed` source (a browser) links by its user id and its devices only: an external id that links alone and
    the former id of an alias could be anybody's. Raises UnusableRowError (record_id_missing, record_id_too_long).
    """
    context = as_map(said.get("context"))
    user = _own("user_id", said.get("userId"))
    anonymous = _own("cookie", said.get("anonymousId"))
    devices = list(_devices(context))
    named = {
        one
        for one in (*_external(context), *_traits(said, context), *_former(said))
        if not (claimed and kind_of(one.kind).identifier_class in _LINKING_ALONE)
    }
    named.update(one for one in (user, anonymous, *devices) if one)
    device = anonymous or next(iter(devices), None)
    if user:
        former = _usable("cookie", said.get("previousId")) if said.get("type") == "alias" else None
        if isinstance(email := read_identifier("email", user.value, None), Identifier):
            named.add(email)
        return Identity(_record_id("userId", user, salt), RecordKind.PERSON, named, device or former)
    if device:
        field_name = "anonymousId" if anonymous else "deviceId"
        return Identity(_record_id(field_name, device, salt), RecordKind.VISITOR, named, device)
    if named:
        first = min(named)
        return Identity(identifier_key(first, salt), RecordKind.PERSON, named)
    raise UnusableRowError(
        RejectionCode.RECORD_ID_MISSING, "The message has neither a userId nor an anonymousId."
    )


def as_map(value: Any) -> Map[str, Any]:
    """A JSON object, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def _own(kind: str, value: Any) -> Identifier | None:
    """The user or browser that the message is of; one too long for a key is not taken for none."""
    bounded(as_text(value))
    return _usable(kind, value)


def _usable(kind: str, value: Any) -> Identifier | None:
    """The identifier, unless the value is none or only says that there is none (null, anonymous, 000)."""
    text = None if isinstance(value, dict | list | bool) else present(as_text(value) or None)
    found = read_identifier(kind, text, None) if text else ""
    if isinstance(found, str) or placeholder_reason(found) in _SAYS_NOTHING:
        return None
    return found


def _record_id(field_name: str, identifier: Identifier, salt: bytes) -> str:
    """A record's id names the field; an e-mail address in it becomes a keyed digest."""
    value = identifier.value
    if "@" in value:
        value = identifier_key(identifier, salt).partition(":")[2]
    return bounded(f"{field_name}:{value}")


def _devices(context: Map[str, Any]) -> Iterator[Identifier]:
    device = as_map(context.get("device"))
    for name in ("id", "advertisingId"):
        if found := _usable("device", device.get(name)):
            yield found


def _external(context: Map[str, Any]) -> Iterator[Identifier]:
    """Segment's `externalIds` and RudderStack's `externalId`: lists of {type, id}."""
    for name in ("externalIds", "externalId"):
        yield from _typed(context.get(name), "id")


def _typed(entries: Any, value: str) -> Iterator[Identifier]:
    for entry in entries if isinstance(entries, list) else ():
        written = as_text(as_map(entry).get("type"))
        try:
            kind = _EXTERNAL.get(written) or canonical_kind(written.replace(".", "_"))
        except UnusableValueError:
            continue
        if found := _usable(kind, as_map(entry).get(value)):
            yield found


def _traits(said: Map[str, Any], context: Map[str, Any]) -> Iterator[Identifier]:
    """Those of the person's traits; a group's traits speak of the group."""
    own = {} if said.get("type") == "group" else as_map(said.get("traits"))
    traits = {**as_map(context.get("traits")), **own}
    meaning = read_traits(traits, RecordKind.PERSON)
    country = _country(meaning.inputs.get("country"))
    for kind, text in meaning.identifying:
        found = read_identifier(kind, text, country)
        if isinstance(found, Identifier):
            yield found


def _country(written: str | None) -> str | None:
    try:
        return clean_country(written) if written else None
    except UnusableValueError:
        return None


def _former(said: Map[str, Any]) -> Iterator[Identifier]:
    """What an alias or a merge joins. Nobody says whether the former id of an alias was a browser's or an account's."""
    if said.get("type") == "merge":
        yield from _typed(said.get("mergeProperties"), "value")
    if said.get("type") == "alias":
        for kind in ("cookie", "user_id"):
            if found := _usable(kind, said.get("previousId")):
                yield found
