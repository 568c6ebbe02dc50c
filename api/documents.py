"""Reads GraphQL documents: parsed, measured and validated once, then kept for the next time."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    parse,
    validate,
)

from api.errors import ComplexityError, DocumentError
from api.settings import ApiSettings

_TOKEN_BYTES = 40
"""A document may be this many times longer than its token limit, so that strings have room."""


@dataclass(frozen=True, slots=True)
class Size:
    """What a part of a document asks for, its fragments written out."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0


class Documents:
    """Turns query text into documents that are safe to execute; both answers and refusals are remembered."""

    def __init__(self, schema: GraphQLSchema, settings: ApiSettings) -> None:
        self._schema = schema
        self._settings = settings
        self._read = lru_cache(maxsize=settings.cached_documents)(self._prepare)

    def read(self, text: str) -> DocumentNode:
        """The document; raises DocumentError or ComplexityError, whose sentences repeat no value of it."""
        if len(text) > self._settings.document_tokens * _TOKEN_BYTES:
            raise ComplexityError("The document is too long: send values as variables, or ask in parts.")
        document = self._read(text)
        if isinstance(document, DocumentError | ComplexityError):
            raise document.with_traceback(None)
        return document

    def _prepare(self, text: str) -> DocumentNode | DocumentError | ComplexityError:
        try:
            document = parse(text, max_tokens=self._settings.document_tokens)
            self._measure(document)
            problems = validate(self._schema, document, max_errors=5, hide_suggestions=True)
        except GraphQLSyntaxError as error:
            return _syntax_error(error)
        except RecursionError:
            return ComplexityError("The document is nested too deeply.")
        except ComplexityError as error:
            return error
        return DocumentError(_told(problems)) if problems else document

    def _measure(self, document: DocumentNode) -> None:
        limits = self._settings
        sizes = _Measure(document)
        for definition in document.definitions:
            if not isinstance(definition, OperationDefinitionNode):
                continue
            size = sizes.of(definition.selection_set)
            if size.depth > limits.document_depth:
                raise ComplexityError(f"The document is nested deeper than {limits.document_depth} levels.")
            if size.fields > limits.document_fields:
                raise ComplexityError(f"The document asks for more than {limits.document_fields} fields.")
            if size.aliases > limits.document_aliases:
                raise ComplexityError(f"The document has more than {limits.document_aliases} aliases.")


class _Measure:
    """Sizes of selections, each fragment measured once however often it is spread."""

    def __init__(self, document: DocumentNode) -> None:
        definitions = document.definitions
        self._fragments = {d.name.value: d for d in definitions if isinstance(d, FragmentDefinitionNode)}
        self._known: dict[str, Size] = {}

    def of(self, selections: SelectionSetNode | None) -> Size:
        depth = fields = aliases = 0
        for selection in selections.selections if selections else ():
            own = isinstance(selection, FieldNode)
            if isinstance(selection, FragmentSpreadNode):
                inner = self._fragment(selection.name.value)
            else:
                inner = self.of(selection.selection_set)  # pyright: ignore[reportAttributeAccessIssue] - field or inline fragment
            depth = max(depth, inner.depth + own)
            fields += inner.fields + own
            aliases += inner.aliases + (isinstance(selection, FieldNode) and selection.alias is not None)
        return Size(depth, fields, aliases)

    def _fragment(self, name: str) -> Size:
        if name not in self._known:
            self._known[name] = (
                Size()
            )  # a fragment inside itself counts as nothing here: validation refuses it
            fragment = self._fragments.get(name)
            self._known[name] = self.of(fragment.selection_set if fragment else None)
        return self._known[name]


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
