"""Where the time of one GraphQL look-up goes: each step of the service by itself, in this process, without HTTP."""

import random
import statistics
import time
from collections import defaultdict
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, LiteralString

import orjson

from api.access import Viewer
from api.context import Context, Services
from api.documents import Documents
from api.execution import Executor, read_request
from api.requests import json_response
from api.schema import build_schema
from api.settings import ApiSettings
from benchmarks.asking import LOOK_UP, QUESTIONS
from benchmarks.figures import Figures, Side
from benchmarks.resolved_graph import email_of
from benchmarks.stage import Stage
from graph.transactions import Graph, Row
from graph.vocabulary import Role


class Steps:
    """The seconds of named steps, over and over."""

    def __init__(self) -> None:
        self._taken = defaultdict[str, list[float]](list)

    @contextmanager
    def __call__(self, step: str) -> Generator[None]:
        """Time the body."""
        began = time.perf_counter()
        yield
        self._taken[step].append(time.perf_counter() - began)

    def milliseconds(self) -> Mapping[str, float]:
        """The median of each step, in the order of their first end."""
        return {step: statistics.median(taken) * 1000 for step, taken in self._taken.items()}


class _Watched(Graph):
    """A graph whose reads are timed."""

    def __init__(self, stage: Stage, steps: Steps) -> None:
        super().__init__(stage.driver, stage.settings)
        self.salt = stage.graph.salt
        self._steps = steps

    async def read(self, query: LiteralString, /, **parameters: Any) -> list[Row]:
        with self._steps("graph"):
            return await super().read(query, **parameters)


async def tell_steps(stage: Stage, figures: Figures, people: int, asked: int) -> None:
    """Look people up, in turn with the bare driver, and tell the median of each step; `execution` is what is left
    without the steps inside it."""
    steps, schema, settings = Steps(), build_schema(), ApiSettings()
    for _ in range(5):
        with steps("new"):
            Documents(schema, settings).read(LOOK_UP)
    executor, services = Executor(schema, settings), Services.of(_Watched(stage, steps))
    draw, viewer = random.Random(people), Viewer("benchmark", Role.ADMIN)
    for _ in range(asked):
        await _look_up(steps, executor, Context(services, viewer), draw.randrange(people))
        with steps("bare"):
            await QUESTIONS[0].bare(stage, draw.randrange(people))
    taken = steps.milliseconds()
    inside = taken["answer"] - taken["graph"] - taken["document"]
    for what, milliseconds in (
        ("read the request", taken["request"]),
        ("guard and document, kept ones", taken["document"]),
        ("execution", inside),
        ("graph, by our reads", taken["graph"]),
        ("write the answer", taken["json"]),
        ("once: parse, price and validate", taken["new"]),
    ):
        bare = Side([taken["bare"]]) if what.startswith("graph") else None
        figures.add(f"  where it goes: {what}", "ms", Side([milliseconds]), bare)


async def _look_up(steps: Steps, executor: Executor, context: Context, number: int) -> None:
    body = orjson.dumps({"query": LOOK_UP, "variables": {"email": email_of(number)}})
    with steps("request"):
        request = read_request(body)
    with steps("document"):
        executor._read(request)
    with steps("answer"):
        status, answer = await executor.answer(request, context)
    with steps("json"):
        json_response(answer, status)
