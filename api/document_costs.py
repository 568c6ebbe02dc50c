"""What a GraphQL document costs: its fields, each as often as the pages around it may repeat it."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from types import MappingProxyType
from typing import Any, cast

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from api.connections import LARGEST_PAGE
from api.document_sizes import Fragments
from api.errors import ComplexityError

_ASSUMED_LIST = 10
"""How long a list is taken to be that has no page size."""

ASSUMED_LISTS: Mapping[str, int] = MappingProxyType({"Identifier.profiles": 2, "LookupAnswer.profiles": 2})
"""Lists that are commonly of another length."""

WEIGHTS: Mapping[str, int] = MappingProxyType(
    {
        "Query.lookup": 10,
        "Query.searchProfiles": 1_000,
        "Query.checkRecord": 1_000,
        "Query.previewRecord": 2_000,
        "Query.whyRecords": 2_000,
        "Query.howProfile": 2_000,
        "Query.whyRecordInProfile": 2_000,
        "Query.clusterGraph": 5_000,
        "Query.search": 500,
        "Cluster.health": 500,
        "Approval.changes": 2_000,
        "Query.whySegment": 500,
        "Query.previewSegment": 5_000,
        "Query.measureFunnel": 5_000,
        "Query.commonPaths": 5_000,
        "Query.transitions": 500,
        "Query.nextTouchpoints": 500,
        "Profile.sessions": 20,
        "Touchpoint.sessionId": 5,
        "Query.segmentOverlaps": 5_000,
        "Query.lookAlikes": 5_000,
        "Query.quality": 100,
        "Mutation.measureQuality": 10_000,
        "Mutation.saveSegment": 1_000,
        "Mutation.identify": 2_000,
        "Mutation.replayQuarantine": 10_000,
    }
)
"""Fields that cost more than one, in fields: what they compute is no plain reading. Root fields cost at least 10."""

_ROOT_WEIGHT = 10
_HEAVY = 500
_LARGEST_OVERLAP = 5_000
"""Validation compares every two selections of one name at one place; a pair costs it four microseconds."""


@dataclass(frozen=True, slots=True)
class PageSize:
    """A page size that a variable gives; without it the default counts."""

    variable: str
    default: int

    def of(self, variables: Mapping[str, Any]) -> int:
        """Its value, 1 to the largest page; what is no number is refused later."""
        value = variables.get(self.variable, self.default)
        return _bounded(value) if isinstance(value, int | float) else LARGEST_PAGE


@dataclass(frozen=True, slots=True)
class ListSize:
    """The length of a list without pages: that of the longest list among the arguments that variables give."""

    variables: tuple[str, ...]
    least: int

    def of(self, variables: Mapping[str, Any]) -> int:
        """Its length."""
        given = (variables.get(name) for name in self.variables)
        return max([self.least, *(len(cast("list[Any]", one)) for one in given if isinstance(one, list))])


Factor = PageSize | ListSize
Factors = tuple[Factor, ...]


class Cost:
    """The cost of an operation as a sum of products: fixed numbers times the page sizes that variables give."""

    def __init__(self, terms: Mapping[Factors, int], *, is_heavy: bool) -> None:
        """`is_heavy`: one of its fields scores, replays or counts much."""
        self._terms = tuple(terms.items())
        self.is_heavy = is_heavy

    def of(self, variables: Mapping[str, Any]) -> int:
        """The cost under these variables."""
        return sum(fixed * prod(size.of(variables) for size in sizes) for sizes, fixed in self._terms)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a selection stands: how often it is repeated, and the page that a list right in it is part of."""

    path: tuple[str, ...]
    repeated: int = 1
    factors: Factors = ()
    page: "int | Factor | None" = None

    def times(self, size: "int | Factor") -> "_Place":
        if isinstance(size, int):
            return _Place(self.path, self.repeated * size, self.factors)
        return _Place(self.path, self.repeated, (*self.factors, size))


