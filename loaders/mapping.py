"""Answers for the mapping file: which column says what, as strict TOML (docs/mapping.md)."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import tomlkit
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from graph.errors import MappingError
from graph.identifiers import canonical_kind
from graph.unusable import UnusableValueError

CONTENT = "content"
"""As a record or touchpoint id: a digest of the row's content."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Columns = Annotated[tuple[str, ...], BeforeValidator(_listed), Field(min_length=1)]
"""One column name or a list of them."""


class SourceMapping(_Strict):
    """Where the rows come from: a fixed name, or the column that names it."""

    name: str | None = None
    column: str | None = None
    authenticated: bool = True
    priority: int = 50
    owner: str | None = None
    lawful_basis: str | None = None
    one_per_person: bool = False

    @model_validator(mode="after")
    def _either(self) -> "SourceMapping":
        if (self.name is None) == (self.column is None):
            raise ValueError("give either name (fixed) or column")
        return self


class KindMapping(_Strict):
    """The column whose values tell persons from organisations; values compare without case."""

    column: str
    person: tuple[str, ...] = ()
    organisation: tuple[str, ...] = ()


class DeletedMapping(_Strict):
    """The column whose values mark a row as a deletion; values compare without case."""

    column: str
    values: tuple[str, ...]


class RecordMapping(_Strict):
    """What makes a record: its id, of what kind it is, when it was true, whether it is gone."""

    id: Columns | None = None
    without_id: Literal["content", "reject"] = "content"
    first_of: tuple[str, ...] = ()
    kind: Literal["person", "organisation", "visitor", "auto"] | KindMapping = "auto"
    observed_at: str | None = None
    deleted: DeletedMapping | None = None

    @model_validator(mode="after")
    def _either(self) -> "RecordMapping":
        if (self.id is None) == (not self.first_of):
            raise ValueError('give either id (a column, a list of columns or "content") or first_of')
        return self


class AttributeMapping(_Strict):
    """One attribute: columns that are joined by a space, or by "-" for a birth date in parts.

    `verified` says that the source has checked the value: always, or where a column says yes.
    """

    columns: Columns = Field(alias="column")
    order: Literal["ymd", "dmy", "mdy", "ydm"] | None = None
    verified: bool | str = False


class IdentifierMapping(_Strict):
    """One identifier kind: each column gives a value.

    `country` is a column or a two-letter code in capitals, for national phone numbers; `namespace` goes in
    front of the value when the number is only unique within one company; `separator` splits a cell; `verified`
    as of an attribute.
    """

    columns: Columns = Field(alias="column")
    country: str | None = None
    namespace: str | None = None
    separator: str | None = Field(default=None, min_length=1)
    verified: bool | str = False


class ConsentMapping(_Strict):
    """One purpose: which words of a column grant, deny or revoke it, compared without case, and when that was said.

    The decision hangs on the row's identifier of the kind `identifier`, else on the first mapped one that is filled.
    """

    column: str
    granted: tuple[str, ...] = (
        "true",
        "1",
        "yes",
        "y",
        "t",
        "on",
        "granted",
        "opt-in",
        "opted_in",
        "subscribed",
    )
    denied: tuple[str, ...] = ("false", "0", "no", "n", "f", "off", "denied", "opt-out", "opted_out")
    revoked: tuple[str, ...] = ("revoked", "withdrawn", "unsubscribed")
    decided_at: str | None = None
    expires_at: str | None = None
    order: Literal["ymd", "dmy", "mdy", "ydm"] = "ymd"
    identifier: str | None = None


class FixedText(_Strict):
    """The same text on every row."""

    fixed: str


class TouchpointMapping(_Strict):
    """What makes a touchpoint; `properties` are columns that are kept with it."""

    id: Columns
    occurred_at: str
    order: Literal["ymd", "dmy", "mdy", "ydm"] = "ymd"
    type: str | FixedText
    channel: str | FixedText | None = None
    campaign: str | FixedText | None = None
    revenue: str | None = None
    properties: tuple[str, ...] = ()


class FileMapping(_Strict):
    """How the file is written, where that cannot be told from its bytes; `missing` cells count as empty."""

    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    encoding: str | None = None
    header: bool = True
    missing: tuple[str, ...] = ()


def _spec(value: Any) -> Any:
    return {"column": value} if isinstance(value, str | list) else value


