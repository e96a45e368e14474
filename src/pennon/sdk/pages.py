"""What a client gives a page to start with, which few applications ask for."""

from __future__ import annotations

from pennon.evaluation.entries import ClientKind
from pennon.evaluation.evaluate import evaluate_all
from pennon.evaluation.served import all_served
from pennon.evaluation.served_state import State, name_of
from pennon.model.bootstrap import Bootstrap
from pennon.model.context import Context
from pennon.model.context_hash import context_hash
from pennon.model.position import Position
from pennon.sdk.held import Held


def bootstrap(
    held: Held, context: Context, client_side: ClientKind, now_ms: int, stale_ms: int | None
) -> Bootstrap:
    """Return what the flags of *held* that a page may see serve *context*."""
    ruleset, position = held.ruleset, held.position or Position("", 0)
    details = evaluate_all(ruleset, context, client_side=client_side, memberships=held.memberships)
    answers = all_served(details, ruleset)
    environment = held.environment or ""
    name = name_of(environment, client_side, context)
    return Bootstrap(
        version=f"v{position.version}",
        flags={key: answer.flag for key, answer in answers.items()},
        epoch=position.epoch,
        environment=environment,
        context_hash=context_hash(context),
        state=str(State.of(position, name, answers.values())),
        generated_at=now_ms,
        stale_ms=stale_ms,
    )
