"""Segments saved, forgotten and tried out through GraphQL."""

import re
from typing import Annotated

import strawberry

from api.context import Info
from api.profiles import Profile, profile
from api.segment_rules import SegmentInput, definition
from api.segments import Segment, find_segment
from api.sensitivity import OPEN_ATTRIBUTES, Sensitivity
from graph.errors import ConfigurationError, InputError, NotFoundError, PermissionDeniedError
from graph.segment_definitions import define_segment, forget_segment
from graph.segment_previews import preview
from insight.attribute_clauses import AttributeIs
from insight.clauses import Clause
from insight.definitions import check_indicators
from insight.indicator_clauses import IndicatorIs
from insight.segments import SegmentDefinition, definition_now, refresh_order

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_MOST_SAMPLES = 20
_TRIED = "(preview)"
"""Not the name of any segment."""

Name = Annotated[str, strawberry.argument(description="Name of the segment: small letters, digits and _.")]
Said = Annotated[SegmentInput, strawberry.argument(description="The definition.")]


@strawberry.type(description="Whom a segment would hold; nothing is written.")
class SegmentPreview:
    count: int = strawberry.field(description="How many profiles it would hold now.")
    of: int = strawberry.field(description="How many profiles there are of its kinds.")
    sample: list[Profile] = strawberry.field(description="Some of them.")


async def preview_segment(
    info: Info,
    segment: Said,
    first: Annotated[int, strawberry.argument(description="How many to show, 0 to 20.")] = 5,
) -> SegmentPreview:
    """Resolve `Query.previewSegment`."""
    if not 0 <= first <= _MOST_SAMPLES:
        raise InputError(f"first must be 0 to {_MOST_SAMPLES}.")
    said = await _fitting(info, _TRIED, segment)
    count, of, sample = await preview(info.context.graph, definition_now(_TRIED, said), first)
    return SegmentPreview(count=count, of=of, sample=[profile(one) for one in sample])


async def save_segment(info: Info, name: Name, segment: Said) -> Segment:
    """Resolve `Mutation.saveSegment`."""
    if not _NAME.fullmatch(name):
        raise InputError(
            "A segment's name begins with a small letter and has small letters, digits and _ only."
        )
    _refuse_configured(info, name)
    said = await _fitting(info, name, segment)
    author = info.context.viewer.key_id
    await define_segment(info.context.graph, name, said.description, said.text(), author)
    info.context.intake.resolved.set()
    found = await find_segment(info, name)
    if found is None:
        raise NotFoundError(f"The segment {name} was forgotten meanwhile.")
    return found


async def forget(info: Info, name: Name) -> bool:
    """Resolve `Mutation.forgetSegment`."""
    _refuse_configured(info, name)
    in_force = (await info.context.definitions_in_force()).segments
    users = [other for other, one in in_force.items() if name in set(one.rule.segments())]
    if users:
        raise InputError(f"The segment {users[0]} refers to it: change or forget that first.")
    if not await forget_segment(info.context.graph, name):
        raise NotFoundError(f"There is no segment {name} that was saved here.")
    info.context.intake.resolved.set()
    return True


async def _fitting(info: Info, name: str, segment: SegmentInput) -> SegmentDefinition:
    """The definition, which fits those in force: what it refers to is there, and nothing refers to itself."""
    said = definition(name, segment)
    if not info.context.viewer.sees(Sensitivity.PERSONAL):
        _refuse_guessing(said.rule)
    in_force = await info.context.definitions_in_force()
    try:
        refresh_order({**in_force.segments, name: said})
        check_indicators(name, said.rule, in_force.indicators)
    except ConfigurationError as error:
        raise InputError(str(error)) from error
    return said


def _refuse_guessing(rule: Clause) -> None:
    """Raise PermissionDeniedError for a rule that would find out, by its count, what is redacted for the viewer."""
    guesses = isinstance(rule, AttributeIs) and rule.exists is None and rule.attribute not in OPEN_ATTRIBUTES
    if guesses or (isinstance(rule, IndicatorIs) and (rule.equals is not None or rule.one_of is not None)):
        raise PermissionDeniedError("A rule may not compare with what your role does not see.")
    for part in rule.parts():
        _refuse_guessing(part)


def _refuse_configured(info: Info, name: str) -> None:
    if name in info.context.definitions.segments:
        raise InputError(f"The segment {name} is defined in onefold.toml: change it there.")
