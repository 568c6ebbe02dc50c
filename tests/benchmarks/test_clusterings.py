"""The clusterings that ours is compared with keep what they promise; average linkage is SciPy's."""

from collections import defaultdict
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage

from benchmarks.clusterings import ABSENT, WAYS, average, complete, connected, pivots, stars

KEYS = tuple("abcdefgh")
WEIGHTS = st.dictionaries(
    st.sampled_from(list(combinations(KEYS, 2))), st.floats(-10, 20).map(lambda weight: round(weight, 3))
)
CUT = 1.0


def members(memberships) -> set[frozenset[str]]:
    found = defaultdict(set)
    for key, home in memberships.items():
        found[home].add(key)
    return set(map(frozenset, found.values()))


@given(WEIGHTS)
def test_average_linkage_is_scipys(weights) -> None:
    pairs = list(combinations(KEYS, 2))
    heights = np.array([100 - weights.get(pair, ABSENT) for pair in pairs])
    if len({round(height, 3) for height in heights if height != 100 - ABSENT}) < len(weights):
        return  # equal means are decided in another order
    labels = fcluster(linkage(heights, "average"), 100 - CUT, "distance")
    theirs = dict(zip(KEYS, map(str, labels), strict=True))
    assert members(average(KEYS, weights, CUT)) == members(theirs)


@given(WEIGHTS)
def test_all_pairs_of_a_complete_cluster_have_edges(weights) -> None:
    for cluster in members(complete(KEYS, weights, CUT)):
        assert all(weights.get(pair, ABSENT) >= CUT for pair in combinations(sorted(cluster), 2))


@pytest.mark.parametrize("way", [stars, pivots])
@given(weights=WEIGHTS)
def test_a_centre_is_next_to_all_that_it_takes(way, weights) -> None:
    for key, centre in way(KEYS, weights, CUT).items():
        pair = min(key, centre), max(key, centre)
        assert key == centre or weights[pair] >= CUT


@given(WEIGHTS)
def test_no_way_joins_what_does_not_hang_together(weights) -> None:
    whole = members(connected(KEYS, weights, CUT))
    for name, way in WAYS.items():
        found = way(KEYS, weights, CUT)
        assert found.keys() == set(KEYS)
        assert all(any(cluster <= one for one in whole) for cluster in members(found)), name
