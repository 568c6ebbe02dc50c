"""Settings of the API: where it listens, what it accepts, how long it trusts what it has looked up."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ApiSettings(BaseSettings):
    """Built once and passed on; every field is read from `ONEFOLD_API_` + its name in capitals (docs/settings.md)."""

    model_config = SettingsConfigDict(env_prefix="ONEFOLD_API_", frozen=True, env_ignore_empty=True)

    host: str = Field(default="127.0.0.1", description="Address the API listens on.")
    port: int = Field(default=8000, ge=0, le=65_535, description="Port the API listens on; 0: any free one.")
    development: bool = Field(default=False, description="Serve the GraphQL explorer at GET /graphql.")
    config_file: Path = Field(
        default=Path("onefold.toml"), description="File with `[resolution]` and `[segments]`."
    )
    key_seconds: float = Field(
        default=10, ge=0, description="How long a checked API key is trusted; a revoked one works that long."
    )
    body_bytes: int = Field(default=1_000_000, ge=1_000, description="Largest request body, in bytes.")
    event_bytes: int = Field(
        default=5_000_000, ge=10_000, description="Largest body of the event API, in bytes, unpacked."
    )
    read_seconds: float = Field(default=2, gt=0, description="Deadline of a reading request, in seconds.")
    analysis_seconds: float = Field(
        default=30,
        gt=0,
        description="Deadline of a reading request that scores, replays or counts, in seconds.",
    )
    requests_per_second: float = Field(
        default=300, ge=0, description="Requests a second of one key, twice as many at once; 0: no limit."
    )
    missed_lookups: float = Field(
        default=5_000, ge=0, description="Look-ups an hour of one key that may find nobody; 0: no limit."
    )
    document_tokens: int = Field(default=2_000, ge=100, description="Most tokens of a GraphQL document.")
    document_depth: int = Field(default=16, ge=4, description="Deepest nesting of a GraphQL document.")
    document_fields: int = Field(
        default=1_000, ge=50, description="Most fields of a GraphQL document, fragments written out."
    )
    document_aliases: int = Field(default=50, ge=1, description="Most aliases of a GraphQL document.")
    document_cost: int = Field(
        default=50_000,
        ge=1_000,
        description="Most a GraphQL document may cost: fields, times the sizes of pages.",
    )
    introspection: bool = Field(
        default=False, description="Answer questions about the GraphQL schema; always on in development."
    )
    origins: str = Field(
        default="",
        description="Origins whose pages may ask GraphQL from a browser, such as https://app.example.com, with commas"
        " between; none by default.",
    )
    connections: int = Field(
        default=1_000, ge=1, description="WebSockets that are open at once; of one key a tenth of them."
    )
    subscriptions: int = Field(default=50, ge=1, description="Subscriptions of one WebSocket at once.")
    waiting_clients: int = Field(
        default=100, ge=1, description="Clients that wait for changes at `GET /v1/changes` at once."
    )
    documents_file: Path | None = Field(
        default=None, description="File with the GraphQL documents of your own clients, by id."
    )
    only_persisted: bool = Field(default=False, description="Answer no other GraphQL documents than those.")
    steward_seconds: float = Field(
        default=36_000, gt=0, description="How long somebody stays signed in to the workbench, in seconds."
    )
    cached_documents: int = Field(
        default=512, ge=1, description="GraphQL documents kept parsed and validated."
    )

    @property
    def allowed_origins(self) -> frozenset[str]:
        """The origins whose pages may ask GraphQL."""
        return frozenset(one.strip().rstrip("/") for one in self.origins.split(",") if one.strip())

    @property
    def introspects(self) -> bool:
        """Whether the schema may be asked for."""
        return self.introspection or self.development
