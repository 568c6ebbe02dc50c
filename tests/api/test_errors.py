"""Errors from outside: every code has one answer, and no answer shows hosts, paths, Cypher or values."""

import re

import pytest

from api import errors
from api.errors import INTERNAL, RULES, public_error
from graph.errors import GraphUnavailableError, InputError, OnefoldError

SECRET = "bolt://10.0.0.1:7687 /srv/data MATCH (n) ada@example.org"


def _family(kind: type[OnefoldError]) -> list[type[OnefoldError]]:
    return [kind, *(below for child in kind.__subclasses__() for below in _family(child))]


def test_every_code_is_in_the_table() -> None:
    assert errors
    assert {kind.code for kind in _family(OnefoldError)} - {"onefold_failed"} <= set(RULES)


@pytest.mark.parametrize("kind", [k for k in _family(OnefoldError) if public_error(k("")).status >= 500])
def test_failures_on_our_side_say_nothing_of_their_cause(kind: type[OnefoldError]) -> None:
    assert not re.search(r"bolt|/srv|MATCH|ada@", public_error(kind(SECRET)).message)


def test_unknown_exceptions_are_internal() -> None:
    for error in (ValueError(SECRET), KeyError(SECRET), OnefoldError(SECRET)):
        public = public_error(error)
        assert (public.code, public.status) == (INTERNAL, 500)
        assert SECRET not in public.message


def test_codes_map_to_statuses() -> None:
    assert public_error(GraphUnavailableError("x")).status == 503
    assert public_error(InputError("first must be 1 to 100.")).message == "first must be 1 to 100."
