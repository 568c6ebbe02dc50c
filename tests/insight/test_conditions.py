"""Conditions: what may be written, what is refused, and that values never become Cypher."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import ConfigurationError
from insight.clauses import Parameters
from insight.segments import define_segments, refresh_order

AT = datetime(2026, 1, 1, tzinfo=UTC)


def definition(rule: object, **other: object) -> dict[str, object]:
    return {"description": "x", "rule": rule, **other}


def compiled(rule: object) -> tuple[str, dict[str, object]]:
    parameters = Parameters(AT)
    text = define_segments({"s": definition(rule)})["s"].rule.compile(parameters)
    return text, parameters.values


def test_a_rule_becomes_literals_and_parameters() -> None:
    text, values = compiled({"all": [{"attribute": "city", "in": ["Leeds", "York"]}, {"not": {"any": []}}]})
    assert text == "(true AND coalesce(p[$v000] IN $v001, false) AND (NOT (false)))"
    assert values == {"v000": "city", "v001": ["Leeds", "York"]}


@given(value=st.text(min_size=1))
def test_values_never_reach_the_query(value: str) -> None:
    text, values = compiled({"attribute": "surname", "equals": value})
    assert text == "coalesce(p[$v000] = $v001, false)"
    assert values["v001"] == value


WRONG = [
    ({"attribute": "shoe_size", "equals": "1"}, "unknown attribute"),
    ({"attribute": "city"}, "exactly one"),
    ({"attribute": "city", "equals": "a", "exists": True}, "exactly one"),
    ({"attribute": "city", "equals": 5}, "string"),
    ({"touchpoints": {}}, "bound"),
    ({"touchpoints": {"within_days": 0}, "count_at_least": 1}, "greater than or equal to 1"),
    ({"touchpoints": {"kind": ["x"]}, "count_at_least": 1}, "not permitted"),
    ({"touchpoints": {}, "revenue_at_least": float("nan")}, "finite"),
    ({"al": []}, "one of the keys"),
    ({"touchpoints": {"within_days": 5, "before_days": 5}, "count_at_least": 1}, "window is empty"),
    ({"sequence": [{"types": ["a"]}]}, "at least 2"),
    ({"sequence": [{"absent": True}, {"types": ["a"]}]}, "first step"),
    ({"sequence": [{"types": ["a"]}, {"types": ["b"], "absent": True}]}, "how long to wait"),
    ({"sequence": [{}, {"absent": True, "within_days": 1}, {}]}, "until the next one"),
    ({"nearby": "town", "who": {"all": []}}, "'device', 'contact' or 'household'"),
    ({"nearby": "device", "hops": 3, "who": {"all": []}}, "less than or equal to 2"),
    ({"consent": "news", "is": "perhaps"}, "'granted', 'refused' or 'unknown'"),
    ({"segment": "nowhere"}, "not defined"),
    ("text", "one of the keys"),
]


@pytest.mark.parametrize(("rule", "message"), WRONG)
def test_wrong_rules_are_refused_with_their_place(rule: object, message: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(message)) as refused:
        define_segments({"s": definition(rule)})
    assert "segments.s" in str(refused.value)


def test_circles_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="circle"):
        define_segments({"a": definition({"segment": "b"}), "b": definition({"not": {"segment": "a"}})})


def test_referred_segments_come_first() -> None:
    rules = {"a": {"segment": "c"}, "b": {"all": []}, "c": {"segment": "b"}}
    assert refresh_order(define_segments({name: definition(rule) for name, rule in rules.items()})) == [
        "b",
        "c",
        "a",
    ]


def test_a_rule_has_a_largest_size() -> None:
    with pytest.raises(ConfigurationError, match="at most 400 values"):
        compiled({"any": [{"attribute": "city", "equals": str(n)} for n in range(300)]})
