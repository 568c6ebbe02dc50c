"""The questions of the pages: each fits the committed schema, and is answered as the page says."""

import json

import pytest
from graphql import build_schema, parse, validate

from api.demonstration import demonstrate
from graph.connection import Graph
from scripts.documented_answers import DOCUMENT, PAGES, PROJECT, Question, answered, essence, questions

SCHEMA = build_schema((PROJECT / "docs" / "schema.graphql").read_text(encoding="utf-8"))
TEXTS = [page.read_text(encoding="utf-8") for page in PAGES]
QUESTIONS = [question for text in TEXTS for question in questions(text)]
DOCUMENTS = [found["query"] for text in TEXTS for found in DOCUMENT.finditer(text)]


def test_there_are_questions() -> None:
    assert len(QUESTIONS) >= 15


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_document_fits_the_schema(document: str) -> None:
    assert not validate(SCHEMA, parse(document))


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_every_answer_is_one_without_errors(question: Question) -> None:
    assert json.loads(question.answer).keys() == {"data"}


@pytest.mark.flow
@pytest.mark.store
async def test_every_question_is_answered_as_the_page_says(graph: Graph) -> None:
    await demonstrate(graph, lambda _name, _done, _total: None)
    for question in QUESTIONS:
        found = essence(await answered(graph, question))
        assert found == essence(json.loads(question.answer)), (
            f"{question.name}: run python -m scripts.documented_answers"
        )
