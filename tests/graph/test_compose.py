"""The compose file: it parses, keeps its secrets outside, and hands Onefold settings that exist."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from api.settings import ApiSettings
from graph.settings import GraphSettings

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"]


def test_onefold_waits_for_a_healthy_graph(services: dict[str, Any]) -> None:
    assert services["onefold"]["depends_on"] == {"neo4j": {"condition": "service_healthy"}}
    assert all("healthcheck" in service for service in services.values())


def test_the_password_comes_from_the_environment(services: dict[str, Any]) -> None:
    assert services["neo4j"]["environment"]["NEO4J_AUTH"].startswith("neo4j/${ONEFOLD_NEO4J_PASSWORD:?")
    assert services["onefold"]["environment"]["ONEFOLD_NEO4J_PASSWORD"] == "${ONEFOLD_NEO4J_PASSWORD}"


def test_every_onefold_setting_exists(services: dict[str, Any]) -> None:
    known = {f"ONEFOLD_{name.upper()}" for name in GraphSettings.model_fields}
    known |= {f"ONEFOLD_API_{name.upper()}" for name in ApiSettings.model_fields}
    assert set(services["onefold"]["environment"]) <= known


def test_nothing_is_published_beyond_this_machine(services: dict[str, Any]) -> None:
    assert "ports" not in services["neo4j"]
    assert all(port.startswith("127.0.0.1:") for port in services["onefold"]["ports"])
