"""
The provider, driven by OpenFeature's own SDK.

The numbers are those of the requirements of OpenFeature's specification:

- 2.1 metadata: `test_hooks`. 2.2 resolution: `TestResolution`, with reasons, errors, metadata.
- 2.3 hooks of the provider: it has none. Those of callers see its answers: `test_hooks`.
- 2.4 initialisation: `test_not_ready` and `test_late`; that a refused key is fatal (2.4.5 is of the
  SDK) is told with a real edge, in `test_following`. 2.5 shutdown: `test_shutdown`.
- 2.6 reconciliation of a static context: of client-side SDKs, which this is not.
- 2.7 tracking: `TestTracking`, as section 6 has callers do it.
- 5.1 and 5.3 events: `TestEvents`. 1.1.3 domains: `test_domains`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import json
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.event import EventDetails, ProviderEvent
from openfeature.exception import ErrorCode, OpenFeatureError
from openfeature.flag_evaluation import FlagEvaluationDetails, Reason
from openfeature.hook import Hook, HookContext, HookHints
from openfeature.provider import ProviderStatus
from openfeature.track import TrackingEventDetails

from pennon.model.flag import Condition, Rule, Serve, WeightedVariation
from pennon.sdk.client import Client
from pennon.sdk.health import Status
from pennon.sdk.openfeature import PennonProvider
from pennon.testing import TestClient
from tests.builders.relay import a_secret
from tests.builders.sdk import a_flag_of, eventually

ADA = EvaluationContext("ada", {"plan": "pro"})
NOBODYS = a_secret(70, "server")
PRO = Rule(
    id="pro",
    when=(Condition(attribute="plan", op="in", values=("pro",)),),
    serve=Serve(variation="v1"),
)
HALF = Serve(
    split=(
        WeightedVariation(variation="v0", weight=50_000),
        WeightedVariation(variation="v1", weight=50_000),
    )
)
FLAGS = {
    "boolean": True,
    "string": "hello",
    "integer": 24,
    "float": 1.5,
    "object": {"blocks": [1, 2]},
    "rule": a_flag_of("rule", "string", "free", "pro", rules=(PRO,)),
    "split": a_flag_of("split", "string", "a", "b", default=HALF),
    "off": a_flag_of("off", "boolean", True, False, serve=None, off="v1"),
}


@pytest.fixture
def pennon() -> TestClient:
    """Give a client that serves some flags."""
    return TestClient(FLAGS)


@pytest.fixture
def client(pennon: TestClient) -> Iterator[OpenFeatureClient]:
    """Give a client of OpenFeature's on top of it."""
    api.set_provider_and_wait(PennonProvider(pennon))
    yield api.get_client()
    api.shutdown()
    api.clear_providers()


class TestResolution:
    @pytest.mark.parametrize(
        ("kind", "default", "value"),
        [
            ("boolean", False, True),
            ("string", "", "hello"),
            ("integer", 0, 24),
            ("float", 0.0, 1.5),
            ("object", {}, {"blocks": [1, 2]}),
        ],
    )
    async def test_types(
        self, client: OpenFeatureClient, kind: str, default: Any, value: Any
    ) -> None:
        """2.2.1: a method a type, and each has a value and a variant (2.2.3, 2.2.4)."""
        details = getattr(client, f"get_{kind}_details")(kind, default, ADA)
        later = await getattr(client, f"get_{kind}_details_async")(kind, default, ADA)

        assert details == later
        assert (details.value, details.variant, details.error_code) == (value, "set", None)

    @pytest.mark.parametrize(
        ("flag", "reason"),
        [
            ("string", Reason.STATIC),
            ("rule", Reason.TARGETING_MATCH),
            ("split", Reason.SPLIT),
        ],
    )
    def test_reasons(self, client: OpenFeatureClient, flag: str, reason: Reason) -> None:
        """2.2.5: a reason in OpenFeature's words."""
        assert client.get_string_details(flag, "", ADA).reason == reason

    def test_disabled(self, client: OpenFeatureClient) -> None:
        """A flag that is off serves its off variation."""
        details = client.get_boolean_details("off", True, ADA)

        assert (details.value, details.reason) == (False, Reason.DISABLED)

    @pytest.mark.parametrize(
        ("flag", "code"),
        [("no-such-flag", ErrorCode.FLAG_NOT_FOUND), ("string", ErrorCode.TYPE_MISMATCH)],
    )
    def test_errors(self, client: OpenFeatureClient, flag: str, code: ErrorCode) -> None:
        """2.2.7: what is wrong is a code with a message, and the default is served."""
        details = client.get_boolean_details(flag, True, ADA)

        assert (details.value, details.error_code, details.reason) == (True, code, Reason.ERROR)
        assert details.error_message

    def test_no_key(self, client: OpenFeatureClient) -> None:
        """A split needs the targeting key."""
        details = client.get_string_details("split", "mine", EvaluationContext())

        assert (details.value, details.error_code) == ("mine", ErrorCode.TARGETING_KEY_MISSING)

    def test_metadata(self, client: OpenFeatureClient) -> None:
        """2.2.9: metadata is flat, and says Pennon's own reason."""
        details = client.get_string_details("rule", "", ADA)

        assert details.flag_metadata["pennon.reason"] == "RULE_MATCH"
        assert details.flag_metadata["version"] == 7

    def test_attributes(self, client: OpenFeatureClient, pennon: TestClient) -> None:
        """Whatever OpenFeature allows for an attribute, a rule can be about."""
        since = Condition(attribute="at", op="before", values=("2026-01-01T00:00:00Z",))
        tag = Condition(attribute="tags", op="in", values=("b",))
        rule = Rule(id="r", when=(since, tag), serve=Serve(variation="v1"))
        pennon.set("dated", a_flag_of("dated", "string", "no", "yes", rules=(rule,)))
        attributes: dict[str, Any] = {"at": datetime(2025, 1, 1, tzinfo=UTC), "tags": ("a", "b")}

        assert client.get_string_value("dated", "", EvaluationContext("ada", attributes)) == "yes"

    def test_domains(self, client: OpenFeatureClient) -> None:
        """A domain has a provider of its own."""
        api.set_provider_and_wait(PennonProvider(TestClient({"boolean": False})), "other")

        assert api.get_client("other").get_boolean_value("boolean", True) is False
        assert client.get_boolean_value("boolean", False) is True

    def test_hooks(self, client: OpenFeatureClient) -> None:
        """Hooks of a caller see the details."""
        seen: list[object] = []

        class Noting(Hook):
            def after(
                self,
                hook_context: HookContext,
                details: FlagEvaluationDetails[Any],
                hints: HookHints,
            ) -> None:
                seen.append((hook_context.provider_metadata.name, details.variant))  # type: ignore[union-attr]

        client.add_hooks([Noting()])
        client.get_boolean_value("boolean", False, ADA)

        assert seen == [("Pennon", "set")]


