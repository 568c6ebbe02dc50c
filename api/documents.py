"""Reads GraphQL documents: measured, priced and validated once, then kept for the next time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    ValueNode,
    parse,
    specified_rules,
    validate,
)

from api.document_costs import Cost, Pricing
from api.document_sizes import Fragments, check_sizes
from api.errors import ComplexityError, DocumentError
from api.settings import ApiSettings

_TOKEN_BYTES = 40
"""A document may be this many times longer than its token limit, so that strings have room."""

_NO_VARIABLES: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document that is safe to execute under variables that its costs allow.

    `writes`: it may change something; `is_heavy`: it scores, replays or counts much.
    """

    document: DocumentNode
    costs: tuple[Cost, ...]
    writes: bool

    @property
    def is_heavy(self) -> bool:
        """Whether it asks for something that takes its time."""
        return any(cost.is_heavy for cost in self.costs)


class Documents:
    """Turns query text into documents that are safe to execute; both answers and refusals are remembered."""

    def __init__(self, schema: GraphQLSchema, settings: ApiSettings) -> None:
        self._schema = schema
        self._settings = settings
        self._rules = (
            *specified_rules,
            *(() if settings.introspects else (NoSchemaIntrospectionCustomRule,)),
        )
        self._read = lru_cache(maxsize=settings.cached_documents)(self._prepare)

    def read(self, text: str, variables: Mapping[str, Any] = _NO_VARIABLES) -> ReadDocument:
        """The document; raises DocumentError or ComplexityError, whose sentences repeat no value of it."""
        if len(text) > self._settings.document_tokens * _TOKEN_BYTES:
            raise ComplexityError("The document is too long: send values as variables, or ask in parts.")
        found = self._read(text)
        if isinstance(found, DocumentError | ComplexityError):
            raise found.with_traceback(None)
        if max(cost.of(variables) for cost in found.costs) > self._settings.document_cost:
            raise ComplexityError(
                f"The document costs more than {self._settings.document_cost} (fields, times the sizes of pages):"
                " ask for smaller pages, or in parts."
            )
        return found

    def _prepare(self, text: str) -> ReadDocument | DocumentError | ComplexityError:
        try:
            document = parse(text, max_tokens=self._settings.document_tokens)
            operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
            costs = self._priced(document, operations)
            problems = validate(self._schema, document, self._rules, max_errors=5, hide_suggestions=True)
        except GraphQLSyntaxError as error:
            return _syntax_error(error)
        except RecursionError:
            return ComplexityError("The document is nested too deeply.")
        except (ComplexityError, DocumentError) as error:
            return error
        return (
            DocumentError(_told(problems)) if problems else ReadDocument(document, costs, _writes(operations))
        )

    def _priced(self, document: DocumentNode, operations: list[OperationDefinitionNode]) -> tuple[Cost, ...]:
        """The cost of each operation, before validation, whose own time the limits keep short."""
        fragments = Fragments(document)
        check_sizes(document, fragments, self._settings)
        if not operations:
            raise DocumentError("The document has no operation.")
        return tuple(Pricing(self._schema, fragments, one).cost() for one in operations)


def _writes(operations: list[OperationDefinitionNode]) -> bool:
    return any(one.operation is OperationType.MUTATION for one in operations)


def _syntax_error(error: GraphQLSyntaxError) -> DocumentError | ComplexityError:
    if "tokens" in error.message:
        return ComplexityError("The document is too long: ask in parts.")
    place = error.locations[0] if error.locations else None
    where = f" at line {place.line}, column {place.column}" if place else ""
    return DocumentError(f"The document is not valid GraphQL{where}.")


def _told(problems: Sequence[GraphQLError]) -> str:
    return " ".join(_problem(problem) for problem in problems)


def _problem(problem: GraphQLError) -> str:
    place = problem.locations[0] if problem.locations else None
    where = f" (line {place.line}, column {place.column})" if place else ""
    if problem.nodes and isinstance(problem.nodes[0], ValueNode):
        return f"A value does not fit the type that the schema declares{where}."
    return f"{problem.message.rstrip('.')}{where}."
