"""An imported store takes the place of the graph's, wherever the one who moved it in was killed."""

from pathlib import Path

import pytest

from graph.embedded import _move_in
from graph.server import Home


def written(folder: Path, text: str) -> None:
    folder.mkdir(parents=True)
    (folder / "neostore").write_text(text)


@pytest.mark.parametrize("done", range(4))
def test_a_store_is_moved_in_whole(tmp_path: Path, done: int) -> None:
    """`done`: nothing yet, the old one gone, half moved, all moved but not cleared away."""
    home = Home(tmp_path)
    for kind in ("databases", "transactions"):
        written(tmp_path / "data" / kind / "system", "users")
    kinds = ["databases", "transactions"]
    for number, kind in enumerate(kinds):
        moved = done == 3 or (done == 2 and number == 0)
        if not (done == 1 and number == 0):
            written(tmp_path / "data" / kind / "neo4j", "new" if moved else "old")
        if not moved:
            written(home.imported / "data" / kind / "neo4j", "new")
    home.imported.mkdir(exist_ok=True)
    _move_in(home)
    for kind in kinds:
        assert (tmp_path / "data" / kind / "neo4j" / "neostore").read_text() == "new"
        assert (tmp_path / "data" / kind / "system" / "neostore").read_text() == "users"
    assert not home.imported.exists()
    _move_in(home)
    assert (tmp_path / "data" / "databases" / "neo4j" / "neostore").read_text() == "new"
