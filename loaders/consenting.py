"""Answers for what a row or an event says of consent: for which purpose, granted or not, when, by which identifier."""

from collections.abc import Mapping as Map
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from graph.dates import clean_instant
from graph.facts import Consent, Identifier
from graph.identifiers import canonical_kind, identifier_key, kind_of
from graph.unusable import UnusableCode, UnusableValueError
from graph.vocabulary import ConsentStatus
from loaders.identifying import present
from loaders.mapping import ConsentMapping, Mapping

LONGEST_PURPOSE = 200


class Consenting:
    """Reads consents from rows, as a mapping says; `salt` keys the identifiers that they hang on."""

    def __init__(self, mapping: Mapping, salt: bytes) -> None:
        self._specs = mapping.consents
        self._kinds = [canonical_kind(name) for name in mapping.identifiers]
        self._salt = salt

    def read(
        self,
        source: str,
        values: Map[str, str],
        identifiers: Sequence[Identifier],
        stated_at: datetime | None,
    ) -> tuple[tuple[Consent, ...], list[str]]:
        """The decisions of a row, and the problems (`purpose:code`) of the cells that say none.

        A decision without an instant of its own was made at `stated_at`, when the row was true.
        """
        consents: list[Consent] = []
        problems: list[str] = []
        for purpose, spec in self._specs.items():
            cell = present(values.get(spec.column))
            if cell is None or not cell.strip():
                continue
            status, holder = _status(spec, cell.strip()), self._holder(spec, identifiers)
            if status is None or holder is None:
                code = UnusableCode.UNKNOWN_STATUS if status is None else UnusableCode.NO_IDENTIFIER
                problems.append(f"{purpose}:{code}")
                continue
            decided_at = _instant(spec, values.get(spec.decided_at or "")) or stated_at
            expires_at = _instant(spec, values.get(spec.expires_at or ""))
            key = identifier_key(holder, self._salt)
            consents.append(Consent(source, holder, key, purpose, status, decided_at, expires_at))
        return tuple(consents), problems

    def _holder(self, spec: ConsentMapping, identifiers: Sequence[Identifier]) -> Identifier | None:
        kinds = [canonical_kind(spec.identifier)] if spec.identifier else self._kinds
        return next((one for kind in kinds for one in identifiers if one.kind == kind), None)


def _status(spec: ConsentMapping, cell: str) -> ConsentStatus | None:
    word = cell.casefold()
    words = ((ConsentStatus.GRANTED, spec.granted), (ConsentStatus.DENIED, spec.denied))
    for status, said in (*words, (ConsentStatus.REVOKED, spec.revoked)):
        if word in {one.casefold() for one in said}:
            return status
    return None


def _instant(spec: ConsentMapping, text: str | None) -> datetime | None:
    try:
        return clean_instant(text, spec.order) if text else None
    except UnusableValueError:
        return None


def preferences(
    source: str, context: Map[str, Any], identifiers: Sequence[Identifier], at: datetime, salt: bytes
) -> tuple[Consent, ...]:
    """What an event's `context.consent.categoryPreferences` says, as consent managers send it: purpose to yes or no.

    It hangs on the identifier that the event names its user by, else on its browser or device.
    """
    consent = context.get("consent")
    said = consent.get("categoryPreferences") if isinstance(consent, dict) else None
    holder = max(identifiers, key=lambda one: (kind_of(one.kind).priority, one.value), default=None)
    if not isinstance(said, dict) or holder is None:
        return ()
    key = identifier_key(holder, salt)
    return tuple(
        Consent(source, holder, key, purpose, ConsentStatus.GRANTED if yes else ConsentStatus.DENIED, at)
        for purpose, yes in sorted(said.items())
        if isinstance(yes, bool) and 0 < len(purpose) <= LONGEST_PURPOSE
    )