class TestEvents:
    def test_changed(self, client: OpenFeatureClient, pennon: TestClient) -> None:
        """5.1: who wants to know is told which flags have changed."""
        told: list[EventDetails] = []
        client.add_handler(ProviderEvent.PROVIDER_CONFIGURATION_CHANGED, told.append)
        pennon.set("string", "bye")
        eventually(lambda: bool(told))

        assert told[0].flags_changed == ["string"]
        assert client.get_string_value("string", "", ADA) == "bye"

    def test_stale_and_ready(self, client: OpenFeatureClient, pennon: TestClient) -> None:
        """5.3.5: the provider's status is that of its client."""
        pennon.tell_status(Status(state="stale", stale_ms=80_000))
        eventually(lambda: client.get_provider_status() == ProviderStatus.STALE)
        pennon.tell_status(Status(state="ready"))
        eventually(lambda: client.get_provider_status() == ProviderStatus.READY)

    def test_not_ready(self) -> None:
        """2.4: a provider that has loaded nothing says why; until it has, defaults are served."""
        provider = PennonProvider(key=NOBODYS, url="http://127.0.0.1:9", ready_seconds=0.5)
        with pytest.raises(OpenFeatureError, match="Nothing is loaded"):
            api.set_provider_and_wait(provider)
        client = api.get_client()
        details = client.get_boolean_details("boolean", True)
        api.clear_providers()

        assert (details.value, details.error_code) == (True, ErrorCode.PROVIDER_NOT_READY)

    def test_told_once(self, client: OpenFeatureClient, pennon: TestClient) -> None:
        """5.3.1: it is ready once, however often its client says so."""
        told: list[str] = []
        client.add_handler(ProviderEvent.PROVIDER_READY, lambda details: told.append("ready"))
        client.add_handler(ProviderEvent.PROVIDER_STALE, lambda details: told.append("stale"))
        for state in ("ready", "stale", "stale", "ready"):
            pennon.tell_status(Status(state=state))
        eventually(lambda: len(told) == 3)

        # The first is that of a handler that is added while the provider is ready. A pool of
        # threads calls handlers, in no order.
        assert sorted(told) == ["ready", "ready", "stale"]

    def test_late(self) -> None:
        """A provider that was not ready in time says so when it is."""
        provider = PennonProvider(key=NOBODYS, url="http://127.0.0.1:9", ready_seconds=0.1)
        with pytest.raises(OpenFeatureError):
            api.set_provider_and_wait(provider)
        client = api.get_client()
        provider.client.tell_status(Status(state="ready"))
        eventually(lambda: client.get_provider_status() == ProviderStatus.READY)
        api.clear_providers()

    def test_shutdown(self) -> None:
        """2.5: a provider's own client is closed with it; one that was handed over is not."""
        mine = TestClient(FLAGS)
        api.set_provider_and_wait(PennonProvider(mine))
        own = PennonProvider(offline=True)
        api.set_provider_and_wait(own, "own")
        api.shutdown()
        api.clear_providers()

        assert mine.status.state == "offline"
        assert own.client.status.state == "closed"


class TestTracking:
    def test_track(self) -> None:
        """6.1: an event is recorded with its value, and with what can be told of its details."""
        with closing(Client(NOBODYS, "http://127.0.0.1:9")) as pennon:
            provider = PennonProvider(pennon)
            details = TrackingEventDetails(9.5, {"currency": "EUR", "blocks": [1]})
            provider.track("bought", ADA, details)
            (event,) = map(json.decode, pennon.recorder.take())

        assert (event["name"], event["value"]) == ("bought", 9.5)
        assert (event["units"], event["properties"]) == ({"user": "ada"}, {"currency": "EUR"})
