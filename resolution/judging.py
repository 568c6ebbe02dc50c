"""Judgements by the thousand: a file of labelled pairs becomes one decision, and is resolved later."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from graph.decisions import Decision, decision_id, known_records, marking, recording
from graph.errors import InputError
from graph.judgements import StoredJudgement, judgements_around
from graph.lease import lease
from graph.neighbourhood import Judgement
from graph.transactions import Graph
from graph.vocabulary import DecisionKind, Verdict
from resolution.fitting import contradicted
from resolution.proposals import judgement
from resolution.verdicts import Standing

_COLUMNS = {"left", "right", "verdict"}


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """One row of a file: its line (from 1), the judgement, and the reason if the row gives one."""

    line: int
    judgement: Judgement
    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken, and why."""

    line: int
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class JudgingReport:
    """What became of the rows: `judged` ones are one decision, `unchanged` ones stood already."""

    decision_id: str | None
    judged: int
    unchanged: int
    refused: Sequence[Refused]


def read_pairs(path: Path) -> list[JudgedPair]:
    """The rows of a UTF-8 CSV file with the columns left, right (record keys), verdict and, if it has one, reason.

    Raises InputError when the file cannot be read as such, naming the line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not set(reader.fieldnames or ()) >= _COLUMNS:
                raise InputError(f"{path.name} needs the columns left, right and verdict.")
            return [_pair(path, reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"{path.name} cannot be read as a UTF-8 CSV file: {type(error).__name__}."
        ) from error


def _pair(path: Path, line: int, row: dict[str, str]) -> JudgedPair:
    try:
        verdict = Verdict(row["verdict"].strip().upper())
    except (ValueError, AttributeError):
        raise InputError(
            f"{path.name}, line {line}: the verdict must be SAME, DIFFERENT or UNSURE."
        ) from None
    return JudgedPair(line, judgement(row["left"], row["right"], verdict), (row.get("reason") or "").strip())


async def judge_pairs(graph: Graph, pairs: Iterable[JudgedPair], author: str, reason: str) -> JudgingReport:
    """Take all pairs that fit what is judged already, in their order, as one decision; the next resolve obeys them.

    `reason` is the decision's, and that of rows without one. Raises LeaseError while another process resolves.
    """
    rows = list(pairs)
    keys = {key for row in rows for key in row.judgement.pair}
    at = datetime.now(UTC)
    decision = Decision(decision_id(at), DecisionKind.JUDGE, author, reason, at)
    async with lease(graph, "resolve"):
        intake = _Intake(await known_records(graph, keys), await judgements_around(graph, keys))
        refused = list(intake.refused(rows))
        given = tuple(_stored(decision, number, row) for number, row in enumerate(intake.taken.values()))
        if given:
            touched = {key for one in given for key in one.pair}
            await graph.write_all([*recording(decision, given, intake.ended()), *marking(touched, at)])
    unchanged = len(rows) - len(given) - len(refused)
    return JudgingReport(decision.id if given else None, len(given), unchanged, refused)


class _Intake:
    """Lets rows in one by one; of one pair the last row counts."""

    def __init__(self, known: set[str], standing: Iterable[StoredJudgement]) -> None:
        self._known = known
        self._before = {one.pair: one for one in standing}
        self._standing = Standing(self._before.values())
        self.taken: dict[tuple[str, str], JudgedPair] = {}

    def refused(self, rows: Iterable[JudgedPair]) -> Iterator[Refused]:
        """Take rows in; those that cannot be are answered."""
        for row in rows:
            if objection := self._objection(row):
                yield objection
            elif not self._stands(row.judgement):
                self._standing.add(row.judgement)
                self.taken[row.judgement.pair] = row

    def ended(self) -> list[str]:
        """The ids of the judgements whose place is taken."""
        return [self._before[pair].id for pair in self.taken if pair in self._before]

    def _objection(self, row: JudgedPair) -> Refused | None:
        one = row.judgement
        if one.left == one.right or not self._known.issuperset(one.pair):
            missing = [key for key in one.pair if key not in self._known]
            why = f"There is no record {missing[0]}." if missing else "A judgement is about two records."
            return Refused(row.line, "not_found" if missing else "input_unusable", why)
        present = self._before.get(one.pair)
        if present and present.locked and one.verdict is not present.verdict:
            path: tuple[Judgement, ...] = (present,)
        else:
            path = self._against(one)
        return Refused(row.line, "judgements_contradict", str(contradicted(one, path))) if path else None

    def _against(self, one: Judgement) -> tuple[Judgement, ...]:
        """What contradicts a judgement, the present one on its own pair left aside."""
        present = self._present(one)
        if present is None:
            return self._standing.against(one)
        self._standing.add(replace(one, verdict=Verdict.UNSURE))
        path = self._standing.against(one)
        self._standing.add(present)
        return path

    def _present(self, one: Judgement) -> Judgement | None:
        row = self.taken.get(one.pair)
        return row.judgement if row else self._before.get(one.pair)

    def _stands(self, one: Judgement) -> bool:
        present = self._present(one)
        return present is not None and present.verdict is one.verdict


def _stored(decision: Decision, number: int, row: JudgedPair) -> StoredJudgement:
    return StoredJudgement(
        *(row.judgement.left, row.judgement.right, row.judgement.verdict),
        id=f"{decision.id}-{number:06}",
        decision_id=decision.id,
        author=decision.author,
        reason=row.reason or decision.reason,
        at=decision.at,
    )
