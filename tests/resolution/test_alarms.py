"""Alarms: spellings of a name are one name, small graphs do not alarm, pairs judged different are no duplicates."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from graph.vocabulary import RecordKind
from graph.whole_clusters import Member, WholeCluster
from resolution.alarms import SHOWN, Alarm, Alarms
from resolution.look_alike_profiles import LookAlikeProfiles
from resolution.quality_settings import Check, QualitySettings


def cluster(profile_id: str, *members: Member) -> WholeCluster:
    return WholeCluster(profile_id, RecordKind.PERSON, len(members), members)


def member(key: str, given_name: str = "Ada", **said: str | None) -> Member:
    values = {"surname": "Byron", "birth_date": None, "postcode": None, **said}
    phone = values.pop("phone", None)
    held = ((f"phone:{phone}", "phone", "demoted"),) if phone else ()
    return Member(key, "crm", given_name, **values, identifiers=held, links=())


def outcome(alarms: Alarms) -> dict[Check, Alarm]:
    return {one.check: one for one in alarms.outcome()}


def test_nicknames_and_spellings_are_one_name() -> None:
    alarms = Alarms(QualitySettings(), ())
    alarms.add(cluster("one", *(member(name, name) for name in ("Robert", "Bob", "Bobby", "Roberto", "R"))))
    alarms.add(cluster("five", *(member(name, name) for name in ("Robert", "Ada", "Xenia", "Karl", "Umut"))))
    found = outcome(alarms)[Check.GIVEN_NAMES]
    assert found.concerned == 1
    assert found.is_alarm
    assert [(one.profile_ids, one.figure) for one in found.offenders] == [(("five",), 5)]
    assert found.sentence == (
        "1 profile has more than 3 given names, spellings and nicknames aside: 50.00% of all, more than the 0.10% that "
        "are accepted."
    )


def test_in_a_small_graph_the_largest_profile_is_no_alarm() -> None:
    small, large = Alarms(QualitySettings(), ()), Alarms(QualitySettings(), ())
    small.add(cluster("p", *(member(str(number)) for number in range(50))))
    large.add(cluster("p", *(member(str(number)) for number in range(51))))
    assert not outcome(small)[Check.LARGEST].is_alarm
    assert outcome(large)[Check.LARGEST].is_alarm
    assert outcome(large)[Check.LARGEST].sentence == (
        "The largest profile holds 100.00% of all records: more than the 1.00% that are accepted."
    )
    assert outcome(large)[Check.OVERSIZED].concerned == 1


def test_the_worst_are_named_and_of_equals_the_first() -> None:
    alarms = Alarms(QualitySettings.model_validate({"oversized": {"limit": 1, "share": 0}}), ())
    for number in range(30):
        size = 3 if number == 25 else 2
        alarms.add(cluster(f"p{number:02}", *(member(str(at)) for at in range(size))))
    found = outcome(alarms)[Check.OVERSIZED]
    assert found.concerned == 30
    named = [one.profile_ids[0] for one in found.offenders]
    assert named == ["p25", *(f"p{number:02}" for number in range(SHOWN - 1))]


def test_what_a_table_leaves_out_is_as_by_default() -> None:
    settings = QualitySettings.model_validate({"given_names": {"share": 0.5}, "postcodes": {"limit": 9}})
    assert (settings.given_names.limit, settings.given_names.share) == (3, 0.5)
    assert (settings.postcodes.limit, settings.postcodes.share) == (9, 0.001)
    with pytest.raises(ValidationError, match="only a share"):
        QualitySettings.model_validate({"largest": {"limit": 9}})


def test_nothing_measured_is_no_alarm() -> None:
    assert not any(one.is_alarm for one in Alarms(QualitySettings(), ()).outcome())


@pytest.mark.parametrize(("apart", "groups"), [([], [["a", "b"]]), ([("a", "b")], [])])
def test_two_that_a_steward_told_apart_are_not_alike(
    tmp_path: Path, apart: list[tuple[str, str]], groups: list[list[str]]
) -> None:
    alike = LookAlikeProfiles(tmp_path / "facts.duckdb", b"salt")
    alike.add(cluster("a", member("1", phone="+49301"), member("2", phone="+49301")))
    alike.add(cluster("b", member("3", "ADA", surname="byron", phone="+49301")))
    alike.add(cluster("c", member("4", "Karl", phone="+49301")))
    assert list(alike.groups(Check.NAME_PHONE, apart)) == groups
    assert list(alike.groups(Check.NAME_EMAIL, apart)) == []
    alike.close()


def test_a_group_of_three_stays_when_only_two_were_told_apart(tmp_path: Path) -> None:
    alike = LookAlikeProfiles(tmp_path / "facts.duckdb", b"salt")
    for profile_id in ("a", "b", "c"):
        alike.add(cluster(profile_id, member(profile_id, birth_date="1980-01-02")))
    groups = list(alike.groups(Check.NAME_BIRTH_DATE, {("a", "b")}))
    assert groups == [["a", "b", "c"]]
    alarms = Alarms(QualitySettings(), ())
    for profile_id in ("a", "b", "c", "d"):
        alarms.add(cluster(profile_id, member(profile_id)))
    alarms.add_alike(Check.NAME_BIRTH_DATE, [*groups, ["a", "d"]])
    found = outcome(alarms)[Check.NAME_BIRTH_DATE]
    assert (found.concerned, found.share) == (4, 1.0)
    alike.close()
