"""The reference pages leave nothing out: settings, error codes, mapping fields, words of the model."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic_settings import BaseSettings

from api.errors import INTERNAL, RULES
from graph import vocabulary
from graph.attributes import INPUTS
from graph.blocking import BLOCK_COLUMNS
from graph.errors import OnefoldError
from graph.identifiers import KINDS
from graph.unusable import UnusableCode
from graph.vocabulary import ATTRIBUTES, Label, Relationship
from insight import conditions
from insight.actions import OCCASIONS, ActionDefinition, TaskTemplate
from insight.indicators import IndicatorDefinition
from insight.segments import SegmentDefinition
from insight.thresholds import ThresholdDefinition
from loaders import mapping
from loaders.rows import RejectionCode
from resolution.configuration import ResolutionSettings
from resolution.golden import DEFAULT_CRITERIA
from resolution.kinds import KindSettings
from resolution.quality_settings import Check, QualitySettings
from resolution.stewardship import StewardshipSettings

PROJECT = Path(__file__).parents[2]
DOCS = PROJECT / "docs"
PACKAGES = ("graph", "loaders", "resolution", "insight", "api")


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def table(name: str) -> dict[str, list[str]]:
    """The rows of a page's tables whose first cell is code, by that code."""
    cells = [
        [cell.strip() for cell in line.strip("| ").split(" | ")]
        for line in page(name).splitlines()
        if line.startswith("| `")
    ]
    return {row[0].strip("`"): row[1:] for row in cells}


def subclasses(kind: type) -> Iterator[type]:
    for below in kind.__subclasses__():
        yield below
        yield from subclasses(below)


def models_of(module: object) -> list[type[BaseModel]]:
    return [
        kind
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, BaseModel) and kind.model_fields
    ]


@pytest.fixture(scope="module", autouse=True)
def everything_is_imported() -> None:
    for package in PACKAGES:
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            importlib.import_module(module.name)


def test_every_setting_stands_with_its_default() -> None:
    documented = table("settings")
    for kind in subclasses(BaseSettings):
        if kind.__module__.partition(".")[0] not in PACKAGES:
            continue
        for name, field in kind.model_fields.items():
            variable = f"{kind.model_config['env_prefix']}{name.upper()}"
            assert variable in documented, f"{variable} is missing in docs/settings.md"
            if isinstance(field.default, int | float) and not isinstance(field.default, bool):
                assert f"{field.default:.10g}" in documented[variable][0].replace(",", ""), variable


def test_every_resolution_setting_stands_with_its_default() -> None:
    documented = table("settings")
    fields = dict(ResolutionSettings.model_fields)
    limits = type(ResolutionSettings().limits).model_fields
    fields |= {f"limits.{name}": field for name, field in limits.items()}
    fields |= {field.alias or name: field for name, field in KindSettings.model_fields.items()}
    del fields["limits"]
    for name, field in fields.items():
        assert name in documented, f"[resolution] {name} is missing in docs/settings.md"
        if isinstance(field.default, int | float):
            assert f"{field.default:.10g}" in documented[name][0].replace(",", ""), name


def test_every_setting_of_stewardship_stands_with_its_default() -> None:
    documented = table("settings")
    for name, field in StewardshipSettings.model_fields.items():
        default = "none" if field.default is None else f"{field.default:.10g}"
        assert documented[name][0] == default, name


def test_every_check_of_the_quality_board_stands_with_its_threshold() -> None:
    documented = table("settings")
    for name, field in QualitySettings.model_fields.items():
        threshold = QualitySettings().threshold(Check(name))
        assert field.description
        assert f"`share = {threshold.share:g}`" in documented[name][0], name
        assert threshold.limit is None or f"`limit = {threshold.limit}`" in documented[name][0], name


def test_every_key_of_a_segment_is_named() -> None:
    text = page("settings")
    for kind in (SegmentDefinition, *models_of(conditions)):
        for name, field in kind.model_fields.items():
            assert f"`{field.alias or name}`" in text, f"segments: {kind.__name__}.{name}"


def test_every_key_of_an_indicator_and_a_threshold_is_named() -> None:
    text = page("settings")
    for kind in (IndicatorDefinition, ThresholdDefinition):
        missing = [name for name in kind.model_fields if f"`{name}`" not in text]
        assert not missing, kind.__name__


def test_every_key_and_occasion_of_an_action_is_named() -> None:
    text = page("settings")
    for name in (*ActionDefinition.model_fields, *TaskTemplate.model_fields):
        assert f"`{name}`" in text, f"actions: {name}"
    assert all(f"`{one}`" in text for one in OCCASIONS if not one.startswith("identity"))


def test_every_criterion_of_survivorship_is_named() -> None:
    assert all(f"`{name}`" in page("settings") for name in DEFAULT_CRITERIA)


def test_every_error_code_stands_with_its_status() -> None:
    documented = table("errors")
    for code in {kind.code for kind in subclasses(OnefoldError)} | set(RULES):
        status = RULES[code].status if code in RULES else RULES[INTERNAL].status
        assert documented.get(code, [""])[0] == str(int(status)), f"{code} in docs/errors.md"


@pytest.mark.parametrize("codes", [RejectionCode, UnusableCode])
def test_every_reason_code_is_explained(codes: type[StrEnum]) -> None:
    missing = sorted(set(codes) - table("errors").keys())
    assert not missing, f"docs/errors.md does not explain {missing}"


def test_no_code_is_explained_that_does_not_exist() -> None:
    errors = {OnefoldError.code, *(kind.code for kind in subclasses(OnefoldError)), *RULES}
    told = {code for code in table("errors") if re.fullmatch(r"[a-z_]+", code)}
    assert told <= errors | set(RejectionCode) | set(UnusableCode) | {"usage", "aborted"}


def test_every_part_of_a_mapping_is_named() -> None:
    text = page("mapping")
    for kind in models_of(mapping):
        for name, field in kind.model_fields.items():
            key = field.alias or name
            assert f"`{key}`" in text or f"## [{key}" in text, f"{kind.__name__}.{key} in docs/mapping.md"


def test_every_attribute_and_kind_of_identifier_is_named() -> None:
    text = page("mapping")
    missing = [name for name in (*INPUTS, *KINDS) if f"`{name}`" not in text]
    assert not missing
    assert set(ATTRIBUTES) <= set(INPUTS)


def test_every_mapping_on_the_page_is_one() -> None:
    examples = re.findall(r"```toml mapping\n(.*?)```", page("mapping"), re.DOTALL)
    assert len(examples) >= 3
    for text in examples:
        mapping.parse_mapping(text)


def test_every_word_of_the_model_is_explained() -> None:
    text = page("glossary") + page("data-model")
    values = [
        member
        for kind in vars(vocabulary).values()
        if isinstance(kind, type) and issubclass(kind, StrEnum) and kind is not StrEnum
        for member in kind
    ]
    missing = [member for member in values if not re.search(rf"\b{re.escape(member)}\b", text)]
    assert not missing


def test_every_label_and_relationship_is_drawn_and_its_personal_data_listed() -> None:
    missing = [name for name in (*Label, *Relationship) if f"`{name}`" not in page("personal-data")]
    assert not missing


def test_the_pages_count_the_blocking_rules_right() -> None:
    assert f"up to {len(BLOCK_COLUMNS)} block strings" in page("resolution")
    assert f"one for each of {len(BLOCK_COLUMNS)} rules" in page("glossary")
