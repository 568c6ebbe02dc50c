"""The clause about golden values."""

from collections.abc import Iterator, Mapping
from typing import LiteralString

from pydantic import Field, model_validator

from graph.vocabulary import ATTRIBUTES
from insight.clauses import Clause, Parameters, Reach


class AttributeIs(Clause):
    """A golden value fits exactly one test. `at_least` and `at_most` compare texts: dates written year first."""

    attribute: str
    equals: str | None = None
    one_of: list[str] | None = Field(default=None, alias="in")
    starts_with: str | None = None
    at_least: str | None = None
    at_most: str | None = None
    exists: bool | None = None

    @model_validator(mode="after")
    def _one_test(self) -> "AttributeIs":
        if self.attribute not in ATTRIBUTES:
            raise ValueError(
                f"unknown attribute {self.attribute!r}; the attributes are {', '.join(ATTRIBUTES)}"
            )
        names = [name for name in type(self).model_fields if name != "attribute"]
        if sum(getattr(self, name) is not None for name in names) != 1:
            raise ValueError(
                "an attribute needs exactly one of equals, in, starts_with, at_least, at_most, exists"
            )
        return self

    def compile(self, parameters: Parameters) -> LiteralString:
        """The Cypher expression, true or false."""
        value = self._value(parameters)
        if self.exists is not None:
            return "(" + value + (" IS NOT NULL)" if self.exists else " IS NULL)")
        return "coalesce(" + value + self._test(parameters) + ", false)"

    def _test(self, parameters: Parameters) -> LiteralString:
        if self.one_of is not None:
            return " IN " + parameters.take(self.one_of)
        if self.starts_with is not None:
            return " STARTS WITH " + parameters.take(self.starts_with)
        if self.at_least is not None:
            return " >= " + parameters.take(self.at_least)
        if self.at_most is not None:
            return " <= " + parameters.take(self.at_most)
        return " = " + parameters.take(self.equals)

    def _value(self, parameters: Parameters) -> LiteralString:
        return parameters.profile + "[" + parameters.take(self.attribute) + "]"

    def value(self, parameters: Parameters) -> LiteralString:
        """The golden value."""
        return "{value: " + self._value(parameters) + "}"

    def reaches(self, rules: Mapping[str, Clause]) -> Iterator[Reach]:
        """Another golden value."""
        del rules
        yield Reach((), frozenset({f"attribute:{self.attribute}"}))
