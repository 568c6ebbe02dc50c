"""Actions: what somebody outside is told of, and in which words, when a profile or its segments change."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from standardwebhooks.webhooks import Webhook

from graph.changes import Change
from graph.vocabulary import ATTRIBUTES, ChangeKind, IdentityChange
from insight.addresses import is_allowed
from insight.tables import checked

OCCASIONS: Mapping[str, tuple[ChangeKind, str]] = {
    "profile changed": (ChangeKind.PROFILE, "changed"),
    "profile retired": (ChangeKind.PROFILE, "retired"),
    "segment entered": (ChangeKind.SEGMENT, "entered"),
    "segment left": (ChangeKind.SEGMENT, "left"),
    **{f"identity {change}": (ChangeKind.IDENTITY, change.value) for change in IdentityChange},
}
"""What an action may be `on`."""

BACKFILL_CAUSES = frozenset({"segment defined", "rule changed", "segment removed"})
"""Causes of memberships that tell of a definition, not of a person."""

_PLACE = re.compile(r"\{([a-z]+\.[\w -]+)\}")
_FIELDS: Mapping[str, frozenset[str]] = {
    "profile": frozenset({"id", "kind", "email", "phone", *ATTRIBUTES}),
    "change": frozenset({"at", "cause", "segment", "profile_id", "change"}),
}
"""The fields that are known beforehand; those of `indicator` and `extra` are the user's."""


def fields_in(template: str) -> Iterator[str]:
    """The fields that a template names, such as `profile.surname`."""
    return (found[1] for found in _PLACE.finditer(template))


def fill(template: str, values: Mapping[str, Any]) -> str:
    """A template with its fields filled in; a field that is not known is empty."""
    return _PLACE.sub(lambda found: _text(values.get(found[1])), template)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return ", ".join(map(_text, value)) if isinstance(value, list | tuple) else str(value)


def _known(field: str) -> str:
    group, _, name = field.partition(".")
    if group not in (*_FIELDS, "indicator", "extra") or (group in _FIELDS and name not in _FIELDS[group]):
        raise ValueError(f"there is no field {field!r}")
    return field


class TaskTemplate(BaseModel):
    """`[actions.NAME.task]`: the task that a CRM is asked to make, with fields such as `{profile.surname}`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1)
    description: str = ""
    assignee: str = ""
    """Who is responsible, such as `{extra.account_manager}`."""

    @field_validator("title", "description", "assignee")
    @classmethod
    def _fields_exist(cls, template: str) -> str:
        for field in fields_in(template):
            _known(field)
        return template


class ActionDefinition(BaseModel):
    """One `[actions.NAME]` table: when (`on`, `segment`), where to (`url`, `secret`), and what is said."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: str
    segment: str | None = None
    url: str
    secret: SecretStr
    fields: tuple[str, ...] = ()
    task: TaskTemplate | None = None
    attempts: int = Field(default=10, ge=1, le=50)
    seconds: float = Field(default=10, gt=0, le=60)
    backfill: bool = False

    @field_validator("on")
    @classmethod
    def _occasion_exists(cls, on: str) -> str:
        if on not in OCCASIONS:
            raise ValueError(f"must be one of: {', '.join(OCCASIONS)}")
        return on

    @field_validator("url")
    @classmethod
    def _address_is_safe(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.username or parts.password or parts.fragment:
            raise ValueError("an address has no user, password or fragment")
        if not parts.hostname or not is_allowed(parts.scheme, parts.hostname):
            raise ValueError("must be https://… (http:// on this machine's loopback only)")
        return url

    @field_validator("secret")
    @classmethod
    def _secret_signs(cls, secret: SecretStr) -> SecretStr:
        try:
            Webhook(secret.get_secret_value())
        except Exception:
            raise ValueError("must be a signing secret such as whsec_ and base64") from None
        return secret

    @field_validator("fields")
    @classmethod
    def _fields_exist(cls, fields: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(_known, fields))

    @model_validator(mode="after")
    def _segment_fits(self) -> Self:
        if (self.segment is not None) != self.on.startswith("segment"):
            raise ValueError("`segment` names the segment that is entered or left, and only then")
        return self

    @property
    def kind(self) -> ChangeKind:
        """The kind of change that it is on."""
        return OCCASIONS[self.on][0]

    def concerns(self, change: Change) -> bool:
        """Whether somebody is to be told of a change."""
        return (
            (change.kind, change.change) == OCCASIONS[self.on]
            and self.segment in (None, change.segment)
            and (self.backfill or change.cause not in BACKFILL_CAUSES)
        )

    def wanted(self) -> frozenset[str]:
        """All fields that a message of it needs."""
        templates = (self.task.title, self.task.description, self.task.assignee) if self.task else ()
        return frozenset(self.fields).union(*map(fields_in, templates))


def define_actions(tables: Mapping[str, object]) -> dict[str, ActionDefinition]:
    """The definitions in the `[actions]` tables of a configuration; raises ConfigurationError naming what is wrong."""
    return {name: checked(ActionDefinition, table, "actions", name) for name, table in tables.items()}
