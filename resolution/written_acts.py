"""Acts of stewards as text and back, for those that are carried out later."""

import json
from collections.abc import Mapping
from types import MappingProxyType

from pydantic import TypeAdapter

from graph.vocabulary import DecisionKind
from resolution.acts import Act, Judge, Lock, Merge, Split, Undo, Unlock
from resolution.pins import Pin, Unpin

_Known = Judge | Merge | Split | Lock | Unlock | Undo | Pin | Unpin
_KINDS: Mapping[DecisionKind, TypeAdapter[_Known]] = MappingProxyType(
    {
        DecisionKind.JUDGE: TypeAdapter(Judge),
        DecisionKind.MERGE: TypeAdapter(Merge),
        DecisionKind.SPLIT: TypeAdapter(Split),
        DecisionKind.LOCK: TypeAdapter(Lock),
        DecisionKind.UNLOCK: TypeAdapter(Unlock),
        DecisionKind.UNDO: TypeAdapter(Undo),
        DecisionKind.PIN: TypeAdapter(Pin),
        DecisionKind.UNPIN: TypeAdapter(Unpin),
    }
)


def written(kind: DecisionKind, act: Act) -> str:
    """An act that makes a decision of this kind, as JSON text."""
    return json.dumps({"kind": kind.value, "act": TypeAdapter(type(act)).dump_python(act, mode="json")})


def read(text: str) -> Act:
    """The act that was written."""
    document = json.loads(text)
    return _KINDS[DecisionKind(document["kind"])].validate_python(document["act"])
