"""An act that is written and read again is the same act."""

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.vocabulary import DecisionKind, Verdict
from resolution.acts import Act, Judge, Lock, Merge, Split, Undo, Unlock
from resolution.pins import Pin, Unpin
from resolution.proposals import judgement
from resolution.written_acts import read, written

KEYS = st.text(min_size=1)
JUDGEMENTS = st.builds(judgement, KEYS, KEYS, st.sampled_from(Verdict), locked=st.booleans())
EXPIRY = st.none() | st.datetimes(timezones=st.just(UTC))
ACTS = {
    DecisionKind.JUDGE: st.builds(Judge, st.lists(JUDGEMENTS).map(tuple), EXPIRY),
    DecisionKind.MERGE: st.builds(Merge, st.lists(KEYS).map(tuple)),
    DecisionKind.SPLIT: st.builds(Split, KEYS, st.lists(st.lists(KEYS).map(tuple)).map(tuple)),
    DecisionKind.LOCK: st.builds(Lock, KEYS, EXPIRY),
    DecisionKind.UNLOCK: st.builds(Unlock, KEYS),
    DecisionKind.UNDO: st.builds(Undo, KEYS),
    DecisionKind.PIN: st.builds(Pin, KEYS, KEYS, KEYS),
    DecisionKind.UNPIN: st.builds(Unpin, KEYS, KEYS),
}


@pytest.mark.parametrize("kind", DecisionKind)
def test_every_kind_of_decision_comes_back(kind: DecisionKind) -> None:
    @given(ACTS[kind])
    def comes_back(act: Act) -> None:
        assert read(written(kind, act)) == act

    comes_back()
