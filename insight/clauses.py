"""What every clause of a segment's rule answers: its Cypher, the value it looks at, and what can change it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from pydantic import BaseModel, ConfigDict

from graph.due import TIME
from graph.errors import ConfigurationError

_DIGITS: tuple[LiteralString, ...] = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
_NAMES: tuple[LiteralString, ...] = tuple(
    "$v" + hundred + ten + one for hundred in _DIGITS[:4] for ten in _DIGITS for one in _DIGITS
)
"""Parameter names are joined from literals, because a query is nothing else."""

_PROFILES: tuple[LiteralString, ...] = ("p", "near_p", "far_p", "farther_p", "farthest_p")
"""What the profile is called: that of the rule itself, then one near it, then one near that."""


class Parameters:
    """Collects the values of one compiled rule; `at` is the instant its time windows end at, `profile` the variable
    that holds the profile in question."""

    def __init__(self, at: datetime, values: dict[str, Any] | None = None, depth: int = 0) -> None:
        self.at = at
        self.values: dict[str, Any] = {} if values is None else values
        self._depth = depth

    @property
    def profile(self) -> LiteralString:
        """The variable that holds the profile in question."""
        return _PROFILES[self._depth]

    def take(self, value: Any) -> LiteralString:
        """The placeholder under which `value` reaches the query."""
        if len(self.values) == len(_NAMES):
            raise ConfigurationError(
                f"A segment rule may compare with at most {len(_NAMES)} values: split it."
            )
        name = _NAMES[len(self.values)]
        self.values[name[1:]] = value
        return name

    def nearer(self) -> "Parameters":
        """The parameters for a clause about a profile near the one in question; the values are shared."""
        if self._depth + 1 == len(_PROFILES):
            raise ConfigurationError("`nearby` may be used four deep at most.")
        return Parameters(self.at, self.values, self._depth + 1)


@dataclass(frozen=True, slots=True)
class Reach:
    """That certain news of a profile can change the answer for those that one comes to from it by `path`, a way to be
    near at each step; the empty path leads to the profile itself."""

    path: tuple[str, ...]
    news: frozenset[str]


ANY_TYPE = "type:*"
"""Stands for touchpoints of every type among the news that a clause depends on."""

ANYTHING = frozenset({ANY_TYPE, "record", "attribute:*", TIME})
"""Everything that can become of a profile."""


def concerns(news: frozenset[str] | None, wanted: frozenset[str]) -> bool:
    """Whether one of the news is among those wanted; unknown news always is."""
    return news is None or any(one in wanted or f"{one.partition(':')[0]}:*" in wanted for one in news)


class Clause(BaseModel):
    """One node of a rule. A clause about time says when it `turns`; one that depends on little says what `reaches` it;
    both are allowed to say too much, never too little."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    def compile(self, parameters: Parameters) -> LiteralString:
        """The Cypher expression for `parameters.profile`: true or false, never null."""
        raise NotImplementedError

    def value(self, parameters: Parameters) -> LiteralString:
        """The Cypher expression of what the clause looks at: a map, for explanations."""
        del parameters
        return "{}"

    def turns(self, parameters: Parameters) -> LiteralString | None:
        """The Cypher expression of the next instant after `parameters.at` at which the answer may change though
        nothing happens, null for never; None when that is so for every profile."""
        found: list[LiteralString] = [
            turn for one in self.parts() if (turn := one.turns(parameters)) is not None
        ]
        return earliest(found) if found else None

    def reaches(self, rules: Mapping[str, "Clause"]) -> Iterator[Reach]:
        """What can change the answer; `rules` are those of the segments that the clause may refer to."""
        del rules
        yield Reach((), ANYTHING)

    def seen(self, parameters: Parameters) -> LiteralString:
        """The Cypher expression of the number that is kept with a membership when it begins and ends; null for none."""
        del parameters
        return "null"

    @property
    def limits(self) -> tuple[float | None, float | None]:
        """The limits of that number when a membership begins and when it ends."""
        return None, None

    def parts(self) -> Sequence["Clause"]:
        """The clauses that this one joins to a tree."""
        return ()

    def segments(self) -> Iterator[str]:
        """The names of the segments this refers to."""
        for one in self.parts():
            yield from one.segments()


def earliest(instants: Iterable[LiteralString]) -> LiteralString:
    """The Cypher expression of the earliest of some instants, nulls aside; null when there is none."""
    listed: LiteralString = ", ".join(instants)
    return "reduce(a = null, b IN [" + listed + "] | CASE WHEN a IS NULL OR b < a THEN b ELSE a END)"
