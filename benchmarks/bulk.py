"""The first load through the offline importer against the importer alone, and what a load costs as inputs grow.

python -m benchmarks.bulk --data-dir DIR [--quick]
"""

import csv
import random
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from api.first_load import staged_resolver
from benchmarks.figures import Figures, Side, Taken, taking
from benchmarks.stage import Stage, perform
from graph import importing
from graph.offline import run_importer
from loaders.load import load_feeds, read_feed
from loaders.mapping import parse_mapping
from loaders.settings import LoadSettings
from resolution.settings import ResolutionSettings

AIM = "≥ 0.50"
MAPPING = parse_mapping("""
[source]
column = "source"
[record]
id = "id"
[attributes]
given_name = "given"
surname = "surname"
birth_date = "born"
street_line = "street"
city = "city"
postcode = "postcode"
[identifiers]
email = "email"
phone = { column = "phone", country = "DE" }
customer_number = "customer"
""")
COLUMNS = [
    "source",
    "id",
    "given",
    "surname",
    "born",
    "street",
    "city",
    "postcode",
    "email",
    "phone",
    "customer",
]
_GIVEN = [
    "Ada",
    "Ben",
    "Cleo",
    "Dan",
    "Eva",
    "Finn",
    "Gina",
    "Hugo",
    "Ida",
    "Jan",
    "Kira",
    "Leo",
    "Mia",
    "Nils",
    "Olga",
    "Paul",
    "Rosa",
    "Sven",
    "Tina",
    "Uwe",
]
_SURNAMES = [
    "Adler",
    "Brandt",
    "Conrad",
    "Dietz",
    "Engel",
    "Falk",
    "Gross",
    "Haas",
    "Imhof",
    "Jung",
    "Kern",
    "Lang",
    "Maurer",
    "Noll",
    "Otto",
    "Pohl",
]


def write_rows(path: Path, rows: int, poison: int = 0) -> Path:
    """A CSV of so many rows, about two for each person; of `poison` rows, spread evenly, a cell is missing."""
    draw = random.Random(rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(COLUMNS)
        for number in range(rows):
            person = random.Random(draw.randrange(rows // 2 + 1))
            given, surname = (
                person.choice(_GIVEN),
                person.choice(_SURNAMES) + person.choice(_SURNAMES).lower(),
            )
            token, town = person.randrange(10**9), person.randrange(2_000)
            born = f"{person.randrange(1940, 2008)}-{person.randrange(1, 13):02}-{person.randrange(1, 29):02}"
            row = [f"s{number % 5}", number, given, surname, born, f"Ring {person.randrange(1, 300)}", f"Town {town}",
                   f"{10_000 + town}", f"{given}.{token}@example.org", f"+49151{token:09}",
                   token if number % 3 else ""]  # fmt: skip
            out.writerow(row[:-1] if poison and number % (rows // poison) == 0 else row)
    return path


async def bulk(stage: Stage, figures: Figures, quick: bool) -> None:
    """First loads of growing size, facts only and resolved, and a load with poison in it."""
    sizes = (2_000, 20_000) if quick else (10_000, 100_000, 1_000_000)
    with TemporaryDirectory() as folder:
        for rows in sizes:
            file = write_rows(Path(folder) / f"{rows}.csv", rows)
            for what in ("facts", "resolved"):
                await _first_load(stage, figures, file, what)
        await _poison(stage, figures, Path(folder), 10_000 if quick else 100_000)


async def _first_load(stage: Stage, figures: Figures, file: Path, what: str) -> None:
    """Fill the emptied graph from a file; the bare side is the importer alone, on the same nodes and relationships."""
    await stage.empty()
    await stage.graph.write("MATCH (n:Installation) REMOVE n.configuration")
    steps, bare = _Steps(), Taken()
    resolver = (
        staged_resolver(ResolutionSettings(), stage.graph.salt, steps.note) if what == "resolved" else None
    )
    with _timed_importer(bare), taking() as taken:
        report = await load_feeds(
            stage.graph, [read_feed(file, MAPPING)], LoadSettings(import_rows=1), steps.note, resolver
        )
    rows = report.lines
    ours, alone = Side.rates(rows, [taken]), Side.rates(rows, [bare])
    figures.add(f"first load: {what}, {rows:,} rows", "rows/s", ours, alone, AIM if what == "facts" else "")
    for step, seconds in steps.seconds().items():
        figures.add(f"  where it goes: {step}", "s", Side([seconds]))


@contextmanager
def _timed_importer(taken: Taken) -> Generator[None]:
    """Notes how long the importer itself runs."""

    def timed(*arguments: object) -> Path:
        with taking() as run:
            store = run_importer(*arguments)  # type: ignore[arg-type]
        taken.seconds, taken.memory = run.seconds, run.memory
        return store

    importing.run_importer = timed
    try:
        yield
    finally:
        importing.run_importer = run_importer


class _Steps:
    """When each step of a load began."""

    def __init__(self) -> None:
        self._begun: dict[str, float] = {"read and clean": time.perf_counter()}

    def note(self, step: str, _done: int, _total: int | None) -> None:
        self._begun.setdefault(step.partition(" ")[0], time.perf_counter())

    def seconds(self) -> dict[str, float]:
        ends = [*list(self._begun.values())[1:], time.perf_counter()]
        return {step: end - begun for (step, begun), end in zip(self._begun.items(), ends, strict=True)}


async def _poison(stage: Stage, figures: Figures, folder: Path, rows: int) -> None:
    """Loading online with one bad row in a hundred, against loading the same without."""
    clean, poisoned = (
        write_rows(folder / "clean.csv", rows),
        write_rows(folder / "poisoned.csv", rows, rows // 100),
    )
    taken: list[Taken] = []
    for file in (clean, poisoned):
        await stage.empty()
        with taking() as run:
            report = await load_feeds(
                stage.graph, [read_feed(file, MAPPING)], LoadSettings(import_rows=10**12)
            )
        taken.append(run)
    (stored,) = await stage.graph.read(
        "RETURN COUNT { MATCH (:SourceRecord) } AS records, COUNT { MATCH (:Quarantined) } AS quarantined"
    )
    bad = rows // 100
    if (stored["records"], stored["quarantined"], report.rejected) != (rows - bad, bad, bad):
        raise AssertionError(f"Of {rows:,} rows {stored} were kept.")
    slow, quick = Side.rates(rows, taken[1:]), Side.rates(rows, taken[:1])
    figures.add(f"load online: {bad:,} of {rows:,} rows bad", "rows/s", slow, quick, "≥ 0.50")


if __name__ == "__main__":
    perform("bulk", bulk)
