"""What each comparison looks at: the values as a record shows them, and as they are compared."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graph.neighbourhood import StoredRecord
from resolution.features import UNIQUE_ID_KINDS


@dataclass(frozen=True, slots=True)
class Value:
    """What one record says on a subject: `shown` to people, and `compared` (folded ASCII); None when nothing."""

    shown: str | None
    compared: str | None


@dataclass(frozen=True, slots=True)
class _Subject:
    """Where the values of a comparison are: attributes or kinds of identifiers, and feature columns."""

    attributes: tuple[str, ...]
    kinds: tuple[str, ...]
    features: tuple[str, ...]


def _of(attributes: str, features: str | None = None, kinds: tuple[str, ...] = ()) -> _Subject:
    return _Subject(tuple(attributes.split()), kinds, tuple((features or attributes).split()))


_SUBJECTS: Mapping[str, _Subject] = {
    "given_name": _of("given_name", "given given_names"),
    "surname": _of("surname"),
    "birth_date": _of("birth_date"),
    "address": _of("house_number street postcode city region", "address street postcode city region"),
    "email": _of("", "email emails", ("email",)),
    "phone": _of("", "phone phones", ("phone",)),
    "card": _of("", "card", ("loyalty_card",)),
    "personal_id": _of("", "personal_id unique_ids", UNIQUE_ID_KINDS),
    "gender": _of("gender"),
    "generation": _of("generation"),
    "middle_initial": _of("middle_name", "middle_initial"),
    "birth_place": _of("birth_place"),
    "occupation": _of("occupation"),
    "organisation": _of("organisation_name", "organisation"),
}


def value_of(comparison: str, record: StoredRecord, features: Mapping[str, Any]) -> Value:
    """What `record`, whose features are `features`, says on the subject of a comparison."""
    subject = _SUBJECTS[comparison]
    shown = [record.attributes.get(name) for name in subject.attributes]
    shown += [held.identifier.value for held in record.identifiers if held.identifier.kind in subject.kinds]
    columns = (features[name] for name in subject.features)
    compared = [
        text for column in columns for text in ([column] if isinstance(column, str) else column or ())
    ]
    return Value(_joined(shown), _joined(compared))


def _joined(texts: Iterable[str | None]) -> str | None:
    """The texts that are there, each once."""
    return " · ".join(dict.fromkeys(text for text in texts if text)) or None
