"""Whose anonymous events are, by each policy for shared devices, on the sample whose truth knows who it was.

python -m benchmarks.shared_devices FOLDER --data-dir GRAPH

FOLDER holds `events.parquet` and `truth_events.parquet`; the graph in GRAPH is emptied. Counts are of anonymous events:
"right" and "wrong" are on the journey of a person, "nobody" on that of a device. Devices are told apart by how many
people log in on them. The first row is how it was before devices were divided.
"""

import argparse
import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.stage import EXAMPLES, on_stage
from graph.transactions import Graph
from loaders.load import load_file
from loaders.mapping import read_mapping
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

POLICIES = {
    "last_login": {},
    "last_login, nothing public": {"people": 1000},
    "first_login": {"policy": "first_login"},
    "session": {"policy": "session"},
    "session of 4 hours": {"policy": "session", "session_minutes": 240},
}
GROUPS = ("0", "1", "2-5", "6+")

_LOGINS = """
MATCH (t:Touchpoint) WHERE t.device_key IS NOT NULL
MATCH (:SourceRecord {key: t.record_key})-[m:RESOLVES_TO]->(p:Profile) WHERE m.until IS NULL
RETURN t.device_key AS device, t.message_id AS event, p.id AS profile
"""

_ANONYMOUS = """
MATCH (r:SourceRecord {kind: 'VISITOR'})-[:HAS_IDENTIFIER]->(i:Identifier)
MATCH (r)-[m:RESOLVES_TO]->(p:Profile) WHERE m.until IS NULL
MATCH (t:Touchpoint) WHERE t.record_key = r.key AND t.occurred_at >= coalesce(m.valid_from, datetime({year: 1}))
  AND t.occurred_at < coalesce(m.valid_until, datetime({year: 9999}))
RETURN t.message_id AS event, i.key AS device, p.id AS profile, p.kind <> 'VISITOR' AS known
"""

Outcomes = Mapping[str, Counter[str]]
"""By the number of people on a device: how many events are whose."""


async def attributed(graph: Graph, person_of: Mapping[str, str]) -> Outcomes:
    """The anonymous events by how right the journey is that they are on."""
    votes, people = defaultdict[str, Counter[str]](Counter), defaultdict[str, set[str]](set)
    for row in await graph.read(_LOGINS):
        votes[row["profile"]][person_of[row["event"]]] += 1
        people[row["device"]].add(row["profile"])
    owner = {profile: counted.most_common(1)[0][0] for profile, counted in votes.items()}
    found = defaultdict[str, Counter[str]](Counter)
    for row in await graph.read(_ANONYMOUS):
        count = len(people[row["device"]])
        right = owner.get(row["profile"]) == person_of[row["event"]]
        outcome = ("right" if right else "wrong") if row["known"] else "nobody"
        found[str(count) if count < 2 else "2-5" if count <= 5 else "6+"][outcome] += 1
    return found


def told(name: str, outcomes: Outcomes) -> Iterator[str]:
    """A line of a Markdown table."""
    total = sum((outcomes[group] for group in GROUPS if group in outcomes), Counter[str]())
    counts = (*(outcomes.get(group, Counter[str]()) for group in GROUPS), total)
    cells = [f"{counted['right']} / {counted['wrong']} / {counted['nobody']}" for counted in counts]
    yield f"| {name} | {' | '.join(cells)} |"


def undivided(outcomes: Outcomes) -> Outcomes:
    """As it was when a device of several people joined nobody."""
    return {
        group: Counter({"nobody": counted.total()}) if group in ("2-5", "6+") else counted
        for group, counted in outcomes.items()
    }


async def run(folder: Path, data_dir: Path) -> None:
    """Load the events once, and resolve them under each policy."""
    truth = pq.read_table(folder / "truth_events.parquet").to_pylist()
    person_of = {str(row["event_id"]): str(row["person_id"]) for row in truth}
    async with on_stage(data_dir) as stage:
        mapping = read_mapping(EXAMPLES / "cdp_sample_events.toml")
        await load_file(stage.graph, folder / "events.parquet", mapping)
        print("right / wrong / nobody, by the number of people who log in on the device")
        print(f"| policy | {' | '.join(GROUPS)} | all |\n|---|{'---|' * (len(GROUPS) + 1)}")
        for name, shared in POLICIES.items():
            await resolve(stage.graph, ResolutionSettings.model_validate({"shared_devices": shared}))
            outcomes = await attributed(stage.graph, person_of)
            if name == "last_login":
                print(*told("before", undivided(outcomes)), sep="\n")
            print(*told(name, outcomes), sep="\n", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.shared_devices")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data-dir", type=Path, required=True)
    options = parser.parse_args()
    asyncio.run(run(options.folder, options.data_dir))
