"""A published model as a document."""

from dataclasses import replace

import pytest

from graph.errors import ModelError
from resolution.comparisons import COMPARISONS, TERMS
from resolution.model import Model, default_model


def test_default_model_weighs_everything_that_is_compared():
    model = default_model()
    assert {name: len(weights) for name, weights in model.levels.items()} == {
        comparison.name: len(comparison.levels) for comparison in COMPARISONS
    }
    assert set(model.terms) == set(TERMS)


def test_model_survives_json():
    model = replace(default_model(), version="x", prior=0.125, match=1.5)
    assert Model.from_json(model.to_json()) == model


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"version": "x", "levels": {}}'])
def test_unreadable_model_says_so(text):
    with pytest.raises(ModelError):
        Model.from_json(text)


def test_model_of_other_levels_is_refused():
    model = replace(default_model(), levels={**default_model().levels, "given_name": ()})
    with pytest.raises(ModelError, match="given_name"):
        Model.from_json(model.to_json())


def test_common_names_weigh_less_than_rare_ones():
    given = default_model().terms["given"]
    assert given.of("john") > 100 * given.of("zbigniewina") == 100 * given.default


@pytest.mark.parametrize("comparison", COMPARISONS, ids=lambda comparison: comparison.name)
def test_full_agreement_is_evidence_for_and_disagreement_against(comparison):
    weights = default_model().levels[comparison.name]
    assert weights[0].weight >= 0 > weights[-1].weight
