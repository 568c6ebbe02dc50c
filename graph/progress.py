"""How far a long work is, for whoever wants to show it."""

from collections.abc import Callable

Progress = Callable[[str, int, int | None], None]
"""Called with a step's name, how much of it is done, and of how much (None: unknown)."""


def silent(_step: str, _done: int, _total: int | None) -> None:
    """Show nothing."""
