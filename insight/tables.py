"""Checks a table of the configuration against the model of what it may say."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from graph.errors import ConfigurationError

Model = TypeVar("Model", bound=BaseModel)


def checked(kind: type[Model], said: Any, *above: str) -> Model:
    """What a table says; raises ConfigurationError naming the place that does not fit, `above` first, and never what
    stands there, which may be a secret."""
    try:
        return kind.model_validate(said)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in (*above, *first["loc"]))
        raise ConfigurationError(f"{place}: {first['msg']}.") from None
