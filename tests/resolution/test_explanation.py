"""The waterfall of a pair: the numbers are those of Splink's own waterfall."""

import random
from dataclasses import replace
from itertools import combinations

import pytest

from graph.facts import Identifier
from graph.neighbourhood import HeldIdentifier
from resolution.comparisons import COMPARISONS
from resolution.engines import DuckTables, connect
from resolution.explanation import MISSING, signed, waterfall
from resolution.features import feature_table
from resolution.matching import record_row
from resolution.model import default_model
from resolution.realtime import Scorer
from resolution.scoring import candidate_pairs, keep_terms, offer_pairs, offer_records

MODEL = replace(default_model(), prior=0.01, floor=-1000.0)
GIVEN = (
    "Ada",
    "Bob",
    "Robert",
    "R",
    "Žofie",
    "Zofie",
    "Мария",
    "Jon",
    "Maria José",
    "'; DROP--",
    "Renée",
    "",
)
SURNAMES = ("Žižka", "Zizka", "García López", "Garcia", "O'Neil", "Smith", "Smyth", "李", "[red]x[/red]", "")
BORN = ("1978-12-11", "1978-11-12", "1978-12-17", "1978", "1991-01-01", "")


def made_up(number, person):
    draw = random.Random(number)
    attributes = {
        "given_name": draw.choice(GIVEN),
        "surname": draw.choice(SURNAMES),
        "birth_date": draw.choice(BORN),
        "street": draw.choice(("Main Street", "Hauptstraße", "")),
        "house_number": draw.choice(("1", "12")),
        "postcode": draw.choice(("10115", "10116", "")),
        "city": draw.choice(("Köln", "Koln", "Paris", "")),
        "gender": draw.choice(("F", "M", "")),
        "occupation": draw.choice(("painter", "poet", "")),
        "birth_place": draw.choice(("São Paulo", "Paris", "")),
    }
    ids = {
        "email": draw.choice(("žofie@example.org", "ada.l@example.org", "ada.l@example.com", "")),
        "phone": draw.choice(("+4930123456", "+4930123457", "")),
        "ssn": draw.choice(("123456789", "123456780", "")),
    }
    given = {name: value for name, value in ids.items() if value}
    return person(f"s:{number:03}", ids=given, **{name: text for name, text in attributes.items() if text})


def splinks_waterfalls(records, pairs):
    """Per pair the bars of Splink's waterfall chart, (weight, m, u) by name; and the probabilities."""
    from splink import DuckDBAPI, Linker, SettingsCreator
    from splink.internals.waterfall_chart import records_to_waterfall_data

    settings = MODEL.settings() | {
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
    }
    with connect() as connection:
        tables = DuckTables(connection)
        offer_records(tables, feature_table(map(record_row, records)))
        offer_pairs(tables, pairs)
        candidate_pairs(tables, 0)
        api = DuckDBAPI(connection=connection)
        linker = Linker(
            api.register("records", dataset_display_name="records"),
            SettingsCreator.from_path_or_dict(settings),
        )
        for column in MODEL.terms:
            keep_terms(tables, MODEL, column)
            linker.table_management.register_term_frequency_lookup(api.register(f"tf_of_{column}"), column)
        linker.table_management.register_blocked_pairs_for_predict(api.register("candidates"))
        found = linker.inference.predict(warning_mode="never").as_record_list()
        bars = records_to_waterfall_data(found, linker._settings_obj, hide_details=True)
    keys = sorted(record.key for record in records)
    named = [(keys[pair["position_l"]], keys[pair["position_r"]]) for pair in found]
    drawn = {}
    for bar in bars:
        rows = drawn.setdefault(named[bar["record_number"]], {})
        rows[bar["column_name"]] = (bar["log2_bayes_factor"], bar["m_probability"], bar["u_probability"])
    return drawn, {pair: one["match_probability"] for pair, one in zip(named, found, strict=True)}


def test_a_thousand_waterfalls_are_splinks(person):
    records = {record.key: record for record in (made_up(number, person) for number in range(46))}
    pairs = list(combinations(sorted(records), 2))
    drawn, probabilities = splinks_waterfalls(records.values(), pairs)
    assert len(drawn) == len(pairs) > 1000
    scorer = Scorer(MODEL)
    levels = set()
    for left, right in pairs:
        [edge] = scorer.score(record_row(records[left]), [record_row(records[right])])
        found, bars = waterfall(MODEL, records[left], records[right], edge.gammas), drawn[left, right]
        assert found.prior == pytest.approx(bars["Prior"][0], abs=1e-9)
        total = found.prior
        for reason in found.reasons:
            weight, m, u = bars[reason.comparison]
            adjustment = bars.get(f"tf_{reason.comparison}", (0.0,))[0]
            assert reason.weight == pytest.approx(weight + adjustment, abs=1e-9), reason
            assert reason.adjustment == pytest.approx(adjustment, abs=1e-9), reason
            assert not reason.speaks or (reason.m, reason.u) == (m, u)
            total += weight + adjustment
            assert reason.total == pytest.approx(total, abs=1e-9)
            levels.add(reason.level)
        assert found.weight == pytest.approx(bars["Final score"][0], abs=1e-9)
        assert found.weight == pytest.approx(edge.weight, abs=1e-6)
        assert found.probability == pytest.approx(probabilities[left, right], abs=1e-9)
    assert len(levels) > 40


def test_values_are_told_as_shown_and_as_compared(person):
    one = person(
        "a:1", given_name="Žofie", surname="García López", street="Hauptstraße", house_number="5", city="Köln"
    )
    two = HeldIdentifier("k", Identifier("email", "zofie@example.org"))
    one = replace(one, identifiers=(two,))
    found = waterfall(MODEL, one, person("b:1"), [-1] * len(COMPARISONS))
    told = {reason.comparison: reason.left for reason in found.reasons}
    assert (told["given_name"].shown, told["given_name"].compared) == ("Žofie", "zofie")
    assert (told["surname"].shown, told["surname"].compared) == ("García López", "garcialopez")
    assert told["address"].shown == "5 · Hauptstraße · Köln"
    assert told["email"].shown == "zofie@example.org"
    assert told["phone"].shown is None
    assert {reason.level for reason in found.reasons} == {MISSING}
    assert found.weight == found.prior == MODEL.prior_weight
    assert found.strongest() == []


def test_every_comparison_has_its_values(person):
    found = waterfall(MODEL, person("a:1"), person("b:1"), [-1] * len(COMPARISONS))
    assert [reason.comparison for reason in found.reasons] == [one.name for one in COMPARISONS]


def test_a_weight_is_written_with_its_sign():
    assert (signed(9.12), signed(-3.25)) == ("+9.1", "−3.2")
