"""The settings of an OIDC provider: whose tokens are taken, and which role they give."""

from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from graph.vocabulary import Role

ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "Ed25519",
)
"""What may be allowed: signatures by a key pair. A shared secret (HS256) or none at all never is."""


class OidcSettings(BaseModel):
    """The table `[oidc]`: whose tokens are taken, and which role they give."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str = Field(
        description="The provider, exactly as its tokens name it in `iss`; https, or loopback."
    )
    audience: str = Field(min_length=1, description="What tokens for this service have in `aud`.")
    role_claim: str = Field(
        default="roles",
        min_length=1,
        description="Claim with the roles, a path such as `realm_access.roles`.",
    )
    roles: dict[str, Role] = Field(
        min_length=1,
        description="The provider's roles and what each is here; the first that a token has counts.",
    )
    algorithms: tuple[str, ...] = Field(default=("RS256", "PS256", "ES256", "Ed25519"), min_length=1)
    client_id: str | None = Field(
        default=None, description="As which client of the provider people sign in to the workbench."
    )
    client_secret: str | None = Field(
        default=None, repr=False, description="Its secret, for a client that has one: `${VARIABLE}`."
    )
    leeway_seconds: float = Field(default=30, ge=0, le=300, description="How far clocks may differ.")

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        if not is_trustworthy(self.issuer):
            raise ValueError("issuer must be an https address, or http on this machine")
        if unknown := set(self.algorithms) - set(ALGORITHMS):
            raise ValueError(f"algorithm {min(unknown)} is not one of {', '.join(ALGORITHMS)}")
        return self


def is_trustworthy(address: str) -> bool:
    """Whether what is read from an address is what its owner says: https, or http on this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1", "localhost"}
    )
