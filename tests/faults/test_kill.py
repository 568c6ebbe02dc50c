"""kill -9 of a command or of the graph server, while loading and resolving: nothing lost, nothing doubled."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
import pyarrow.parquet as pq
import pytest

from graph.lease import lease
from loaders.load import BATCH_ROWS
from tests.faults.installation import Ended, Installation, gone, hesitate

pytestmark = [pytest.mark.store, pytest.mark.flow]

EXAMPLES = Path(__file__).parents[2] / "examples"
EVENTS = 6_000
TRIALS = 10
_EMPTY = "MATCH (n) WHERE NOT n:Installation WITH n LIMIT 5000 DETACH DELETE n RETURN count(*) AS deleted"

Work = tuple[tuple[str, ...], ...]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Work:
    """The commands: load records, load their events, resolve."""
    events = tmp_path_factory.mktemp("files") / "events.parquet"
    pq.write_table(pq.read_table(EXAMPLES / "cdp_sample" / "events.parquet").slice(0, EVENTS), events)
    records = EXAMPLES / "cdp_sample" / "records.parquet"
    return (
        ("load", str(records), "--mapping", str(EXAMPLES / "cdp_sample_records.toml")),
        ("load", str(events), "--mapping", str(EXAMPLES / "cdp_sample_events.toml")),
        ("resolve",),
    )


@pytest.fixture(scope="module")
async def undisturbed(installation: Installation, work: Work) -> tuple[dict[str, Any], list[Ended]]:
    """What the graph holds, and how each command ended, when nobody kills anything."""
    ended = [await installation.run(*command) for command in work]
    held = await installation.holdings()
    assert held["touchpoints"] == held["hangings"] == EVENTS
    assert (held["pending"], held["homeless"]) == (0, 0)
    assert 0 < held["profiles"] < held["records"]
    return held, ended


async def empty(installation: Installation) -> None:
    """Empty the graph but for its schema and salt."""
    while (await installation.graph.write(_EMPTY))[0]["deleted"]:
        pass


async def disturbed(installation: Installation, victim: str, command: tuple[str, ...], draw: random.Random,
                    point: tuple[str, int, float]) -> dict[str, Any]:  # fmt: skip
    """Run `command`, kill the victim at the point (what, how much of it, then up to so many seconds), run it again."""
    process = installation.start(*command)
    met = await installation.reached(process, *point[:2])
    await hesitate(draw, point[2])
    before = await installation.keys()
    children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    in_time = process.poll() is None
    if victim == "server":
        installation.kill_server()
    elif in_time:
        process.kill()
    ended = await installation.end(process)
    assert await gone(children), "a killed command left processes behind"
    progress = await installation.committed()
    assert before <= await installation.keys(), "what was committed is lost"
    if command[0] == "resolve":
        async with lease(installation.graph, "resolve", wait_seconds=0):
            pass  # a dead holder is not waited for
    again = await installation.run(*command)
    return {
        "victim": victim,
        "command": command[0],
        "in time": "yes" if met and in_time and (victim == "server" or ended.code) else "no",
        "committed": progress["resolved" if command[0] == "resolve" else "loaded"],
        "exit": ended.code,
        "again s": round(again.seconds, 1),
    }


async def trial(installation: Installation, victim: str, work: Work, undisturbed: tuple[dict[str, Any], list[Ended]],
                seed: int) -> list[dict[str, Any]]:  # fmt: skip
    """Empty the graph, kill the victim once while loading and once while resolving; the end must be the same."""
    held, ended = undisturbed
    draw = random.Random(seed)
    await empty(installation)
    loading = draw.randrange(2)
    told = []
    for place, command in enumerate(work[:2]):
        if place == loading:
            least = (await installation.committed())["loaded"]
            least += draw.randrange(ended[place].answer["lines"] - BATCH_ROWS)
            point = ("loaded", least, 0.3)
            told.append(await disturbed(installation, victim, command, draw, point))
        else:
            await installation.run(*command)
    seconds = ended[2].answer["seconds"]
    reading = ("resolving", 1, seconds["read"] + seconds["match"])
    writing = ("resolved", draw.randrange(held["records"] // 2), 0.2)
    told.append(await disturbed(installation, victim, work[2], draw, draw.choice((reading, writing))))
    assert await installation.holdings() == held
    return told


@pytest.mark.parametrize("victim", ["command", "server"])
async def test_a_kill_loses_and_doubles_nothing(victim, installation, work, undisturbed) -> None:
    await trial(installation, victim, work, undisturbed, seed=len(victim))


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("victim", ["command", "server"])
async def test_many_kills_lose_and_double_nothing(victim, installation, work, undisturbed, capsys) -> None:
    told: list[dict[str, Any]] = []
    for seed in range(3 * TRIALS):
        told += await trial(installation, victim, work, undisturbed, seed)
        struck = Counter(one["command"] for one in told if one["in time"] == "yes")
        if min(struck["load"], struck["resolve"]) >= TRIALS:
            break
    assert min(struck["load"], struck["resolve"]) >= TRIALS
    with capsys.disabled():
        print("\n" + "  ".join(f"{name:>9}" for name in told[0]))
        for row in told:
            print("  ".join(f"{value!s:>9}" for value in row.values()))
