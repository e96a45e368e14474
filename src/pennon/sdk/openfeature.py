"""
Pennon as a provider of OpenFeature's Python SDK. It needs the extra `openfeature`.

    from openfeature import api
    from pennon.sdk.openfeature import PennonProvider

    api.set_provider_and_wait(PennonProvider(key="pnn_srv_…", url="https://edge.example.com"))
    api.get_client().get_boolean_value("new-checkout", False)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from datetime import datetime
from typing import Any, Final, TypeVar

from openfeature.evaluation_context import EvaluationContext
from openfeature.event import ProviderEvent, ProviderEventDetails
from openfeature.exception import ErrorCode, ProviderFatalError, ProviderNotReadyError
from openfeature.flag_evaluation import FlagResolutionDetails, FlagValueType, Reason
from openfeature.provider import AbstractProvider, Metadata
from openfeature.track import TrackingEventDetails

from pennon.evaluation.reasons import openfeature_reason
from pennon.sdk.answer import Answer, AnswerError
from pennon.sdk.client import Client
from pennon.sdk.health import ClientState, Status

T = TypeVar("T")

_ERRORS: Final[dict[AnswerError, ErrorCode]] = {
    "FLAG_NOT_FOUND": ErrorCode.FLAG_NOT_FOUND,
    "PARSE_ERROR": ErrorCode.PARSE_ERROR,
    "TARGETING_KEY_MISSING": ErrorCode.TARGETING_KEY_MISSING,
    "INVALID_CONTEXT": ErrorCode.INVALID_CONTEXT,
    "TYPE_MISMATCH": ErrorCode.TYPE_MISMATCH,
    "NOT_READY": ErrorCode.PROVIDER_NOT_READY,
}
_EVENTS: Final[dict[ClientState, ProviderEvent]] = {
    "ready": ProviderEvent.PROVIDER_READY,
    "stale": ProviderEvent.PROVIDER_STALE,
}


class PennonProvider(AbstractProvider):
    """
    Resolves by a client of its own, made of *options* as `Client` takes them, or by *client*.

    A client that is handed over stays its owner's to close.
    """

    def __init__(
        self, client: Client | None = None, *, ready_seconds: float = 10.0, **options: Any
    ) -> None:
        super().__init__()
        self._owned = client is None
        self._client = Client(**options) if client is None else client
        self._ready_seconds = ready_seconds
        self._undo: list[Callable[[], None]] = []
        self._told: ProviderEvent | None = None
        """What the SDK takes the provider for."""

    @property
    def client(self) -> Client:
        """The client by which it resolves."""
        return self._client

    def get_metadata(self) -> Metadata:
        return Metadata(name="Pennon")

    def initialize(self, evaluation_context: EvaluationContext) -> None:
        """
        Wait until something is loaded.

        Raises ProviderNotReadyError where that takes long, and ProviderFatalError where it is
        because the key is refused. Should it be loaded after all, the provider says that it is
        ready.
        """
        client = self._client
        self._told = ProviderEvent.PROVIDER_READY  # who calls this says so once it returns
        self._undo = [
            client.on_status(self._on_status),
            client.on_changes(self._on_changes),
        ]
        if client.status.state == "offline":
            return
        if client.ready(self._ready_seconds):
            return
        self._told = ProviderEvent.PROVIDER_ERROR
        status = client.status
        trouble = status.trouble or "the edge has not answered yet"
        error = ProviderFatalError if status.refused else ProviderNotReadyError
        raise error(f"Nothing is loaded: {trouble}.")

    def shutdown(self) -> None:
        """Follow no more, where the client is its own."""
        for undo in self._undo:
            undo()
        self._undo = []
        if self._owned:
            self._client.close()

    def resolve_boolean_details(
        self,
        flag_key: str,
        default_value: bool,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[bool]:
        context = _context_of(evaluation_context)
        return self._resolved(self._client.boolean_detail(flag_key, context, default_value))

    def resolve_string_details(
        self,
        flag_key: str,
        default_value: str,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[str]:
        context = _context_of(evaluation_context)
        return self._resolved(self._client.string_detail(flag_key, context, default_value))

    def resolve_integer_details(
        self,
        flag_key: str,
        default_value: int,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[int]:
        context = _context_of(evaluation_context)
        return self._resolved(self._client.integer_detail(flag_key, context, default_value))

    def resolve_float_details(
        self,
        flag_key: str,
        default_value: float,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[float]:
        context = _context_of(evaluation_context)
        return self._resolved(self._client.float_detail(flag_key, context, default_value))

    def resolve_object_details(
        self,
        flag_key: str,
        default_value: Sequence[FlagValueType] | Mapping[str, FlagValueType],
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[Sequence[FlagValueType] | Mapping[str, FlagValueType]]:
        context = _context_of(evaluation_context)
        return self._resolved(self._client.json_detail(flag_key, context, default_value))

    def track(
        self,
        tracking_event_name: str,
        evaluation_context: EvaluationContext | None = None,
        tracking_event_details: TrackingEventDetails | None = None,
    ) -> None:
        """Tell of an event; details that are no booleans, numbers or texts are left out."""
        details = tracking_event_details
        value = details.value if details else None
        told = {
            name: attribute
            for name, attribute in (details.attributes if details else {}).items()
            if isinstance(attribute, bool | int | float | str)
        }
        self._client.track(tracking_event_name, _context_of(evaluation_context), value, told)

    def _resolved(self, answer: Answer[T]) -> FlagResolutionDetails[T]:
        ruleset = self._client.held.ruleset
        metadata: dict[str, bool | int | float | str] = {
            "version": answer.version,
            "pennon.reason": answer.reason,
        }
        if answer.membership_unknown:
            metadata["pennon.membershipUnknown"] = True
        if (environment := self._client.held.environment) is not None:
            metadata["flagSetId"] = environment
        if answer.stale_ms is not None:
            metadata["pennon.staleMs"] = answer.stale_ms
        return FlagResolutionDetails(
            value=answer.value,
            error_code=_ERRORS.get(answer.error_code, ErrorCode.GENERAL)
            if answer.error_code
            else None,
            error_message=answer.error_message,
            reason=Reason(openfeature_reason(answer, ruleset)),
            variant=answer.variation,
            flag_metadata={**metadata, **ruleset.metadata_of(answer.flag)},
        )

    def _on_status(self, status: Status) -> None:
        event = _EVENTS.get(status.state)
        if event is not None and event is not self._told:
            self._told = event
            self.emit(event, ProviderEventDetails(message=status.trouble))

    def _on_changes(self, flags: Set[str]) -> None:
        details = ProviderEventDetails(flags_changed=sorted(flags))
        self.emit_provider_configuration_changed(details)


def _context_of(given: EvaluationContext | None) -> dict[str, Any] | None:
    """Return OpenFeature's context as one of ours."""
    if given is None:
        return None
    context = {name: _plain(value) for name, value in given.attributes.items()}
    if given.targeting_key:
        context["targetingKey"] = given.targeting_key
    return context


def _plain(value: Any) -> Any:
    """Return an attribute as JSON has it: a time as text, tuples as lists."""
    if isinstance(value, datetime):
        # A time of no zone is taken for one of this machine, as Python does.
        return value.astimezone().isoformat(timespec="milliseconds")
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(inner) for inner in value]
    return value
