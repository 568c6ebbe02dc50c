"""The clause about consent to a purpose."""

from collections.abc import Iterator, Mapping
from typing import Literal, LiteralString

from pydantic import Field

from graph.due import TIME
from insight.clauses import Clause, Parameters, Reach

Answer = Literal["granted", "refused", "unknown"]


class Consented(Clause):
    """What the profile says of a purpose: the latest decision of each of its identifiers counts, the most restrictive
    over them. A grant that has expired is refused; without a decision the answer is unknown."""

    consent: str = Field(min_length=1)
    status: Answer = Field(default="granted", alias="is")

    def compile(self, parameters: Parameters) -> LiteralString:
        """The Cypher expression, true or false."""
        return "(" + self._answer(parameters) + " = " + parameters.take(self.status) + ")"

    def value(self, parameters: Parameters) -> LiteralString:
        """Granted, refused or unknown."""
        return "{status: " + self._answer(parameters) + "}"

    def turns(self, parameters: Parameters) -> LiteralString | None:
        """When the first grant expires."""
        at = parameters.take(parameters.at)
        latest = self._latest(parameters)
        return "COLLECT {" + latest + " WITH c WHERE c.expires_at > " + at + " RETURN min(c.expires_at)}[0]"

    def reaches(self, rules: Mapping[str, Clause]) -> Iterator[Reach]:
        """Another decision or identifier, and time."""
        del rules
        yield Reach((), frozenset({"record", TIME}))

    def _answer(self, parameters: Parameters) -> LiteralString:
        at = parameters.take(parameters.at)
        grants = "c.status = 'GRANTED' AND coalesce(c.expires_at > " + at + ", true)"
        answer = "CASE count(c) WHEN 0 THEN 'unknown' WHEN sum(CASE WHEN " + grants + " THEN 1 ELSE 0 END)"
        return (
            "COLLECT {"
            + self._latest(parameters)
            + " RETURN "
            + answer
            + " THEN 'granted' ELSE 'refused' END}[0]"
        )

    def _latest(self, parameters: Parameters) -> LiteralString:
        """The Cypher clauses that find the latest decision `c` of each identifier."""
        return (
            " MATCH ("
            + parameters.profile
            + ")<-[m:RESOLVES_TO]-(:SourceRecord)-[h:HAS_IDENTIFIER]->(i:Identifier)"
            " WHERE m.until IS NULL AND h.until IS NULL"
            " WITH DISTINCT i MATCH (i)-[:HAS_CONSENT]->(d:Consent {purpose: "
            + parameters.take(self.consent)
            + "})"
            " WITH i, d ORDER BY d.decided_at DESC, d.status = 'GRANTED', d.key WITH i, head(collect(d)) AS c"
        )
