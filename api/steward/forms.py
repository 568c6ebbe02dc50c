"""What a page sends: urlencoded forms with the session's secret."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from fastapi import Request

from api.requests import read_body
from graph.errors import InputError

Form = Mapping[str, list[str]]
"""Field → its values, in order; empty ones are left out."""

_MOST_FIELDS = 5_000


async def read_form(request: Request) -> Form:
    """The form that a page sent; raises InputError, BodyTooLargeError, BodyTooSlowError."""
    if not hasattr(request.state, "form"):
        body = await read_body(request, request.app.state.settings.body_bytes)
        try:
            request.state.form = parse_qs(body.decode(), max_num_fields=_MOST_FIELDS)
        except ValueError:
            raise InputError("The form cannot be read.") from None
    form: dict[str, Any] = request.state.form
    return form


def one(form: Form, field: str) -> str:
    """The value of a field that has to be there; raises InputError."""
    values = form.get(field)
    if not values or not values[0].strip():
        raise InputError(f"The field {field} is empty.")
    return values[0].strip()


def optional(form: Form, field: str) -> str | None:
    """The value of a field, None when it is empty."""
    values = form.get(field)
    return values[0].strip() or None if values else None
