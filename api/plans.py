"""The plan of a resolve with the segments that would change, for people to read before it is carried out."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from api.configuration import Configuration
from graph.difference import Difference
from graph.memberships import writing
from graph.progress import Progress, silent
from graph.transactions import Graph
from insight.segments import following
from resolution.model import Model
from resolution.plan import Plan, plan

_HEADINGS = {
    "created": "profiles created",
    "merged": "profiles merged",
    "split": "profiles split",
    "retired": "profiles retired",
    "demoted": "identifiers demoted",
    "restored": "identifiers restored",
    "conflicts": "conflicts new",
    "dissolved": "conflicts gone",
}


@dataclass(frozen=True, slots=True)
class PlannedResolve:
    """A plan, and how many profiles would enter and leave each segment that changes, by name."""

    plan: Plan
    entered: Counter[str] = field(default_factory=Counter[str])
    left: Counter[str] = field(default_factory=Counter[str])

    def body(self) -> dict[str, Any]:
        """The plan as JSON."""
        segments = {
            name: {"entered": self.entered[name], "left": self.left[name]}
            for name in sorted({*self.entered, *self.left})
        }
        return {"plan": asdict(self.plan), "segments": segments}

    def text(self) -> str:
        """The plan for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        found = self.plan
        changed = (
            "other settings or another model"
            if found.configuration_changed
            else "the same settings and model"
        )
        yield f"Nothing was written. A full resolve under {changed}, model {found.model}, would do this:"
        yield ""
        yield f"  {'records':<24}{found.records:>12,}"
        yield f"  {'records moved':<24}{found.moved:>12,}  {found.moved_share:.2%} of those with a profile"
        for name, heading in _HEADINGS.items():
            count = getattr(found, name)
            examples = found.examples.get(name, [])
            shown = f"  {', '.join(examples[:2])}" + (", …" if count > 2 else "") if examples else ""
            yield f"  {heading:<24}{count:>12,}{shown}"
        yield f"  {'profiles afterwards':<24}{found.profiles:>12,}"
        for name in sorted({*self.entered, *self.left}):
            yield f"  segment {name}: {self.entered[name]:,} enter, {self.left[name]:,} leave"


async def planned(
    graph: Graph, configuration: Configuration, *, model: Model | None = None, progress: Progress = silent
) -> PlannedResolve:
    """Plan a full resolve under `configuration` and, if given, another model; nothing is kept in the graph.

    Segments are worked out portion by portion, each written and taken back.
    """
    entered, left = Counter[str](), Counter[str]()
    at = datetime.now(UTC)

    async def follow(portion: Difference) -> None:
        ids = sorted({*(profile.id for profile in portion.profiles), *portion.retired})
        statements = following(configuration.segments, ids, at, "plan") if ids else []
        if statements:
            answers = await graph.rehearse([*writing(portion, at), *statements])
            for row in (row for rows in answers[-len(statements) :] for row in rows):
                (entered if row["belongs"] else left)[row["segment"]] += 1

    found = await plan(graph, configuration.resolution, model=model, progress=progress, follow=follow)
    return PlannedResolve(found, entered, left)
