"""A cluster as a graph: the picture, the same as tables, and why a link or a record is where it is."""

from collections.abc import Iterable, Iterator, Mapping
from math import sqrt
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.steward.asking import AnswerError, ask, viewer_of
from api.steward.rendering import page, shown

router = APIRouter()

_LISTED = 200
"""So many links and identifiers are listed at first."""
_APART = 90
"""Usual distance of two nodes, in pixels."""
_WIDTHS = (1.0, 7.0)
_HEAVIEST = 20.0
"""A match of so many bits is drawn widest."""
_COLOURS = 8
_TOLD = ("kind", "value", "state", "reason", "holderCount", "otherProfiles")
"""What the page says of an identifier without asking again."""

Found = Mapping[str, Any]


@router.get("/people/{profile_id}/graph")
async def cluster_graph(
    request: Request,
    profile_id: str,
    nearby: bool = False,
    as_of: Annotated[str | None, Query(alias="asOf")] = None,
    every_link: Annotated[bool, Query(alias="everyLink")] = False,
) -> Response:
    """The graph of a profile's cluster; `nearby` with whom it nearly joined, `every_link` lists all of them."""
    found = await ask(request, "cluster_graph", id=profile_id, nearby=nearby, asOf=as_of or None)
    if found["profile"] is None:
        raise AnswerError("not_found", "There is no profile with this id.")
    graph: Found = found["clusterGraph"]
    links = sorted(graph["links"], key=_urgency)
    return page(
        request,
        "cluster_graph",
        profile=found["profile"],
        graph=graph,
        elements=elements(graph),
        names=_names(graph),
        sources=_sources(graph),
        links=links if every_link else links[:_LISTED],
        identifiers=_shared_first(graph["identifiers"])[: None if every_link else _LISTED],
        nearby=nearby,
        as_of=as_of,
        deciding=not as_of and viewer_of(request).may("Mutation.splitProfile"),
    )


@router.get("/people/{profile_id}/graph/link")
async def cluster_link(request: Request, left: str, right: str) -> Response:
    """Why two records are, or are not, taken for one."""
    return page(request, "parts/cluster_link", **await ask(request, "pair_weights", left=left, right=right))


@router.get("/people/{profile_id}/graph/record")
async def cluster_record(request: Request, profile_id: str, record: str) -> Response:
    """Why a record is in its profile, and what would have to be wrong for it to leave."""
    why = (await ask(request, "cluster_record", record=record))["whyRecordInProfile"]
    deciding = why["profileId"] == profile_id and viewer_of(request).may("Mutation.detachRecord")
    return page(
        request, "parts/cluster_record", why=why, record=record, profile_id=profile_id, deciding=deciding
    )


def _urgency(link: Found) -> tuple[int, float, str, str]:
    """What a steward looks at first: bridges, refused merges and judgements, then matches, the weakest first."""
    kinds = ("REFUSED", "JUDGED", "MATCH", "HOLDS")
    return (
        -1 if link["bridge"] else kinds.index(link["kind"]),
        link["weight"] or 0.0,
        link["left"],
        link["right"],
    )


def _shared_first(identifiers: Iterable[Found]) -> list[Found]:
    """Identifiers, those on the most records first."""
    return sorted(identifiers, key=lambda one: -one["holderCount"])


def _names(graph: Found) -> dict[str, str]:
    """What a node is called, by its key: the name or value, hidden from who may not see it, or the source."""
    records = {one["key"]: shown(one["name"]) or one["source"] for one in graph["records"]}
    return records | {one["key"]: shown(one["value"]) for one in graph["identifiers"]}


def elements(graph: Found) -> list[dict[str, Any]]:
    """Nodes and edges as cytoscape takes them; what they look like is said by classes (static/cluster_graph.js)."""
    records, identifiers = graph["records"], graph["identifiers"]
    side = _APART * sqrt(len(records) + len(identifiers))
    names = _names(graph)
    sources = _sources(graph)
    return [
        *(_node(one, names, side, _of_record(one, sources)) for one in records),
        *(_node(one, names, side, ("identifier", one["state"].lower())) for one in identifiers),
        *(_edge(number, one) for number, one in enumerate(graph["links"])),
    ]


def _sources(graph: Found) -> dict[str, int]:
    """The sources of the records, each with the number of its colour; the ninth has that of the first."""
    names = sorted({one["source"] for one in graph["records"]})
    return {name: number % _COLOURS for number, name in enumerate(names)}


def _of_record(record: Found, sources: Mapping[str, int]) -> Iterator[str]:
    yield "record"
    yield f"source{sources[record['source']]}"
    yield record["kind"].lower()
    for what in ("founder", "articulation"):
        if record[what]:
            yield what
    if not record["inside"]:
        yield "nearby"


def _node(found: Found, names: Mapping[str, str], side: float, classes: Iterable[str]) -> dict[str, Any]:
    told = {name: shown(found[name]) for name in _TOLD if name in found}
    return {
        "group": "nodes",
        "data": {**told, "id": found["key"], "label": names[found["key"]]},
        "position": {"x": found["x"] * side, "y": found["y"] * side},
        "classes": " ".join(classes),
    }


def _edge(number: int, link: Found) -> dict[str, Any]:
    classes = [link["kind"].lower(), "counts" if link["counts"] else "idle"]
    classes += ["bridge"] if link["bridge"] else []
    classes += [link["verdict"].lower()] if link["verdict"] else []
    return {
        "group": "edges",
        "data": {
            "id": f"link{number}",
            "source": link["left"],
            "target": link["right"],
            "kind": link["kind"],
            "width": _width(link),
        },
        "classes": " ".join(classes),
    }


def _width(link: Found) -> float:
    """Pixels by weight: what weighs more is drawn wider."""
    narrow, wide = _WIDTHS
    share = min(max((link["weight"] or 0.0) / _HEAVIEST, 0.0), 1.0)
    return round(narrow + (wide - narrow) * share, 1)
