"""How large a GraphQL document is, its fragments written out; found in one pass however often they are spread."""

from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from api.errors import ComplexityError, DocumentError
from api.settings import ApiSettings

_MOST_OPERATIONS = 20
"""Validation walks all fragments for each operation; a client needs one."""
_MOST_DIRECTIVES = 50


@dataclass(frozen=True, slots=True)
class Size:
    """What a part of a document asks for, its fragments written out; `selections` are fields and spreads."""

    depth: int = 0
    selections: int = 0
    aliases: int = 0
    directives: int = 0


class Fragments:
    """The fragments of a document, each measured once."""

    def __init__(self, document: DocumentNode) -> None:
        definitions = document.definitions
        self._by_name = {
            one.name.value: one for one in definitions if isinstance(one, FragmentDefinitionNode)
        }
        self._known: dict[str, Size | None] = {}

    def find(self, name: str) -> FragmentDefinitionNode | None:
        """The fragment of that name."""
        return self._by_name.get(name)

    def size(self, selections: SelectionSetNode | None) -> Size:
        """The size of a selection; raises DocumentError for a fragment that contains itself."""
        depth = count = aliases = directives = 0
        for one in selections.selections if selections else ():
            inner = self._inner(one)
            depth = max(depth, inner.depth + isinstance(one, FieldNode))
            count += inner.selections + 1
            aliases += inner.aliases + (isinstance(one, FieldNode) and one.alias is not None)
            directives += inner.directives + len(one.directives or ())
        return Size(depth, count, aliases, directives)

    def _inner(self, one: object) -> Size:
        if isinstance(one, FragmentSpreadNode):
            return self._fragment(one.name.value)
        return self.size(one.selection_set) if isinstance(one, FieldNode | InlineFragmentNode) else Size()

    def _fragment(self, name: str) -> Size:
        if name not in self._known:
            self._known[name] = None
            fragment = self._by_name.get(name)
            self._known[name] = self.size(fragment.selection_set if fragment else None)
        known = self._known[name]
        if known is None:
            raise DocumentError("A fragment contains itself.")
        return known

    def has_unused(self) -> bool:
        """Whether a fragment was not met while the operations were measured; validation would walk it all the same."""
        return not self._known.keys() >= self._by_name.keys()


def check_sizes(document: DocumentNode, fragments: Fragments, limits: ApiSettings) -> None:
    """Raise ComplexityError when an operation is too large or there are too many, DocumentError for fragments in a
    circle or without use."""
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if len(operations) > _MOST_OPERATIONS:
        raise ComplexityError(f"The document has more than {_MOST_OPERATIONS} operations.")
    for operation in operations:
        size = fragments.size(operation.selection_set)
        if size.depth > limits.document_depth:
            raise ComplexityError(f"The document is nested deeper than {limits.document_depth} levels.")
        if size.selections > limits.document_fields:
            raise ComplexityError(f"The document asks for more than {limits.document_fields} fields.")
        if size.aliases > limits.document_aliases:
            raise ComplexityError(f"The document has more than {limits.document_aliases} aliases.")
        if size.directives > _MOST_DIRECTIVES:
            raise ComplexityError(f"The document has more than {_MOST_DIRECTIVES} directives.")
    if fragments.has_unused():
        raise DocumentError("A fragment is never used.")
