"""The console script: collects the commands, and tells every failure in one sentence and an exit code."""

import json
import sys
import traceback
from typing import NoReturn

import typer
from typer.exceptions import TyperException

from api.commands import (
    actions,
    data,
    demo,
    evaluation,
    identity,
    indicators,
    keys,
    metrics,
    preview,
    quarantine,
    segments,
    service,
    sources,
    streams,
    suppressions,
    syncs,
    why,
)
from graph.errors import OnefoldError

app = typer.Typer(
    name="onefold",
    help="One person, one profile: load customer records, resolve who is who, ask the graph.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
for _group in (demo, preview, data, syncs, streams, sources, metrics, evaluation, identity, why, service):
    _group.register(app)
app.add_typer(keys.app, name="key")
app.add_typer(actions.app, name="actions")
app.add_typer(indicators.app, name="indicators")
app.add_typer(segments.app, name="segments")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(suppressions.app, name="suppress")
app.add_typer(data.export_app, name="export")


def main() -> NoReturn:
    """Run the console script."""
    try:
        code = app(standalone_mode=False)
    except OnefoldError as error:
        _fail(error.code, str(error), 1)
    except typer.Abort:
        _fail("aborted", "Aborted.", 130)
    except TyperException as error:
        _fail("usage", error.format_message(), error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except Exception as error:  # a defect: say where, not what, because its text may carry values
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{frame.name} ({frame.filename.rpartition('/')[2]}:{frame.lineno})"
        _fail("internal_error", f"Unexpected {type(error).__name__} in {place}: a defect in Onefold.", 70)
    sys.exit(code if isinstance(code, int) else 0)


def _fail(code: str, message: str, exit_code: int) -> NoReturn:
    if "--json" in sys.argv[1:]:
        sys.stdout.write(json.dumps({"error": {"code": code, "message": message}}) + "\n")
    sys.stderr.write(f"onefold: {message}\n")
    sys.exit(exit_code)
