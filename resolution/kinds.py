"""The identifier kinds in force: the registered ones and those of a configuration, each with its limits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from graph.facts import Identifier
from graph.identifiers import KINDS, IdentifierKind, clean_identifier, kind_of
from graph.text import tidy
from graph.unusable import UnusableValueError
from graph.vocabulary import IdentifierClass
from resolution.limits import Limits, ProfileLimit


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


ProfileLimits = Annotated[tuple[ProfileLimit, ...], BeforeValidator(_listed)]


class KindSettings(BaseModel):
    """One `[resolution.identifiers.KIND]` table; what is absent is as registered, or as for any contact."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    identifier_class: IdentifierClass | None = Field(default=None, alias="class")
    priority: int | None = Field(default=None, ge=0, le=1000)
    exclusive: bool | None = None
    holders: int | None = Field(default=None, ge=1)
    names: int | None = Field(default=None, ge=1)
    per_profile: ProfileLimits | None = None
    blocked: tuple[str, ...] = ()
    blocked_patterns: tuple[str, ...] = ()

    @field_validator("blocked_patterns")
    @classmethod
    def _compiles(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for number, pattern in enumerate(patterns, start=1):
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"pattern {number} is no regular expression: {error}") from error
        return patterns


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind in force: how far it links, who gives way (lowest priority), and its limits.

    An identifier on more than `holders` records, or of more than `names` people (devices aside), links nobody;
    a profile may hold as many values as `per_profile` allows, and of an `exclusive` kind one.
    """

    name: str
    identifier_class: IdentifierClass
    priority: int
    exclusive: bool
    holders: int
    names: int
    per_profile: tuple[ProfileLimit, ...]
    blocked: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]

    def blocks(self, value: str) -> bool:
        """Whether the configuration's block list has this value."""
        return value.casefold() in self.blocked or any(pattern.search(value) for pattern in self.patterns)


class Kinds:
    """Every kind by name; one that is neither registered nor configured is a contact of low priority."""

    def __init__(self, limits: Limits, own: Mapping[str, KindSettings]) -> None:
        names = self._names = sorted({*KINDS, *own})
        self._limits = limits
        self._kinds = {name: _kind(name, limits, own.get(name, KindSettings())) for name in names}
        self.exclusive = frozenset(name for name in names if self._kinds[name].exclusive)
        self.limited = {name: kind.per_profile for name, kind in self._kinds.items() if kind.per_profile}
        self.respected = self.exclusive | self.limited.keys()
        self.holders = {name: kind.holders for name, kind in self._kinds.items()}
        self.other_holders = limits.contact_holders
        self.most_holders = max(*self.holders.values(), self.other_holders)

    def document(self) -> list[str]:
        """The named kinds but for their block lists, as text: what changes with a new version's defaults too."""
        return [
            f"{one.name} {one.identifier_class} {one.priority} {one.exclusive} {one.holders} {one.names}"
            f" {one.per_profile}"
            for one in map(self._kinds.__getitem__, self._names)
        ]

    def __getitem__(self, name: str) -> Kind:
        found = self._kinds.get(name)
        if found is None:
            found = self._kinds[name] = _kind(name, self._limits, KindSettings())
        return found


def _kind(name: str, limits: Limits, own: KindSettings) -> Kind:
    registered = kind_of(name)
    identifier_class = own.identifier_class or registered.identifier_class
    usual = USUAL_PER_PROFILE.get(name, ())
    return Kind(
        name=name,
        identifier_class=identifier_class,
        priority=_priority(registered, identifier_class) if own.priority is None else own.priority,
        exclusive=registered.exclusive if own.exclusive is None else own.exclusive,
        holders=own.holders or limits.holders(identifier_class),
        names=own.names or limits.contact_names,
        per_profile=usual if own.per_profile is None else own.per_profile,
        blocked=frozenset(_as_stored(name, value) for value in own.blocked),
        patterns=tuple(map(re.compile, own.blocked_patterns)),
    )


def _priority(registered: IdentifierKind, identifier_class: IdentifierClass) -> int:
    """A kind of the configuration's own ranks with its class."""
    if registered.name in KINDS:
        return registered.priority
    return _PRIORITIES[identifier_class]


_PRIORITIES: Mapping[IdentifierClass, int] = {
    IdentifierClass.UNIQUE: 85,
    IdentifierClass.LOGIN: 75,
    IdentifierClass.CONTACT: 30,
    IdentifierClass.DEVICE: 5,
}


def _as_stored(kind: str, value: str) -> str:
    """A value of the block list as the graph would hold it; one that no record can hold stays as written."""
    try:
        found: Identifier = clean_identifier(kind, value)
    except UnusableValueError:
        return tidy(value).casefold()
    return found.value.casefold()


USUAL_PER_PROFILE: Mapping[str, tuple[ProfileLimit, ...]] = {
    name: (ProfileLimit(values=10),) for name in ("email", "phone", "bank_account", "loyalty_card")
}
"""What a profile may hold where the configuration says nothing: more than most people ever have, mistyped ones
included, and less than what two or three merged strangers have."""
