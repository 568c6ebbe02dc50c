"""Whom a cluster nearly joined: in their order, bounded; and the lightest links left out of a large picture."""

from datetime import UTC, datetime

from graph.conflicts import Conflict
from graph.facts import Identifier
from graph.neighbourhood import HeldIdentifier, Judgement, StoredRecord
from graph.vocabulary import RecordKind, Verdict
from resolution import cluster_links
from resolution.cluster_links import ClusterLink, LinkKind, lightest_left_out
from resolution.nearby import nearest
from resolution.tie_graph import TieGraph
from resolution.tied_clusters import TiedCluster
from resolution.ties import Tie

AT = datetime(2025, 1, 1, tzinfo=UTC)


def record(key: str, *held: HeldIdentifier) -> StoredRecord:
    return StoredRecord(key, key, RecordKind.PERSON, AT, AT, {}, held)


def identifier(value: str, state: str = "linking") -> HeldIdentifier:
    return HeldIdentifier(f"email:{value}", Identifier("email", value), state)


def test_the_nearest_come_first_and_the_rest_is_counted() -> None:
    cluster = TiedCluster(
        records={"a": record("a", identifier("one"), identifier("info", "blocked")), "b": record("b")},
        ties=(),
        conflicts=(Conflict("b", "refused", 7.0, "one person each"),),
        weights={("a", "b"): 20.0, ("a", "likely"): 3.0, ("b", "unlikely"): -7.0, ("b", "judged"): -6.0},
    )
    crowds = {
        "email:one": {"a": "p", "shares": "q", "likely": "r"},
        "email:info": {"a": "p", "mailbox": "s"},
    }
    judgements = [Judgement("b", "judged", Verdict.DIFFERENT)]
    everybody = ["judged", "refused", "likely", "shares", "mailbox"]
    assert nearest(cluster, crowds, judgements, -4.0, 10) == (everybody, 0)
    assert nearest(cluster, crowds, judgements, -4.0, 2) == (everybody[:2], 3)


def test_of_too_many_matches_those_stay_that_the_cluster_hangs_by(monkeypatch) -> None:
    monkeypatch.setattr(cluster_links, "MOST_LINKS", 3)
    ties = [Tie("a", "b", 9.0), Tie("a", "c", 8.0), Tie("b", "c", 7.0), Tie("c", "d", 1.0)]
    links = [
        *(ClusterLink(tie.left, tie.right, LinkKind.MATCH, True, weight=tie.edge) for tie in ties),
        ClusterLink("a", "email:one", LinkKind.HOLDS, True),
    ]
    kept, left_out = lightest_left_out(links, TieGraph("abcd", ties))
    assert left_out == 1
    assert [(one.left, one.right) for one in kept] == [("a", "b"), ("a", "c"), ("c", "d"), ("a", "email:one")]
