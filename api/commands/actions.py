"""Commands for actions: what waits or never arrived, and sending it again."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.terminal import DataDir, Json, run, show
from graph.vocabulary import DeliveryState

if TYPE_CHECKING:
    from graph.deliveries import ActionCounts, Delivery
    from graph.transactions import Graph

app = typer.Typer(help="Actions: webhooks and tasks.", no_args_is_help=True)

_Action = Annotated[str | None, typer.Option("--action", help="Only those of this action.")]
_AT_ONCE = 1_000


@app.command("list")
def list_deliveries(
    action: _Action = None,
    state: Annotated[
        DeliveryState, typer.Option("--state", help="Deliveries in this state.")
    ] = DeliveryState.DEAD,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="Most deliveries shown.")] = 50,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """List the actions that ever began, and the deliveries that never arrived."""
    from graph.deliveries import count_deliveries, read_deliveries

    async def work(graph: "Graph") -> "tuple[dict[str, ActionCounts], list[Delivery]]":
        return await count_deliveries(graph), await read_deliveries(
            graph, size=limit, action=action, state=state
        )

    counts, found = run(data_dir, work)
    figures = {
        name: {one.value: one_count for one, one_count in told.counts.items()}
        for name, told in counts.items()
    }
    lines = [
        f"  {name:<24} " + "  ".join(f"{count:,} {word}" for word, count in told.items())
        for name, told in figures.items()
    ]
    lines += [
        f"  {one.id}  {one.action}  {one.change}  {one.profile_id}  attempts {one.attempts}  {one.status or one.error}"
        for one in found
    ]
    shown = {"actions": figures, "deliveries": list(map(_shown, found))}
    show(as_json, shown, "\n".join(lines) or "  no action has begun: see [actions] of onefold.toml")


@app.command()
def replay(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Only these.", show_default="all dead ones")
    ] = None,
    action: _Action = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Send deliveries again that never arrived; a running `onefold serve` does so within seconds."""
    from datetime import UTC, datetime

    from graph.deliveries import replay_deliveries

    async def work(graph: "Graph") -> int:
        replayed = 0
        while count := await replay_deliveries(
            graph, datetime.now(UTC), _AT_ONCE, action=action, ids=ids or None
        ):
            replayed += count
        return replayed

    show(as_json, {"replayed": run(data_dir, work)})


def _shown(one: "Delivery") -> dict[str, Any]:
    return {
        "id": one.id,
        "action": one.action,
        "state": one.state.value,
        "profile_id": one.profile_id,
        "change": one.change,
        "segment": one.segment,
        "attempts": one.attempts,
        "next_at": one.next_at,
        "status": one.status,
        "error": one.error,
    }
