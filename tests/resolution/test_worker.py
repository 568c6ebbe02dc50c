"""A call computed in a process of its own."""

from pathlib import Path

import pytest

from graph.errors import ModelError
from resolution.worker import run_apart


def test_the_answer_comes_back_whatever_lies_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = tmp_path / "resolution"
    stranger.mkdir()
    (stranger / "__init__.py").write_text("raise SystemExit('a stranger')")
    monkeypatch.chdir(tmp_path)
    assert run_apart("operator", "add", 40, 2) == 42


def test_a_failure_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ModelError, match="exit code 1"):
        run_apart("operator", "truediv", 1, 0)
    assert "ZeroDivisionError" in capfd.readouterr().err
