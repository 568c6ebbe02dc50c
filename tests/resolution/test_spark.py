"""Scoring on a Spark cluster of a master and a worker, started here on loopback, gives the edges of DuckDB."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pytest

from graph.errors import ConfigurationError
from loaders.facts import RowMapper
from loaders.mapping import read_mapping
from loaders.reading import open_rows
from resolution import engines
from resolution.engines import Engine, check_installed
from resolution.features import RecordRow, feature_table
from resolution.model import Model, default_model
from resolution.scoring import score_all, score_touched
from resolution.spark_java import java_home
from resolution.train import fit_to_data

EXAMPLES = Path(__file__).parents[2] / "examples"
RECORDS = 2000
STARTS_WITHIN = 60


def free_port() -> int:
    with closing(socket.socket()) as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


def started(folder: Path, environment: dict[str, str], *command: str) -> subprocess.Popen[bytes]:
    import pyspark

    launcher = Path(pyspark.__file__).parent / "bin" / "spark-class"
    with (folder / "log").open("ab") as log:
        return subprocess.Popen([launcher, *command], env=environment, cwd=folder, stdout=log, stderr=log)


def wait_for(port: int) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        with closing(socket.socket()) as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise TimeoutError(f"nothing answers at port {port}")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a standalone master with one worker, ended by their process ids."""
    pytest.importorskip("pyspark", reason="PySpark is not installed; `make test` installs it")
    folder, port = tmp_path_factory.mktemp("cluster"), free_port()
    environment = os.environ | {"JAVA_HOME": str(java_home(folder)), "SPARK_LOCAL_IP": "127.0.0.1"}
    here = ("--host", "127.0.0.1", "--webui-port", "0")
    worker = ("org.apache.spark.deploy.worker.Worker", *here, "--cores", "2", "--memory", "2g")
    master = f"spark://127.0.0.1:{port}"
    processes = [
        started(folder, environment, "org.apache.spark.deploy.master.Master", *here, "--port", str(port))
    ]
    try:
        wait_for(port)
        processes.append(started(folder, environment, *worker, "--work-dir", str(folder), master))
        yield master
    finally:
        for process in processes[::-1]:
            process.terminate()
            process.wait(30)


@pytest.fixture
def on_cluster(cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Scoring in this test runs on the cluster and shares this folder with it."""
    monkeypatch.setenv("ONEFOLD_SPARK_MASTER", cluster)
    monkeypatch.setenv("ONEFOLD_SPARK_FOLDER", str(tmp_path))
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    return tmp_path


@pytest.fixture(scope="module")
def historical() -> tuple[pa.Table, Model]:
    """Features of the first records of historical_50k, and the model fitted to them."""
    mapper = RowMapper(read_mapping(EXAMPLES / "splink_historical_50k.toml"), b"salt")
    path = EXAMPLES / "splink_historical_50k" / "historical_figures_with_errors_50k.parquet"
    found = [mapper.facts(row).record for row, _ in zip(open_rows(path).rows, range(RECORDS), strict=False)]
    table = feature_table(
        RecordRow(key=f.key, kind=f.kind, source=f.source, attributes=f.attributes, identifiers=f.identifiers)
        for f in found
    )
    return table, fit_to_data(table, default_model())


@pytest.mark.timeout(900)
def test_edges_weights_and_levels_are_those_of_duckdb(on_cluster, historical) -> None:
    table, model = historical
    keys = table["key"].to_pylist()
    strangers = [(keys[0], keys[-1]), (keys[5], keys[-7])]
    expected = score_all(table, model, strangers)
    found = score_all(table, model, strangers, Engine.SPARK)
    assert len(expected) > 3 * RECORDS
    assert [(e.left, e.right, e.weight, e.gammas) for e in found] == [
        (e.left, e.right, e.weight, e.gammas) for e in expected
    ]
    assert max(abs(f.probability - e.probability) for f, e in zip(found, expected, strict=True)) < 1e-9
    assert not list(on_cluster.iterdir()), "nothing stays behind"


@pytest.mark.timeout(900)
def test_only_what_is_touched(on_cluster, historical) -> None:
    table, model = historical
    few = table.slice(0, 400)
    touched = set(few["key"].to_pylist()[::40])
    expected = score_touched(few, touched, model)
    found = score_touched(few, touched, model, engine=Engine.SPARK)
    assert expected
    assert [(e.left, e.right, e.weight) for e in found] == [(e.left, e.right, e.weight) for e in expected]


def test_without_pyspark_the_error_says_how_to_install_it(monkeypatch) -> None:
    monkeypatch.setattr(engines, "find_spec", lambda name: None if name == "pyspark" else find_spec(name))
    with pytest.raises(ConfigurationError, match=r"onefold\[spark\]") as raised:
        check_installed(Engine.SPARK)
    assert raised.value.code == "configuration_invalid"
    check_installed(Engine.DUCKDB)
