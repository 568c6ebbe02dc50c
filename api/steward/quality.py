"""The quality board: alarms first, then plots and tables, each leading to the profiles behind it."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from api.steward import quality_plots as plots
from api.steward.asking import AnswerError, ask, viewer_of
from api.steward.rendering import counted, page, words

router = APIRouter(prefix="/quality")

Answered = Mapping[str, Any]

_SHADES = 5
_CHECKS = {
    "LARGEST": ("Largest profiles", ""),
    "OVERSIZED": ("Large profiles", ""),
    "GIVEN_NAMES": ("Several given names", "Given names"),
    "BIRTH_DATES": ("Several birth dates", "Birth dates"),
    "POSTCODES": ("Many postcodes", "Postcodes"),
    "UNIQUES": ("Conflicting numbers", "Numbers"),
    "NAME_BIRTH_DATE": ("Same name and birth date", "Profiles"),
    "NAME_PHONE": ("Same name and phone", "Profiles"),
    "NAME_EMAIL": ("Same name and e-mail address", "Profiles"),
}
"""Each check by its title, and what its figures count."""
_CHANGES = ("CREATED", "GREW", "SHRANK", "MERGED", "SPLIT", "RETIRED", "HANDED_OVER")


@router.get("")
async def board(request: Request) -> Response:
    """Everything that was measured."""
    answer = await ask(request, "quality")
    quality, viewer = answer["quality"], viewer_of(request)
    values: dict[str, Any] = {"quality": quality, "metrics": answer["metrics"], "ingest": answer["ingest"]}
    values["measuring"] = viewer.may("Mutation.measureQuality")
    values["quarantine"] = None
    if viewer.may("Query.quarantineCounts"):
        values["quarantine"] = (await ask(request, "quality_quarantine"))["quarantineCounts"]
    if quality is not None:
        values |= _drawn(quality, f"{request.scope['root_path']}/quality")
    return page(request, "quality", **values)


def _drawn(quality: Answered, address: str) -> dict[str, Any]:
    model, history = quality["model"], quality["history"]
    return {
        "alarms": sorted(quality["alarms"], key=lambda one: one["state"] == "OK"),
        "checks": {check: title for check, (title, _) in _CHECKS.items()},
        "sizes": plots.sizes(quality["sizes"], f"{address}/sizes"),
        "compression": plots.over_time(history, "compression", "records per profile"),
        "dedupe": plots.over_time(history, "dedupeRate", "dedupe rate"),
        "weights": plots.weights(model, f"{address}/weights") if model else None,
        "notes": [(one["measuredAt"], note) for one in reversed(history) for note in one["notes"]],
        "matrix": _matrix(quality["overlaps"]),
        "days": _days(quality["changes"]),
        "changes": _CHANGES,
    }


def _matrix(overlaps: Sequence[Answered]) -> list[tuple[str, list[Answered | None]]]:
    """A row for each source, a cell for each of them; cells darker the more profiles they match."""
    found = {(one["left"], one["right"]): one for one in overlaps}
    sources = sorted({source for pair in found for source in pair})
    most = max((one["matched"] for one in overlaps), default=0) or 1

    def cell(one: Answered | None) -> Answered | None:
        return one and {**one, "shade": -(-one["matched"] * _SHADES // most)}

    return [
        (left, [cell(found.get((min(left, right), max(left, right)))) for right in sources])
        for left in sources
    ]


def _days(changes: Sequence[Answered]) -> list[tuple[str, dict[str, int]]]:
    """The counts by change of each day, the latest first."""
    days: dict[str, dict[str, int]] = {}
    for one in changes:
        days.setdefault(one["day"], {})[one["change"]] = one["count"]
    return sorted(days.items(), reverse=True)


@router.post("/measure")
async def measure(request: Request) -> Response:
    """Measure anew; while it goes on, the part that asks again."""
    told = (await ask(request, "quality_measure"))["measureQuality"]
    if told["isMeasuring"]:
        return page(request, "parts/measuring", since=told["startedAt"])
    response = Response()
    response.headers["hx-redirect"] = f"{request.scope['root_path']}/quality"
    return response


@router.get("/checks/{check}")
async def of_check(request: Request, check: str) -> Response:
    """The worst profiles of a check, and how it went."""
    quality = _measured(await ask(request, "quality_check", check=check.upper()))
    [alarm] = quality["alarms"]
    title, counted_as = _CHECKS[alarm["check"]]
    caption = "The worst of them" if alarm["isOverMerge"] else "Profiles that look like one person"
    groups = [(one["profiles"], f"{one['figure']:,}") for one in alarm["offenders"]]
    return page(
        request,
        "quality_profiles",
        title=title,
        sentence=alarm["sentence"],
        alarm=alarm,
        plot=plots.concerned(quality["history"], alarm["check"]) if alarm["check"] != "LARGEST" else None,
        tables=[(caption, counted_as, groups)],
        deciding=viewer_of(request).may("Mutation.mergeProfiles"),
        measured_at=quality["measuredAt"],
    )


@router.get("/sizes")
async def of_size(request: Request, least: int = 1, most: int | None = None) -> Response:
    """Profiles with so many records."""
    quality = _measured(await ask(request, "quality_sizes", least=least, most=most))
    total = sum(one["profileCount"] for one in quality["sizes"])
    groups = [([profile], "") for one in reversed(quality["sizes"]) for profile in one["profiles"]]
    span = plots.span_name(least, most)
    sentence = (
        f"{counted(total, 'profile')} of {span} {'record' if most == 1 else 'records'}; some of each size."
    )
    return _listed(request, quality, f"Profiles of {span} records", sentence, [("Profiles", "", groups)])


@router.get("/overlaps")
async def of_sources(request: Request, source: str, other: str) -> Response:
    """What two sources have in common."""
    quality = _measured(await ask(request, "quality_overlap", source=source, other=other))
    if not quality["overlaps"]:
        raise AnswerError("not_found", "These sources have nothing in common.")
    [found] = quality["overlaps"]
    matched, possible = counted(found["matched"], "profile"), counted(found["possible"], "pair")
    keys = ", ".join(f"{words(one['key'])} ({one['profiles']:,})" for one in found["keys"])
    tied = f", tied by {keys}" if keys else ""
    title = f"{found['left']} and {found['right']}"
    sentence = f"{matched} with records of both{tied}. {possible} of records may be one person."
    if source == other:
        title = f"Duplicates within {source}"
        sentence = sentence.replace("with records of both", "with several of its records")
    tables = [
        ("Some profiles that match", "", [([one], "") for one in found["matchedProfiles"]]),
        ("Some that may be one person", "", [(one["profiles"], "") for one in found["possiblePairs"]]),
    ]
    return _listed(request, quality, title, sentence, tables)


@router.get("/weights/{weight}")
async def of_weight(request: Request, weight: int) -> Response:
    """Profiles with match edges of about one weight."""
    quality = _measured(await ask(request, "quality_weight", weight=weight))
    bars = quality["model"]["histogram"] if quality["model"] else []
    if not bars:
        raise AnswerError("not_found", "No match edge has such a weight.")
    [bar] = bars
    title = f"Match edges of {bar['weight']} to {bar['until']} bits"
    sentence = f"{bar['together']:,} in one profile, {bar['apart']:,} between two profiles."
    return _listed(
        request,
        quality,
        title,
        sentence,
        [("Some of the profiles", "", [([one], "") for one in bar["profiles"]])],
    )


@router.get("/changes/{change}/{day}")
async def of_day(request: Request, change: str, day: str) -> Response:
    """Profiles that a day changed."""
    quality = _measured(await ask(request, "quality_changes", day=f"{day}T00:00:00Z", change=change.upper()))
    if not quality["changes"]:
        raise AnswerError("not_found", "Nothing of the kind happened on this day.")
    [found] = quality["changes"]
    title = f"{words(found['change']).capitalize()} on {day}"
    sentence = f"{counted(found['count'], 'entry', 'entries')} of the ledger; the latest profiles."
    return _listed(
        request, quality, title, sentence, [("Profiles", "", [([one], "") for one in found["profiles"]])]
    )


def _listed(
    request: Request, quality: Answered, title: str, sentence: str, tables: Sequence[tuple[str, str, Any]]
) -> Response:
    return page(
        request,
        "quality_profiles",
        title=title,
        sentence=sentence,
        alarm=None,
        plot=None,
        tables=tables,
        deciding=viewer_of(request).may("Mutation.mergeProfiles"),
        measured_at=quality["measuredAt"],
    )


def _measured(answer: Answered) -> Answered:
    """The measurement in an answer; raises AnswerError before there is one."""
    quality: Answered | None = answer["quality"]
    if quality is None:
        raise AnswerError("not_found", "Nothing was measured yet: open the quality board and measure.")
    return quality
