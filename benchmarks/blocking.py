"""What blocking finds and costs: pair completeness of every rule on the labelled sets and universes.

python -m benchmarks.blocking FOLDER [--set fake_1000] [--resolve]

found       the share of the true pairs that the rule brings together (its blocks within the model's limit)
only        the share that no other rule does: what would be missed without it
cost        candidate pairs per record of the rule; alone: of those, the ones that no other rule makes
then        the rules in the order of what each adds per candidate (greedily): completeness and cost up to there
F1          with --resolve: pair F1 of the whole resolution without the rule
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from benchmarks.accuracy import resolved, sets
from benchmarks.labelled import Truth
from graph.blocking import BLOCK_COLUMNS, block_columns
from resolution.evaluate import evaluate
from resolution.features import RecordRow, feature_table
from resolution.settings import ResolutionSettings
from resolution.train import affordable_block_limit

_CANDIDATES = """
WITH small AS (
    SELECT key, rule, value FROM signs JOIN limits USING (rule)
    QUALIFY count(*) OVER (PARTITION BY rule, value) BETWEEN 2 AND any_value(most) OVER (PARTITION BY rule, value)
), pairs AS (
    SELECT a.key AS l, b.key AS r, bit_or(1::UBIGINT << a.rule) AS mask
    FROM small a JOIN small b ON a.rule = b.rule AND a.value = b.value AND a.key < b.key GROUP BY ALL
)
SELECT mask, l.person = r.person AS same, count(*) AS pairs
FROM pairs JOIN people l ON l.key = pairs.l JOIN people r ON r.key = pairs.r GROUP BY ALL
"""


@dataclass(frozen=True)
class Candidates:
    """Counts of candidate pairs by the set of rules (bits) that make them, true ones and others."""

    rules: tuple[str, ...]
    true: Mapping[int, int]
    all: Mapping[int, int]
    records: int
    true_pairs: int

    def found(self, mask: int) -> float:
        """The share of the true pairs that the rules of `mask` find."""
        return sum(count for made, count in self.true.items() if made & mask) / max(self.true_pairs, 1)

    def cost(self, mask: int) -> float:
        """Candidates per record that the rules of `mask` make."""
        return sum(count for made, count in self.all.items() if made & mask) / self.records

    def in_order(self) -> Iterator[int]:
        """Each rule's bit, next the one that adds most true pairs per candidate."""
        chosen, left = 0, {1 << at for at in range(len(self.rules))}
        while left:
            best = max(left, key=lambda bit: (self._yield(chosen, bit), -bit))
            yield best
            chosen |= best
            left.remove(best)

    def _yield(self, chosen: int, bit: int) -> float:
        true = sum(count for made, count in self.true.items() if made & bit and not made & chosen)
        return true / (1 + sum(count for made, count in self.all.items() if made & bit and not made & chosen))


def candidates(rows: list[RecordRow], truth: Truth) -> tuple[Candidates, int]:
    """The candidates of a set, and the block limit that a model fitted to it has."""
    kinds = ResolutionSettings().kinds
    held = sorted({one.kind for row in rows for one in row["identifiers"]})
    rules = (*BLOCK_COLUMNS, *held)
    with duckdb.connect() as connection:
        connection.register("records", feature_table(rows))
        limit = affordable_block_limit(connection, len(rows))
        most = [limit] * len(BLOCK_COLUMNS) + [kinds[name].holders for name in held]
        connection.register("limits", pa.table({"rule": range(len(rules)), "most": most}))
        connection.register("signs", _signs(rows, rules))
        connection.register("people", pa.table({"key": list(truth), "person": list(truth.values())}))
        counted = connection.execute(_CANDIDATES).fetchall()
    everything: Counter[int] = Counter()
    for mask, _, pairs in counted:
        everything[mask] += pairs
    true = {mask: pairs for mask, same, pairs in counted if same}
    pairs = sum(size * (size - 1) // 2 for size in Counter(truth.values()).values())
    return Candidates(rules, true, everything, len(rows), pairs), limit


def _signs(rows: list[RecordRow], rules: tuple[str, ...]) -> pa.Table:
    number = {name: at for at, name in enumerate(rules)}
    signs = [
        (row["key"], number[name], value)
        for row in rows
        for name, value in {
            *block_columns(row["kind"], row["attributes"], row["identifiers"]).items(),
            *((one.kind, one.value) for one in row["identifiers"]),
        }
    ]
    return pa.table(dict(zip(("key", "rule", "value"), map(list, zip(*signs, strict=True)), strict=True)))


def _without(rows: list[RecordRow], truth: Truth, rule: str) -> str:
    """Pair F1 without the blocks of a rule; identifiers link by themselves and cannot be left out."""
    if rule not in BLOCK_COLUMNS:
        return ""
    return f"{evaluate(truth, resolved(rows, frozenset({rule}))).pairwise.f1:8.3f}"


def main() -> None:
    """Print one table per set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--set", action="append", default=[], help="only this set or universe profile")
    parser.add_argument("--resolve", action="store_true", help="also resolve without each rule (slow)")
    options = parser.parse_args()
    for name, rows, truth in sets(options.folder, options.set):
        found, limit = candidates(rows, truth)
        everything = (1 << len(found.rules)) - 1
        print(
            f"\n{name}: {len(rows)} records, {found.true_pairs} true pairs, blocks of at most {limit} records"
        )
        print(
            f"pair completeness {found.found(everything):.4f} at {found.cost(everything):.1f} candidates per record"
        )
        if options.resolve:
            print(f"pair F1 {evaluate(truth, resolved(rows)).pairwise.f1:.3f}")
        print(f"{'rule':<24}{'found':>8}{'only':>8}{'cost':>7}{'alone':>7}{'then':>9}{'at':>7}")
        chosen = 0
        for bit in found.in_order():
            rule, others = found.rules[bit.bit_length() - 1], everything & ~bit
            chosen |= bit
            print(
                f"{rule:<24}{found.found(bit):8.4f}{found.found(everything) - found.found(others):8.4f}"
                f"{found.cost(bit):7.2f}{found.cost(everything) - found.cost(others):7.2f}"
                f"{found.found(chosen):9.4f}{found.cost(chosen):7.1f}"
                + (_without(rows, truth, rule) if options.resolve else ""), flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
