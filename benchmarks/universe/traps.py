"""What was planted: pairs that look alike and are not, and people who changed."""

import numpy as np
import pyarrow as pa

from benchmarks.universe.draws import ids, present
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
