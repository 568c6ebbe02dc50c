"""Commands for API keys: create, rotate, list, revoke."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.terminal import DataDir, Json, run, show
from graph.errors import NotFoundError
from graph.vocabulary import Role

if TYPE_CHECKING:
    from graph.keys import StoredKey
    from graph.transactions import Graph

app = typer.Typer(help="API keys.", no_args_is_help=True)


@app.command()
def create(  # noqa: PLR0913, PLR0917 - the options of the command
    role: Annotated[Role, typer.Option("--role", help="What the key may do.")],
    days: Annotated[
        int | None, typer.Option("--days", min=1, max=36_500, help="Days until it expires.")
    ] = None,
    source: Annotated[
        str | None, typer.Option("--source", help="Makes a write key: it sends events of this source.")
    ] = None,
    claimed: Annotated[
        bool, typer.Option("--claimed", help="The source's contacts are unchecked: a browser's, an app's.")
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help="An operation, such as Query.lookup; the key does no other."),
    ] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Make an API key. It is shown once and stored only as a hash."""
    from api.keys import issue_key
    from graph.sources import declare_source

    name = _source_name(role, source, claimed)

    async def work(graph: "Graph") -> "tuple[str, StoredKey]":
        if name:
            await declare_source(graph, name, authenticated=not claimed)
        return await issue_key(graph, role, timedelta(days=days) if days else None, name, only or ())

    _show_new(as_json, *run(data_dir, work))


@app.command()
def rotate(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the key that ends.")],
    hours: Annotated[
        float, typer.Option("--hours", min=0, max=8_760, help="Hours that the old key stays good.")
    ] = 24,
    days: Annotated[
        int | None, typer.Option("--days", min=1, max=36_500, help="Days until the new one expires.")
    ] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Make a key that takes the place of another; both are good for a while. It is shown once."""
    from api.keys import rotate_key

    async def work(graph: "Graph") -> "tuple[str, StoredKey]":
        return await rotate_key(graph, key_id, timedelta(hours=hours), timedelta(days=days) if days else None)

    _show_new(as_json, *run(data_dir, work))


def _show_new(as_json: bool, key: str, stored: "StoredKey") -> None:
    shown: dict[str, object] = {"key": key, "id": stored.id, "role": stored.role.value}
    source = {"source": stored.source} if stored.source else {}
    show(as_json, shown | source | ({"only": list(stored.scopes)} if stored.scopes else {}))


def _source_name(role: Role, source: str | None, claimed: bool) -> str | None:
    """The source of a write key as it is written in keys of records; raises BadParameter."""
    if source is None:
        if claimed:
            raise typer.BadParameter("--claimed says something of a source: name it with --source.")
        return None
    if role is not Role.INGEST:
        raise typer.BadParameter("A key with a source sends events: its role is ingest.")
    name = source.strip().replace(":", "_")
    if not 0 < len(name) <= 200:
        raise typer.BadParameter("A source has a name of 1 to 200 characters.")
    return name


@app.command("list")
def list_keys(data_dir: DataDir = None, as_json: Json = False) -> None:
    """List the API keys, without their secrets."""
    from graph.keys import list_keys as stored_keys

    found = [_shown(key) for key in run(data_dir, stored_keys)]
    lines = [
        f"  {key['id']}  {key['role']:<8}  {key['created_at']:%Y-%m-%d}  {key['state']:<8}  {key['source'] or ''}"
        for key in found
    ]
    show(as_json, {"keys": found}, "\n".join(lines) or "  no API keys yet: onefold key create --role ROLE")


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the key, as `key list` shows it.")],
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Make an API key useless; a running API notices within seconds."""
    from graph.keys import revoke_key

    async def work(graph: "Graph") -> "StoredKey | None":
        return await revoke_key(graph, key_id, datetime.now(UTC))

    key = run(data_dir, work)
    if key is None:
        raise NotFoundError("There is no API key with this id: see `onefold key list`.")
    show(as_json, _shown(key))


def _shown(key: "StoredKey") -> dict[str, object]:
    expired = key.expires_at is not None and key.expires_at <= datetime.now(UTC)
    return {
        "id": key.id,
        "role": key.role.value,
        "source": key.source,
        "state": "revoked" if key.revoked_at else "expired" if expired else "active",
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "only": list(key.scopes),
        "successor": key.successor,
    }
