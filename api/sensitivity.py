"""Which answers name somebody, and what a role that may not see them gets instead: a typed `Redacted`, never null."""

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from inspect import isawaitable
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NewType, cast

import strawberry
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    default_field_resolver,
    get_named_type,
)
from strawberry.types.scalar import ScalarDefinition

from api.open_texts import OPEN_TEXTS
from graph.errors import ConfigurationError


class Sensitivity(StrEnum):
    """What an answer holds that not every role sees (`access.SEEING` says which do)."""

    PERSONAL = "PERSONAL"
    RAW = "RAW"


if TYPE_CHECKING:
    PersonalText = str
    PersonalData = object
    RawInput = object
else:
    PersonalText = NewType("PersonalText", str)
    PersonalData = NewType("PersonalData", object)
    RawInput = NewType("RawInput", object)

_INSTEAD = 'A role that may not see it gets the object `{"redacted": "%s"}` instead; null means that nothing is known.'


def _scalar(name: str, sensitivity: Sensitivity, what: str) -> ScalarDefinition:
    return strawberry.scalar(
        name=name,
        description=f"{what} {_INSTEAD % sensitivity}",
        serialize=lambda value: value,
        parse_value=lambda value: value,
    )


SCALARS: dict[object, ScalarDefinition] = {
    PersonalText: _scalar("PersonalText", Sensitivity.PERSONAL, "Text that can name somebody."),
    PersonalData: _scalar("PersonalData", Sensitivity.PERSONAL, "Any JSON that can name somebody."),
    RawInput: _scalar("RawInput", Sensitivity.RAW, "What a source sent, as it came: any JSON, or text."),
}
"""The sensitive scalars: a field is masked by being of one of them."""

_SENSITIVE = {
    "PersonalText": Sensitivity.PERSONAL,
    "PersonalData": Sensitivity.PERSONAL,
    "RawInput": Sensitivity.RAW,
}

REDACTED: Mapping[Sensitivity, dict[str, str]] = MappingProxyType(
    {sensitivity: {"redacted": sensitivity.value} for sensitivity in Sensitivity}
)
"""What stands in an answer, of GraphQL and REST, where a value is withheld."""

OPEN_ATTRIBUTES = frozenset({"gender", "birth_place", "occupation", "city", "postcode", "region", "country"})
"""The attributes that every role sees: alone they name nobody, and the birth date that would make city and gender
name somebody (Sweeney 2000: 87 % of people are alone with postcode, gender and birth date) is not among them."""


class OpenText(str):
    """A value in a field for personal text that names nobody, such as the golden value of a city."""

    __slots__ = ()


def shown(attribute: str, value: str) -> str:
    """The value of an attribute for a field of PersonalText: marked as open where every role sees the attribute."""
    return OpenText(value) if attribute in OPEN_ATTRIBUTES else value


def mask_fields(schema: GraphQLSchema) -> None:
    """Withhold sensitive fields from roles that may not see them.

    Raises ConfigurationError for a field of plain text or JSON that nobody has declared to name nobody
    (`OPEN_TEXTS`). Numbers, instants, enums and ids are open: ids are keys, which are pseudonyms.
    """
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for name, field in kind.fields.items():
                _treat(kind, name, field)


def _treat(kind: GraphQLObjectType, name: str, field: GraphQLField) -> None:
    leaf = get_named_type(field.type).name
    if leaf in _SENSITIVE:
        field.resolve = _masked(_SENSITIVE[leaf], field.resolve or default_field_resolver)
    elif leaf in {"String", "JSON"} and name not in OPEN_TEXTS.get(kind.name, ()):
        raise ConfigurationError(
            f"{kind.name}.{name} is text: declare in api/open_texts.py that it names nobody, or make it PersonalText."
        )


def _masked(sensitivity: Sensitivity, resolve: Callable[..., Any]) -> Callable[..., Any]:
    def masked(source: Any, info: GraphQLResolveInfo[Any], /, **arguments: Any) -> Any:
        value = resolve(source, info, **arguments)
        if info.context.viewer.sees(sensitivity):
            return value
        return _redact_later(sensitivity, value) if isawaitable(value) else redact(sensitivity, value)

    return masked


async def _redact_later(sensitivity: Sensitivity, value: Awaitable[Any]) -> Any:
    return redact(sensitivity, await value)


def redact(sensitivity: Sensitivity, value: Any) -> Any:
    """What is left of a value for somebody who may not see it: nothing stays nothing, a list keeps its length."""
    if isinstance(value, list):
        return [redact(sensitivity, one) for one in cast("list[Any]", value)]
    return value if value is None or isinstance(value, OpenText) else REDACTED[sensitivity]