class Mapping(_Strict):
    """A whole mapping. Attribute names outside the vocabulary are kept with the record but never matched."""

    source: SourceMapping
    record: RecordMapping
    attributes: dict[str, Annotated[AttributeMapping, BeforeValidator(_spec)]] = {}
    identifiers: dict[str, Annotated[IdentifierMapping, BeforeValidator(_spec)]] = {}
    consents: dict[str, Annotated[ConsentMapping, BeforeValidator(_spec)]] = {}
    touchpoint: TouchpointMapping | None = None
    file: FileMapping = FileMapping()

    @model_validator(mode="after")
    def _known_kinds(self) -> "Mapping":
        for kind in self.identifiers:
            try:
                canonical_kind(kind)
            except UnusableValueError as error:
                raise ValueError(f"identifiers.{kind}: {error}") from error
        for purpose, spec in self.consents.items():
            if spec.identifier and spec.identifier not in self.identifiers:
                raise ValueError(f"consents.{purpose}: {spec.identifier} is not among the identifiers")
        if self.consents and not self.identifiers:
            raise ValueError("consents hang on identifiers: map one")
        return self

    def columns(self) -> Iterator[tuple[str, str]]:
        """Every (column, what it is mapped to)."""
        record, touchpoint = self.record, self.touchpoint
        named = [("source", self.source.column), ("record.observed_at", record.observed_at)]
        if record.id != (CONTENT,):
            named += [("record.id", column) for column in record.id or ()]
        named += [("record.first_of", column) for column in record.first_of]
        named += [
            (f"attributes.{name}", column)
            for name, spec in self.attributes.items()
            for column in spec.columns
        ]
        for name, spec in self.identifiers.items():
            named += [(f"identifiers.{name}", column) for column in spec.columns]
            named.append((f"identifiers.{name}.country", column_of_country(spec)))
        for place, specs in (("attributes", self.attributes), ("identifiers", self.identifiers)):
            for name, spec in specs.items():
                if isinstance(spec.verified, str):
                    named.append((f"{place}.{name}.verified", spec.verified))
        for purpose, spec in self.consents.items():
            named += [(f"consents.{purpose}", spec.column)]
            named += [(f"consents.{purpose}.decided_at", spec.decided_at)]
            named += [(f"consents.{purpose}.expires_at", spec.expires_at)]
        if isinstance(record.kind, KindMapping):
            named.append(("record.kind", record.kind.column))
        if record.deleted:
            named.append(("record.deleted", record.deleted.column))
        if touchpoint:
            named += _touchpoint_columns(touchpoint)
        yield from ((column, target) for target, column in named if column is not None)


def _touchpoint_columns(touchpoint: TouchpointMapping) -> list[tuple[str, str | None]]:
    named: list[tuple[str, str | None]] = [("touchpoint.occurred_at", touchpoint.occurred_at)]
    if touchpoint.id != (CONTENT,):
        named += [("touchpoint.id", column) for column in touchpoint.id]
    for name in ("type", "channel", "campaign", "revenue"):
        value = getattr(touchpoint, name)
        named.append((f"touchpoint.{name}", value if isinstance(value, str) else None))
    return [*named, *(("touchpoint.properties", column) for column in touchpoint.properties)]


def column_of_country(spec: IdentifierMapping) -> str | None:
    """The column that gives the country, None when it is fixed or not given."""
    return None if spec.country is None or is_country_code(spec.country) else spec.country


def is_country_code(text: str) -> bool:
    """Whether a mapping's country is a fixed ISO code (two capitals) and not a column."""
    return len(text) == 2 and text.isascii() and text.isalpha() and text.isupper()


def read_mapping(path: Path) -> Mapping:
    """Read and check a mapping file; raises MappingError that names the place and what is wrong there."""
    try:
        return parse_mapping(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise MappingError(
            f"{path} cannot be read as a UTF-8 text file; give the path of a mapping."
        ) from error


def parse_mapping(text: str, name: str = "mapping") -> Mapping:
    """Check the text of a mapping; otherwise as `read_mapping`."""
    try:
        return Mapping.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"{name} is not TOML: {error}.") from error
    except ValidationError as error:
        wrong = "; ".join(
            f"{_place(entry['loc'])}: {entry['msg']}" for entry in error.errors(include_url=False)
        )
        raise MappingError(f"{name} is not a mapping: {wrong}.") from error


def mapping_text(mapping: Mapping) -> str:
    """A mapping as TOML without its comments and defaults: the same meaning gives the same text."""
    return tomlkit.dumps(
        mapping.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude_none=True)
    )


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "file"


def check_columns(mapping: Mapping, columns: list[str]) -> None:
    """Raise MappingError when the mapping names columns that the file does not have."""
    missing = sorted({column for column, _ in mapping.columns()} - set(columns))
    if missing:
        raise MappingError(
            f"The mapping names columns that the file does not have: {', '.join(missing)}. "
            f"The file has: {', '.join(columns[:60])}. Correct the mapping, or draft one with onefold map."
        )
