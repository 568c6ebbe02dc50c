"""The documentation unit test of the code: everything public says what it is, and nothing grows too long."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PACKAGES = ("graph", "loaders", "resolution", "insight", "api")
MODULES = sorted(path for package in PACKAGES for path in (PROJECT / package).rglob("*.py"))
LONGEST_MODULE = 300
LONGEST_FUNCTION = 60
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "manager", "common", "base", "misc"}

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def place(path: Path, node: ast.AST | None = None) -> str:
    name = f" {node.name}" if isinstance(node, Definition) else ""
    return f"{path.relative_to(PROJECT)}{name}"


def public(body: list[ast.stmt]) -> Iterator[Definition]:
    """The public classes and functions of a body, and what is public in those classes."""
    for node in body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body)


def is_described(node: Definition) -> bool:
    """Whether a definition has a docstring, or a description that the GraphQL schema shows."""
    described = any(
        keyword.arg == "description"
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call)
        for keyword in decorator.keywords
    )
    return described or ast.get_docstring(node) is not None


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_everything_public_is_described(path: Path) -> None:
    assert ast.get_docstring(tree(path)), "the module has no docstring"
    assert not [node.name for node in public(tree(path).body) if not is_described(node)]


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_a_module_says_in_one_sentence_what_it_answers_for(path: Path) -> None:
    first = (ast.get_docstring(tree(path)) or "").partition("\n\n")[0]
    assert first.endswith("."), "the first paragraph of the docstring is no sentence"


def test_no_module_is_too_long() -> None:
    lengths = {place(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert not {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE}


def test_no_function_is_too_long() -> None:
    long: dict[str, int] = {}
    for path in MODULES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    long[place(path, node)] = lines
    assert not long


def test_names_of_modules_say_something() -> None:
    assert not [place(path) for path in MODULES if path.stem in FORBIDDEN_NAMES]
