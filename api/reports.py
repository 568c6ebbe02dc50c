"""Writes the report of an evaluation to a file: a page or JSON, by the file's ending."""

from collections.abc import Callable
from pathlib import Path

import orjson

from api.evaluation_page import evaluation_page
from graph.errors import InputError
from resolution.assessment import Assessment, Findings

Write = Callable[[Assessment, Findings], None]


def report_writer(path: Path) -> Write:
    """What writes the report to `path`, to be asked for before the work is done.

    Raises InputError for an ending other than .html and .json; writing raises it when the file cannot be written.
    """
    make = {".html": evaluation_page, ".json": _json}.get(path.suffix.lower())
    if make is None:
        raise InputError(f"{path.name} must end in .html or .json.")

    def write(found: Assessment, findings: Findings) -> None:
        try:
            path.write_text(make(found, findings), encoding="utf-8")
        except OSError as error:
            raise InputError(f"{path.name} cannot be written: {error.strerror}.") from error

    return write


def _json(found: Assessment, findings: Findings) -> str:
    option = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(found.as_dict() | findings.as_dict(), option=option).decode()
