"""OIDC tokens against a provider on this machine: good ones give their role, bad ones nothing but the one refusal."""

import base64
import hashlib
import hmac
import json
import threading
import time
import warnings
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from joserfc import jws
from joserfc.jwk import ECKey, Key, KeyParameters, OctKey, OKPKey, RSAKey
from pydantic import ValidationError

from api.app import create_app
from api.callers import Callers
from api.errors import ProviderError
from api.keys import Keyring
from api.oidc import OidcSettings
from api.settings import ApiSettings
from api.token_keys import TokenKeys
from api.tokens import RefusedTokenError, TokenHeader, read_header, verify
from graph.errors import PermissionDeniedError, UnauthenticatedError
from graph.vocabulary import Role

NAMES: KeyParameters = {"kid": "one", "use": "sig"}
RSA = RSAKey.generate_key(2048, {**NAMES, "alg": "RS256"})
EC = ECKey.generate_key("P-256", {"kid": "two"})
ED = OKPKey.generate_key("Ed25519", {"kid": "three"})
with warnings.catch_warnings(action="ignore"):
    WEAK = RSAKey.generate_key(1024, {"kid": "weak"})
ENCRYPTING = RSAKey.generate_key(2048, {"kid": "enc", "use": "enc"})
STRANGER = RSAKey.generate_key(2048, {"kid": "one"})
LISTED: list[Key] = [RSA, EC, ED, WEAK, ENCRYPTING]
SECRET = {"kty": "oct", "kid": "shared", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTEyMzQ"}


class Provider(ThreadingHTTPServer):
    """Answers discovery and keys, and counts how often it was asked for them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.issuer = f"http://127.0.0.1:{self.server_address[1]}"
        self.documents: dict[str, Any] = {}
        self.asked = 0
        self.publish(LISTED)

    def publish(self, keys: list[Key], **discovery: Any) -> None:
        said = {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", **discovery}
        listed = [*(key.as_dict(private=False) for key in keys), SECRET]
        self.documents = {"/.well-known/openid-configuration": said, "/keys": {"keys": listed}}


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        provider = self.server
        assert isinstance(provider, Provider)
        provider.asked += self.path == "/keys"
        body = json.dumps(provider.documents.get(self.path)).encode()
        self.send_response(200 if self.path in provider.documents else 404)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the class above
        """Say nothing."""


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


ROLES = {"stewards": Role.STEWARD, "agents": Role.CRM}


def settings(provider: Provider, **other: Any) -> OidcSettings:
    return OidcSettings(issuer=provider.issuer, audience="onefold", roles=ROLES, **other)


def claims(provider: Provider, **other: Any) -> dict[str, Any]:
    said = {
        "iss": provider.issuer,
        "aud": "onefold",
        "sub": "u1",
        "exp": time.time() + 60,
        "roles": ["agents"],
    }
    return {name: value for name, value in {**said, **other}.items() if value is not None}


def coded(value: Any) -> str:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(body).decode().rstrip("=")


def signed(said: Any, key: Key = RSA, **header: Any) -> str:
    """A token with a good signature over whatever it says."""
    full = {"alg": "RS256", "kid": key.kid, "typ": "JWT", **header}
    full = {name: value for name, value in full.items() if value is not None}
    text = f"{coded(full)}.{coded(said)}"
    by_algorithm = jws.JWSRegistry.algorithms[
        full["alg"] if full["alg"] in jws.JWSRegistry.algorithms else "RS256"
    ]
    return f"{text}.{coded(by_algorithm.sign(text.encode(), key))}"


def with_secret(header: dict[str, Any], said: Any, secret: bytes) -> str:
    text = f"{coded(header)}.{coded(said)}"
    return f"{text}.{coded(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


@pytest.fixture
def callers(provider: Provider, graph: Any) -> Callers:
    return Callers(Keyring(graph, 10), settings(provider), 10)


@pytest.mark.store
@pytest.mark.parametrize(
    ("key", "algorithm"), [(RSA, "RS256"), (EC, "ES256"), (ED, "Ed25519")], ids=["rsa", "ec", "ed25519"]
)
async def test_a_good_token_gives_its_role(
    provider: Provider, callers: Callers, key: Key, algorithm: str
) -> None:
    for said in ({}, {"aud": ["other", "onefold"]}, {"roles": "agents more"}, {"iat": time.time(), "nbf": 0}):
        token = signed(claims(provider, **said), key, alg=algorithm)
        viewer = await callers.viewer(f"Bearer {token}")
        assert (viewer.key_id, viewer.role, viewer.source) == ("oidc:u1", Role.CRM, None)
    assert provider.asked == 1


def bad_tokens(provider: Provider) -> dict[str, str]:
    """Sixty ways to be refused."""
    good, now = claims(provider), time.time()
    public = RSA.as_pem(private=False)
    head = {"alg": "RS256", "kid": "one", "typ": "JWT"}
    token = signed(good)
    header, body, signature = token.split(".")
    changed = coded({**good, "roles": ["stewards"]})
    unsigned = {
        f"alg {name!r}": f"{coded({**head, 'alg': name})}.{body}.{end}"
        for name, end in [
            ("none", "AA"), ("None", "AA"), ("NONE", "AA"), ("nOnE", signature), ("", signature), ("rs256", signature),
            ("RS256 ", signature), (None, signature), (1, signature), (["RS256"], signature), ({}, signature),
            ("RS1", signature), ("dir", signature), ("PBES2-HS256+A128KW", signature),
        ]
    }  # fmt: skip
    confused = {
        "HS256 with the public key": with_secret({**head, "alg": "HS256"}, good, public),
        "HS256 with its text": with_secret({**head, "alg": "HS256"}, good, public.strip()),
        "HS256 as DER": with_secret({**head, "alg": "HS256"}, good, RSA.as_der(private=False)),
        "HS256 with a listed secret": with_secret(
            {"alg": "HS256", "kid": "shared"}, good, b"secret-secret-secret-secret-1234"
        ),
        "HS256 without a secret": with_secret({**head, "alg": "HS256"}, good, b"\0"),
        "HS256 said to be RS256": with_secret(head, good, public),
        "an EC key's id": signed(good, kid="two"),
        "RSA signature said to be ES256": f"{coded({**head, 'alg': 'ES256', 'kid': 'two'})}.{body}.{signature}",
        "PS256 by a key for RS256": signed(good, alg="PS256"),
        "HS512": with_secret({**head, "alg": "HS512"}, good, public),
    }
    brought = {
        "jku": signed(good, STRANGER, jku=f"{provider.issuer}/keys"),
        "jku of a stranger": signed(good, STRANGER, jku="https://stranger.example/keys"),
        "x5u": signed(good, STRANGER, x5u="https://stranger.example/cert"),
        "x5c": signed(good, STRANGER, x5c=["MIIB"]),
        "jwk": signed(good, STRANGER, jwk=STRANGER.as_dict(private=False)),
        "jwk beside a good signature": signed(good, jwk=RSA.as_dict(private=False)),
        "crit": signed(good, crit=["exp"]),
        "b64": signed(good, b64=False, crit=["b64"]),
        "zip": signed(good, zip="DEF"),
        "cty": signed(good, cty="JWT"),
    }
    key_ids = {
        "a stranger's key of that id": signed(good, STRANGER),
        "an unknown id": signed(good, STRANGER, kid="none"),
        "a path": signed(good, STRANGER, kid="../../../../dev/null"),
        "an injection": signed(good, STRANGER, kid="x' UNION SELECT 'key"),
        "a number": signed(good, kid=1),
        "a list": signed(good, kid=["one"]),
        "an empty id": signed(good, kid=""),
        "a long id": signed(good, kid="o" * 300),
        "no id of several": signed(good, EC, alg="ES256", kid="one"),
        "a weak key": signed(good, WEAK),
        "a key for encryption": signed(good, ENCRYPTING),
    }
    said = {
        "another issuer": {"iss": "https://stranger.example"},
        "an issuer with a slash": {"iss": provider.issuer + "/"},
        "issuers": {"iss": [provider.issuer]},
        "no issuer": {"iss": None},
        "another audience": {"aud": "other"},
        "no audience": {"aud": None},
        "an audience that begins so": {"aud": "onefold2"},
        "audiences that are no names": {"aud": ["onefold", 1]},
        "expired": {"exp": now - 60},
        "expired long ago": {"exp": 1},
        "no end": {"exp": None},
        "an end in words": {"exp": "never"},
        "a true end": {"exp": True},
        "not yet": {"nbf": now + 3_600},
        "not yet in words": {"nbf": "soon"},
        "issued in the future": {"iat": now + 3_600},
        "nobody": {"sub": None},
        "an empty name": {"sub": ""},
        "a number for a name": {"sub": 7},
        "a name with a line break": {"sub": "a\nadmin"},
    }
    stated = {name: signed(claims(provider, **one)) for name, one in said.items()}
    damaged = {
        "another body": f"{header}.{changed}.{signature}",
        "no signature": f"{header}.{body}.",
        "two parts": f"{header}.{body}",
        "five parts": f"{header}.{body}.{signature}.{body}.{signature}",
        "a cut signature": f"{header}.{body}.{signature[:-8]}",
        "a body that is a list": signed([good]),
        "a body that is no JSON": signed(b"\xff\xfe"),
        "a header that is no JSON": f"{coded(b'{')}.{body}.{signature}",
        "a deep header": f"{coded(b'[' * 300)}.{body}.{signature}",
        "another type": signed(good, typ="secevent+jwt"),
        "a long token": signed({**good, "more": "x" * 20_000}),
    }
    return unsigned | confused | brought | key_ids | stated | damaged


@pytest.mark.store
async def test_sixty_bad_tokens_are_refused_alike(provider: Provider, callers: Callers) -> None:
    bad = bad_tokens(provider)
    assert len(bad) >= 60
    for name, token in bad.items():
        with pytest.raises(UnauthenticatedError, match=r"^Send `Authorization: Bearer"):
            assert not await callers.viewer(f"Bearer {token}"), name
    assert provider.asked <= 2


@pytest.mark.store
async def test_over_the_wire(provider: Provider, graph: Any, tmp_path: Any) -> None:
    toml = f'[oidc]\nissuer = "{provider.issuer}"\naudience = "onefold"\nroles = {{ agents = "crm" }}\n'
    (tmp_path / "onefold.toml").write_text(toml, encoding="utf-8")
    app = create_app(ApiSettings(config_file=tmp_path / "onefold.toml"), graph)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:

        async def ask(token: str) -> tuple[int, dict[str, Any]]:
            headers = {"authorization": f"Bearer {token}"}
            answer = await client.post(
                "/graphql", json={"query": "{ viewer { keyId role } }"}, headers=headers
            )
            return answer.status_code, answer.json()

        status, body = await ask(signed(claims(provider)))
        assert (status, body["data"]["viewer"]) == (200, {"keyId": "oidc:u1", "role": "CRM"})
        for token in bad_tokens(provider).values():
            status, body = await ask(token)
            assert (status, body["errors"][0]["extensions"]["code"]) == (401, "unauthenticated")
        status, body = await ask(signed(claims(provider, roles=["cleaners"])))
        assert (status, body["errors"][0]["extensions"]["code"]) == (403, "permission_denied")


@pytest.mark.store
async def test_the_first_role_of_the_table_counts(provider: Provider, graph: Any) -> None:
    nested = settings(provider, role_claim="realm_access.roles")
    callers = Callers(Keyring(graph, 10), nested, 10)
    said = claims(provider, roles=None, realm_access={"roles": ["agents", "stewards"]})
    assert (await callers.viewer(f"Bearer {signed(said)}")).role is Role.STEWARD
    for roles in (None, 5, {"roles": 5}, {"roles": [1, None]}):
        with pytest.raises(PermissionDeniedError):
            await callers.viewer(f"Bearer {signed(claims(provider, roles=None, realm_access=roles))}")


async def test_rotated_keys_are_fetched_once(provider: Provider) -> None:
    keys, header = TokenKeys(settings(provider), cooldown_seconds=0), TokenHeader("RS256", "new")
    assert (await keys.find(TokenHeader("RS256", "one"))).kid == "one"
    with pytest.raises(RefusedTokenError):
        await keys.find(header)
    provider.publish([RSAKey.generate_key(2048, {"kid": "new"})])
    assert (await keys.find(header)).kid == "new"
    with pytest.raises(RefusedTokenError):
        await keys.find(TokenHeader("RS256", "one"))


async def test_unknown_key_ids_do_not_flood_the_provider(provider: Provider) -> None:
    keys = TokenKeys(settings(provider))
    for number in range(50):
        with pytest.raises(RefusedTokenError):
            await keys.find(TokenHeader("RS256", f"unknown-{number}"))
    assert provider.asked == 1


async def test_keys_outlive_the_provider(provider: Provider) -> None:
    keys = TokenKeys(settings(provider), cooldown_seconds=0)
    await keys.find(TokenHeader("RS256", "one"))
    provider.documents = {}
    with pytest.raises(RefusedTokenError):
        await keys.find(TokenHeader("RS256", "unknown"))
    assert (await keys.find(TokenHeader("RS256", "one"))).kid == "one"


@pytest.mark.parametrize(
    "discovery",
    [{"issuer": "https://other.example"}, {"jwks_uri": "http://elsewhere.example/keys"}, {"jwks_uri": 5}],
)
async def test_a_provider_that_says_something_else_is_not_asked_further(
    provider: Provider, discovery: dict[str, Any]
) -> None:
    provider.publish(LISTED, **discovery)
    with pytest.raises(ProviderError):
        await TokenKeys(settings(provider)).find(TokenHeader("RS256", "one"))
    assert provider.asked == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "http://login.example.org"},
        {"issuer": "ftp://login.example.org"},
        {"algorithms": ("HS256",)},
        {"algorithms": ("none",)},
        {"algorithms": ()},
        {"roles": {}},
        {"roles": {"a": "king"}},
        {"secret": "x"},
    ],
)
def test_unsafe_settings_are_refused(wrong: dict[str, Any]) -> None:
    fine: dict[str, Any] = {
        "issuer": "https://login.example.org",
        "audience": "onefold",
        "roles": {"a": "crm"},
    }
    OidcSettings.model_validate(fine)
    with pytest.raises(ValidationError):
        OidcSettings.model_validate({**fine, **wrong})


def test_a_signature_is_checked_with_the_key_alone(provider: Provider) -> None:
    token = signed(claims(provider))
    header = read_header(token, settings(provider))
    assert verify(token, header, RSA, settings(provider), time.time()).subject == "u1"
    for other in (STRANGER, EC, OctKey.generate_key(256)):
        with pytest.raises(RefusedTokenError, match="Bearer"):
            verify(token, header, other, settings(provider), time.time())
