"""A generated environment in the other model."""

from __future__ import annotations

from pennon.compat.launchdarkly import Exported, export_environment
from pennon.errors import BadInput
from pennon.model.codec import decode_flag, decode_segment
from tests.fuzz.environments import Environment
from tests.fuzz.evaluators import encoded


def export(environment: Environment) -> Exported | None:
    """
    Return *environment* exported, or None where it holds an item that no schema allows.

    What uses such an item must not see it as missing, so nothing of it can be compared.
    """
    try:
        return export_environment(
            {key: decode_flag(item) for key, item in encoded(environment.flags).items()},
            {key: decode_segment(item) for key, item in encoded(environment.segments).items()},
        )
    except BadInput:
        return None
