"""Answers for rows of a REST API, read by dlt's REST source: pages, credentials and retries are its."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from loaders.ndjson import parse_object
from loaders.origins import RestOrigin, with_variables
from loaders.rows import BadRow, RejectionCode, Row, UnusableRowError
from loaders.watermarks import Value

_RAW_KEPT = 4_000


def read_rest(
    origin: RestOrigin, watermark: str | None, start: Value | None, columns: Sequence[str] | None
) -> Iterator[tuple[Row | BadRow, Any]]:
    """Stream the objects of an endpoint as rows, flattened like those of NDJSON.

    Raises whatever dlt and the service raise.
    """
    from dlt.sources.rest_api import rest_api_resources

    _ = columns  # an endpoint tells what it tells
    endpoint = with_variables(origin.endpoint)
    if origin.since and start is not None:
        endpoint = {**endpoint, "params": {**endpoint.get("params", {}), origin.since: _parameter(start)}}
    client = with_variables(origin.client)
    [resource] = rest_api_resources(
        {"client": client, "resources": [{"name": "rows", "endpoint": endpoint}]}  # pyright: ignore[reportArgumentType]
    )
    for line, item in enumerate(resource, 1):
        row = _row(line, json.dumps(item))
        yield row, _typed(row.values.get(watermark or "")) if isinstance(row, Row) else None


def _row(line: int, text: str) -> Row | BadRow:
    try:
        return Row(line, parse_object(text))
    except UnusableRowError as error:
        return BadRow(line, RejectionCode(error.code), error.reason, text[:_RAW_KEPT])


def _typed(text: str | None) -> Value | None:
    """A watermark as the service wrote it: a whole number, an instant, a date, or the text itself."""
    if text is None:
        return None
    for read in (int, date.fromisoformat, datetime.fromisoformat):
        try:
            return read(text)
        except ValueError:
            continue
    return text


def _parameter(value: Value) -> str:
    """A watermark as a query parameter; instants in UTC end in Z."""
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)
