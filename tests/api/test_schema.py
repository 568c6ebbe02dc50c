"""The committed schema, and that it explains itself."""

from pathlib import Path

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLObjectType

from api.attributes import Attributes
from api.schema import build_schema, schema_text
from graph.vocabulary import ATTRIBUTES

COMMITTED = Path(__file__).parents[2] / "docs" / "schema.graphql"


def test_the_committed_schema_is_the_schema() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == schema_text(), "run: onefold schema docs/schema.graphql"


def test_everything_is_described() -> None:
    for kind in build_schema().type_map.values():
        if kind.name.startswith("__"):
            continue
        assert kind.description or kind.name in {"String", "ID"}, kind.name
        if isinstance(kind, GraphQLObjectType | GraphQLInputObjectType):
            for name, field in kind.fields.items():
                assert field.description, f"{kind.name}.{name}"
                for argument, known in getattr(field, "args", {}).items():
                    assert known.description, f"{kind.name}.{name}({argument})"
        assert not isinstance(kind, GraphQLEnumType) or kind.values


def test_attributes_are_those_of_the_vocabulary() -> None:
    assert tuple(Attributes.__dataclass_fields__) == ATTRIBUTES  # type: ignore[attr-defined]
