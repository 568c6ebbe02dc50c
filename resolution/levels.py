"""The levels of agreement as Python functions, compiled from their SQL: one definition for DuckDB and for few pairs.

SQL's logic has three values. A condition is compiled twice, into what makes it true and what makes it false, so that
neither holds where it is unknown; a value that is unknown is None.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import CodeType
from typing import Any

from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler
from sqlglot import exp, parse_one
from sqlglot.expressions import Expr as Expression

from graph.errors import ModelError
from resolution.comparison import Comparison
from resolution.comparisons import COMPARISONS

Features = Mapping[str, Any]
Gamma = Callable[[Features, Features], int]
"""Takes the features of two records, answers the level's number as Splink counts: −1 is missing."""


def _bytes_unless_ascii(text: str) -> str | bytes:
    """DuckDB compares bytes; of ASCII text these are the characters, and rapidfuzz is quicker on those."""
    return text if text.isascii() else text.encode()


def jaro_winkler(left: str, right: str) -> float:
    """Similarity of two texts (0–1), compared byte by byte as DuckDB does."""
    if not (left and right):
        return 0.0
    return JaroWinkler.similarity(_bytes_unless_ascii(left), _bytes_unless_ascii(right))


def damerau_levenshtein(left: str, right: str) -> int:
    """Edits between two texts, swapped neighbours being one, counted in bytes as DuckDB does."""
    return DamerauLevenshtein.distance(_bytes_unless_ascii(left), _bytes_unless_ascii(right))


def _intersection(left: Sequence[str], right: Sequence[str]) -> list[str]:
    return list(set(left).intersection(right))


def _has_any(left: Sequence[str], right: Sequence[str]) -> bool:
    return any(one in right for one in left)


def _integer(text: str) -> int | None:
    """Of the texts that DuckDB casts, features hold the plain numbers only."""
    return int(text) if text.isascii() and text.isdigit() else None


def _contains(whole: str | Sequence[str], part: str) -> bool:
    return part in whole


def _left(text: str, count: int) -> str:
    return text[:count]


def _right(text: str, count: int) -> str:
    return text[max(len(text) - count, 0) :]


def _substring(text: str, start: int, count: int | None = None) -> str:
    return text[start - 1 : None if count is None else start - 1 + count]


def _greatest(*numbers: float | None) -> float | None:
    return max((one for one in numbers if one is not None), default=None)


def _split_part(text: str, separator: str, position: int) -> str:
    parts = text.split(separator)
    return parts[position - 1] if position <= len(parts) else ""


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "ArrayOverlaps": _has_any,
    "Abs": abs,
    "Contains": _contains,
    "JarowinklerSimilarity": jaro_winkler,
    "Left": _left,
    "Length": len,
    "Right": _right,
    "SplitPart": _split_part,
    "StartsWith": str.startswith,
    "Substring": _substring,
    "damerau_levenshtein": damerau_levenshtein,
    "list_intersect": _intersection,
}
"""What SQL's functions do, under sqlglot's names for them; each answers NULL when an argument is NULL."""

_LENIENT: dict[str, Callable[..., Any]] = {"Greatest": _greatest}
"""Functions that pass over what is unknown."""

_COMPARED: Mapping[str, tuple[str, str]] = {
    "EQ": ("==", "!="),
    "NEQ": ("!=", "=="),
    "LT": ("<", ">="),
    "LTE": ("<=", ">"),
    "GT": (">", "<="),
    "GTE": (">=", "<"),
}
"""Comparison operators of SQL: Python's, and Python's for the opposite."""

_RECKONED: Mapping[str, str] = {"Add": "+", "Sub": "-", "Mul": "*"}


@cache
def gammas() -> tuple[Gamma, ...]:
    """The compiled comparisons, in their order."""
    return tuple(map(compiled, COMPARISONS))


def compiled(comparison: Comparison) -> Gamma:
    """The function of one comparison; raises ModelError for SQL that it does not know."""
    case = parse_one(comparison.case(), dialect="duckdb")
    scope: dict[str, Any] = {f"f_{name}": function for name, function in (_FUNCTIONS | _LENIENT).items()}
    scope["f_integer"] = _integer
    exec(_Source().of(comparison.name, case), scope)  # noqa: S102 - our own conditions, compiled once
    return scope[comparison.name]


