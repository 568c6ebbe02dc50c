"""The journal: what it has acknowledged stays, once, in order, and its counts add up."""

import asyncio
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph.errors import JournalError, JournalHeldError
from loaders.journal import Journal, JournalCounts, Message, Receipt, read_journal

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
NEW, AGAIN = Receipt.ACCEPTED, Receipt.DUPLICATE


def message(number: int, source: str = "web", **changes: object) -> Message:
    return replace(Message(source, f"m{number}", b'{"n": %d}' % number, AT), **changes)  # type: ignore[arg-type]


@pytest.fixture
def journal(tmp_path: Path):
    journal = Journal.open(tmp_path)
    yield journal
    journal.close()


async def test_messages_wait_in_the_order_in_which_they_came(journal: Journal) -> None:
    sent = [message(n, sent_at="2026-03-01T11:59:00Z") for n in range(20)]
    assert await journal.append(sent[:7]) == [NEW] * 7
    assert await journal.append(sent[7:]) == [NEW] * 13
    waiting = await journal.oldest(15)
    assert [one.message for one in waiting] == sent[:15]
    await journal.settle(waiting[-1].position, {})
    assert [one.message for one in await journal.oldest(15)] == sent[15:]


async def test_an_id_counts_once_for_ever(journal: Journal, tmp_path: Path) -> None:
    assert await journal.append([message(1), message(1), message(1, source="shop")]) == [NEW, AGAIN, NEW]
    await journal.settle((await journal.oldest(9))[-1].position, {})
    journal.close()
    later = Journal.open(tmp_path)
    assert await later.append([message(1), message(2)]) == [AGAIN, NEW]
    assert (await later.counts())["web"] == JournalCounts(accepted=2, duplicate=2, applied=1)
    later.close()


async def test_a_rejected_message_may_come_again_mended(journal: Journal) -> None:
    bad = message(1, body=b"{}", rejection=("json_invalid", "No JSON."))
    assert await journal.append([bad, bad, message(1)]) == [NEW, AGAIN, NEW]
    assert [one.message.rejection for one in await journal.oldest(9)] == [("json_invalid", "No JSON."), None]
    assert (await journal.counts())["web"] == JournalCounts(accepted=1, duplicate=1, rejected=1)


async def test_counts_add_up_at_any_moment(journal: Journal) -> None:
    await journal.append([message(n, source) for n in range(10) for source in ("web", "shop")])
    await journal.append([message(99, rejection=("json_invalid", "No JSON."))])
    await journal.settle((await journal.oldest(8))[-1].position, {"web": 1})
    counts = await journal.counts()
    assert counts["web"] == JournalCounts(accepted=10, rejected=1, applied=3, failed=1)
    assert counts["shop"] == JournalCounts(accepted=10, applied=4)
    assert sum(one.pending for one in counts.values()) == len(await journal.oldest(99)) - 1


async def test_many_tasks_share_commits_and_each_hears_of_its_own(journal: Journal) -> None:
    answers = await asyncio.gather(*(journal.append([message(n % 300)]) for n in range(600)))
    assert [answer for [answer] in answers].count(NEW) == 300
    assert len(await journal.oldest(999)) == 300


async def test_one_that_cannot_be_kept_does_not_spoil_the_others(journal: Journal) -> None:
    spoilt = message(1, body="no bytes but \ud800")
    answers = await asyncio.gather(
        journal.append([message(2)]),
        journal.append([spoilt]),
        journal.append([message(3)]),
        return_exceptions=True,
    )
    assert isinstance(answers[1], Exception)
    assert [answers[0], answers[2]] == [[NEW], [NEW]]
    assert (await journal.counts())["web"].accepted == 2


async def test_who_goes_away_while_waiting_leaves_the_message_there(journal: Journal) -> None:
    task = asyncio.create_task(journal.append([message(1)]))
    await asyncio.sleep(0)
    task.cancel()
    assert await journal.append([message(1)]) == [AGAIN]


async def test_one_process_has_a_journal(journal: Journal, tmp_path: Path) -> None:
    await journal.append([message(1)])
    with pytest.raises(JournalHeldError, match="Another process"):
        Journal.open(tmp_path)
    counts, lag = read_journal(tmp_path)
    assert counts == {"web": JournalCounts(accepted=1)}
    assert lag > 0


async def test_only_its_owner_may_look_into_its_folder(tmp_path: Path) -> None:
    Journal.open(tmp_path / "journal").close()
    assert (tmp_path / "journal").stat().st_mode & 0o077 == 0


async def test_a_closed_journal_takes_nothing(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "new" / "folder")
    journal.close()
    with pytest.raises(JournalError):
        await journal.append([message(1)])


def test_a_journal_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "journal.sqlite")
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(JournalError, match="newer"):
        Journal.open(tmp_path)


async def test_what_was_let_go_is_not_readable_in_the_files(journal: Journal, tmp_path: Path) -> None:
    await journal.append([message(n, body=b"ada@example.org" * 100) for n in range(50)])
    await journal.settle((await journal.oldest(99))[-1].position, {})
    journal.close()
    held = await asyncio.to_thread(lambda: [one.read_bytes() for one in tmp_path.iterdir()])
    assert not any(b"ada@example" in one for one in held)


async def test_a_full_disk_is_told_and_mends_by_itself(journal: Journal) -> None:
    large = [message(n, body=b"x" * 10_000) for n in range(400)]
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    former = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, limits[1]))
    try:
        with pytest.raises(JournalError, match="cannot be written"):
            await journal.append(large)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, former)
    assert await journal.counts() == {}
    assert await journal.append(large) == [NEW] * 400


_WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from loaders.journal import Journal, Message

async def main() -> None:
    journal = Journal.open(Path(sys.argv[1]))
    start = int(sys.argv[2])

    async def one(lane):
        for n in range(10_000):
            name = f"{start}-{lane}-{n}"
            await journal.append([Message("web", name, name.encode(), datetime.now(UTC))])
            print(name, flush=True)

    await asyncio.gather(*(one(lane) for lane in range(16)))

asyncio.run(main())
"""


def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    acknowledged: list[str] = []
    for turn in range(5):
        process = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(tmp_path), str(turn)], stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )  # fmt: skip
        assert process.stdout
        acknowledged += [process.stdout.readline().strip() for _ in range(100 + 37 * turn)]
        process.kill()
        rest, _ = process.communicate()
        acknowledged += [line for line in rest.split("\n")[:-1] if line]
    journal = Journal.open(tmp_path)
    kept = [one.message.message_id for one in asyncio.run(journal.oldest(10**6))]
    counts = asyncio.run(journal.counts())
    journal.close()
    assert set(acknowledged) <= set(kept)
    assert len(kept) == len(set(kept)) == counts["web"].accepted
