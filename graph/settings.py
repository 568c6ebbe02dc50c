"""Settings of the graph: where it lives, which server keeps it, and how long a call may take."""

from functools import cache
from pathlib import Path

from platformdirs import user_cache_path, user_data_path
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


@cache
def _data_home() -> Path:
    return user_data_path("onefold", appauthor=False)


@cache
def _cache_home() -> Path:
    return user_cache_path("onefold", appauthor=False)


class GraphSettings(BaseSettings):
    """Built once and passed on; every field is read from `ONEFOLD_` + its name in capitals (docs/settings.md).

    Without `neo4j_uri` Onefold starts and finds a Neo4j server of its own under `data_dir`.
    """

    model_config = SettingsConfigDict(env_prefix="ONEFOLD_", frozen=True, env_ignore_empty=True)

    data_dir: Path = Field(default_factory=_data_home, description="Folder of the embedded graph.")
    cache_dir: Path = Field(default_factory=_cache_home, description="Folder of the fetched server, shared.")
    jar_repository: str | None = Field(
        default=None,
        description="Address of a Maven repository to fetch the server from instead of the public one.",
    )

    neo4j_uri: str | None = Field(
        default=None, description="Bolt address of your own server; none: embedded."
    )
    neo4j_user: str = Field(default="neo4j", description="User name at your own server.")
    neo4j_password: SecretStr = Field(default=SecretStr(""), description="Password at your own server.")
    neo4j_database: str = Field(default="neo4j", description="Database name at the server.")

    heap_mb: int = Field(default=1024, ge=256, description="Most heap the embedded server may take, in MB.")
    page_cache_mb: int = Field(default=512, ge=32, description="Page cache of the embedded server, in MB.")
    idle_minutes: float = Field(
        default=30, gt=0, description="The embedded server stops after this long unused."
    )
    start_seconds: float = Field(
        default=180, gt=0, description="Longest wait for the embedded server to start."
    )

    read_seconds: float = Field(default=30, gt=0, description="Deadline of one read, retries included.")
    write_seconds: float = Field(default=120, gt=0, description="Deadline of one write, retries included.")
    stream_seconds: float = Field(default=3600, gt=0, description="Longest life of one streamed read.")
    connections: int = Field(default=50, ge=1, description="Most Bolt connections of one process.")
