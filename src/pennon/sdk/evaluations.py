"""
What an application asks a client: values, answers with their reasons, all flags at once.

Nothing here waits, and nothing here raises for what it is asked: a flag that there is not, a
value of another type or a context that is none give the caller's default, and `…_detail` says why.
"""

from __future__ import annotations

import builtins
import copy
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pennon.errors import BadInput
from pennon.evaluation.entries import ClientKind
from pennon.evaluation.evaluate import evaluate, evaluate_all
from pennon.model.context import USER, Context
from pennon.model.detail import Detail
from pennon.sdk.answer import Answer, answer_of, failure
from pennon.sdk.health import ClientState, Health, Status
from pennon.sdk.held import Held

if TYPE_CHECKING:
    from pennon.model.bootstrap import Bootstrap

T = TypeVar("T")

Given = Context | Mapping[str, Any] | None
"""A context as it is given: one that was made before, an object of attributes, or none."""

_NOBODY: Final = Context({USER: {}})
_MISSING: Final = object()
_CONTAINERS: Final = (dict, list)


class Evaluations:
    """Evaluates what is held, in the thread that asks."""

    def __init__(self, held: Held, health: Health) -> None:
        self.held = held
        """What is evaluated. Its parts, and those of `health`, may change between versions."""
        self.health = health
        self._count: Callable[[Detail, Context], None] = _count_nothing
        self._state: ClientState | None = None

    def boolean(self, flag: str, context: Given = None, default: bool = False) -> bool:
        """
        Return what a boolean flag serves *context*, or *default* where it has nothing to serve.

        >>> from pennon.testing import flags
        >>> with flags({"new-checkout": True}) as client:
        ...     client.boolean("new-checkout", {"targetingKey": "ada"})
        True
        """
        # Asked for most by far: `_evaluate`, without the call.
        try:
            if type(context) is not Context:
                context = context_of(context)
        except BadInput:
            return default
        held = self.held
        detail = evaluate(held.ruleset, flag, context, held.memberships)
        self._count(detail, context)
        value = detail.value
        return value if value is True or value is False else default

    def string(self, flag: str, context: Given = None, default: str = "") -> str:
        """Return what a string flag serves *context*, or *default*."""
        value = self._value(flag, context)
        return value if type(value) is str else default

    def integer(self, flag: str, context: Given = None, default: int = 0) -> int:
        """Return what an integer flag serves *context*, or *default*: also for a float flag."""
        value = self._value(flag, context)
        return value if type(value) is int else default

    def float(
        self, flag: str, context: Given = None, default: builtins.float = 0.0
    ) -> builtins.float:
        """Return what a float or an integer flag serves *context*, or *default*."""
        value = self._value(flag, context)
        return _float(value, default)

    def json(self, flag: str, context: Given = None, default: Any = None) -> Any:
        """Return what any flag serves *context*, or *default*. A list or an object is a copy."""
        value = self._value(flag, context)
        if value is _MISSING:
            return default
        return copy.deepcopy(value) if isinstance(value, _CONTAINERS) else value

    def boolean_detail(
        self, flag: str, context: Given = None, default: bool = False
    ) -> Answer[bool]:
        """Return the value of `boolean`, and why it is that."""
        return self._answer(flag, context, default, lambda value: type(value) is bool)

    def string_detail(self, flag: str, context: Given = None, default: str = "") -> Answer[str]:
        """Return the value of `string`, and why it is that."""
        return self._answer(flag, context, default, lambda value: type(value) is str)

    def integer_detail(self, flag: str, context: Given = None, default: int = 0) -> Answer[int]:
        """Return the value of `integer`, and why it is that."""
        return self._answer(flag, context, default, lambda value: type(value) is int)

    def float_detail(
        self, flag: str, context: Given = None, default: builtins.float = 0.0
    ) -> Answer[builtins.float]:
        """Return the value of `float`, and why it is that."""
        return self._answer(flag, context, default, _is_number, lambda value: _float(value, value))

    def json_detail(self, flag: str, context: Given = None, default: Any = None) -> Answer[Any]:
        """Return the value of `json`, and why it is that."""
        return self._answer(flag, context, default, lambda value: True, copy.deepcopy)

    def all_flags(self, context: Given = None) -> dict[str, Any]:
        """Return what every flag serves *context*, by key; those without a value are left out."""
        try:
            read = context_of(context)
        except BadInput:
            return {}
        details = evaluate_all(self.held.ruleset, read, memberships=self.held.memberships)
        return {
            detail.flag: copy.deepcopy(detail.value)
            for detail in details
            if detail.index is not None
        }

    def bootstrap(self, context: Given = None, *, client_side: ClientKind = "web") -> Bootstrap:
        """
        Return what a page (or an app, ``"mobile"``) is given to start with: what the flags that
        it may see serve *context*. A context that is none is nobody's.
        """
        from pennon.sdk.pages import bootstrap

        try:
            read = context_of(context)
        except BadInput:
            read = _NOBODY
        return bootstrap(self.held, read, client_side, self.health.parents_time(), self._stale_ms())

    def bootstrap_tag(
        self, context: Given = None, *, nonce: str | None = None, executable: bool = True
    ) -> str:
        """
        Return the script element that gives a page its `bootstrap`; see docs/bootstrap.md.

        It is safe anywhere in HTML; mark it as such in a template that escapes what it is given.
        """
        from pennon.model.bootstrap import bootstrap_tag

        payload = self.bootstrap(context)
        return bootstrap_tag(payload, nonce=nonce, executable=executable)

    @property
    def status(self) -> Status:
        """How the client does; see `Status`."""
        held, health = self.held, self.health
        stale_ms = self._stale_ms()
        state = self._state
        if state is None:
            state = "stale" if stale_ms else "ready" if held.is_loaded else "starting"
        return Status(
            state=state,
            environment=held.environment,
            position=None if held.position is None else str(held.position),
            stale_ms=stale_ms,
            trouble=health.trouble,
            refused=health.refused,
        )

    def _evaluate(self, flag: str, context: Given) -> Detail:
        """Return the evaluator's own answer. Raises BadInput for a context that is none."""
        if type(context) is not Context:
            context = context_of(context)
        held = self.held
        detail = evaluate(held.ruleset, flag, context, held.memberships)
        self._count(detail, context)
        return detail

    def _value(self, flag: str, context: Given) -> Any:
        try:
            detail = self._evaluate(flag, context)
        except BadInput:
            return _MISSING
        return _MISSING if detail.index is None else detail.value

    def _answer(
        self,
        flag: str,
        context: Given,
        default: T,
        is_right: Callable[[Any], bool],
        taken: Callable[[Any], T] = lambda value: value,
    ) -> Answer[T]:
        stale_ms = self._stale_ms()
        if not self.held.is_loaded:
            message = "Nothing is loaded yet."
            return failure(flag, default, "NOT_READY", message, 0, stale_ms)
        try:
            detail = self._evaluate(flag, context)
        except BadInput as error:
            return failure(flag, default, "INVALID_CONTEXT", str(error), 0, stale_ms)
        if detail.index is None:
            return answer_of(detail, default, stale_ms)
        if not is_right(detail.value):
            got = self.held.ruleset.type_of(flag) or type(detail.value).__name__
            message = f"The flag {flag!r} serves values of type {got}."
            return failure(flag, default, "TYPE_MISMATCH", message, detail.version, stale_ms)
        return answer_of(detail, taken(detail.value), stale_ms)

    def _stale_ms(self) -> int | None:
        held = self.held
        return self.health.stale_ms(held.environment) if held.is_loaded else None


def context_of(given: Given) -> Context:
    """Return *given* as a context. Raises BadInput when it cannot be one."""
    if type(given) is dict and "kind" not in given:
        # What nearly everyone gives, in half the time.
        if "targetingKey" not in given:
            return Context({USER: given})
        attributes = given.copy()
        attributes["key"] = attributes.pop("targetingKey")
        return Context({USER: attributes})
    if isinstance(given, Context):
        return given
    return _NOBODY if given is None else Context.of(given)


def _is_number(value: Any) -> bool:
    return type(value) is float or type(value) is int


def _float(value: Any, default: float) -> float:
    if type(value) is int:
        try:
            return float(value)
        except OverflowError:  # no float is that large
            return default
    return value if type(value) is float else default


def _count_nothing(detail: Detail, context: Context) -> None:
    """Leave it uncounted."""
