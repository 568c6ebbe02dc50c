"""A graph that has outgrown its model gets one fitted anew: the prior of few records would join strangers."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from graph.models import published_model
from graph.records import write_records
from loaders.facts import RowMapper
from loaders.mapping import read_mapping
from loaders.reading import open_rows
from resolution.model import Model, default_model
from resolution.publishing import outgrown
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

EXAMPLES = Path(__file__).parents[2] / "examples"
SETTINGS = ResolutionSettings()


def read(salt, count):
    mapper = RowMapper(read_mapping(EXAMPLES / "splink_fake_1000.toml"), salt)
    rows = open_rows(EXAMPLES / "splink_fake_1000" / "fake_1000.csv").rows
    return [mapper.facts(row).record for row in islice(rows, count)]


@pytest.mark.store
@pytest.mark.flow
async def test_the_model_is_fitted_anew_when_the_graph_has_outgrown_it(graph, monkeypatch):
    monkeypatch.setattr("resolution.publishing._FEWEST_TO_FIT_ANEW", 100)
    facts = read(graph.salt, 200)
    await write_records(graph, facts[:40])
    first = Model.from_json((await resolve(graph, SETTINGS)) and (await published_model(graph)).document)
    await write_records(graph, facts[40:120])
    assert (await resolve(graph, SETTINGS)).model == first.version
    await write_records(graph, facts[120:])
    report = await resolve(graph, SETTINGS)
    published = await published_model(graph)
    anew = Model.from_json(published.document)
    assert report.model == anew.version != first.version
    assert published.cause == "fitted anew, as 40 records have become 200"
    assert (anew.levels, anew.records) == (first.levels, 200)
    assert anew.prior < first.prior
    again = await resolve(graph, SETTINGS)
    assert (again.model, again.touched) == (anew.version, 0)


@pytest.mark.parametrize(
    ("fitted", "now", "growth", "expected"),
    [
        (1000, 3999, 4, False),
        (1000, 4000, 4, True),
        (100, 1999, 4, False),
        (100, 2000, 4, True),
        (1000, 10**6, 0, False),
        (0, 10**6, 4, False),
    ],
)
def test_outgrown(fitted, now, growth, expected):
    model = replace(default_model(), records=fitted)
    assert outgrown(model, now, ResolutionSettings(refit_growth=growth)) is expected