class _Source:
    """Writes the source of one function; a sub-expression is worked out when first needed, and once."""

    def __init__(self) -> None:
        self._columns: dict[str, None] = {}
        self._values: dict[str, str] = {}

    def of(self, name: str, case: Expression) -> CodeType:
        """The code of a function `name(left, right)` that answers the value of `case`."""
        answer = self._written(case)
        reads = [
            f"{column} = {'left' if column.endswith('_l') else 'right'}[{column[:-2]!r}]"
            for column in self._columns
        ]
        unset = [f"{value} = ..." for value in self._values.values()]
        body = "\n    ".join([*reads, *unset, f"return {answer}"])
        return compile(f"def {name}(left, right):\n    {body}\n", f"<levels of {name}>", "exec")

    def _true(self, node: Expression) -> str:
        return self._condition(node, wanted=True)

    def _condition(self, node: Expression, *, wanted: bool) -> str:
        """An expression that is true where SQL's condition is known to be what is `wanted`."""
        node = node.unnest()
        match node:
            case exp.Not():
                return self._condition(node.this, wanted=not wanted)
            case exp.And() | exp.Or():
                word = "and" if isinstance(node, exp.And) is wanted else "or"
                left, right = (self._condition(one, wanted=wanted) for one in (node.this, node.expression))
                return f"({left} {word} {right})"
            case exp.Is(expression=exp.Null()):
                return f"{self._value(node.this)} is {'' if wanted else 'not '}None"
            case exp.Binary() if type(node).__name__ in _COMPARED:
                return self._compared(node, wanted=wanted)
            case _:
                return f"({self._value(node)} is {wanted})"

    def _compared(self, node: exp.Binary, *, wanted: bool) -> str:
        operator = _COMPARED[type(node).__name__][0 if wanted else 1]
        known = self._known(node.this, node.expression)
        comparison = f"{self._name(node.this)} {operator} {self._name(node.expression)}"
        return f"({' and '.join((*known, comparison))})"

    def _known(self, *nodes: Expression) -> list[str]:
        """Conditions under which the nodes have values; they also work these out."""
        return [f"{self._value(node)} is not None" for node in nodes if not isinstance(node, exp.Literal)]

    def _value(self, node: Expression) -> str:
        """An expression for the value, None for NULL."""
        node = node.unnest()
        name = self._name(node)
        if isinstance(node, exp.Column | exp.Literal | exp.Boolean | exp.Neg):
            return name
        return f"({name} if {name} is not ... else ({name} := {self._written(node)}))"

    def _name(self, node: Expression) -> str:
        """A literal, or the variable that holds the value once it was worked out."""
        node = node.unnest()
        match node:
            case exp.Column():
                self._columns[node.name] = None
                return node.name
            case exp.Literal():
                return repr(node.this) if node.is_string else node.this
            case exp.Boolean():
                return str(node.this)
            case exp.Neg(this=exp.Literal()):
                return f"-{node.this.this}"
            case _:
                return self._values.setdefault(node.sql("duckdb"), f"v{len(self._values)}")

    def _written(self, node: Expression) -> str:
        """How the value is worked out."""
        match node:
            case exp.Case(this=None):
                whens = [
                    f"{self._value(one.args['true'])} if {self._true(one.this)} else "
                    for one in node.args["ifs"]
                ]
                default = node.args.get("default")
                return f"({''.join(whens)}{self._value(default) if default else None})"
            case exp.Coalesce():
                rest = " else ".join(map(self._value, node.expressions))
                return f"({self._name(node.this)} if {self._value(node.this)} is not None else {rest})"
            case exp.TryCast() if node.to.this is exp.DType.INT:
                return self._strict("f_integer({})", [node.this])
            case exp.Binary() if type(node).__name__ in _RECKONED:
                return self._strict(
                    f"({{}} {_RECKONED[type(node).__name__]} {{}})", [node.this, node.expression]
                )
            case exp.Not() | exp.And() | exp.Or() | exp.EQ() | exp.NEQ():
                known = self._condition(node, wanted=True), self._condition(node, wanted=False)
                return f"(True if {known[0]} else False if {known[1]} else None)"
            case exp.Func():
                return self._called(node)
            case _:
                raise _unknown(node)

    def _called(self, node: exp.Func) -> str:
        name = node.name if isinstance(node, exp.Anonymous) else type(node).__name__
        if name not in _FUNCTIONS and name not in _LENIENT:
            raise _unknown(node)
        arguments = [
            one for value in node.args.values() for one in (value if isinstance(value, list) else [value])
        ]
        given = [one for one in arguments if isinstance(one, Expression)]
        if name in _LENIENT:
            return f"f_{name}({', '.join(map(self._value, given))})"
        return self._strict(f"f_{name}({', '.join('{}' for _ in given)})", given)

    def _strict(self, form: str, arguments: Sequence[Expression]) -> str:
        """The form filled in, None when an argument is."""
        known = self._known(*arguments)
        filled = form.format(*map(self._name, arguments))
        return f"({filled} if {' and '.join(known)} else None)" if known else filled


def _unknown(node: Expression) -> ModelError:
    return ModelError(
        f"A level uses {type(node).__name__} in SQL, which cannot be compiled: {node.sql('duckdb')}."
    )
