"""Fetches the embedded server's jars, pinned by graph/neo4j.lock, and vouches for every byte of them."""

import fcntl
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from graph.errors import DownloadError
from graph.settings import GraphSettings

Announce = Callable[[str], None]

_PARALLEL = 8
_TIMEOUT = 60
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the lock: Maven coordinate, size in bytes, SHA-256 in hex."""

    coordinate: str
    size: int
    sha256: str

    @property
    def name(self) -> str:
        """File name of the jar."""
        return "-".join(self.coordinate.split(":")[1:]) + ".jar"


def locked_jars(lock: Traversable | None = None) -> list[Jar]:
    """The jars of a lock, by default those of the server version this Onefold is tested with."""
    lines = (lock or files("graph").joinpath("neo4j.lock")).read_text("utf-8").splitlines()
    fields = (line.split() for line in lines)
    return [Jar(coordinate, int(size), digest) for coordinate, size, digest in fields]


def server_version(jars: Sequence[Jar]) -> str:
    """The version of Neo4j that the jars make up."""
    return next(jar.coordinate.split(":")[2] for jar in jars if jar.coordinate.startswith("org.neo4j:neo4j:"))


def fetch_jars(
    settings: GraphSettings, announce: Announce, jars: Sequence[Jar] | None = None, name: str | None = None
) -> list[Path]:
    """The verified jars in the shared cache, fetched when missing or damaged; safe from several processes.

    A jar is read and hashed when it arrives; later starts compare its size and modification time with those
    noted then. `name` is that of their folder there, by default that of the server version. Raises DownloadError when
    the registry cannot be reached or serves something else.
    """
    wanted = locked_jars() if jars is None else jars
    folder = settings.cache_dir / (name or f"neo4j-{server_version(wanted)}")
    folder.mkdir(parents=True, exist_ok=True)
    with _only_one(folder / ".lock"):
        stamps = _read_stamps(folder)
        missing = [jar for jar in wanted if stamps.get(jar.name) != _stamp(folder / jar.name, jar)]
        if missing:
            _mend(folder, missing, settings, announce)
            stamps = {jar.name: _stamp(folder / jar.name, jar) for jar in wanted}
            (folder / "verified.json").write_text(json.dumps(stamps, indent=0), "utf-8")
    return [folder / jar.name for jar in wanted]


@contextmanager
def _only_one(path: Path) -> Generator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _read_stamps(folder: Path) -> dict[str, str]:
    try:
        return json.loads((folder / "verified.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def _stamp(path: Path, jar: Jar) -> str:
    try:
        found = path.stat()
    except OSError:
        return "missing"
    return f"{found.st_size} {found.st_mtime_ns} {jar.sha256}"


def _mend(folder: Path, jars: Sequence[Jar], settings: GraphSettings, announce: Announce) -> None:
    absent = [jar for jar in jars if not _is_genuine(folder / jar.name, jar)]
    if not absent:
        return
    total = sum(jar.size for jar in absent)
    announce(f"fetching the graph server ({total / _MEGABYTE:.0f} MB, once)")
    if shutil.disk_usage(folder).free < 2 * total:
        raise DownloadError(f"The graph server needs {2 * total // _MEGABYTE} MB free in {folder}.")
    with tempfile.TemporaryDirectory(dir=folder) as staging, ThreadPoolExecutor(_PARALLEL) as pool:
        arrived, tenth = 0, 1
        for jar, path in zip(absent, pool.map(_downloader(Path(staging), settings), absent), strict=True):
            if not _is_genuine(path, jar):
                raise DownloadError(
                    f"The registry served a {jar.name} that does not match its checksum; not used."
                )
            path.replace(folder / jar.name)
            arrived += jar.size
            while arrived * 10 >= tenth * total:
                announce(f"fetched {arrived / _MEGABYTE:.0f} of {total / _MEGABYTE:.0f} MB")
                tenth = arrived * 10 // total + 1


def _is_genuine(path: Path, jar: Jar) -> bool:
    if not path.is_file() or path.stat().st_size != jar.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256


def _downloader(staging: Path, settings: GraphSettings) -> Callable[[Jar], Path]:
    from jgo.maven import MavenContext

    mirror = {"mirror": settings.jar_repository} if settings.jar_repository else None
    context = MavenContext(repo_cache=staging, remote_repos=mirror, timeout=_TIMEOUT)

    def download(jar: Jar) -> Path:
        group, artifact, version, *classifier = jar.coordinate.split(":")
        component = context.project(group, artifact).at_version(version)
        try:
            return component.artifact("".join(classifier), "jar").resolve()
        except (OSError, RuntimeError):
            raise DownloadError(
                "The graph server could not be fetched: the Java package registry (Maven Central) cannot be "
                "reached from here. Connect, or point ONEFOLD_NEO4J_URI at a Neo4j server of your own."
            ) from None

    return download
