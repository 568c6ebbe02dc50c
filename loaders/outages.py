"""Answers for what drivers and services raise while an origin is read, told as one error."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager

from graph.errors import ConfigurationError, OnefoldError, OriginError


@contextmanager
def failing_as(name: str) -> Generator[None]:
    """Whatever a driver or service raises is an OriginError that names the origin and no value."""
    try:
        yield
    except OnefoldError:
        raise
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"Source {name} needs the package {error.name}: install onefold[sync], or the driver of its database."
        ) from error
    except Exception as error:  # drivers share no error tree
        raise OriginError(
            f"Source {name} could not be read ({' of '.join(_kinds(error))}); nothing of it was applied. "
            "See that it can be reached and that its table, address and password are right."
        ) from error


def _kinds(error: BaseException) -> Iterable[str]:
    """The type of an error and of what it came from: their texts may carry values or a password."""
    cause = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    return dict.fromkeys((type(cause).__name__, type(error).__name__))
