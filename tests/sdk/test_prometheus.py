"""A client in the application's own metrics."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest

from pennon.sdk.client import Client
from pennon.sdk.prometheus import ClientMetrics
from tests.builders.relay import a_secret
from tests.builders.sdk import eventually


def test_metrics() -> None:
    """The state, the age and what was lost can be alarmed on."""
    registry = CollectorRegistry()
    client = Client(a_secret(71, "server"), "http://127.0.0.1:9", events=False)
    try:
        registry.register(ClientMetrics(client))
        eventually(lambda: client.stats.streams_lost > 0)
        metrics = generate_latest(registry).decode()
    finally:
        client.close()

    assert 'pennon_client_state{state="starting"} 1.0' in metrics
    assert "pennon_client_stale_seconds 0.0" in metrics
    assert "pennon_client_streams_lost_total" in metrics
