"""Average linkage: order, contradictions that are carried over, and records that two clusters claim."""

from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from graph.neighbourhood import StoredRecord
from graph.vocabulary import RecordKind
from resolution.clustering import AMBIGUOUS, Clustering, cluster
from resolution.constraints import Constraints
from resolution.linkage import Linkage

NOW = datetime(2026, 1, 1, tzinfo=UTC)
Weights = Mapping[tuple[str, str], float]


def clustered(weights: Weights, births: Mapping[str, str] | None = None, **tuned: float) -> Clustering:
    keys = sorted({key for pair in weights for key in pair})
    records = {
        key: StoredRecord(key, "s", RecordKind.PERSON, NOW, NOW, {"birth_date": (births or {}).get(key, "")})
        for key in keys
    }
    linkage = Linkage(0.0, -4.0, 100, **tuned)
    return cluster(keys, weights, Constraints(records, named=frozenset(keys)), linkage)


def test_a_record_that_two_clusters_claim_equally_stays_alone_with_a_refusal_to_each() -> None:
    found = clustered({("a", "b"): -20.0, ("a", "x"): 5.0, ("b", "x"): 5.5})
    assert found.clusters == (("a",), ("b",), ("x",))
    assert {(one.left, one.right, one.reason) for one in found.refusals} == {
        ("a", "x", AMBIGUOUS),
        ("b", "x", AMBIGUOUS),
    }


def test_the_clearly_better_of_two_claims_decides() -> None:
    found = clustered({("a", "b"): -20.0, ("a", "x"): 5.0, ("b", "x"): 7.0})
    assert found.clusters == (("a",), ("b", "x"))


def test_two_claims_are_no_rivals_when_the_three_are_one() -> None:
    found = clustered({("a", "b"): 1.0, ("a", "x"): 5.0, ("b", "x"): 5.0})
    assert found.clusters == (("a", "b", "x"),)


def test_records_without_a_birth_date_do_not_dilute_a_contradiction() -> None:
    weights = {
        ("a1", "a2"): 20.0,
        ("b1", "b2"): 20.0,
        ("a1", "b1"): -2.0,
        ("a1", "b2"): 4.0,
        ("a2", "b1"): 4.0,
        ("a2", "b2"): 4.0,
    }
    births = {"a1": "1956-10-25", "b1": "1996-01-14"}
    assert len(clustered(weights, births).clusters) == 1
    assert clustered(weights, births, contradiction=-8.0).clusters == (("a1", "a2"), ("b1", "b2"))
    slip = {"a1": "1956-10-25", "b1": "1956-10-26"}
    assert len(clustered(weights, slip, contradiction=-8.0).clusters) == 1


PAIRS = st.dictionaries(
    st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda pair: pair[0] < pair[1]),
    st.floats(-6, 12).map(lambda weight: round(weight, 1)),
    min_size=1,
)


@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_the_weights_does_not_matter(
    pairs: dict[tuple[int, int], float], chance: Random
) -> None:
    weights = {(f"k{left}", f"k{right}"): weight for (left, right), weight in pairs.items()}
    shuffled = list(weights.items())
    chance.shuffle(shuffled)
    births = {"k0": "1956-10-25", "k3": "1996-01-14", "k5": "1996-01-15"}
    tuned = {"contradiction": -8.0}
    assert clustered(dict(shuffled), births, **tuned) == clustered(weights, births, **tuned)
