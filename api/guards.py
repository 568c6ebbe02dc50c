"""Guards the fields of the schema by the table of api/access.py."""

from collections.abc import Callable
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema, default_field_resolver

from api.access import RULES
from graph.errors import ConfigurationError


def guard_fields(schema: GraphQLSchema) -> None:
    """Let every field that the table names ask it first; raises ConfigurationError for an operation without a rule."""
    roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
    for root in filter(None, roots):
        missing = [name for name in root.fields if f"{root.name}.{name}" not in RULES]
        if missing:
            raise ConfigurationError(f"No rule in api/access.py says who may use {root.name}.{missing[0]}.")
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType):
            for name, field in kind.fields.items():
                if f"{kind.name}.{name}" in RULES:
                    _guard(f"{kind.name}.{name}", field)


def _guard(operation: str, field: GraphQLField) -> None:
    field.resolve = _guarded(operation, field.resolve or default_field_resolver)
    if field.subscribe:
        field.subscribe = _guarded(operation, field.subscribe)


def _guarded(operation: str, resolve: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(source: Any, info: GraphQLResolveInfo[Any], /, **arguments: Any) -> Any:
        info.context.viewer.require(operation)
        return resolve(source, info, **arguments)

    return guarded
