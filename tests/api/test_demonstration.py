"""The demo, without its terminal: the example resolves well, and a second run keeps the graph."""

import pytest

from api.demonstration import demonstrate
from graph.connection import Graph
from graph.errors import ConfigurationError
from graph.sources import Source, write_sources


def silent(_step: str, _done: int, _total: int | None) -> None:
    """Show nothing."""


@pytest.mark.flow
@pytest.mark.store
async def test_the_example_resolves_well_and_is_kept(graph: Graph) -> None:
    first = await demonstrate(graph, silent)
    assert not first.kept
    assert first.evaluation is not None
    assert first.evaluation.pairwise.precision > 0.9
    assert first.evaluation.pairwise.recall > 0.7
    assert first.answer["data"]["lookup"]["outcome"] == "MATCH"
    second = await demonstrate(graph, silent)
    assert second.kept
    assert (second.people, second.email, second.evaluation) == (first.people, first.email, first.evaluation)


@pytest.mark.store
async def test_the_example_is_not_mixed_with_other_data(graph: Graph) -> None:
    await write_sources(graph, [Source("ours")])
    with pytest.raises(ConfigurationError, match="other data"):
        await demonstrate(graph, silent)
