"""What was planted: pairs that look alike and are not, people who changed, and the strata that all this makes."""

from collections import defaultdict

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.universe.draws import Column, ids, present
from benchmarks.universe.era import NEVER
from benchmarks.universe.population import Universe


def find_traps(universe: Universe) -> pa.Table:
    """Columns trap, person_id, other_id; what concerns one person alone names it twice."""
    people, homes = universe.people, universe.homes
    second = people.twin & np.roll(people.twin, 1) & (people.birth == np.roll(people.birth, 1))
    second &= people.family == np.roll(people.family, 1)
    twins = np.flatnonzero(second)
    juniors = np.flatnonzero(people.child & present(people.generation))
    alike = np.flatnonzero(people.namesake_of >= 0)
    freed, taken = universe.contacts.recycled.T
    renamed = np.flatnonzero((people.renamed > np.datetime64("2000-01-01")) & (people.renamed < NEVER))
    moved = np.flatnonzero(homes.moved[0][homes.of] < NEVER)
    planted = {
        "twins": (twins - 1, twins),
        "junior": (np.searchsorted(people.family, people.family[juniors]), juniors),
        "namesake": (people.namesake_of[alike], alike),
        "recycled phone": (freed, taken),
        "renamed": (renamed, renamed),
        "moved": (moved, moved),
    }
    return pa.table(
        {
            "trap": pa.array([name for name, (one, _) in planted.items() for _ in one], pa.string()),
            "person_id": pa.array(
                np.concatenate([ids("p", one) for one, _ in planted.values()]), pa.string()
            ),
            "other_id": pa.array(
                np.concatenate([ids("p", other) for _, other in planted.values()]), pa.string()
            ),
        }
    )


def find_strata(universe: Universe, traps: pa.Table) -> dict[str, str]:
    """For each person the traps they are in and what they share, separated by `;`; `plain` for all others."""
    contacts = universe.contacts
    strata: defaultdict[str, set[str]] = defaultdict(set)
    for name in ("person_id", "other_id"):
        for person, trap in zip(traps[name].to_pylist(), traps["trap"].to_pylist(), strict=True):
            strata[person].add(trap)
    shared = {
        "shared phone": contacts.landline,
        "shared e-mail": contacts.family_email,
        "shared card": contacts.home_card,
    }
    for name, column in shared.items():
        for person in ids("p", _held_by_several(column)):
            strata[person].add(name)
    everybody = ids("p", np.arange(len(universe.people)))
    return {person: ";".join(sorted(strata.get(person, {"plain"}))) for person in everybody}


def _held_by_several(column: Column) -> NDArray[np.int64]:
    """The positions whose value another position has too."""
    held = np.flatnonzero(present(column))
    _, inverse, count = np.unique(column[held].astype(str), return_inverse=True, return_counts=True)
    return held[count[inverse] > 1]
