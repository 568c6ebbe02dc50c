"""Models fitted to data without labels, and with a few."""

from dataclasses import replace

import numpy as np
import pytest

from graph.facts import Identifier
from graph.vocabulary import RecordKind
from resolution.engines import connect
from resolution.features import feature_table
from resolution.model import default_model
from resolution.train import (
    BLOCK_LIMITS,
    affordable_block_limit,
    estimate_prior,
    fit_to_data,
    identifier_pairs,
    train,
)

GIVEN = ("Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Margaret", "Tim", "Radia", "Ken")
SURNAMES = (
    "Lovelace",
    "Hopper",
    "Turing",
    "Dijkstra",
    "Liskov",
    "Knuth",
    "Hamilton",
    "Lee",
    "Perlman",
    "Thompson",
)


def person(number, copy=0):
    return {
        "key": f"s{copy}:{number}",
        "kind": RecordKind.PERSON,
        "source": f"s{copy}",
        "attributes": {
            "given_name": GIVEN[number % 10],
            "surname": SURNAMES[number // 10 % 10],
            "birth_date": f"19{number % 80 + 10}-{number % 12 + 1:02}-{number % 28 + 1:02}",
        },
        "identifiers": [Identifier("email", f"{number}@example.org")],
    }


PEOPLE = [person(number) for number in range(60)]
TWICE = [*PEOPLE, *(person(number, 1) for number in range(60))]


def test_prior_follows_the_share_of_matches():
    pairs = len(TWICE) * (len(TWICE) - 1) / 2
    assert fit_to_data(TWICE, default_model()).prior == pytest.approx(60 / pairs, rel=0.7)
    assert fit_to_data(PEOPLE, default_model()).prior < 5 / (60 * 59 / 2)


def test_model_depends_on_the_records_and_not_on_their_order():
    one, other = fit_to_data(TWICE, default_model()), fit_to_data(TWICE[::-1], default_model())
    assert one == other
    assert one.version != fit_to_data(PEOPLE, default_model()).version


@pytest.mark.parametrize("rows", [[], PEOPLE[:1]])
def test_no_pairs_leave_the_default(rows):
    assert replace(fit_to_data(rows, default_model()), version="default") == replace(
        default_model(), version="default"
    )


def test_values_of_the_data_become_common():
    rows = [person(number) | {"attributes": {"given_name": "Xanthippe"}} for number in range(200)]
    fitted = fit_to_data(rows, default_model())
    assert fitted.terms["given"].of("xanthippe") > 0.2
    assert fitted.terms["given"].of("john") < default_model().terms["given"].of("john")


def test_prior_is_never_certain():
    assert 0 < estimate_prior(np.empty(0), 1.0, 1000) < 1e-5
    assert estimate_prior(np.full(45, 40.0), 1.0, 10) < 0.1


def test_wide_blocks_are_not_affordable_when_they_are_many():
    many = [person(number) | {"key": f"s:{number}"} for number in range(2400)]
    for number, row in enumerate(many):
        row["attributes"] = {"birth_date": f"1970-01-{number % 20 + 1:02}", "given_name": "Ada"}
    limits = []
    for rows in (PEOPLE, many):
        with connect() as connection:
            connection.register("records", feature_table(rows))
            limits.append(affordable_block_limit(connection, len(rows)))
    assert limits[0] == BLOCK_LIMITS[0] > limits[1]


def test_shared_identifiers_make_pairs_until_too_many_hold_them():
    rows = [person(number) | {"identifiers": [Identifier("phone", "+491")]} for number in range(5)]
    assert len(identifier_pairs(feature_table(rows), 5)) == 10
    assert identifier_pairs(feature_table(rows), 4) == []


def test_training_stays_near_the_model_it_starts_from():
    trained, fitted = train(TWICE, default_model()), fit_to_data(TWICE, default_model())
    for name, weights in trained.levels.items():
        for weight, before in zip(weights, fitted.levels[name], strict=True):
            assert abs(weight.weight - before.weight) < 6


def test_labels_teach():
    labels = {(f"s1:{number}", f"s0:{number}"): False for number in range(60)}
    before, after = (train(TWICE, default_model(), known) for known in (None, labels))
    agreement = ("given_name", "surname", "birth_date", "email")
    assert sum(after.levels[name][0].weight - before.levels[name][0].weight for name in agreement) < -5