class Pricing:
    """Adds up one operation; only for documents whose size was checked, for fragments are written out here."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Fragments, operation: OperationDefinitionNode
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._defaults = {
            one.variable.name.value: one.default_value for one in operation.variable_definitions or ()
        }
        self._heaviest = 0
        self._terms: dict[Factors, int] = defaultdict(int)
        self._places: Counter[tuple[str, ...]] = Counter()
        self._root = schema.get_root_type(operation.operation)
        self._add(operation.selection_set, self._root, _Place(()))

    def cost(self) -> Cost:
        """The cost; raises ComplexityError for a document that says the same too often."""
        if sum(count * (count - 1) // 2 for count in self._places.values()) > _LARGEST_OVERLAP:
            raise ComplexityError("The document selects the same fields too often: say each once.")
        return Cost(self._terms, is_heavy=self._heaviest >= _HEAVY)

    def _add(self, selections: SelectionSetNode | None, parent: GraphQLNamedType | None, at: _Place) -> None:
        for one in selections.selections if selections else ():
            if isinstance(one, FieldNode):
                self._add_field(one, parent, at)
            elif isinstance(one, FragmentSpreadNode):
                fragment = self._fragments.find(one.name.value)
                if fragment is not None:
                    self._add(fragment.selection_set, self._type(fragment.type_condition.name.value), at)
            elif isinstance(one, InlineFragmentNode):
                narrowed = one.type_condition
                self._add(one.selection_set, self._type(narrowed.name.value) if narrowed else parent, at)

    def _type(self, name: str) -> GraphQLNamedType | None:
        return self._schema.get_type(name)

    def _add_field(self, node: FieldNode, parent: GraphQLNamedType | None, at: _Place) -> None:
        name = node.name.value
        fields = parent.fields if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) else {}
        field = fields.get(name)
        place = _Place((*at.path, node.alias.value if node.alias else name), at.repeated, at.factors)
        self._places[place.path] += 1
        self._terms[at.factors] += at.repeated * self._weight(parent, name)
        if field is None:
            self._add(node.selection_set, None, place)
            return
        size = self._page(node, field)
        if is_list_type(get_nullable_type(field.type)):
            place = place.times(size or at.page or self._list_size(parent, node))
        elif size is not None:
            place = _Place(place.path, place.repeated, place.factors, size)
        self._add(node.selection_set, get_named_type(field.type), place)

    def _weight(self, parent: GraphQLNamedType | None, name: str) -> int:
        known = WEIGHTS.get(f"{parent.name}.{name}", 1) if parent else 1
        self._heaviest = max(self._heaviest, known)
        return max(known, _ROOT_WEIGHT) if parent is self._root else known

    def _page(self, node: FieldNode, field: GraphQLField) -> "int | PageSize | None":
        """What `first` says, given, by variable or by default; None for a field without pages."""
        argument = field.args.get("first")
        if argument is None:
            return None
        usual = _bounded(argument.default_value) if argument.default_value is not Undefined else LARGEST_PAGE
        for given in node.arguments or ():
            if given.name.value == "first":
                return self._size(given.value, usual)
        return usual

    @staticmethod
    def _list_size(parent: GraphQLNamedType | None, node: FieldNode) -> "int | ListSize":
        """How many a list without pages holds: as many as the longest list that was sent, if there is one."""
        values = [one.value for one in node.arguments or ()]
        usual = (
            ASSUMED_LISTS.get(f"{parent.name}.{node.name.value}", _ASSUMED_LIST) if parent else _ASSUMED_LIST
        )
        least = max([usual, *(len(one.values) for one in values if isinstance(one, ListValueNode))])
        variables = tuple(one.name.value for one in values if isinstance(one, VariableNode))
        return ListSize(variables, least) if variables else least

    def _size(self, value: ValueNode, usual: int) -> "int | PageSize":
        if isinstance(value, VariableNode):
            default = self._defaults.get(value.name.value)
            return PageSize(value.name.value, _literal(default) if default is not None else usual)
        return _literal(value)


def _literal(value: ValueNode) -> int:
    """A page size as written; long numbers are the largest page, which validation refuses or the resolver."""
    return _bounded(int(value.value[:9])) if isinstance(value, IntValueNode) else LARGEST_PAGE


def _bounded(value: float) -> int:
    return int(min(max(value, 1), LARGEST_PAGE))
