"""Our DuckDB SQL said in Spark's: every function is known to mean the same there, any other is an error."""

from collections.abc import Callable, Mapping

from sqlglot import exp, parse_one
from sqlglot.expressions import Expr as Expression

from graph.errors import ModelError
from resolution.features import LIST_FEATURES

JARO_WINKLER, DAMERAU_LEVENSHTEIN = "onefold_jaro_winkler", "onefold_damerau_levenshtein"
"""Names of the functions that Spark lacks and `resolution.spark` gives it."""

_LISTS = frozenset(f"{name}_{side}" for name in LIST_FEATURES for side in "lr")

_SAME: frozenset[str] = frozenset(
    {"Abs", "And", "Case", "Coalesce", "Count", "Greatest", "If", "Left", "Or", "Right", "Round"}
    | {"SplitPart", "StartsWith", "Substring", "TryCast"}
)
"""What means the same in both, under sqlglot's names."""


def _called(name: str) -> Callable[[Expression, list[Expression]], Expression]:
    return lambda _node, arguments: exp.Anonymous(this=name, expressions=arguments)


def _if_list(name: str) -> Callable[[Expression, list[Expression]], Expression]:
    """DuckDB has one name for texts and lists where Spark has two."""

    def said(node: Expression, arguments: list[Expression]) -> Expression:
        return _called(name)(node, arguments) if _is_list(arguments[0]) else node

    return said


_SAID: Mapping[str, Callable[[Expression, list[Expression]], Expression]] = {
    "ArrayOverlaps": _called("arrays_overlap"),
    "Contains": _if_list("array_contains"),
    "JarowinklerSimilarity": _called(JARO_WINKLER),
    "Length": _if_list("size"),
    "damerau_levenshtein": _called(DAMERAU_LEVENSHTEIN),
    "list_intersect": _called("array_intersect"),
}
"""What is called otherwise."""


def in_spark(sql: str) -> str:
    """A query or condition as Spark SQL; raises ModelError for a function that is not known to mean the same."""
    tree = parse_one(sql, dialect="duckdb")
    for node in reversed(list(tree.find_all(exp.Func))):  # from the innermost outwards
        said = _said(node)
        if node is tree:
            tree = said
        elif said is not node:
            node.replace(said)
    return tree.sql(dialect="spark")


def _said(node: exp.Func) -> Expression:
    name = node.name if isinstance(node, exp.Anonymous) else type(node).__name__
    if name in _SAME:
        return node
    if name not in _SAID:
        raise ModelError(f"A level uses a function that Spark is not known to have: {node.sql('duckdb')}.")
    values = node.args.values() if not isinstance(node, exp.Anonymous) else [node.expressions]
    arguments = [one for value in values for one in (value if isinstance(value, list) else [value])]
    return _SAID[name](node, [one for one in arguments if isinstance(one, Expression)])


def _is_list(node: Expression) -> bool:
    node = node.unnest()
    return (isinstance(node, exp.Column) and node.name in _LISTS) or node.name == "array_intersect"
