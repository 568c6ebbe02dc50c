"""What pages ask: documents that fit the schema, and templates that can be read."""

from pathlib import Path

import pytest
from graphql import parse, specified_rules, validate

from api.documents import Documents
from api.schema import build_schema
from api.settings import ApiSettings
from api.steward.asking import DOCUMENTS, document
from api.steward.rendering import bits, instant, lasting, percent, shown, words

SCHEMA = build_schema()
NAMES = sorted(one.stem for one in DOCUMENTS.glob("*.graphql"))
TEMPLATES = Path(__file__).parents[3] / "api" / "steward" / "templates"


@pytest.mark.parametrize("name", NAMES)
def test_documents_fit_the_schema(name: str) -> None:
    assert validate(SCHEMA, parse(document(name)), specified_rules) == []
    assert Documents(SCHEMA, ApiSettings()).read(document(name)).document


def test_pages_run_nothing_inline() -> None:
    for template in TEMPLATES.rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        for forbidden in (" style=", " onclick=", " onload=", "hx-on", "<style", "| safe", "javascript:"):
            assert forbidden not in text, f"{template.name}: {forbidden}"


def test_values_are_shown_as_people_read_them() -> None:
    assert shown(None) == ""
    assert shown({"redacted": "PERSONAL"}) == "[hidden]"
    assert instant("2026-03-01T12:05:00+00:00") == (
        '<time datetime="2026-03-01T12:05:00+00:00" title="2026-03-01 12:05:00 UTC">01 Mar 2026, 12:05</time>'
    )
    assert instant("2018-03-18T00:00:00+00:00").endswith(">18 Mar 2018</time>")
    assert [words(one) for one in ("givenName", "given_name", "NO_MATCH")] == [
        "given name",
        "given name",
        "no match",
    ]
    assert [percent(one) for one in (0.5, 0.97, 0.9999, 0.9999999, None)] == [
        "50%",
        "97.0%",
        "99.990%",
        "over 99.999%",
        "",
    ]
    assert [bits(one) for one in (3.14159, -2.0, None)] == ["+3.1", "-2.0", ""]
    assert [lasting(one) for one in (0, 119, 120, 7_200, 61_289_739)] == [
        "0 s",
        "119 s",
        "2 min",
        "2 h",
        "709 days",
    ]
